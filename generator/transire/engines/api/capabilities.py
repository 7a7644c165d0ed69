"""What an engine can do, as data."""

from __future__ import annotations

from transire.model.engine import EngineName, Release


def needs_tier(release: Release) -> bool:
    """Whether the engine's policies live in a tier of their own."""
    return release.engine in {EngineName.CALICO, EngineName.CALICO_ENTERPRISE}
