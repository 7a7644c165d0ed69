"""Which engines a rule is for, from what they declare."""

from __future__ import annotations

from collections.abc import Callable

from transire.engines.api.capabilities import Never
from transire.engines.api.engine import Engine

Applicability = Callable[[Engine], bool]
"""Whether a rule is for an engine."""


def every_engine(engine: Engine) -> bool:
    """Whatever the engine is."""
    del engine
    return True


def with_hosts(engine: Engine) -> bool:
    """Destinations may be given by name."""
    return not isinstance(engine.capabilities.hosts, Never)


def with_denies(engine: Engine) -> bool:
    """A policy can deny what another allows."""
    return engine.view.denies


def with_ranges_of_pods(engine: Engine) -> bool:
    """An address range also means pods, nodes and services."""
    return engine.view.ranges_cover_pods


def with_ranges_outside(engine: Engine) -> bool:
    """An address range never means pods and nodes."""
    return not engine.view.ranges_cover_pods


def with_cluster_wide_policies(engine: Engine) -> bool:
    """A policy can govern pods of every namespace."""
    return bool(engine.kinds(engine.releases.newest).cluster_wide)
