"""Every value that help proposes is made here, so that one test can hold all of them.

A proposal never opens, widens or moves what somebody wrote or approved: where two corrections are
as likely as each other there is none, and help lists what there is instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from transire.model.problems import Change, Position, Proposal
from transire.values.problem_collector import one_of

_MANY = 12
_SHORTEST = 3
"""A word below has too few letters to show what it was meant to be."""

_SHORTEST_PART = 4
"""The same for a part of a name: `eu` and `us`, `a` and `b` are names apart."""


def slip_of(written: str, words: Iterable[str]) -> str:
    """The one word of ours that `written` is a slip of; empty where there is none, or several.

    A slip is one letter too many, too few, other or swapped with its neighbour, or another case.
    """
    words = list(words)
    same = [each for each in words if each.lower() == written.lower()]
    close = same or [each for each in words if is_slip(written, each)]
    return close[0] if len(close) == 1 and close[0] != written else ""


def slip_of_name(written: str, names: Iterable[str]) -> str:
    """The one name that `written` is a slip of; empty where there is none, or several.

    Names of people's own differ by little on purpose: `prod-eu` and `prod-us`, `shop-1` and
    `shop-2`. So only a part of some letters, and no digit, may hold the slip.
    """
    names = list(names)
    close = [each for each in names if _is_slip_of_name(written, each)]
    near = [each for each in names if each != written and is_slip(written, each)]
    return close[0] if len(close) == len(near) == 1 else ""


def word(at: Position, written: str, words: Iterable[str]) -> Proposal | None:
    """The word of ours in the place of the scalar at `at`, where `written` is a slip of one."""
    close = slip_of(written, words)
    return Proposal(at=at, text=close) if close else None


def name(at: Position, written: str, names: Iterable[str]) -> Proposal | None:
    """The name in the place of the scalar at `at`, where `written` is a slip of one."""
    close = slip_of_name(written, names)
    return Proposal(at=at, text=close) if close else None


def text(at: Position, written: str) -> Proposal | None:
    """This YAML in the place of the scalar at `at`; none where it is empty."""
    return Proposal(at=at, text=written) if written else None


def item(at: Position, written: str) -> Proposal:
    """This YAML in the place of the item of a list at `at`: one item, or several with commas."""
    return Proposal(at=at, text=written, change=Change.ITEM)


def removal(at: Position) -> Proposal:
    """The item of a list at `at` goes."""
    return Proposal(at=at, text="", change=Change.ITEM)


def without(at: Position, key: str) -> Proposal:
    """The map at `at` without the key."""
    return Proposal(at=at, text="", change=Change.KEY, key=key)


def listed(kind: str, names: Sequence[str]) -> str:
    """What there is, as a fact and not as advice."""
    if not names:
        return f"there is no {kind} yet"
    more = f", and {len(names) - _MANY} more" if len(names) > _MANY else ""
    few = list(names[:_MANY])
    shown = ", ".join(few) if more else one_of(few, "and")
    return f"the only {kind} is {shown}" if len(names) == 1 else f"there are {shown}{more}"


def is_slip(written: str, right: str) -> bool:
    """Whether one edit makes one of the other (optimal string alignment)."""
    if min(len(written), len(right)) < _SHORTEST:
        return False
    one, other = _differing(written, right)
    return (len(one) <= 1 and len(other) <= 1 and one != other) or (
        len(one) == 2 and one == other[::-1]  # noqa: PLR2004 - two neighbours
    )


def _is_slip_of_name(written: str, right: str) -> bool:
    parts, wanted = written.split("-"), right.split("-")
    if len(parts) != len(wanted) or not is_slip(written, right):
        return False
    changed = [(one, other) for one, other in zip(parts, wanted, strict=True) if one != other]
    return all(
        min(len(one), len(other)) >= _SHORTEST_PART and not _digit_in(*_differing(one, other))
        for one, other in changed
    )


def _differing(one: str, other: str) -> tuple[str, str]:
    """What is left of both without what they begin and end with alike."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    end = 0
    while end < min(len(one), len(other)) and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[: len(one) - end], other[: len(other) - end]


def _digit_in(*texts: str) -> bool:
    return any(each.isdigit() for text in texts for each in text)
