"""What the published commit closes, and what becomes of connections that are open then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from transire.commands.diff.diff import diff
from transire.commands.publish.commit_charts import Sources
from transire.delivery.registry.result import ChartState, Narrowed, Published
from transire.git.base import choose_base
from transire.model.problems import ToolError
from transire.review.diff.changes import TargetChange
from transire.review.diff.connections import keeping, restarts, sentence

_UNKNOWN = "what becomes of open connections is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What the commit closes; `unknown` is why that could not be found out."""

    found: tuple[Narrowed, ...] = ()
    unknown: str = ""

    def beside(self, published: Published) -> Published:
        """What was published, with this; what is not known matters where a chart is new."""
        present = all(each.state is ChartState.PRESENT for each in published.releases)
        notes = (published.note, "" if present else self.unknown)
        return replace(published, narrowed=self.found, note="; ".join(filter(None, notes)))


def narrowing(
    root: Path, found: Sources, changed: Collection[str], *, base: str | None, as_of: date | None
) -> Narrowing:
    """What becomes of open connections on each target in which the commit closes something.

    Nothing is closed where nothing changed since the base, and by the first commit. What cannot be
    compared stops nothing that is published: it is a note.

    Raises:
        UsageError: if the base does not exist.
        GitFailed: if Git fails.
    """
    before = choose_base(found.repository, base)
    if not changed or found.repository.first_parent(found.commit) is None:
        return Narrowing()
    if before.commit is None:
        return Narrowing(unknown=f"{_UNKNOWN}: {before.why}")
    try:
        change = diff(root, base=before.commit, head=found.commit, as_of=as_of)
    except ToolError as failed:
        return Narrowing(unknown=f"{_UNKNOWN}: {str(failed).splitlines()[0]}")
    return Narrowing(found=tuple(_narrowed(each) for each in change.targets if sentence(each)))


def _narrowed(change: TargetChange) -> Narrowed:
    revocation = change.side.revocation
    if revocation is None:
        raise ValueError(f"nothing is known of connections of {change.namespace}")
    return Narrowed(
        target=f"{change.namespace}.{change.cluster}",
        cluster=change.cluster,
        become=str(revocation.become),
        text=sentence(change),
        pods=keeping(change),
        restart=restarts(change),
        ended_by=revocation.ended_by,
        not_by=revocation.not_by,
    )
