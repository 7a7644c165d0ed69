"""Mutations that keep a text a text: words and lines go where other words and lines were.

Bytes alone rarely get past a reader of YAML or JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from random import Random

_WORD = re.compile(rb"[\w./*-]+|\s+|[^\w\s]")
_MOST_WORDS = 20_000


def words_of(inputs: Iterable[bytes]) -> tuple[bytes, ...]:
    """The words of some inputs, each once, in their order."""
    found: dict[bytes, None] = {}
    for each in inputs:
        if len(found) < _MOST_WORDS:
            found |= dict.fromkeys(_WORD.findall(each))
    return tuple(found) or (b"0",)


class Mutator:
    """Changes inputs by the words that a corpus is made of."""

    def __init__(self, words: Sequence[bytes]) -> None:
        self._words = words
        self._ways: Sequence[Callable[[bytes, Random], bytes]] = (
            self._other_word,
            self._more_words,
            _without_word,
            _line_elsewhere,
            _without_lines,
            _lines_twice,
        )

    def changed(self, data: bytes, most: int, seed: int) -> bytes:
        """The input after one to four mutations, of at most `most` bytes."""
        chosen = Random(seed)
        for _ in range(chosen.randint(1, 4)):
            data = chosen.choice(self._ways)(data, chosen)
        return data[:most]

    def _other_word(self, data: bytes, chosen: Random) -> bytes:
        words = _WORD.findall(data) or [b""]
        mine = chosen.random() < 0.5
        words[chosen.randrange(len(words))] = chosen.choice(words if mine else self._words)
        return b"".join(words)

    def _more_words(self, data: bytes, chosen: Random) -> bytes:
        words = _WORD.findall(data)
        place = chosen.randint(0, len(words))
        words[place:place] = chosen.choices(self._words, k=chosen.randint(1, 3))
        return b"".join(words)


def _without_word(data: bytes, chosen: Random) -> bytes:
    words = _WORD.findall(data) or [b""]
    del words[chosen.randrange(len(words))]
    return b"".join(words)


def _line_elsewhere(data: bytes, chosen: Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    line = lines.pop(chosen.randrange(len(lines)))
    lines.insert(chosen.randint(0, len(lines)), line)
    return b"".join(lines)


def _without_lines(data: bytes, chosen: Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    first = chosen.randrange(len(lines))
    del lines[first : first + chosen.randint(1, 3)]
    return b"".join(lines)


def _lines_twice(data: bytes, chosen: Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    first = chosen.randrange(len(lines))
    some = lines[first : first + chosen.randint(1, 5)]
    place = chosen.randint(0, len(lines))
    lines[place:place] = some
    return b"".join(lines)
