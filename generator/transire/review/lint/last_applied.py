"""What `kubectl apply` was given, as an object that was read from a cluster keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from transire.k8s.json_pointer import inner
from transire.k8s.manifests import Manifest
from transire.k8s.typed_decoding import pointer

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SECTIONS = ("spec", "specs")


def lost(manifest: Manifest) -> Iterator[str]:
    """Pointers to what was applied and the object lacks, the outermost place of each."""
    given = applied(manifest)
    for section in _SECTIONS:
        yield from _lost(given.get(section), manifest.body.get(section), f"/{section}")


def applied(manifest: Manifest) -> Mapping[str, object]:
    """What was applied; nothing where nothing readable tells."""
    text = inner(manifest.body, "metadata", "annotations").get(_LAST_APPLIED)
    if not isinstance(text, str):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _lost(applied: object, stored: object, at: str) -> Iterator[str]:
    """Where what was applied has no counterpart, the outermost place of each."""
    if isinstance(applied, Mapping) and isinstance(stored, Mapping):
        for key, value in applied.items():
            here = f"{at}{pointer(key)}"
            if key not in stored:
                if value not in ([], {}, ""):
                    yield here
            else:
                yield from _lost(value, stored[key], here)
    elif isinstance(applied, list) and isinstance(stored, list) and len(applied) == len(stored):
        for place, (one, other) in enumerate(zip(applied, stored, strict=True)):
            yield from _lost(one, other, f"{at}{pointer(place)}")
