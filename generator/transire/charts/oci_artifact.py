"""A chart as an OCI registry holds it: archive, config and manifest, byte for byte as Helm's.

The manifest is what `helm push` would write in the time zone UTC. Helm itself writes the archive's
modification time in the zone of the machine, so its digest differs from place to place; this one
follows from the archive alone, and is known before anything is pushed.

Source: `Push` and `generateOCIAnnotations` in Helm's `pkg/registry`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.cncf.helm.config.v1+json"
ARCHIVE_TYPE = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

CREATED = "1980-01-01T00:00:00Z"
"""The creation time of every chart; it is the modification time of what is packed."""

_PREFIX = "org.opencontainers.image."
_FIXED = frozenset({f"{_PREFIX}title", f"{_PREFIX}version"})
_ESCAPED = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


def sha256(content: bytes) -> str:
    """The digest as OCI writes it: `sha256:` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """How one version of a chart can be pinned: by its archive, and by its OCI manifest."""

    archive: str
    manifest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One version of a chart, ready to push; the manifest names the digests of the other two."""

    archive: bytes
    config: bytes
    manifest: bytes

    @property
    def digests(self) -> Digests:
        """What the chart can be pinned by."""
        return Digests(archive=sha256(self.archive), manifest=sha256(self.manifest))


def artifact(archive: bytes, metadata: Mapping[str, Any]) -> Artifact:
    """The artifact of a packed chart; `metadata` is what Helm reads in its `Chart.yaml`."""
    config = _json(metadata)
    manifest = _json(
        {
            "schemaVersion": 2,
            "config": _descriptor(CONFIG_TYPE, config),
            "layers": [_descriptor(ARCHIVE_TYPE, archive)],
            "annotations": dict(sorted(_annotations(metadata).items())),
        }
    )
    return Artifact(archive=archive, config=config, manifest=manifest)


def _descriptor(media_type: str, content: bytes) -> dict[str, str | int]:
    return {"mediaType": media_type, "digest": sha256(content), "size": len(content)}


def _annotations(metadata: Mapping[str, Any]) -> dict[str, str]:
    sources = metadata.get("sources") or [""]
    fixed = {
        "title": metadata["name"],
        "version": metadata["version"],
        "description": metadata.get("description", ""),
        "url": metadata.get("home", ""),
        "source": sources[0],
        "authors": ", ".join(_authors(metadata.get("maintainers", ()))),
        "created": CREATED,
    }
    chosen = metadata.get("annotations", {})
    return {
        **{f"{_PREFIX}{name}": text for name, text in fixed.items() if text.strip()},
        **{name: text for name, text in chosen.items() if name not in _FIXED},
    }


def _authors(maintainers: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for each in maintainers:
        email = each.get("email", "")
        yield f"{each.get('name', '')} ({email})" if email else each.get("name", "")


def _json(value: Mapping[str, Any]) -> bytes:
    """The value as Go writes it, which escapes what HTML would read."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_ESCAPED).encode()
