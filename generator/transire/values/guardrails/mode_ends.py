"""Modes that have an end: those of published namespaces, and of enrolled ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from transire.model.ends import End
from transire.model.guardrail import Finding
from transire.model.waiver import ClusterName
from transire.values.guardrails.context import GuardrailContext


def mode_ends(
    review: GuardrailContext, found: Callable[[End], bool], verb: str, advice: str
) -> Iterator[Finding]:
    """A finding for each namespace whose mode has such an end.

    Args:
        review: the organisation.
        found: whether an end is one to report.
        verb: what the mode does at its end, such as `ends`.
        advice: what to do about it.
    """
    for team in review.teams():
        for each in team.publications:
            if each.until is not None and found(each.until):
                yield Finding(
                    team=team.name,
                    entry=each.namespace,
                    at=each.until.at,
                    message=f"mode {each.mode} of namespace {each.namespace!r} on {each.cluster} "
                    f"{verb} {each.until.when}",
                    help=advice,
                    about=(ClusterName(each.cluster),),
                )
    platform = review.organisation.platform
    if platform.until is not None and found(platform.until):
        for namespace in review.enrolled():
            yield Finding(
                team="",
                entry=namespace,
                at=platform.until.at,
                message=f"mode {platform.mode} of the enrolled namespace {namespace!r} {verb} "
                f"{platform.until.when}",
                help=advice,
                about=tuple(map(ClusterName, review.enrolled_on(namespace))),
            )
