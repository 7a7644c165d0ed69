"""Questions of one pod, for engines whose rules know addresses and perhaps learnt names.

A connection to a name first looks the name up; only then it connects. What a single engine says of
one destination is its own, see `Asking.judge`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Generic, TypeVar

from transire.model.cluster import Pod
from transire.model.doubt import Doubt
from transire.model.manifests import ObjectRef
from transire.model.net import Network
from transire.model.place import Directory, Place
from transire.model.query import Ask, Caveat, Connect, Deciding, Decision, Source, Verdict

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


def public_samples(networks: Iterable[Network]) -> tuple[IPv4Address, ...] | None:
    """One public IPv4 address of each region that these ranges tell apart; None if too many."""
    edges = {0}
    for each in (*_SPECIAL, *networks):
        if isinstance(each, IPv4Network):
            edges |= {int(each.network_address), int(each.broadcast_address) + 1}
    if len(edges) > _MOST_SAMPLES:
        return None
    starts = (IPv4Address(each) for each in sorted(edges) if each < 1 << 32)
    return tuple(ip for ip in starts if not any(ip in each for each in _SPECIAL))


def unjudgeable(doubt: Doubt) -> Decision:
    """The decision that a doubt leaves; a doubt about the question itself has no object."""
    if not doubt.object.kind:
        return Decision(verdict=Verdict.UNJUDGEABLE, reason=doubt.why)
    return Decision(
        verdict=Verdict.UNJUDGEABLE,
        reason=f"{doubt.object}: {doubt.key}: {doubt.why}",
        decided_by=Deciding(object=doubt.object, rule=doubt.key),
    )


def unclear(why: str) -> Decision:
    """The decision on a question that cannot be answered, whatever the objects say."""
    return unjudgeable(Doubt(object=ObjectRef(kind=""), key="", why=why))


@dataclass(slots=True)
class Asking(ABC, Generic[End]):
    """Answers for one source pod; what was found out about destinations is kept, bounded."""

    directory: Directory
    source: Source
    pod: Pod | None
    """The source in the cluster, or None where the question only describes it."""
    samples: tuple[IPv4Address, ...] | None
    learns: bool = False
    """Whether rules may know the names that were looked up."""
    ends: dict[object, tuple[End | None, Decision | None]] = field(default_factory=dict)
    lookups: dict[tuple[str, int], Decision] = field(default_factory=dict)
    marked: dict[tuple[int, tuple[str, ...]], tuple[Decision, Decision]] = field(
        default_factory=dict
    )

    @abstractmethod
    def end(self, place: Place, learnt: str) -> End:
        """A destination as the engine sees it; `learnt` is a name that was looked up for it."""

    @abstractmethod
    def judge(self, to: End, protocol: str, port: int) -> Decision:
        """The verdict for a destination."""

    def decide(self, what: Ask | Connect) -> Decision:
        """The verdict for one flow.

        Raises:
            NotFoundError: if the question names something that the cluster does not have.
        """
        if isinstance(what, Ask):
            return self._asked(what.dns_server, what.port, what.protocol)
        if not what.host:
            return self._reached(what)
        lookup = self._lookup(what.dns_server, what.dns_port)
        if lookup.verdict is not Verdict.ALLOW:
            return lookup
        found = self._reached(what)
        known = what.ip or what.pod or what.node or what.peer_namespace
        more = (ADDRESS_ONLY,) if known else (ADDRESS_ONLY, ASSUMED_ADDRESS)
        if self.learns and not self._is_trusted(what.dns_server):
            more = (UNTRUSTED_RESOLVER, *more)
        return self._mark(found, (*lookup.caveats, *more))

    def _mark(self, decision: Decision, caveats: tuple[Caveat, ...]) -> Decision:
        """The decision with further caveats; one that counted a name does not get all of them."""
        if decision.verdict is Verdict.UNJUDGEABLE:
            return decision
        fresh = tuple(each for each in caveats if not (each is ADDRESS_ONLY and decision.caveats))
        key = id(decision), tuple(each.id for each in fresh)
        found = self.marked.get(key)
        if found is None:
            if len(self.marked) >= _CACHED:
                self.marked.clear()
            more = Decision(
                verdict=decision.verdict,
                reason=decision.reason,
                decided_by=decision.decided_by,
                caveats=(*decision.caveats, *fresh),
            )
            found = self.marked[key] = decision, more
        return found[1]

    def _lookup(self, server: str, port: int) -> Decision:
        key = server, port
        found = self.lookups.get(key)
        if found is None:
            asked = self._asked(server, port, "UDP")
            found = self.lookups[key] = Decision(
                verdict=asked.verdict,
                reason=f"looking the name up: {asked.reason}",
                decided_by=asked.decided_by,
                caveats=asked.caveats,
            )
        return found

    def _asked(self, server: str, port: int, protocol: str) -> Decision:
        place = self.directory.resolver(server)
        if place.pod is not None and place.pod is self.pod:
            return ITSELF
        decision = self.judge(self.end(place, ""), protocol, port)
        return self._mark(decision, (ASSUMED_RESOLVER,)) if place.assumed else decision

    def _reached(self, what: Connect) -> Decision:
        key = what.ip, what.host, what.pod, what.node, what.dns_server
        found = None if what.peer_namespace else self.ends.get(key)
        if found is None:
            found = self._find(what)
            if len(self.ends) >= _CACHED:
                self.ends.clear()
            self.ends[key] = found
        end, decision = found
        if decision is not None or end is None:
            return decision or ITSELF
        decision = self.judge(end, what.protocol, what.port)
        described = what.ip or what.pod or what.node or what.peer_namespace
        if decision.verdict is Verdict.UNJUDGEABLE and not described:
            return self._anywhere(what, decision)
        return decision

    def _find(self, what: Connect) -> tuple[End | None, Decision | None]:
        place = self.directory.destination(what)
        if place.pod is not None and place.pod is self.pod:
            return None, ITSELF
        return self.end(place, self._learnt(what)), None

    def _learnt(self, what: Connect) -> str:
        return what.host if self.learns and self._is_trusted(what.dns_server) else ""

    def _is_trusted(self, server: str) -> bool:
        """By default names are learnt from the cluster's own resolver alone."""
        return not server or self.directory.resolver(server) == self.directory.resolver("")

    def _anywhere(self, what: Connect, doubtful: Decision) -> Decision:
        """A verdict for a name whose address is not known, if all public ones have the same."""
        learnt = self._learnt(what)
        found: Decision | None = None
        for ip in self.samples or ():
            decision = self.judge(self.end(Place(ip=ip), learnt), what.protocol, what.port)
            if found is not None and decision.verdict is not found.verdict:
                return doubtful
            found = decision
        return found or doubtful
