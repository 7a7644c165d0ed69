"""API groups of objects, and refusals of objects that no API server serves."""

from __future__ import annotations

from transire.k8s.admission import Refused
from transire.k8s.manifests import Manifest


def group_of(manifest: Manifest) -> str:
    """The API group, empty for the core group."""
    group, slash, _ = manifest.api_version.partition("/")
    return group if slash else ""


def refusal(manifest: Manifest, why: str, *, by: str = "api-server") -> Refused:
    """The object left out whole."""
    return Refused(manifest=manifest.index, object=manifest.ref, by=by, why=why)


def unserved(manifest: Manifest) -> Refused | None:
    """The refusal of an object without a kind, or of a NetworkPolicy version that is not served."""
    kind, version = manifest.ref.kind, manifest.api_version
    if not kind or not version:
        return refusal(manifest, "the object has no apiVersion or no kind")
    if kind != "NetworkPolicy" or group_of(manifest) not in {"networking.k8s.io", "extensions"}:
        return None
    if version == "networking.k8s.io/v1":
        return None
    why = f"no cluster serves NetworkPolicy in {version}; write networking.k8s.io/v1"
    return refusal(manifest, why)
