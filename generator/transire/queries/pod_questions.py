"""Queries about one pod, for engines whose rules know addresses and perhaps learnt names.

A connection to a name first looks the name up; only then it connects. How a single engine judges
one destination is its own, see `PodQuestions.judge`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network
from typing import Generic, TypeVar

from transire.k8s.manifests import ObjectRef
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import Address, Network
from transire.queries.assumed_facts import AssumedFacts
from transire.queries.cluster_state import Pod
from transire.queries.directory import Directory, Place, number_of
from transire.queries.query import Caveat, Connection, Deciding, Decision, DnsQuery, Source, Verdict
from transire.queries.typed_addresses import caveats_on
from transire.queries.with_caveats import WithCaveats

ASSUMED_ADDRESS = Caveat(
    id="assumed-address", text="the name is taken to resolve to some public IPv4 address"
)
ASSUMED_RESOLVER = Caveat(
    id="assumed-resolver",
    text="the resolver is taken to be CoreDNS in kube-system, labelled k8s-app=kube-dns",
)
ADDRESS_ONLY = Caveat(
    id="address-not-name",
    text="nothing here knows the name: the verdict holds for its address, whoever else is there",
)
UNTRUSTED_RESOLVER = Caveat(
    id="untrusted-resolver",
    text="answers of this resolver are not learnt unless dnsTrustedServers names it",
)
LEARNT_BEFORE = Caveat(
    id="learnt-before",
    text="an earlier lookup on the node may still let the address in for another name",
)
ITSELF = Decision(verdict=Verdict.ALLOW, reason="a pod always reaches itself")

_CACHED = 65536
_MOST_SAMPLES = 4096
_SPECIAL = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    )
)  # fmt: skip
"""Ranges in which no public IPv4 address lies (IANA special-purpose registry)."""

End = TypeVar("End")
"""A destination as the engine sees it."""


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions that some ranges cut all addresses into; no range divides one."""

    edges: tuple[int, ...]
    """The first number of each region, by `number_of`."""
    samples: tuple[IPv4Address, ...] | None
    """A public IPv4 address of each region that has one; None if there are too many."""

    @classmethod
    def of(cls, networks: Iterable[Network]) -> Regions:
        """The regions of these ranges."""
        edges = {0, 1 << 32, 1 << 128}
        for each in networks:
            first = number_of(each.network_address)
            edges |= {first, first + each.num_addresses}
        public = edges | {
            edge
            for each in _SPECIAL
            for edge in (int(each.network_address), int(each.broadcast_address) + 1)
        }
        starts = sorted(each for each in public if each < 1 << 32)
        few = len(starts) <= _MOST_SAMPLES
        samples = (IPv4Address(each) for each in starts) if few else ()
        found = tuple(ip for ip in samples if not any(ip in each for each in _SPECIAL))
        return cls(edges=tuple(sorted(edges)), samples=found if few else None)

    def region(self, number: int) -> int:
        """Which region holds the address."""
        return bisect_right(self.edges, number)


def unjudgeable(doubt: Unmodelled) -> Decision:
    """The decision that a doubt leaves; a doubt about the query itself has no object."""
    if not doubt.object.kind:
        return Decision(verdict=Verdict.UNJUDGEABLE, reason=doubt.why)
    return Decision(
        verdict=Verdict.UNJUDGEABLE,
        reason=f"{doubt.object}: {doubt.key}: {doubt.why}",
        decided_by=Deciding(object=doubt.object, rule=doubt.key),
    )


def unclear(why: str) -> Decision:
    """The decision on a query that cannot be judged, whatever the objects hold."""
    return unjudgeable(Unmodelled(object=ObjectRef(kind=""), key="", why=why))


def _is_described(what: Connection) -> bool:
    """Whether the query holds more than a name of where the connection goes."""
    return bool(what.ip or what.pod or what.node or what.peer_namespace or what.peer_reserved)


@dataclass(slots=True)
class PodQuestions(ABC, Generic[End]):
    """Decides queries of one source pod; what was found out about destinations is kept, bounded."""

    directory: Directory
    source: Source
    pod: Pod | None
    """The source in the cluster, or None where the query only describes it."""
    regions: Regions
    facts: AssumedFacts | None = None
    """What is assumed of pods that are only described."""
    learns: bool = False
    """Whether rules may know the names that were looked up."""
    ends: dict[object, tuple[End | None, Decision | None]] = field(default_factory=dict)
    judged: dict[tuple[int, str, int], tuple[End, Decision]] = field(default_factory=dict)
    """Verdicts for destinations, by which object the destination is, protocol and port."""
    lookups: dict[tuple[str, int], Decision] = field(default_factory=dict)
    anywhere: dict[tuple[str, str, int], Decision] = field(default_factory=dict)
    """Decisions for names whose address is not known, by what is learnt, protocol and port."""
    described: dict[tuple[str, frozenset[tuple[str, str]], str, int], Decision] = field(
        default_factory=dict
    )
    """Decisions for pods that are described by labels."""
    named: dict[tuple[int, object], tuple[Decision, Decision]] = field(default_factory=dict)
    """Decisions before and after what names add to them, by decision and resolver."""
    made: WithCaveats = field(default_factory=WithCaveats)
    trusted: dict[str, bool] = field(default_factory=dict)
    """Whether names are learnt of a resolver, by its name or address."""

    @abstractmethod
    def end(self, place: Place, learnt: str) -> End:
        """A destination as the engine sees it; `learnt` is a name that was looked up for it."""

    @property
    def is_governed(self) -> bool:
        """Whether any policy may select the pod, so that it matters where a flow goes."""
        return True

    @abstractmethod
    def judge(self, to: End, protocol: str, port: int) -> Decision:
        """The verdict for a destination."""

    def known_as(self, host: str) -> str:
        """A name that every rule treats like this one; empty where none knows it."""
        del host
        return ""

    def decide(self, what: DnsQuery | Connection) -> Decision:
        """The verdict for one flow.

        Raises:
            NotFoundError: if the query names something that the cluster does not have.
        """
        if isinstance(what, DnsQuery):
            return self._reaches_resolver(what.dns_server, what.port, what.protocol)
        if not what.host:
            return self._unless_learnt_before(what, self._reached(what))
        lookup = self._lookup(what.dns_server, what.dns_port)
        if lookup.verdict is not Verdict.ALLOW:
            return lookup
        found = self._reached(what)
        if found.verdict is Verdict.UNJUDGEABLE:
            return found
        key = id(found), (what.dns_server, what.dns_port, _is_described(what))
        named = self.named.get(key)
        if named is None:
            caveats = (*lookup.caveats, *self._named_caveats(what, found))
            if len(self.named) >= _CACHED:
                self.named.clear()
            named = self.named[key] = found, self.made.of(found, caveats)
        return self._unless_learnt_before(what, named[1])

    def _unless_learnt_before(self, what: Connection, found: Decision) -> Decision:
        """The decision, with a caveat where an earlier lookup may have opened the address."""
        if found.verdict is not Verdict.DENY or not self.learns:
            return found
        names = (each.host for each in what.prior_lookups if each.ip == what.ip)
        if not any(map(self.known_as, names)):
            return found
        return self.made.of(found, (LEARNT_BEFORE,))

    def _named_caveats(self, what: Connection, found: Decision) -> tuple[Caveat, ...]:
        """The caveats where a name was looked up before."""
        untrusted = self.learns and not self._is_trusted(what.dns_server)
        wanted = (
            (UNTRUSTED_RESOLVER, untrusted),
            (ADDRESS_ONLY, not found.caveats),
            (ASSUMED_ADDRESS, not _is_described(what)),
        )
        return tuple(caveat for caveat, applies in wanted if applies)

    def _lookup(self, server: str, port: int) -> Decision:
        key = server, port
        found = self.lookups.get(key)
        if found is None:
            decision = self._reaches_resolver(server, port, "UDP")
            found = self.lookups[key] = Decision(
                verdict=decision.verdict,
                reason=f"looking the name up: {decision.reason}",
                decided_by=decision.decided_by,
                caveats=decision.caveats,
            )
        return found

    def _reaches_resolver(self, server: str, port: int, protocol: str) -> Decision:
        place = self.directory.resolver(server)
        if place.pod is not None and place.pod is self.pod:
            return ITSELF
        decision = self.judge(self.end(place, ""), protocol, port)
        if place.ip is not None and place.pod is None and place.node is None:
            return self._about_address(place.ip, decision)
        return self._marked(decision, (ASSUMED_RESOLVER,)) if place.assumed else decision

    def _reached(self, what: Connection) -> Decision:
        if what.peer_namespace and self.directory.cluster.pods:
            return self._described(what)
        return self._one_reached(what)

    def _described(self, what: Connection) -> Decision:
        """The verdict for a pod that labels describe: that of the pods that the cluster has."""
        labels = frozenset((what.peer_labels or {}).items())
        key = what.peer_namespace, labels, what.protocol, what.port
        found = self.described.get(key)
        if found is None:
            if len(self.described) >= _CACHED:
                self.described.clear()
            found = self.described[key] = self._all_fitting(what)
        return found

    def _all_fitting(self, what: Connection) -> Decision:
        first: tuple[str, Decision] | None = None
        for name in self.directory.fitting(what):
            one = replace(what, peer_namespace="", peer_labels=None, pod=name)
            decision = self._one_reached(one)
            if first is None:
                first = name, decision
            elif decision.verdict is not first[1].verdict:
                return unclear(
                    f"of the pods that fit, {first[0]} gets the verdict {first[1].verdict} and "
                    f"{name} {decision.verdict}"
                )
        return self._one_reached(what) if first is None else first[1]

    def _one_reached(self, what: Connection) -> Decision:
        end, decision = self._end_of(what)
        if decision is not None or end is None:
            return decision or ITSELF
        key = id(end), what.protocol, what.port
        judged = self.judged.get(key)
        if judged is None:
            if len(self.judged) >= _CACHED:
                self.judged.clear()
            judged = self.judged[key] = end, self.judge(end, what.protocol, what.port)
        decision = self._with_address(what, judged[1])
        if decision.verdict is Verdict.UNJUDGEABLE and not _is_described(what):
            return self._anywhere(what, decision)
        return decision

    def _with_address(self, what: Connection, found: Decision) -> Decision:
        """The decision, with what to know of an address that nothing which is given has."""
        if what.peer_namespace and self.facts is not None and what.ip is None:
            assumed = self.facts.of(what.peer_namespace, account=True)
            return self._marked(found, assumed) if self.is_governed else found
        if what.ip is None or what.peer_reserved or what.pod or what.node:
            return found
        return self._about_address(what.ip, found)

    def _about_address(self, ip: Address, found: Decision) -> Decision:
        """The decision, with what to know of the address where nothing which is given has it."""
        if not self.is_governed or number_of(ip) in self.directory.places:
            return found
        caveats = caveats_on(ip, self.directory.cluster, ranges_mean_inside=True)
        return self._marked(found, caveats) if caveats else found

    def _marked(self, found: Decision, caveats: tuple[Caveat, ...]) -> Decision:
        """The decision with these caveats behind its own, where there is a verdict."""
        return found if found.verdict is Verdict.UNJUDGEABLE else self.made.of(found, caveats)

    def _end_of(self, what: Connection) -> tuple[End | None, Decision | None]:
        """The destination, or the decision where there is nothing to judge about it."""
        learnt = self._learnt(what)
        key = self._where(what), learnt, what.pod, what.node, what.peer_reserved
        found = None if what.peer_namespace else self.ends.get(key)
        if found is None:
            place = self.directory.destination(what)
            if place.pod is not None and place.pod is self.pod:
                found = None, ITSELF
            else:
                found = self.end(place, learnt), None
            if len(self.ends) >= _CACHED:
                self.ends.clear()
            if not what.peer_namespace:
                self.ends[key] = found
        return found

    def _where(self, what: Connection) -> tuple[bool, int]:
        """An address inside, or the region of one outside; such are alike to every rule."""
        if what.ip is None:
            return False, -1
        number = number_of(what.ip)
        if number in self.directory.places:
            return True, number
        return False, self.regions.region(number)

    def _learnt(self, what: Connection) -> str:
        """The name or one like it, where rules know it and the resolver's responses are learnt."""
        if what.host and self.learns and self._is_trusted(what.dns_server):
            return self.known_as(what.host)
        return ""

    def _is_trusted(self, server: str) -> bool:
        """By default names are learnt from the cluster's own resolver alone."""
        found = self.trusted.get(server)
        if found is None:
            if len(self.trusted) >= _CACHED:
                self.trusted.clear()
            same = not server or self.directory.resolver(server) == self.directory.resolver("")
            found = self.trusted[server] = same
        return found

    def _anywhere(self, what: Connection, doubtful: Decision) -> Decision:
        """A verdict for a name whose address is not known, if all public ones have the same."""
        key = self._learnt(what), what.protocol, what.port
        found = self.anywhere.get(key)
        if found is None:
            if len(self.anywhere) >= _CACHED:
                self.anywhere.clear()
            found = self.anywhere[key] = self._in_all_regions(key, doubtful)
        return found

    def _in_all_regions(self, key: tuple[str, str, int], doubtful: Decision) -> Decision:
        learnt, protocol, port = key
        found: Decision | None = None
        for ip in self.regions.samples or ():
            decision = self.judge(self.end(Place(ip=ip), learnt), protocol, port)
            if found is not None and decision.verdict is not found.verdict:
                return doubtful
            found = decision
        return found or doubtful
