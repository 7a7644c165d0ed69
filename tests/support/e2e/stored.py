"""Stored objects held against rendered ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_OF_THE_SERVER = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")


_NEVER_SEEN = "/status: {'observedGeneration': -1} was added"
ADDED: Mapping[str, set[str]] = {
    "NetworkPolicy": {"/spec/egress: [] is not stored"},
    "HelmRelease": {_NEVER_SEEN},
    "HelmRepository": {_NEVER_SEEN, "/spec/provider: 'generic' was added"},
    "ValidatingAdmissionPolicy": {
        "/spec/matchConstraints/matchPolicy: 'Equivalent' was added",
        "/spec/matchConstraints/namespaceSelector: {} was added",
        "/spec/matchConstraints/objectSelector: {} was added",
        "/status: {} was added",
    },
    "Namespace": {
        "/metadata/labels/kubernetes.io/metadata.name: 'egress-system' was added",
        "/spec: {'finalizers': ['kubernetes']} was added",
        "/status: {'phase': 'Active'} was added",
    },
}
"""What servers and definitions make of what we write; none of it stands in a list."""


def without_server_fields(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The object without what every API server adds to every object's metadata."""
    metadata = {k: v for k, v in stored["metadata"].items() if k not in _OF_THE_SERVER}
    return {**stored, "metadata": metadata}


def differences(rendered: Any, stored: Any, at: str = "") -> Iterator[str]:  # noqa: ANN401 - trees
    """Where two trees differ: a JSON pointer, and what was rendered and stored there."""
    if isinstance(rendered, Mapping) and isinstance(stored, Mapping):
        for key in sorted({*rendered, *stored}):
            if key not in stored:
                yield f"{at}/{key}: {rendered[key]!r} is not stored"
            elif key not in rendered:
                yield f"{at}/{key}: {stored[key]!r} was added"
            else:
                yield from differences(rendered[key], stored[key], f"{at}/{key}")
    elif rendered != stored:
        yield f"{at}: {rendered!r} is stored as {stored!r}"
