"""What an API server or an engine leaves out of what it is given."""

from __future__ import annotations

from dataclasses import dataclass

from transire.k8s.manifests import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An object that the cluster would not take (`by` api-server) or not enforce (`by` engine)."""

    manifest: int
    object: ObjectRef
    by: str
    why: str

    @property
    def path(self) -> str:
        """The JSON pointer that the reason begins with; empty where there is none."""
        path = self.why.partition(" ")[0]
        return path if path.startswith("/") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """A field that the API server drops, as a JSON pointer into the object."""

    manifest: int
    path: str
