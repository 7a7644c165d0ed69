"""What people write where a path belongs, and what they mean by it.

A path of the values is compared, segment by segment, with what is left of a request's path after
normalisation: whatever normalisation takes away, or may change, can stand in none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from transire.model.host_mistakes import clip

_LITERAL = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/-]*")
_EXPRESSION = re.compile(r"\^|\$$|\.[*+]|\(\?|\[.*\]|\\[A-Za-z.]|\||\{[0-9,]+\}")
_TEMPLATE = re.compile(r"\{[A-Za-z_][A-Za-z0-9_-]*\}")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_SLASHES = frozenset({"%2f", "%5c"})
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PathMistake:
    """One thing that is wrong with a path: the sentence, and what to do."""

    message: str
    advice: str


def path_mistakes(written: str) -> Iterator[PathMistake]:
    """Everything that is wrong with a path as people write it, in one order."""
    for check in _CHECKS:
        found = check(written)
        if found is not None:
            yield found


def _start(written: str) -> PathMistake | None:
    if written.startswith("/"):
        return None
    if not written:
        return PathMistake(message="a path is empty", advice="write / for the root, or /** for all")
    url = _URL.match(written)
    if url is not None:
        return PathMistake(
            message=f"{clip(written)!r} is a URL, not a path",
            advice=f"write the path alone, {written[url.end() :] or '/'}, and the host in to",
        )
    if _is_expression(written):
        return None
    return PathMistake(
        message=f"path {clip(written)!r} does not begin with /", advice=f"write /{clip(written)}"
    )


def _query(written: str) -> PathMistake | None:
    place = re.search(r"[?#]", _TEMPLATE.sub("", written))
    if place is None or _is_expression(written):
        return None
    what = {"?": "a query", "#": "a fragment"}[place[0]]
    return PathMistake(
        message=f"path {clip(written)!r} has {what}",
        advice=f"leave out what begins with {place[0]}: a path is compared without it",
    )


def _expression(written: str) -> PathMistake | None:
    if not _is_expression(written):
        return None
    return PathMistake(
        message=f"path {clip(written)!r} looks like a regular expression",
        advice="write * for one whole segment and /** at the end for everything below, and all "
        "else as it is",
    )


def _is_expression(written: str) -> bool:
    return _EXPRESSION.search(written) is not None


def _template(written: str) -> PathMistake | None:
    found = _TEMPLATE.search(written)
    if found is None:
        return None
    return PathMistake(
        message=f"path {clip(written)!r} has the placeholder {clip(found[0])}",
        advice="write * for the whole segment",
    )


def _segments(written: str) -> list[str]:
    """The segments, of a path that begins with a slash or not, without a query."""
    path = _URL.sub("", written, count=1)
    return re.split(r"[?#]", path, maxsplit=1)[0].removeprefix("/").split("/")


def _stars(written: str) -> PathMistake | None:
    if _is_expression(written):
        return None
    *before, last = _segments(written)
    for each in [*before, "" if last == "**" else last]:
        if "**" in each:
            return PathMistake(
                message=f"path {clip(written)!r} has ** in the wrong place",
                advice="write /** at the end, where it is everything below, and * for each "
                "single segment before it",
            )
    return None


def _part_of_segment(written: str) -> PathMistake | None:
    if _is_expression(written):
        return None
    for each in _segments(written):
        if "*" in each and each.strip("*"):
            return PathMistake(
                message=f"path {clip(written)!r} has * as a part of the segment {clip(each)!r}",
                advice="write * for the whole segment, or each path that is meant",
            )
    return None


def _dots(written: str) -> PathMistake | None:
    found = [each for each in _segments(written) if each in {".", ".."}]
    if not found:
        return None
    return PathMistake(
        message=f"path {clip(written)!r} has the segment {found[0]}",
        advice="write the path that it comes to: requests are compared after such segments are "
        "resolved",
    )


def _empty_segments(written: str) -> PathMistake | None:
    if "" not in _segments(written)[:-1]:
        return None
    return PathMistake(
        message=f"path {clip(written)!r} has two slashes in a row",
        advice="write one: requests are compared after slashes in a row are made one",
    )


def _encoded(written: str) -> PathMistake | None:
    escapes = [each.lower() for each in _ESCAPE.findall(written)]
    slash = next((each for each in escapes if each in _SLASHES), None)
    if slash is not None:
        return PathMistake(
            message=f"path {clip(written)!r} has the encoded slash {slash.upper()}",
            advice="write the segments with / between them: no request with an encoded slash is "
            "let through by a path",
        )
    if "%" not in written:
        return None
    return PathMistake(
        message=f"path {clip(written)!r} has an escape",
        advice="write a character that needs none as it is, and * for a segment with any other",
    )


def _foreign(written: str) -> PathMistake | None:
    if written.isascii():
        return None
    foreign = next(each for each in written if not each.isascii())
    return PathMistake(
        message=f"path {clip(written)!r} has the character {foreign!r}, which is not ASCII",
        advice="write * for the whole segment: such characters come as escapes, in more than one "
        "spelling",
    )


def _characters(written: str) -> PathMistake | None:
    rest = _TEMPLATE.sub("", _URL.sub("", written, count=1))
    wrong = re.sub(_LITERAL, "", rest)
    wrong = re.sub(r"[?#]" if not _is_expression(written) else r"[?#\[\]{}^|\\]", "", wrong)
    wrong = "".join(each for each in wrong if each.isascii() and each != "%")
    if not wrong:
        return None
    return PathMistake(
        message=f"path {clip(written)!r} has the character {wrong[0]!r}",
        advice="write letters, digits and any of -._~!$&'()+,;=:@ in a segment",
    )


_CHECKS: tuple[Callable[[str], PathMistake | None], ...] = (
    _start,
    _expression,
    _template,
    _query,
    _stars,
    _part_of_segment,
    _dots,
    _empty_segments,
    _encoded,
    _foreign,
    _characters,
)
