"""What becomes of connections that are open when a change closes something, and what to restart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from transire.engines.api.capabilities import OpenConnections
from transire.review.diff.changes import Event, TargetChange
from transire.review.diff.grants import GrantKind

_LABELS = re.compile(r"[\w./-]+=[\w.-]*(, [\w./-]+=[\w.-]*)*")
_WORKLOADS = "deployment,statefulset,daemonset"

SENTENCES: Final[Mapping[OpenConnections, str]] = {
    OpenConnections.KEPT: "connections that are open stay open, since the engine judges a "
    "connection once, when it begins: restart the workloads that must lose them",
    OpenConnections.CUT: "connections that are open are cut with their next packet, since the "
    "engine judges every packet: nothing has to be restarted for that",
    OpenConnections.UNDEFINED: "connections that are open may stay open, which is up to the plugin "
    "that implements the policies: restart the workloads that must lose them",
}
"""What a reviewer has to know after something closes, by what the engine does."""


def losing_pods(change: TargetChange) -> tuple[str, ...]:
    """The pods that lose something, by label selectors; an empty one stands for all."""
    if not {Event.GOVERNED, Event.ENFORCED}.isdisjoint(change.events):
        return ("",)
    found = [each for each in change.losses if each.kind is not GrantKind.DNS]
    if any(each.every_pod or not _LABELS.fullmatch(each.who) for each in found):
        return ("",)
    return tuple(sorted({each.who.replace(", ", ",") for each in found}))


def sentence(change: TargetChange) -> str:
    """What becomes of the connections; empty where nothing closes at once."""
    side = change.after
    if not change.broken or side is None or side.open_connections is None:
        return ""
    return SENTENCES[side.open_connections]


def restarts(change: TargetChange) -> tuple[str, ...]:
    """The commands that end connections that would stay open, for the target's cluster.

    `--selector` goes by the labels of workloads, which commonly are those of their pods.
    """
    if not sentence(change) or change.side.open_connections is OpenConnections.CUT:
        return ()
    plain = f"kubectl -n {change.namespace} rollout restart {_WORKLOADS}"
    return tuple(f"{plain} --selector {each}" if each else plain for each in change.broken or ())
