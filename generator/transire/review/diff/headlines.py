"""What a diff has to state before any change: what was compared, and whether that can be merged."""

from __future__ import annotations

from collections.abc import Iterator

from transire.review.diff.changes import Diff
from transire.review.diff.grouped_targets import listed

_MOST = 20


def counted(diff: Diff) -> str:
    """How many targets change, by class."""
    classes = [str(each.change) for each in diff.targets]
    if diff.is_nothing:
        return f"nothing changes for any of {diff.looked_at} targets"
    if diff.refused and not classes:
        return f"the values are refused, so nothing follows from them for {diff.looked_at} targets"
    if not classes:
        return f"what {diff.looked_at} targets may reach stays the same"
    by_class = ", ".join(f"{classes.count(each)} {each}" for each in dict.fromkeys(classes))
    verb = "changes" if len(classes) == 1 else "change"
    return f"{len(classes)} of {diff.looked_at} targets {verb}: {by_class}"


def headline(diff: Diff) -> str:
    """The whole diff in a few words."""
    if diff.is_nothing:
        return "no change"
    if not diff.targets and not diff.refused:
        return "what may be reached stays the same"
    return diff.sentence


def out_of_step(diff: Diff) -> str:
    """That files are not what the values come to; empty where all are."""
    number = len(diff.out_of_step)
    if not number:
        return ""
    files, verb = ("file", "is") if number == 1 else ("files", "are")
    return (
        f"{number} generated {files} {verb} out of step with the values; compared is what the "
        "values come to: run transire generate"
    )


def refusals(diff: Diff) -> Iterator[str]:
    """Each reason why the values may not be published."""
    yield from (f"refused: {each.at}: {each.message} ({each.id})" for each in diff.refused)


def edits(diff: Diff) -> str:
    """Which values files differ, where no target changes; empty otherwise."""
    if diff.targets or not diff.edited:
        return ""
    return f"edited without effect on what may be reached: {listed(diff.edited, _MOST)}"
