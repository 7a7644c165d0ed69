"""A list of namespaces in parts that one selector of Calico can hold each.

An upgrade writes one object after another and deletes last, in whatever order otherwise. So that no
namespace that stays is left out meanwhile, a namespace never moves from one object to another that
is there before and after: which part it is in follows from its own name, by the bits of a hash, and
only how many bits count depends on the others. A part that is full is split into two of other
names, which are there before it is deleted; two that fit into one again become one of another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from transire.meaning.target import Values

MAX_NAMESPACES = 14
"""So many of the longest names fit into the 1024 characters of a selector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Namespaces of one object: all whose hash begins with these bits, sorted."""

    bits: str
    namespaces: tuple[str, ...]

    @property
    def name(self) -> str:
        """What its objects end in; empty where there is one part."""
        return f"p{self.bits}" if self.bits else ""


def parts_of(namespaces: Iterable[str]) -> tuple[Part, ...]:
    """The parts of a list: as few bits as it takes, and none that is empty."""
    return tuple(_split("", [(_bits(each), each) for each in sorted(namespaces)]))


def written_parts(namespaces: Iterable[str]) -> Values:
    """The key `parts` of the chart's values; no key where there is one part."""
    parts = parts_of(namespaces)
    if len(parts) <= 1:
        return {}
    return {"parts": [{"name": each.name, "namespaces": list(each.namespaces)} for each in parts]}


def _split(bits: str, hashed: Sequence[tuple[str, str]]) -> Iterator[Part]:
    """The parts of namespaces whose hash begins with these bits, each behind its hash."""
    if len(hashed) <= MAX_NAMESPACES:
        if hashed:
            yield Part(bits=bits, namespaces=tuple(namespace for _, namespace in hashed))
        return
    for bit in "01":
        yield from _split(bits + bit, [each for each in hashed if each[0][len(bits)] == bit])


def _bits(namespace: str) -> str:
    return f"{int.from_bytes(sha256(namespace.encode()).digest()):0256b}"
