"""A diff for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import printable
from transire.review.diff.changes import Diff, ObjectChange
from transire.review.diff.grouped_targets import GrantRow, Group, counted, grouped


def as_text(diff: Diff) -> str:
    """The whole diff, the biggest risks first, with a newline at its end."""
    return "".join(f"{printable(each)}\n" for each in _all(diff))


def _all(diff: Diff) -> Iterator[str]:
    yield f"from {diff.base} to {diff.head}"
    for each in diff.settings:
        before, after = each.before or "not set", each.after or "not set"
        yield f"platform: {each.name}: {before} -> {after}"
    for group in grouped(diff.targets):
        yield ""
        yield from _group(group)
    yield ""
    yield f"{counted(diff.targets, diff.looked_at)}; risk {diff.risk}"


def _group(group: Group) -> Iterator[str]:
    where = "; ".join(f"{each} on {', '.join(clusters)}" for each, clusters in group.places)
    first = group.first
    yield f"{group.title}: {where} ({first.side.environment}): {first.change}, risk {first.risk}"
    yield from (f"  ! {each}" for each in group.notes)
    yield from (f"  {_row(each)}" for each in group.rows)
    yield from (f"  {each.level}: {each.text} ({each.id})" for each in first.reasons)
    for clusters, each in group.objects:
        yield f"  {clusters}: {each.object} {each.how}"
        yield from _lines(each)


def _row(row: GrantRow) -> str:
    return f"{row.sign} {row.effect}: {row.who} to {row.to} on {row.ports}, such as {row.example}"


def _lines(change: ObjectChange) -> Iterator[str]:
    for each in change.lines:
        yield f"    {each}" if each else "    ..."
