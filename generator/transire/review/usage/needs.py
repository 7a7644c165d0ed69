"""Declared hosts against the allowlist: covered, missing, and listed without being declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.flowlogs.record import Outcome
from transire.flowlogs.scalars import is_address
from transire.meaning.target import Target
from transire.model.engine import Traits
from transire.review.usage.declared import Declarations, Declared
from transire.review.usage.entries import Entry, Fit, entries_of
from transire.review.usage.sightings import Origin, Sighting


class Cover(StrEnum):
    """How it stands with a host that a workload declares, on one target."""

    COVERED = "covered"
    OTHER_PORT = "another port"
    """Entries allow the host, and not on the declared port."""
    OTHER_PODS = "other pods"
    """Entries allow the host on that port, and not for this workload."""
    MISSING = "missing"
    NO_TARGET = "no target"
    """Nobody publishes to the namespace of the workload."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """One declared host on one target, and the rules that allow it, or come near."""

    declared: Declared
    target: Target | None
    cover: Cover
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Needs:
    """Every declared host, entries that nothing declares, and what could not be seen."""

    needs: tuple[Need, ...]
    undeclared: tuple[Entry, ...]
    unseen: tuple[str, ...]
    workloads: int

    @property
    def missing(self) -> tuple[Need, ...]:
        """Those that nothing allows as they are declared."""
        return tuple(each for each in self.needs if each.cover is not Cover.COVERED)


def needs_of(found: Declarations, targets: Mapping[str, tuple[Target, Traits]]) -> Needs:
    """The declared hosts held against the entries of the targets of their namespaces."""
    entries = {name: entries_of(target, traits) for name, (target, traits) in targets.items()}
    by_namespace: dict[str, list[Target]] = {}
    for target, _ in targets.values():
        by_namespace.setdefault(target.namespace, []).append(target)
    needs, declared = [], set()
    for each in found.hosts:
        places = by_namespace.get(each.workload.namespace)
        if not places:
            needs.append(Need(declared=each, target=None, cover=Cover.NO_TARGET))
        for target in places or ():
            cover, hit = _cover(each, entries[target.name])
            declared |= {id(entry) for entry in hit} if cover is Cover.COVERED else set()
            rules = tuple(dict.fromkeys(entry.rule.name for entry in hit))
            needs.append(Need(declared=each, target=target, cover=cover, rules=rules))
    looked = {each.workload.namespace for each in found.hosts} | {
        each.namespace for each in found.workloads
    }
    return Needs(
        needs=tuple(needs),
        undeclared=tuple(
            entry
            for those in entries.values()
            for entry in those
            if entry.is_host and entry.target.namespace in looked and id(entry) not in declared
        ),
        unseen=found.unseen,
        workloads=len(found.workloads),
    )


def _cover(declared: Declared, entries: Iterable[Entry]) -> tuple[Cover, list[Entry]]:
    named = not is_address(declared.named.host)
    known = [each for each in entries if each.is_host == named]
    for cover, sighting in (
        (Cover.COVERED, _sighting(declared)),
        (Cover.OTHER_PORT, _sighting(declared, port=False)),
        (Cover.OTHER_PODS, _sighting(declared, pods=False)),
        (Cover.OTHER_PORT, _sighting(declared, port=False, pods=False)),
    ):
        least = Fit.YES if cover is Cover.COVERED and declared.named.port is not None else Fit.MAYBE
        hit = [entry for entry in known if entry.fit(sighting) >= least]
        if hit:
            return cover, hit
    return Cover.MISSING, []


def _sighting(declared: Declared, *, port: bool = True, pods: bool = True) -> Sighting:
    """The connection that would be made; without a port or pods it may be on any, or of any."""
    workload, named = declared.workload, declared.named
    at_address = is_address(named.host)
    return Sighting(
        origin=Origin(
            namespace=workload.namespace,
            workload=workload.shown,
            account=workload.account if pods else "",
            labels=workload.labels if pods else None,
        ),
        names=() if at_address else (named.host,),
        names_cut=False,
        address=named.host if at_address else "",
        entity="",
        address_set="",
        namespace="",
        labels=None,
        protocol="TCP",
        port=named.port if port else None,
        outcome=Outcome.UNKNOWN,
        policies=(),
    )
