"""The order in which a reviewer should read."""

from __future__ import annotations

from collections.abc import Iterable

from transire.review.diff.changes import ChangeClass, TargetChange

_CLASSES = (
    ChangeClass.UNJUDGED,
    ChangeClass.INCOMPARABLE,
    ChangeClass.WIDER,
    ChangeClass.NARROWER,
    ChangeClass.SAME,
)


def biggest_first(changes: Iterable[TargetChange]) -> tuple[TargetChange, ...]:
    """The changes by risk, then by class, then by team, namespace and cluster."""
    return tuple(
        sorted(
            changes,
            key=lambda each: (
                -each.risk.rank,
                _CLASSES.index(each.change),
                each.side.team,
                each.namespace,
                each.cluster,
            ),
        )
    )
