"""Configuration as lines of words, as Squid splits it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from transire.points.squid.facts import CUT_LINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One directive: its place, its words, and why it cannot be read, which is mostly empty."""

    file: str
    number: int
    words: tuple[str, ...]
    why: str = ""

    @property
    def key(self) -> str:
        """Such as `line 12`."""
        return f"line {self.number}"


def lines(file: str, files: Mapping[str, str]) -> Iterator[Line]:
    """The directives of a file, with the words of each file that words in quotes name."""
    for number, text in enumerate(files[file].splitlines(), start=1):
        words = tuple(_words(text))
        if not words:
            continue
        why = ""
        if len(text) > CUT_LINE:
            why = f"Squid cuts lines of more than {CUT_LINE} characters, and reads on in the rest"
        elif text.endswith("\\"):
            why = "a line that goes on in the next one is not modelled"
        elif words[0] == "acl":
            words, why = _with_files(words, files)
        yield Line(file=file, number=number, words=words, why=why)


def _words(text: str) -> Iterator[str]:
    """Words as far as the first that begins with `#`."""
    for word in text.split():
        if word.startswith("#"):
            return
        yield word


def _with_files(words: tuple[str, ...], files: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    found: list[str] = []
    for word in words:
        if not word.startswith('"'):
            found.append(word)
            continue
        name = _named(word, files)
        if name is None:
            return words, f"the file {word} is not here"
        found += [each for line in files[name].splitlines() for each in _words(line)]
    return tuple(found), ""


def _named(word: str, files: Mapping[str, str]) -> str | None:
    """The file whose name is the end of a path in quotes, where that is one."""
    path = word.strip('"')
    named = [name for name in files if path == name or path.endswith(f"/{name}")]
    return named[0] if len(named) == 1 and word.endswith('"') else None
