"""Which releases of each engine this program models."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transire.model.engine import EngineName, Release

MODELLED: Mapping[EngineName, tuple[tuple[int, int], ...]] = MappingProxyType(
    {
        EngineName.CILIUM: tuple((1, minor) for minor in range(14, 20)),
        EngineName.CALICO: tuple((3, minor) for minor in range(29, 33)),
        EngineName.CALICO_ENTERPRISE: tuple((3, minor) for minor in range(21, 24)),
    }
)
"""Lines as major and minor, oldest first; every patch of a line counts."""

OLDEST_KUBERNETES = (1, 25)
"""NetworkPolicy is part of Kubernetes; port ranges in it are stable since this line."""


def release_fault(release: Release) -> str:
    """Why the release is not one that is modelled, or the empty string."""
    if release.engine is EngineName.KUBERNETES:
        if release.version is None or release.version.line >= OLDEST_KUBERNETES:
            return ""
        return f"kubernetes {release.version} is older than 1.25, where port ranges became stable"
    lines = MODELLED[release.engine]
    if release.version is not None and release.version.line in lines:
        return ""
    written = "no version" if release.version is None else f"version {release.version}"
    return f"{written} of {release.engine} is not modelled"


def modelled(engine: EngineName) -> str:
    """The modelled releases of the engine, for people: `1.14 to 1.19`."""
    if engine is EngineName.KUBERNETES:
        return "1.25 or newer, or no version"
    (major, first), *_, (_, last) = MODELLED[engine]
    return f"{major}.{first} to {major}.{last}"
