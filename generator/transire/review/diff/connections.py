"""What becomes of connections that are open when a change closes something, and what to restart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from transire.engines.api.capabilities import OpenConnections
from transire.review.diff.changes import Event, TargetChange
from transire.review.diff.grants import GrantKind

_VALUES = r"\([\w.-]+(?:, [\w.-]+)*\)"
_CONDITION = rf"(?:[\w./-]+!?=[\w.-]*|[\w./-]+ (?:not )?in {_VALUES}|!?[\w./-]+)"
_LABELS = re.compile(rf"{_CONDITION}(?:(?:, | and ){_CONDITION})*")
"""Pods in words that are also a selector of `kubectl`, but for the spelling."""

_SPELLINGS = (" not in ", " notin "), (" and ", ","), (", ", ",")
_PLAIN = re.compile(r"[\w./=,-]*")
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
    return tuple(sorted({_selector(each.who) for each in found}))


def _selector(pods: str) -> str:
    for words, spelling in _SPELLINGS:
        pods = pods.replace(words, spelling)
    return pods


def sentence(change: TargetChange) -> str:
    """What becomes of the connections; empty where nothing closes at once."""
    side = change.after
    if not change.broken or side is None or side.revocation is None:
        return ""
    return SENTENCES[side.revocation.become]


def restarts(change: TargetChange) -> tuple[str, ...]:
    """The commands that end connections that would stay open, for the target's cluster.

    `--selector` goes by the labels of workloads, which commonly are those of their pods.
    """
    return _commands(change, f"rollout restart {_WORKLOADS}")


def keeping(change: TargetChange) -> tuple[str, ...]:
    """The commands that list the pods whose connections would stay open, the oldest first.

    A pod that is older than the change in the cluster may have some.
    """
    return _commands(change, "get pods --sort-by=.metadata.creationTimestamp")


def _commands(change: TargetChange, verb: str) -> tuple[str, ...]:
    revocation = change.side.revocation
    if not sentence(change) or revocation is None or revocation.become is OpenConnections.CUT:
        return ()
    plain = f"kubectl -n {change.namespace} {verb}"
    return tuple(
        f"{plain} --selector {_quoted(each)}" if each else plain for each in change.broken or ()
    )


def _quoted(selector: str) -> str:
    """The selector as one word of a shell; it holds no quote."""
    return selector if _PLAIN.fullmatch(selector) else f"'{selector}'"
