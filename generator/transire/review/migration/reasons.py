"""Why a rule is there: what its authors wrote beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from transire.k8s.json_pointer import inner, text
from transire.k8s.manifests import Manifest

_WORDS = frozenset({"description", "reason", "purpose", "comment", "why"})
"""Names of annotations, without what stands before the slash, that say what something is for."""
_LONGEST = 200
_FEWEST = 3
"""Letters that a reason has at least."""
_NO_REASON = ("yaml-language-server:", "$schema", "vim:", "code: language", "---", "nosemgrep")
"""What stands in comments for programs and not for people."""


def rule_reason(manifest: Manifest, pointers: Iterable[str]) -> str:
    """The reason of a rule that is made of some rules of an object, in one line.

    Comments at the rules come first, then what the object says of itself, then the comment above
    it; without any it is where the rule is from.
    """
    beside = dict.fromkeys(each for at in pointers for each in [_beside(manifest, at)] if each)
    for found in ("; ".join(beside), _described(manifest), _above(manifest)):
        if found:
            return _one_line(found)
    return f"taken over from {manifest.ref}"


def _described(manifest: Manifest) -> str:
    own = text(inner(manifest.body, "spec"), "description")
    if own.strip():
        return own
    annotations = inner(manifest.body, "metadata", "annotations")
    for key, value in annotations.items():
        named = key.rpartition("/")[2].lower() in _WORDS
        if named and isinstance(value, str) and value.strip():
            return value
    return ""


def _beside(manifest: Manifest, pointer: str) -> str:
    """The comment above the lines of a rule, or behind the first of them."""
    lines, at = _lines(manifest), manifest.place(pointer)[0] - _first(manifest)
    if not 0 <= at < len(lines):
        return ""
    above = list(takewhile(_is_comment, reversed(lines[:at])))
    behind = lines[at].partition(" #")[2].strip()
    words = [*(_words(each) for each in reversed(above)), "" if _is_mixed(lines[at]) else behind]
    return " ".join(filter(None, words))


def _above(manifest: Manifest) -> str:
    """The comment before the object, and behind its name."""
    lines = _lines(manifest)
    head = list(takewhile(lambda each: not each.strip() or _is_comment(each), lines))
    return " ".join(filter(None, (_words(each) for each in head if each.strip())))


def _lines(manifest: Manifest) -> tuple[str, ...]:
    written = manifest.written
    return tuple(written.lines) if written is not None and not written.at else ()


def _first(manifest: Manifest) -> int:
    return manifest.written.first if manifest.written is not None else 0


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _is_mixed(line: str) -> bool:
    """Whether a sign that begins a comment may be part of a text."""
    before = line.partition(" #")[0]
    return '"' in before or "'" in before


def _words(line: str) -> str:
    found = line.strip().lstrip("#").strip().strip("=-*#").strip()
    said = sum(each.isalpha() for each in found) >= _FEWEST
    return found if said and not any(each in found for each in _NO_REASON) else ""


def _one_line(found: str) -> str:
    plain = " ".join("".join(_printable(found)).split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 3].rstrip()}..."


def _printable(found: str) -> Iterator[str]:
    return (each if each.isprintable() else " " for each in found)
