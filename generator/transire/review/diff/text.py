"""A diff for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import printable
from transire.review.diff.changes import Diff, ObjectChange
from transire.review.diff.grouped_targets import GrantRow, Group, grouped, shared_objects
from transire.review.diff.headlines import counted, edits, out_of_step, refusals

_MOST_FILES, _FEW_FILES = 20, 3
"""How many files out of step a diff names, and a brief one; JSON and page name all."""


def as_text(diff: Diff) -> str:
    """The whole diff, the biggest risks first, with a newline at its end."""
    return "".join(f"{printable(each)}\n" for each in _all(diff))


def _all(diff: Diff) -> Iterator[str]:
    yield f"from {diff.base} to {diff.head}"
    yield from _head(diff)
    yield from (f"platform: {each}" for each in diff.notes)
    for each in diff.settings:
        before, after = each.before or "not set", each.after or "not set"
        yield f"platform: {each.name}: {before} -> {after}"
    for group in grouped(diff.targets):
        yield ""
        yield from _group(group, brief=diff.brief)
    yield from _shared(diff)
    yield ""
    yield f"{counted(diff)}; risk {diff.risk}"


def _head(diff: Diff) -> Iterator[str]:
    """What stands before every change."""
    stale = out_of_step(diff)
    if stale:
        yield f"! {stale}"
        shown = diff.out_of_step[: _FEW_FILES if diff.brief else _MOST_FILES]
        yield from (f"    {each}" for each in shown)
        if len(shown) < len(diff.out_of_step):
            yield f"    and {len(diff.out_of_step) - len(shown)} more"
    yield from (f"! {each}" for each in refusals(diff))
    if edits(diff):
        yield edits(diff)


def _shared(diff: Diff) -> Iterator[str]:
    """The objects that namespaces share, once for all of them."""
    for clusters, change in shared_objects(diff.shared):
        yield ""
        yield f"all namespaces on {clusters}: {change.object} {change.how}"
        yield from _lines(change)


def _group(group: Group, *, brief: bool) -> Iterator[str]:
    where = "; ".join(f"{each} on {', '.join(clusters)}" for each, clusters in group.places)
    first = group.first
    yield f"{group.title}: {where} ({first.side.environment}): {first.change}, risk {first.risk}"
    yield from (f"  ! {each}" for each in group.notes)
    yield from (f"    on {clusters}: {each}" for clusters, each in group.steps)
    for row in group.rows:
        yield f"  {_row(row)}"
        yield from (f"      {each}" for each in row.why)
    if not brief:
        yield from (f"  {each.level}: {each.text} ({each.id})" for each in first.reasons)
    for clusters, each in group.objects:
        yield f"  {clusters}: {each.object} {each.how}"
        yield from _lines(each)


def _row(row: GrantRow) -> str:
    return f"{row.sign} {row.effect}: {row.who} to {row.to} on {row.ports}, such as {row.example}"


def _lines(change: ObjectChange) -> Iterator[str]:
    for each in change.lines:
        yield f"    {each}" if each else "    ..."
