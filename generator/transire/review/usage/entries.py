"""The entries of values, each with the flows that it means, and whether a sighting is one of them.

What a log does not hold is left open: without labels a flow may be of any pod of its namespace, and
then it may be of the entry, which is less than being of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

from transire.flows.diagrams.axes import Axis
from transire.flows.flow_set import FlowSet
from transire.meaning.hosts import matches
from transire.meaning.meaning import rule_flows
from transire.meaning.target import Target
from transire.model.destinations import AddressRange, Destination, Entity, Host, Pods
from transire.model.engine import Traits
from transire.model.intent import Rule
from transire.model.names import HostKind
from transire.review.usage.concrete import flows_of, open_axes
from transire.review.usage.sightings import Sighting


class Fit(IntEnum):
    """Whether a flow is one that an entry means."""

    NO = 0
    MAYBE = 1
    """It is, if what the log does not hold is as the entry needs it."""
    YES = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One destination of one rule on one target; each is itself alone."""

    target: Target
    rule: Rule
    destination: Destination
    shown: str
    traits: Traits

    def __repr__(self) -> str:
        return f"<Entry {self.target.name} {self.rule.name}: {self.shown}>"

    @property
    def is_wildcard(self) -> bool:
        """Whether it is a host that stands for several names."""
        found = self.destination
        return isinstance(found, Host) and found.pattern.kind is not HostKind.EXACT

    @property
    def is_host(self) -> bool:
        """Whether it is a name."""
        return isinstance(self.destination, Host)

    @cached_property
    def flows(self) -> FlowSet:
        """What it means; a host that is delegated to something else stands for itself."""
        rule = replace(self.rule, destinations=(self.destination,))
        return rule_flows(self.target, replace(self.traits, hosts=True), rule)

    def names_of(self, sighting: Sighting) -> tuple[str, ...]:
        """Those of a sighting's names that the entry stands for."""
        found = self.destination
        if not isinstance(found, Host):
            return ()
        return tuple(each for each in sighting.names if matches(found.pattern, each))

    def fit(self, sighting: Sighting) -> Fit:
        """Whether a sighting is of flows that the entry means."""
        names = self.names_of(sighting)
        if self.is_host and not names and not _may_have_more(sighting):
            return Fit.NO
        return self.fit_of(sighting, names)

    def fit_of(self, sighting: Sighting, names: tuple[str, ...]) -> Fit:
        """The same with those of its names that are of the entry."""
        open_axes = tuple(self._open(sighting, named=bool(names) or not self.is_host))
        flows = self._with_open(open_axes)
        hit = any(flows.contains(each) for each in flows_of(sighting, names or (None,)))
        if not hit:
            return Fit.NO
        return Fit.MAYBE if set(open_axes) - self._of_no_account(open_axes) else Fit.YES

    def _open(self, sighting: Sighting, *, named: bool) -> Iterator[Axis]:
        """The axes of which the sighting holds nothing."""
        yield from open_axes(sighting)
        if not named:
            yield Axis.HOST
        yield Axis.SERVER_NAME

    def _with_open(self, axes: tuple[Axis, ...]) -> FlowSet:
        found = self._opened.get(axes)
        if found is None:
            found = self._opened[axes] = self.flows.project_out(*axes)
        return found

    @cached_property
    def _opened(self) -> dict[tuple[Axis, ...], FlowSet]:
        return {}

    def _of_no_account(self, axes: Iterable[Axis]) -> set[Axis]:
        """Those of the axes on which the entry tells no flows apart."""
        return {
            each
            for each in axes
            if each is Axis.SERVER_NAME
            or (each is Axis.ADDRESS and self.is_host)
            or self._with_open((each,)) == self.flows
        }


def _may_have_more(sighting: Sighting) -> bool:
    """Whether it may be of a name that is not among its own."""
    return sighting.names_cut or not (sighting.names or sighting.namespace)


_MOST_KNOWN = 20_000
"""Answers that are kept, so that flows to very many addresses take no more memory."""


class Fits:
    """Which of some entries a sighting is of, where very many are looked at.

    An entry means some names, and flows that are alike but for those; so sightings that differ in
    nothing but names are looked at once for each entry.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._others: list[Entry] = []
        self._hosts: list[Entry] = []
        self._wildcards: list[Entry] = []
        self._exact: dict[str, list[Entry]] = {}
        self._known: dict[tuple[object, ...], Fit] = {}
        for each in entries:
            found = each.destination
            if not isinstance(found, Host):
                self._others.append(each)
                continue
            self._hosts.append(each)
            if each.is_wildcard:
                self._wildcards.append(each)
            else:
                self._exact.setdefault(found.pattern.text, []).append(each)

    def of(self, sighting: Sighting) -> dict[Entry, Fit]:
        """Each entry that it is of, or may be of."""
        named = self._named(sighting)
        looked_at = self._hosts if _may_have_more(sighting) else named
        alike = _but_for_names(sighting)
        found = {}
        for each in (*self._others, *looked_at):
            names = named.get(each, ())
            key = each, bool(names), alike
            fit = self._known.get(key)
            if fit is None:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                fit = self._known[key] = each.fit_of(sighting, names)
            if fit is not Fit.NO:
                found[each] = fit
        return found

    def _named(self, sighting: Sighting) -> dict[Entry, tuple[str, ...]]:
        """Entries that mean one of its names, each with those."""
        near = [entry for name in sighting.names for entry in self._exact.get(name, ())]
        found = {each: each.names_of(sighting) for each in (*near, *self._wildcards)}
        return {each: names for each, names in found.items() if names}


def _but_for_names(sighting: Sighting) -> tuple[object, ...]:
    """What flows of a sighting are made of, without its names."""
    return (
        sighting.origin, bool(sighting.names), sighting.names_cut, sighting.address,
        sighting.entity, sighting.namespace, sighting.labels, sighting.protocol, sighting.port,
    )  # fmt: skip


def entries_of(target: Target, traits: Traits, *, everyone: bool = False) -> tuple[Entry, ...]:
    """Every destination of the team's rules on a target, in the order of the values.

    With `everyone` also those of the platform's rules for all.
    """
    rules = (*target.rules, *target.everyone) if everyone else target.rules
    return tuple(
        Entry(target=target, rule=rule, destination=each, shown=shown_of(each), traits=traits)
        for rule in rules
        for each in rule.destinations
    )


def shown_of(destination: Destination) -> str:
    """A destination as the values have it, on one line."""
    match destination:
        case Host(pattern=pattern):
            return pattern.text
        case AddressRange(cidr=cidr):
            return str(cidr)
        case Pods(labels=labels):
            chosen = ",".join(f"{key}={value}" for key, value in labels)
            return f"pods of {destination.where}" + (f" with {chosen}" if chosen else "")
        case Entity(kind=kind):
            return kind.value
