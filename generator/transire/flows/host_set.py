"""Exact sets of host names: regular languages over labels, read from the right.

A name is a sequence of labels over `-0-9a-z_`, in lower case and without a trailing dot, at most
127 of them; the limits of 63 characters a label and 253 a name are not modelled. The root of the
DNS is the name without labels, written ``.``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import ClassVar, Self

from transire.flows.diagrams.axes import HOST_LETTERS, MOST_LABELS, Axis
from transire.flows.diagrams.diagram import Diagram, Union, node
from transire.flows.diagrams.string_functions import FiniteMap, StringFunction, string_function
from transire.flows.diagrams.witness import name_of, picks
from transire.flows.exact_set import ExactSet, judged
from transire.flows.patterns.globs import STAR, glob
from transire.flows.patterns.host_patterns import patterns

_NAME = re.compile(r"[-a-z0-9_]+(\.[-a-z0-9_]+)*")


class Wild(Enum):
    """What may stand for characters in a pattern, with one meaning for all engines."""

    CHARS = "*"
    """Zero or more characters of one label, never a dot."""
    LABEL = "one label"
    """Exactly one whole label."""
    LABELS = "**"
    """One or more whole labels."""


def labels_of(name: str) -> tuple[str, ...]:
    """The labels of a name from the right; none for the root, written ``.``.

    Raises:
        ValueError: if it is not a name in lower case without a trailing dot.
    """
    if name == ".":
        return ()
    if _NAME.fullmatch(name) is None or name.count(".") >= MOST_LABELS:
        raise ValueError(f"{name!r} is not a host name in lower case without a trailing dot")
    return tuple(reversed(name.split(".")))


class HostSet(ExactSet):
    """A set of host names, with or without the root of the DNS."""

    __slots__ = ()

    limit: ClassVar[int] = 200_000

    @classmethod
    def everything(cls) -> Self:
        """Every name of one or more labels; the root is not among them."""
        return cls(diagram=node((Axis.HOST, 1), FiniteMap(True, {None: False})))

    @classmethod
    def root(cls) -> Self:
        """The root of the DNS alone; only a DNS query can name it."""
        return cls(diagram=node((Axis.HOST, 1), FiniteMap(False, {None: True})))

    @classmethod
    def exact(cls, names: Iterable[str]) -> Self:
        """Exactly these names.

        Raises:
            ValueError: if one is not a name in lower case without a trailing dot.
        """
        return cls(diagram=_exact(tuple(names)))

    @classmethod
    def pattern(cls, parts: Sequence[str | Wild]) -> Self:
        """The names that a pattern stands for: literal text, dots included, and wildcards.

        `HostSet.pattern([Wild.LABELS, ".example.com"])` is every name below example.com, and
        `["s3-", Wild.CHARS, ".example.com"]` those one below that start with `s3-`. A label of
        nothing but `CHARS` is one label, since labels are never empty.

        Raises:
            ValueError: if a label is empty, has other characters, or `LABEL` or `LABELS` is only
                part of one.
            Unjudgeable: if the pattern is too intricate.
        """
        labels = tuple(reversed(_labels(parts)))
        return cls(diagram=judged(lambda: _Pattern(labels).after(0, 1)))

    def named(self) -> Self:
        """The set without the root of the DNS."""
        diagram = self.diagram
        if not isinstance(diagram, bool) and diagram.cells.at(None) is False:  # type: ignore[arg-type]
            return self
        return self & self.everything()

    def patterns(self) -> tuple[str, ...]:
        """The fewest patterns that people know whose union the set is, ordered by domain.

        What no such union equals reads ``*.example.com except bad.example.com``; the root is ``.``.
        """
        return judged(lambda: patterns(self.diagram))

    def witness(self) -> str | None:
        """A short name of the set, the root as ``.``; None where the set is empty."""
        found = judged(lambda: picks(self.diagram))
        return None if found is None else name_of(found) or "."

    def __str__(self) -> str:
        return ", ".join(self.patterns()) or "no host"

    def __contains__(self, name: str) -> bool:
        labels: list[str | None] = [*labels_of(name), None]
        at = self.diagram
        while not isinstance(at, bool):
            at = at.cells.at(labels[at.variable[1] - 1])  # type: ignore[operator, arg-type]
        return at


Pattern = tuple[str | Wild, ...]
"""Literal text and wildcards, with no two texts beside each other."""


@dataclass(frozen=True, slots=True)
class NamePatterns:
    """The names that any of some patterns stands for, before a set is made of them.

    Equal patterns are equal sets, and equal sets may have other patterns.
    """

    patterns: frozenset[Pattern] = frozenset()

    @classmethod
    def of(cls, patterns: Iterable[Sequence[str | Wild]]) -> Self:
        """The patterns, each as `HostSet.pattern` takes it; one of text alone is an exact name."""
        return cls(frozenset(map(_joined, patterns)))

    @classmethod
    def union(cls, some: Iterable[Self]) -> Self:
        """All of their patterns."""
        return cls(frozenset().union(*(each.patterns for each in some)))

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def hosts(self) -> HostSet:
        """The set.

        Raises:
            ValueError: for what is no name or pattern.
            Unjudgeable: if a pattern is too intricate.
        """
        return _hosts(self.patterns)


Names = HostSet | NamePatterns
"""Names, as a set or on the way to one."""


def as_set(names: Names) -> HostSet:
    """The names as a set."""
    return names.hosts() if isinstance(names, NamePatterns) else names


def _joined(parts: Sequence[str | Wild]) -> Pattern:
    found: list[str | Wild] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)


@lru_cache(maxsize=1_024)
def _hosts(patterns: frozenset[Pattern]) -> HostSet:
    """The set of some patterns, exact names taken together."""
    exact, wild = list[str](), list[Pattern]()
    for each in patterns:
        if len(each) == 1 and isinstance(each[0], str):
            exact.append(each[0])
        else:
            wild.append(each)
    wild.sort(key=lambda each: [part if isinstance(part, str) else part.value for part in each])
    return HostSet.union([HostSet.exact(sorted(exact)), *map(HostSet.pattern, wild)])


_Tree = dict[str | None, "_Tree"]


@lru_cache(maxsize=256)
def _exact(names: tuple[str, ...]) -> Diagram:
    """The names as a diagram; the rules of one target hold the same names again and again."""
    tree: _Tree = {}
    for name in names:
        branch = tree
        for label in labels_of(name):
            branch = branch.setdefault(label, {})
        branch[None] = {}
    return _trie(tree, 1)


def _trie(tree: _Tree, place: int) -> Diagram:
    if place > MOST_LABELS:
        return True
    if tree.keys() == {None}:
        return _end(place)
    return node(
        (Axis.HOST, place),
        FiniteMap(
            False,
            {
                label: True if label is None else _trie(below, place + 1)
                for label, below in tree.items()
            },
        ),
    )


@lru_cache(maxsize=MOST_LABELS)
def _end(place: int) -> Diagram:
    """Names that end before the label at that place."""
    return node((Axis.HOST, place), FiniteMap(False, {None: True}))


_Label = tuple[str | Wild, ...]


def _labels(parts: Sequence[str | Wild]) -> list[_Label]:
    """The pattern's labels, each as its literals and wildcards."""
    labels: list[list[str | Wild]] = [[]]
    for part in parts:
        first, *others = part.split(".") if isinstance(part, str) else [part]
        labels[-1].append(first)
        labels.extend([each] for each in others)
    found = [tuple(part for part in label if part) for label in labels]
    for label in found:
        _check(label, parts)
    return found


def _check(label: _Label, parts: Sequence[str | Wild]) -> None:
    shown = "".join(part if isinstance(part, str) else f"<{part.name}>" for part in parts)
    if not label:
        raise ValueError(f"the pattern {shown} has an empty label")
    if len(label) > 1 and not {Wild.LABEL, Wild.LABELS}.isdisjoint(label):
        raise ValueError(f"the pattern {shown} has a whole-label wildcard inside a label")
    text = "".join(part for part in label if isinstance(part, str))
    if text.strip(HOST_LETTERS):
        raise ValueError(f"the pattern {shown} has characters that no host name has")


class _Pattern:
    """A pattern's labels from the right, on the way to a diagram."""

    def __init__(self, labels: Sequence[_Label]) -> None:
        self._labels = labels
        self._union = Union(HostSet.limit)
        self._known: dict[tuple[int, int], Diagram] = {}

    def after(self, index: int, place: int) -> Diagram:
        """The names whose labels from `place` on are those of the pattern from `index` on."""
        if place > MOST_LABELS:
            return index == len(self._labels)
        if index == len(self._labels):
            return _end(place)
        found = self._known.get((index, place))
        if found is None:
            label = self._labels[index]
            many = Wild.LABELS in label
            found = self._many(index, place) if many else self._one(label, index, place)
            self._known[index, place] = found
        return found

    def _one(self, label: _Label, index: int, place: int) -> Diagram:
        below = self.after(index + 1, place + 1)
        cells: StringFunction[Diagram]
        if all(isinstance(part, str) for part in label):
            cells = FiniteMap(False, {"".join(map(str, label)): below})
        elif not any(isinstance(part, str) for part in label):
            cells = FiniteMap(below, {None: False})
        else:
            parts = [part if isinstance(part, str) else STAR for part in label]
            matches = glob(parts, HOST_LETTERS, empty=False)
            cells = string_function(
                absent=False, machine=matches.map(lambda hit: below if hit else False)
            )
        return node((Axis.HOST, place), cells)

    def _many(self, index: int, place: int) -> Diagram:
        """One or more labels: this one, and then either more of them or the rest."""
        if index + 1 == len(self._labels):
            return node((Axis.HOST, place), FiniteMap(True, {None: False}))
        more: Diagram = False
        for at in range(MOST_LABELS, place - 1, -1):
            rest = self._union([self.after(index + 1, at + 1), more])
            more = node((Axis.HOST, at), FiniteMap(rest, {None: False}))
        return more
