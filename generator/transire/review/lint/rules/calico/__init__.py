"""Traps in Calico's policies; these rules alone may read what Calico makes of its objects."""

from __future__ import annotations

from transire.engines.api.engine import Engine

_ENTERPRISE = "calico-enterprise"


def on_calico(engine: Engine) -> bool:
    """Whether a rule about both Calicos is for the engine."""
    return engine.name in {"calico", _ENTERPRISE}


def on_enterprise(engine: Engine) -> bool:
    """Whether a rule about Calico Enterprise is for the engine."""
    return engine.name == _ENTERPRISE
