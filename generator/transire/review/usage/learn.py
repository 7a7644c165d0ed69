"""What logs show that no entry allows, as rules that a team could add.

A rule has as its source labels that the workload alone has, the ports that were seen, and the names
that were; nothing is generalised unless that is asked for, and nothing holds where it was not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from transire.flowlogs.record import Outcome
from transire.flowlogs.times import latest
from transire.meaning.hosts import matches
from transire.meaning.public_suffixes import is_public_suffix
from transire.meaning.target import Target
from transire.model.engine import Traits
from transire.model.intent import Bundle
from transire.model.names import HostPattern, shorten
from transire.review.usage.audit import NOT_LOOKED_AT
from transire.review.usage.entries import Fit, Fits, entries_of
from transire.review.usage.places import Places
from transire.review.usage.sightings import Origin, Sighting, Sightings
from transire.review.usage.wording import day, number, times
from transire.review.usage.workload_labels import Labels, WorkloadLabels

_HTTPS = ((443, "TCP"),)
_WITH_PORTS = {"TCP", "UDP", "SCTP"}
FEWEST = 3
"""Names below one domain that a wildcard may stand for, where wildcards are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How a host was seen: how often, by how many workloads, when last, and how often denied."""

    host: str
    count: int
    denied: int
    workloads: int
    last: float | None
    names: tuple[str, ...] = ()
    """The names that a wildcard stands for."""

    @property
    def text(self) -> str:
        """As a comment: `seen 1,204 times by 3 workloads, last 2026-11-20`."""
        many = "1 workload" if self.workloads == 1 else f"{number(self.workloads)} workloads"
        refused = f", {number(self.denied)} of them denied" if self.denied else ""
        stands = f", for {', '.join(self.names)}" if self.names else ""
        return f"seen {times(self.count)} by {many}, last {day(self.last)}{refused}{stands}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntRule:
    """One rule for one team: from which pods, on which ports, to what, and where.

    `bundle` is the vetted set that covers all of its hosts, or empty. `targets` are those where it
    was seen.
    """

    team: str
    name: str
    labels: tuple[tuple[str, str], ...]
    ports: tuple[tuple[int, str], ...]
    hosts: tuple[Evidence, ...]
    targets: tuple[str, ...]
    bundle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """The proposals, and what was seen and is none: counts of connections by why."""

    proposals: tuple[LearntRule, ...]
    passed_over: Mapping[str, int]


@dataclass(slots=True)
class _Seen:
    count: int = 0
    denied: int = 0
    workloads: set[str] = field(default_factory=set)
    last: float | None = None


_Ports = tuple[tuple[int, str], ...]


class _Wish(NamedTuple):
    """A host that pods of a team reach for on one port."""

    team: str
    labels: Labels
    host: str
    port: tuple[int, str]


class _Host(NamedTuple):
    """A host that pods of a team reach for, and the targets where they do."""

    team: str
    labels: Labels
    host: str
    targets: tuple[str, ...]


class _Group(NamedTuple):
    """What one rule has in common."""

    team: str
    labels: Labels
    ports: _Ports
    targets: tuple[str, ...]
    bundle: str


def learn(
    places: Places,
    targets: Mapping[str, tuple[Target, Traits]],
    sightings: Sightings,
    bundles: Iterable[Bundle],
    *,
    wildcards: bool = False,
) -> Learnt:
    """Rules for what was seen of some targets and no entry allows."""
    reader = _Reader(targets)
    placed = places.placed(sightings.found())
    for target, each in placed.found:
        reader.know(target, each.origin)
    for target, each in placed.found:
        if target.name in targets:
            reader.add(target, each)
        else:
            reader.pass_over(NOT_LOOKED_AT, each.count)
    for count in placed.elsewhere.values():
        reader.pass_over("of no target", count)
    for count in placed.unplaced.values():
        reader.pass_over("of several clusters", count)
    for why, count in placed.foreign.items():
        reader.pass_over(why, count)
    known = list(bundles)
    return Learnt(
        proposals=tuple(reader.proposals(known, wildcards=wildcards)),
        passed_over=dict(sorted(reader.passed_over.items())),
    )


class _Reader:
    def __init__(self, targets: Mapping[str, tuple[Target, Traits]]) -> None:
        self.passed_over: Counter[str] = Counter()
        self._targets = targets
        self._fits: dict[str, Fits] = {}
        self._labels = WorkloadLabels()
        self._seen: dict[_Wish, dict[str, _Seen]] = {}

    def pass_over(self, why: str, count: int) -> None:
        """Flows of which nothing is proposed."""
        self.passed_over[why] += count

    def know(self, target: Target, origin: Origin) -> None:
        """A workload of a target, before anything is added."""
        self._labels.know(target, origin)

    def add(self, target: Target, each: Sighting) -> None:
        """A sighting of a target."""
        why = self._why_not(target, each)
        if why:
            self.pass_over(why, each.count)
            return
        names = [name for name in each.names if _is_outside(name, target)]
        if not names:
            self.pass_over("inside the cluster, or no host's name", each.count)
        for name in names:
            port = (each.port or 0, each.protocol)
            wish = _Wish(target.team, self._labels.of(target, each.origin), name, port)
            seen = self._seen.setdefault(wish, {}).setdefault(target.name, _Seen())
            seen.count += each.count
            seen.denied += each.count if each.outcome is Outcome.DENIED else 0
            seen.workloads.add(each.origin.shown)
            seen.last = latest((seen.last, each.last))

    def _why_not(self, target: Target, each: Sighting) -> str:
        if each.namespace:
            return "inside the cluster"
        if each.outcome is Outcome.DENIED and each.policies:
            return "denied by a rule, on purpose"
        if Fit.YES in self._known(target).of(each).values():
            return "allowed already"
        if not self._labels.of(target, each.origin):
            return "without labels of the pod"
        if not each.names:
            return "without a name"
        if each.port is None or each.protocol not in _WITH_PORTS:
            return "without a port"
        return ""

    def _known(self, target: Target) -> Fits:
        if target.name not in self._fits:
            _, traits = self._targets[target.name]
            self._fits[target.name] = Fits(entries_of(target, traits, everyone=True))
        return self._fits[target.name]

    def proposals(self, bundles: list[Bundle], *, wildcards: bool) -> Iterator[LearntRule]:
        """Rules by team: hosts together that have the same pods, ports and targets."""
        groups: dict[_Group, list[Evidence]] = {}
        for (team, labels, host, targets), seen in self._by_host():
            ports = tuple(sorted(seen))
            group = _Group(team, labels, ports, targets, _bundle_of(host, ports, bundles))
            groups.setdefault(group, []).append(_evidence(host, chain(*seen.values())))
        taken: Counter[tuple[str, str]] = Counter()
        for group, hosts in groups.items():
            name = group.bundle or _name(group.labels, group.ports)
            taken[group.team, name] += 1
            again = taken[group.team, name]
            yield LearntRule(
                team=group.team,
                name=shorten(name if again == 1 else f"{name}-{again}"),
                labels=group.labels,
                ports=group.ports,
                hosts=tuple(_generalised(hosts) if wildcards and not group.bundle else hosts),
                targets=group.targets,
                bundle=group.bundle,
            )

    def _by_host(self) -> list[tuple[_Host, dict[tuple[int, str], list[_Seen]]]]:
        """What was seen of each host by ports, apart for ports that other targets have."""
        found: dict[_Host, dict[tuple[int, str], list[_Seen]]] = {}
        for wish, by_target in self._seen.items():
            host = _Host(wish.team, wish.labels, wish.host, tuple(sorted(by_target)))
            found.setdefault(host, {}).setdefault(wish.port, []).extend(by_target.values())
        return sorted(found.items(), key=lambda each: each[0])


def _is_outside(name: str, target: Target) -> bool:
    """Whether a name is a host outside: no search name, and no name of the cluster."""
    domain = target.cluster.network.domain
    try:
        HostPattern.parse(name)
    except ValueError:
        return False
    return "." in name and not name.endswith((f".{domain}", ".svc", ".local"))


def _bundle_of(host: str, ports: tuple[tuple[int, str], ...], bundles: list[Bundle]) -> str:
    """The vetted set that has the host, where its ports are the usual one."""
    if ports != _HTTPS:
        return ""
    return next(
        (
            each.name
            for each in bundles
            if any(matches(listed.pattern, host) for listed in each.hosts)
        ),
        "",
    )


def _evidence(host: str, seen: Iterable[_Seen]) -> Evidence:
    found = list(seen)
    return Evidence(
        host=host,
        count=sum(each.count for each in found),
        denied=sum(each.denied for each in found),
        workloads=len(set().union(*(each.workloads for each in found))),
        last=latest(each.last for each in found),
    )


def _generalised(hosts: list[Evidence]) -> list[Evidence]:
    """One wildcard for several names right below one domain that strangers have no part of."""
    below: dict[str, list[Evidence]] = {}
    for each in hosts:
        below.setdefault(each.host.partition(".")[2], []).append(each)
    found: list[Evidence] = []
    for parent, those in below.items():
        if len(those) < FEWEST or is_public_suffix(parent) or "." not in parent:
            found += those
            continue
        found.append(
            Evidence(
                host=HostPattern.parse(f"*.{parent}").text,
                count=sum(each.count for each in those),
                denied=sum(each.denied for each in those),
                workloads=max(each.workloads for each in those),
                last=latest(each.last for each in those),
                names=tuple(each.host for each in those),
            )
        )
    return sorted(found, key=lambda each: each.host)


def _name(labels: tuple[tuple[str, str], ...], ports: tuple[tuple[int, str], ...]) -> str:
    """A rule's name: what the workload is, and its ports unless they are the usual one."""
    who = "-".join(value for _, value in labels) or "all-pods"
    what = "" if ports == _HTTPS else "-" + "-".join(str(port) for port, _ in ports)
    plain = "".join(each if each.isalnum() else "-" for each in who.lower())
    return f"learnt-{plain.strip('-')}{what}"
