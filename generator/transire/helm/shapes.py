"""YAML that differs only in quoted words is read once.

What one template renders for many targets, and what values files of many targets hold, differs in
names and hosts, which stand in double quotes. Such texts have one *shape*, and what is read of one
is known for all: the same tree with other words.

Why that is exact. A word is what stands between two double quotes of one line, printable ASCII
without an escape, at most 255 characters, where no key can be. Around words, a text with a shape
holds nothing but letters, digits, spaces, newlines, ``:/.,-_()[]{}`` and other texts in double
quotes without an escape, which belong to the shape: so no apostrophe, anchor, alias, tag,
directive or block of text, and no comment after its first lines. Its shape is read once with a
number in place of each word, and each number has to come back as a string of its own. Then each
word is a quoted scalar: it begins where the text before it has led a reader, ends at the next
quote, and is a string for every reader, whatever it holds. No line goes on after a word with what
a column decides, and keys, their order and their repetition are the same.

Fail closed: the first text of a shape is read as it is, the second as it is and as a shape, and
both have to come to the same, byte for byte as JSON; text without a shape is always read as it is,
and nothing is kept of text that is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Facts = TypeVar("Facts")

_WORD = re.compile(r'(?<=[ \[{])"([ !#-\[\]-~]{0,255})"(?=[\n,\]}])')
_CONSTANT = re.compile(r'"[ !#-\[\]-~]*"')
"""Another quoted text in one line, such as a key, without an escape."""

_PLAIN = re.compile(r"[A-Za-z0-9 \n:/.,\-_()\[\]{}\0]*")
_HEAD = re.compile(r"(?:[ ]*(?:#[^\n]*)?\n)*")
"""Comments and empty lines before the content; no scalar has begun there."""

_MARK = "zQword{}z"
_MARKED = re.compile(r'"zQword([0-9]+)z"')

_MOST = 2_048
"""Shapes that are kept."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A text cut into what is around its quoted words, as one key, and the words."""

    around: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Cut:
        """The text cut, without the comments before its content."""
        head = _HEAD.match(text)
        parts = _WORD.split(text[head.end() :] if head else text)
        return cls("\0".join(parts[::2]), tuple(parts[1::2]))

    @property
    def has_shape(self) -> bool:
        """Whether what is around the words cannot change what they are."""
        return (
            self.around.count("\0") == len(self.words)
            and _PLAIN.fullmatch(_CONSTANT.sub("", self.around)) is not None
            and _MARK[:6] not in self.around
        )

    def marked(self) -> str:
        """The text with a number in place of each word."""
        first, *rest = self.around.split("\0")
        marks = (f'"{_MARK.format(place)}"{after}' for place, after in enumerate(rest))
        return "".join((first, *marks))


@dataclass(frozen=True, slots=True)
class _Tree:
    """A tree as JSON, cut at its words: which of them stands after each piece but the last."""

    pieces: tuple[str, ...]
    places: tuple[int, ...]

    @classmethod
    def of(cls, tree: object, count: int) -> _Tree | None:
        """The tree of a marked text; None where a word is no string of its own, or a key."""
        written = json.dumps(tree)
        parts = _MARKED.split(written)
        places = tuple(map(int, parts[1::2]))
        pieces = tuple(parts[::2])
        held = any(_MARK[:6] in each or each.startswith(":") for each in pieces)
        return None if held or sorted(places) != list(range(count)) else cls(pieces, places)

    def filled(self, words: tuple[str, ...]) -> Any:  # noqa: ANN401 - a tree of JSON
        """The tree with these words."""
        text = [self.pieces[0]]
        for place, piece in zip(self.places, self.pieces[1:], strict=True):
            text += ('"', words[place], '"', piece)
        return json.loads("".join(text))


@dataclass(frozen=True, slots=True)
class Shapes(Generic[Facts]):
    """Trees of texts that were read, by shape, with what follows from their keys alone.

    `read` reads the tree of one text as it is, and `find` finds what follows.
    """

    read: Callable[[str], Any]
    find: Callable[[str], Facts]
    _known: dict[str, tuple[_Tree, Facts] | None] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    """Shapes of which one text was read: most texts by hand are the only one of theirs."""

    def of(self, text: str, whole: Callable[[], Any] | None = None) -> tuple[Any, Facts]:
        """What `read` and `find` give for the text; `whole` reads it with other errors.

        Raises:
            ValueError: what `read` raises.
        """
        cut = Cut.of(text)
        known = self._known.get(cut.around)
        if known is not None:
            tree, facts = known
            return tree.filled(cut.words), facts
        found = self.read(text) if whole is None else whole()
        facts = self.find(text)
        if cut.around in self._seen:
            if cut.around not in self._known:
                shape = self._shape(cut, found)
                _bound(self._known)[cut.around] = None if shape is None else (shape, facts)
        else:
            _bound(self._seen).add(cut.around)
        return found, facts

    def _shape(self, cut: Cut, found: object) -> _Tree | None:
        if not cut.has_shape:
            return None
        try:
            shape = _Tree.of(self.read(cut.marked()), len(cut.words))
        except ValueError:
            return None
        same = shape is not None and json.dumps(shape.filled(cut.words)) == json.dumps(found)
        return shape if same else None


Kept = TypeVar("Kept", dict[str, Any], set[str])


def _bound(kept: Kept) -> Kept:
    if len(kept) >= _MOST:
        kept.clear()
    return kept
