"""What a reader could not judge, kept until a query depends on it."""

from __future__ import annotations

from dataclasses import dataclass

from transire.k8s.manifests import ObjectRef
from transire.model.problems import Unjudgeable


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmodelled:
    """A place in an object that is not modelled: no verdict that depends on it is given.

    `key` is the JSON pointer inside the object, `why` a sentence in lower case.
    """

    object: ObjectRef
    key: str
    why: str

    def error(self) -> Unjudgeable:
        """The error about it, for callers that need the whole meaning at once."""
        return Unjudgeable(str(self.object), self.key, self.why)

    def __str__(self) -> str:
        return f"{self.object}: {self.key}: {self.why}"
