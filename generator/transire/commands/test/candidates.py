"""What to expect of a team's rules: each entry, and what has to stay closed beside it.

Nothing here is a verdict. Every candidate is judged on its targets before it is written, and those
that the policies do not bear out are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from transire.commands.test.neighbours import (
    example_port,
    other_address,
    other_names,
    other_port,
    some_address,
)
from transire.commands.test.some_pods import SomePod, pod_of, pods_beside
from transire.engines.registry import engine_of
from transire.meaning.public_resolvers import RESOLVERS
from transire.meaning.target import Target
from transire.model.destinations import AddressRange, Destination, Entity, Host, Pods
from transire.model.intent import Rule
from transire.model.net import Protocol

_SOME_IPV6 = ip_address("2001:db8::1")
"""An address for documentation (RFC 3849), which no entry means by name."""

_METADATA = ip_address("169.254.169.254")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A flow of some targets, and what it stands for."""

    origin: str
    destination: str
    stands_for: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A flow that has to be open, and flows that have to be closed beside it where it is.

    `nearby` is about this destination, `elsewhere` about other pods and targets than the rule is
    for, which need be written once for a rule.
    """

    own: Candidate
    nearby: tuple[Candidate, ...]
    elsewhere: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What belongs together, with a title for people.

    `closed` has to be closed whatever is open. `clusters` are those that have the namespace.
    `unwritten` are destinations that the notation of queries cannot name.
    """

    title: str
    clusters: frozenset[str]
    entries: tuple[Entry, ...] = ()
    closed: tuple[Candidate, ...] = ()
    unwritten: tuple[str, ...] = ()


def groups_of(targets: Sequence[Target]) -> Iterator[Group]:
    """The candidates of a team's targets: by namespace, then by rule, then those of no rule."""
    by_namespace: dict[str, list[Target]] = {}
    for target in targets:
        by_namespace.setdefault(target.namespace, []).append(target)
    for namespace, here in sorted(by_namespace.items()):
        rules = {rule.name: rule for target in here for rule in target.rules}
        for _, rule in sorted(rules.items()):
            yield _of_rule(namespace, rule, here)
        yield Group(
            title=f"{namespace}: what no entry opens",
            closed=tuple(_of_namespace(namespace, tuple(rules.values()), tuple(here))),
            clusters=_clusters(here),
        )


def _clusters(targets: Sequence[Target]) -> frozenset[str]:
    return frozenset(each.cluster.name for each in targets)


def _of_rule(namespace: str, rule: Rule, here: Sequence[Target]) -> Group:
    found: list[Entry] = []
    unwritten: list[str] = []
    for selector in rule.sources:
        side = _Side(
            rule=rule,
            pod=pod_of(selector),
            namespace=namespace,
            holds=tuple(each for each in here if rule in each.rules),
            rest=tuple(each for each in here if rule not in each.rules),
        )
        for destination in rule.destinations:
            entries = tuple(side.entries(destination))
            found += entries
            if not entries:
                unwritten.append(f"{rule.name}: pods by labels of their namespaces")
    return Group(
        title=f"{namespace}, {rule.name}: {rule.reason}",
        entries=tuple(found),
        clusters=_clusters(here),
        unwritten=tuple(dict.fromkeys(unwritten)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One kind of pod of a rule, the targets where the rule holds, and the rest of them."""

    rule: Rule
    pod: SomePod
    namespace: str
    holds: tuple[Target, ...]
    rest: tuple[Target, ...]

    def entries(self, destination: Destination) -> Iterator[Entry]:
        """The destination on the first port of each of its ranges; none where it has no words."""
        ports = tuple(destination.ports or self.rule.ports)
        another = other_port(ports)
        for place, each in enumerate(ports):
            port = example_port(each)
            written = _to(destination, port, self.holds)
            if not written:
                return
            others = [(_to(one, port, self.holds), what) for one, what in _neighbours(destination)]
            if another is not None and place == 0:
                others.append((_to(destination, another, self.holds), "another port"))
            name = self.rule.name
            nearby = ((text, f"{what} than {name} has") for text, what in others if text)
            yield Entry(
                own=self._candidate(written, f"entry of {name}"),
                nearby=tuple(self._candidate(*one) for one in nearby),
                elsewhere=tuple(self._elsewhere(written)),
            )

    def _candidate(self, destination: str, stands_for: str) -> Candidate:
        return Candidate(
            origin=self.pod.text(self.namespace),
            destination=destination,
            stands_for=stands_for,
            targets=self.holds,
        )

    def _elsewhere(self, destination: str) -> Iterator[Candidate]:
        """The entry from pods for which its rule is not, and where its rule does not hold."""
        name, here = self.rule.name, self._candidate(destination, "")
        for other in pods_beside(self.pod, self.rule.sources):
            stands_for = f"another pod than those of {name}"
            yield replace(here, origin=other.text(self.namespace), stands_for=stands_for)
        if self.rest:
            yield replace(here, stands_for=f"{name} does not hold here", targets=self.rest)


def _neighbours(destination: Destination) -> Iterator[tuple[Destination | str, str]]:
    match destination:
        case Host():
            for name in other_names(destination.pattern):
                yield name, "another name"
        case AddressRange():
            beside = other_address(destination.cidr)
            if beside is not None:
                yield AddressRange(cidr=beside), "another address"
        case Pods() if destination.labels:
            others = Pods(namespace=destination.namespace, cluster=destination.cluster)
            yield others, "another pod"
        case Pods() if destination.namespace:
            place = f"not-{destination.namespace}"[:63].rstrip("-")
            yield Pods(namespace=place, cluster=destination.cluster), "another namespace"
        case _:
            return


def _of_namespace(
    namespace: str, rules: Sequence[Rule], targets: tuple[Target, ...]
) -> Iterator[Candidate]:
    """What pods of every kind are kept from: IPv6 addresses, public resolvers, metadata."""
    selectors = [each for rule in rules for each in rule.sources]
    origins = dict.fromkeys([namespace, *(pod_of(each).text(namespace) for each in selectors)])
    resolver = next(each for each in RESOLVERS[0].addresses if each.version == 4)[0]  # noqa: PLR2004
    kept = (
        (f"[{_SOME_IPV6}]:443", "IPv6, where names answer with both families"),
        (f"{resolver}:53/UDP", "a public resolver"),
        (f"{resolver}:443", "a public resolver over HTTPS"),
        (f"{_METADATA}:80", "credentials of the machine"),
    )
    for origin in origins:
        for destination, what in kept:
            yield Candidate(
                origin=origin,
                destination=destination,
                stands_for=what,
                targets=targets,
            )


def _to(destination: Destination | str, port: tuple[int, str], targets: tuple[Target, ...]) -> str:
    """The destination in the notation of queries; empty where that has no words for it."""
    number, protocol = port
    match destination:
        case str():
            where = destination
        case Host():
            where = destination.pattern.example()
        case AddressRange():
            address = some_address(destination.cidr)
            where = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
            if protocol == Protocol.ICMP and address.version == 6:  # noqa: PLR2004
                number, protocol = 128, "ICMPv6"
        case Pods():
            where = _pods(destination, targets)
        case Entity():
            where = f"entity:{destination.kind}"
    ending = "" if protocol == Protocol.TCP else f"/{protocol}"
    return f"{where}:{number}{ending}" if where else ""


def _pods(pods: Pods, targets: tuple[Target, ...]) -> str:
    if not pods.namespace:
        return ""
    labels = dict(pods.labels)
    if pods.cluster and targets:
        cluster = targets[0].cluster
        labels[engine_of(cluster.release).traits(cluster).cluster_label] = pods.cluster
    return f"pod:{SomePod(labels=labels).text(pods.namespace)}"
