"""What the rules of a team open together in one place, those for everyone included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Generic, TypeVar

from transire.model.destinations import Entity, Pods
from transire.model.guardrail import Extent, Finding
from transire.model.net import PortRange, merge_ports
from transire.model.scoped import Place
from transire.model.waiver import OnPort
from transire.values.guardrails.context import Entry, GuardrailContext, subject_of
from transire.values.guardrails.wide_ports import is_wide

Inside = TypeVar("Inside", Pods, Entity)


@dataclass(frozen=True, slots=True)
class Way(Generic[Inside]):
    """A destination with the entry that has it."""

    entry: Entry
    to: Inside

    @property
    def ports(self) -> tuple[PortRange, ...]:
        """The ports on which it is open."""
        return self.entry.ports_of(self.to)

    @property
    def is_wide(self) -> bool:
        """Whether it is open on more ports than anybody means."""
        return is_wide(self.ports)


def in_places(
    review: GuardrailContext, chosen: Callable[[Entry], Iterable[Inside]]
) -> Iterator[Sequence[Way[Inside]]]:
    """The chosen destinations of each team that hold in one place, and of everyone by itself."""
    ways: dict[str, list[Way[Inside]]] = {}
    for entry in review.entries():
        for each in chosen(entry):
            ways.setdefault(entry.team, []).append(Way(entry, each))
    shared = ways.pop("", [])
    for place in _places(review, shared):
        yield _in(place, shared)
    for team, own in ways.items():
        for place in review.places.get(team, ()):
            yield _in(place, chain(shared, own))


def _places(review: GuardrailContext, shared: Sequence[Way[Inside]]) -> Iterator[Place]:
    """Every cluster, once for each namespace that a rule for everyone names."""
    names = sorted({name for way in shared for name in way.entry.rule.namespaces or ()})
    for cluster in review.places[""]:
        yield from (replace(cluster, namespace=name) for name in names or ("",))


def _in(place: Place, ways: Iterable[Way[Inside]]) -> Sequence[Way[Inside]]:
    return [way for way in ways if way.entry.rule.holds_in(place)]


def as_one(ways: Sequence[Way[Inside]], message: str, advice: str) -> Finding:
    """A finding about the last of these, of which an approval has to hold all that they open."""
    last = ways[-1]
    names = dict.fromkeys(repr(way.entry.rule.name) for way in ways if way.entry != last.entry)
    together = f" together with {', '.join(names)}" if names else ""
    to: dict[Inside, list[PortRange]] = {}
    for way in ways:
        to.setdefault(replace(way.to, ports=()), []).extend(way.ports)
    opened = [OnPort(subject_of(what), port) for what in to for port in merge_ports(to[what])]
    finding = last.entry.finding(last.to.at, f"{message}{together}", advice, *opened)
    sources = tuple(sorted({each for way in ways for each in way.entry.rule.sources}))
    limits, approximate = last.entry.rule, last.entry.rule.approximate
    extent = Extent(limits=limits, sources=sources, approximate=approximate)
    return replace(finding, extent=extent)
