"""Say what is refused, and how a refusal reads in full."""

from __future__ import annotations

from typing import Any

from support.engines.lowering_parts import TEAM_FILE, cluster, refusals, target
from transire.model.problems import Position

_OF_RULE = frozenset({"approximate", "from", "http", "ports", "serverNames", "tls"})
_OF_CLUSTER = frozenset({"agent", "dns", "fallback", "hardening", "network"})


def refused(engine: str, version: str, to: list[Any], **text: Any) -> list[str]:  # noqa: ANN401 - as in a file
    """What is refused of one rule on a cluster of that version; empty where it is lowered."""
    here = {key: text.pop(key) for key in _OF_CLUSTER & text.keys()}
    rule = {key: text.pop(key) for key in _OF_RULE & text.keys()}
    return refusals(
        target(cluster(engine, version, **here), [{"name": "one", "to": to, **rule}], **text)
    )


def in_rule(release: str, line: int, why: str, remedy: str) -> str:
    """The problem of rule `one` at that line of the team's file, in full."""
    at = f"{TEAM_FILE}:{line}:5"
    return f"{at}: error: rule 'one' on cluster 'here' ({release}): {why}\n  help: {remedy}"


def in_cluster(release: str, at: Position, why: str, remedy: str) -> str:
    """The problem of the cluster that is shown at that place, in full."""
    return f"{at}: error: cluster 'here' ({release}): {why}\n  help: {remedy}"
