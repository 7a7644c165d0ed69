"""Traps in Cilium's policies; these rules alone may read what Cilium makes of its objects."""

from __future__ import annotations

from transire.engines.api.engine import Engine


def on_cilium(engine: Engine) -> bool:
    """Whether a rule about Cilium is for the engine."""
    return engine.name == "cilium"
