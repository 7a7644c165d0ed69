"""The syntax of regular expressions in RE2, as far as it is modelled.

What RE2 knows beyond literals, classes, groups, alternatives and repeats is refused rather than
guessed (syntax: https://github.com/google/re2/wiki/Syntax).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, NoReturn

from transire.model.problems import Unjudgeable

_MOST_REPEATS: Final = 1000
"""RE2 refuses to repeat anything more often."""

_DIGITS: Final = frozenset("0123456789")
_LOWER: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_UPPER: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class Chars(NamedTuple):
    """Some characters, or with `others` all but some."""

    named: frozenset[str]
    others: bool = False

    def holds(self, char: str) -> bool:
        """Whether a character is one of these."""
        return (char in self.named) != self.others

    def inverted(self) -> Chars:
        """All characters that these are not."""
        return Chars(self.named, not self.others)

    def union(self, other: Chars) -> Chars:
        """These characters and those."""
        if self.others:
            named = self.named & other.named if other.others else self.named - other.named
            return Chars(named, others=True)
        return other.union(self) if other.others else Chars(self.named | other.named)


@dataclass(frozen=True, slots=True)
class Sequenced:
    """One part after another."""

    parts: Sequence[RegexPart]


@dataclass(frozen=True, slots=True)
class Either:
    """One part or another."""

    parts: Sequence[RegexPart]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A part from `least` to `most` times, or without end."""

    part: RegexPart
    least: int
    most: int | None


RegexPart = Chars | Sequenced | Either | Repeated

_ESCAPES: Final[Mapping[str, Chars]] = MappingProxyType(
    {
        "d": Chars(_DIGITS),
        "w": Chars(_DIGITS | _LOWER | _UPPER | {"_"}),
        "s": Chars(frozenset("\t\n\f\r ")),
        **{each: Chars(frozenset(to)) for each, to in zip("afnrtv", "\a\f\n\r\t\v", strict=True)},
    }
)
_POSIX: Final[Mapping[str, Chars]] = MappingProxyType(
    {
        "[:alnum:]": Chars(_DIGITS | _LOWER | _UPPER),
        "[:alpha:]": Chars(_LOWER | _UPPER),
        "[:digit:]": Chars(_DIGITS),
        "[:lower:]": Chars(_LOWER),
        "[:upper:]": Chars(_UPPER),
        "[:word:]": Chars(_DIGITS | _LOWER | _UPPER | {"_"}),
        "[:space:]": Chars(frozenset("\t\n\v\f\r ")),
    }
)
_ALIKE: Final[Mapping[str, str]] = MappingProxyType({"k": "\u212a", "s": "\u017f"})
"""Characters that RE2 takes for these letters where case does not count: Kelvin, the long s."""

_ANY: Final = Chars(frozenset(), others=True)
"""RE2's dot leaves out the line break, which no part of an HTTP request can hold."""


def parsed(text: str) -> RegexPart:
    """The parts of an expression; `^` before and `$` behind the whole have no effect.

    Raises:
        Unjudgeable: if the expression is wrong or uses what is not modelled.
    """
    return _Reader(text).whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._folds = False

    def whole(self) -> RegexPart:
        self._folds = self._take("(?i)")
        self._take("^")
        part = self._either()
        self._take("$")
        if self._peek():
            self._refuse(f"{self._peek()!r} at character {self._at + 1}")
        return part

    def _refuse(self, what: str) -> NoReturn:
        raise Unjudgeable("regular expression", self._text, f"{what} is not modelled")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _next(self) -> str:
        char = self._peek()
        if not char:
            self._refuse("an expression that ends early")
        self._at += 1
        return char

    def _either(self) -> RegexPart:
        parts = [self._sequence()]
        while self._take("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Either(parts)

    def _sequence(self) -> RegexPart:
        parts: list[RegexPart] = []
        while self._peek() and self._peek() not in "|)$":
            parts.append(self._repeated())
        return parts[0] if len(parts) == 1 else Sequenced(parts)

    def _repeated(self) -> RegexPart:
        part = self._atom()
        times = self._times()
        if times is None:
            return part
        self._take("?")
        if self._times() is not None:
            self._refuse("a repeat of a repeat")
        return Repeated(part, *times)

    def _times(self) -> tuple[int, int | None] | None:
        for char, times in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(char):
                return times
        return self._counted() if self._take("{") else None

    def _counted(self) -> tuple[int, int | None]:
        end = self._text.find("}", self._at)
        inside = self._text[self._at : end] if end > 0 else ""
        least, comma, most = inside.partition(",")
        numbers = [least, most or least]
        if not all(
            _DIGITS.issuperset(each) and 0 < len(each) <= len(str(_MOST_REPEATS))
            for each in numbers
        ):
            self._refuse("a brace that is no repeat")
        low, high = map(int, numbers)
        if low > high or high > _MOST_REPEATS:
            self._refuse(f"a repeat of {{{inside}}}")
        self._at = end + 1
        return low, None if comma and not most else high

    def _atom(self) -> RegexPart:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escape()
        if char in "*+?{^":
            self._refuse(f"{char!r} at character {self._at}")
        return _ANY if char == "." else self._literal(char)

    def _literal(self, chars: Iterable[str]) -> Chars:
        """The characters, and where case does not count those of the other case."""
        found = frozenset(chars)
        if not self._folds:
            return Chars(found)
        if not all(map(str.isascii, found)):
            self._refuse("a character that is not ASCII, without case,")
        both = {each for char in found for each in (char.lower(), char.upper())}
        return Chars(frozenset(both.union(*(_ALIKE.get(each, ()) for each in both))))

    def _group(self) -> RegexPart:
        if self._take("?") and not self._take(":"):
            self._refuse("a group with flags or a name")
        part = self._either()
        if not self._take(")"):
            self._refuse("a group without its end")
        return part

    def _escape(self) -> Chars:
        char = self._next()
        if self._folds and char in "wW":
            self._refuse(f"the escape \\{char} without case")
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char in "DWS":
            return _ESCAPES[char.lower()].inverted()
        if char.isalnum() or not char.isascii():
            self._refuse(f"the escape \\{char}")
        return Chars(frozenset(char))

    def _class(self) -> Chars:
        inverted = self._take("^")
        found = Chars(frozenset())
        first = True
        while first or not self._take("]"):
            found = found.union(self._member())
            first = False
        return found.inverted() if inverted else found

    def _member(self) -> Chars:
        for name, chars in _POSIX.items():
            if self._take(name):
                if self._folds:
                    self._refuse(f"the class {name} without case")
                return chars
        if self._text.startswith("[:", self._at):
            self._refuse("a class of this name")
        char = self._next()
        start = self._escape() if char == "\\" else Chars(frozenset(char))
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] in {"]", ""}:
            return start if start.others else self._literal(start.named)
        self._at += 1
        char = self._next()
        end = self._escape() if char == "\\" else Chars(frozenset(char))
        if len(start.named) != 1 or len(end.named) != 1 or start.others or end.others:
            self._refuse("a range between classes")
        (low,), (high,) = start.named, end.named
        if ord(low) > ord(high) or ord(high) - ord(low) > _MOST_REPEATS:
            self._refuse(f"the range {low}-{high}")
        return self._literal(map(chr, range(ord(low), ord(high) + 1)))
