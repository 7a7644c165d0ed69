"""Reading the keys of a map and the items of a list, with misfits counted and passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from transire.model.problems import Position
from transire.values.problem_collector import Misfit, ProblemCollector
from transire.yamlio import Entry, MappingNode, Node, SequenceNode

Made = TypeVar("Made")
Other = TypeVar("Other")

Make = Callable[[Node, ProblemCollector], Made]
"""Makes a value of a node, or raises `Misfit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A map whose values are looked up by key; defaults stand in for misfits.

    `unread` has the keys whose values are misfits, wholly or in part.
    """

    node: MappingNode
    collector: ProblemCollector
    unread: set[str] = field(default_factory=set, compare=False)

    @classmethod
    def of(cls, node: Node, collector: ProblemCollector) -> Fields:
        """The map.

        Raises:
            Misfit: if the node is none.
        """
        if not isinstance(node, MappingNode):
            raise Misfit
        return cls(node=node, collector=collector)

    @property
    def at(self) -> Position:
        """Where the map begins."""
        return self.node.at

    def entry(self, key: str) -> Entry | None:
        """The key with its value, where it is there."""
        return self.node.entries.get(key)

    def get(self, key: str, make: Make[Made], default: Other) -> Made | Other:
        """What is made of the value; the default where the key is missing."""
        entry = self.node.entries.get(key)
        if entry is None:
            return default
        misfits = self.collector.misfits
        made: Made | Other = default
        with self.collector:
            made = make(entry.value, self.collector)
        if self.collector.misfits > misfits:
            self.unread.add(key)
        return made

    def need(self, key: str, make: Make[Made], default: Other) -> Made | Other:
        """What is made of the value; a missing key is a misfit."""
        if key not in self.node.entries:
            self.collector.misfits += 1
        return self.get(key, make, default)


def entries(node: Node) -> Iterator[Entry]:
    """The entries of a map with free keys.

    Raises:
        Misfit: if the node is none.
    """
    if not isinstance(node, MappingNode):
        raise Misfit
    yield from node.entries.values()


def made_by_name(
    node: Node, make: Callable[[Entry, ProblemCollector], Made], collector: ProblemCollector
) -> dict[str, Made | None]:
    """What is made of each entry of a map with free keys, None for a misfit.

    Raises:
        Misfit: if the node is no map.
    """
    found: dict[str, Made | None] = {}
    for entry in entries(node):
        found[entry.key.text] = None
        with collector:
            found[entry.key.text] = make(entry, collector)
    return found


def each(make: Make[Made]) -> Make[tuple[Made, ...]]:
    """Makes a tuple of a list, leaving out misfits."""

    def make_all(node: Node, collector: ProblemCollector) -> tuple[Made, ...]:
        if not isinstance(node, SequenceNode):
            raise Misfit
        made = []
        for item in node.items:
            with collector:
                made.append(make(item, collector))
        return tuple(made)

    return make_all
