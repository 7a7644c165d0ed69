"""Nothing wider: of what values would allow, only what the objects allow is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from transire.flows.address_set import AddressSet
from transire.flows.diagrams.axes import Axis
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.meaning.meaning import rule_flows
from transire.meaning.port_sets import port_set
from transire.meaning.source_pods import pods_of
from transire.meaning.target import Target
from transire.model.destinations import AddressRange
from transire.model.engine import Traits
from transire.model.intent import Rule
from transire.model.pod_selector import PodSelector
from transire.review.migration.candidates import Candidate, LeftOut

_OTHER_PROTOCOLS = (
    "the rule leaves protocols open, and values have TCP, UDP, SCTP and echo requests alone"
)
_NEVER = (
    "ranges of values never open addresses of the cluster itself, and those where clouds hand out "
    "credentials"
)
_MOST_DIVIDERS = 8
"""Policies whose pods are told apart, and alternatives that this may come to."""
_MOST_RANGES = 64
"""Ranges that one range may be cut into."""


_Divided = Sequence[tuple[PodSelector, Candidate]]
"""Pods of other policies, and a candidate for those of its pods that are among them."""


@dataclass(frozen=True, kw_only=True)
class Sieve:
    """One namespace: what its objects allow, and what may exist there."""

    target: Target
    traits: Traits
    old: FlowSet
    scope: FlowSet
    others: tuple[PodSelector, ...] = ()
    """The pods that policies of the namespace are for, none of them all pods."""
    known: dict[Candidate, FlowSet] = field(default_factory=dict)

    def flows(self, candidate: Candidate) -> FlowSet:
        """What the candidate would allow by itself."""
        if candidate not in self.known:
            rule = Rule(
                name="candidate",
                reason="",
                destinations=(candidate.destination,),
                ports=candidate.ports,
                source="",
                sources=candidate.sources,
            )
            target = replace(self.target, rules=(rule,))
            self.known[candidate] = rule_flows(target, self.traits, rule) & self.scope
        return self.known[candidate]

    def kept(self, candidate: Candidate) -> Iterator[Candidate | LeftOut]:
        """The candidate, as much of it as is allowed, and what is lost of what was."""
        flows = self.flows(candidate)
        if not flows:
            yield candidate.left_out("a rule for it allows nothing on this cluster")
            return
        yield from self._without_words(candidate, flows)
        if flows <= self.old:
            yield candidate
            return
        parts = self._without_holes(candidate) or list(self._parts(candidate))
        yield from parts
        own = flows - flows.restrict(addresses=AddressSet.nets(candidate.without))
        lost = (own & self.old) - FlowSet.union(map(self.flows, parts))
        if lost:
            why = "a rule would allow more than the objects do"
            if candidate.demands:
                why = f"{candidate.demands}, which values do not, so that {why}"
            yield candidate.left_out(why, lost, (flows - self.old).witness())
        elif not parts and not flows & self.old:
            yield candidate.left_out("the objects together allow nothing of it")

    def _without_holes(self, candidate: Candidate) -> list[Candidate]:
        """The range cut as the rule leaves parts out; nothing if that is too much as well."""
        destination = candidate.destination
        if not candidate.without or not isinstance(destination, AddressRange):
            return []
        left = AddressSet.nets([destination.cidr]) - AddressSet.nets(candidate.without)
        parts = [replace(candidate, destination=each) for each in _ranges(left)]
        return parts if all(self.flows(each) <= self.old for each in parts) else []

    def _without_words(self, candidate: Candidate, flows: FlowSet) -> Iterator[LeftOut]:
        """What the objects allow of the rule and values cannot write."""
        if candidate.every_port:
            others = flows.project_out(Axis.PROTOCOL, Axis.PORT) & self.scope & self.old
            if not others <= flows:
                yield candidate.left_out(_OTHER_PROTOCOLS, others - flows)
        destination = candidate.destination
        if isinstance(destination, AddressRange):
            reached = FlowSet.reach(
                source=pods_of(candidate.sources),
                peer=Peer.outside() if self.traits.by_identity else Peer.everything(),
                ports=port_set(candidate.ports),
                addresses=AddressSet.nets([destination.cidr]) - AddressSet.nets(candidate.without),
            )
            never = (reached & self.scope & self.old) - flows
            if never:
                yield candidate.left_out(_NEVER, never)

    def _parts(self, candidate: Candidate) -> Iterator[Candidate]:
        """What is allowed of it: by sources, then by ports, then by addresses."""
        if len(candidate.sources) > 1:
            for each in candidate.sources:
                yield from self._whole_or_parts(replace(candidate, sources=(each,)))
            return
        left, wrong = self._divided(candidate)
        if left is None:
            yield from self._of_source(candidate)
            return
        yield left
        for part in wrong:
            yield from self._of_source(part)

    def _divided(self, candidate: Candidate) -> tuple[Candidate | None, tuple[Candidate, ...]]:
        """The candidate without the pods of other policies for which it is too much, and for those.

        None where there are no such pods, or it is too much without them as well.
        """
        (source,) = candidate.sources
        wrong = (self.flows(candidate) - self.old).sources()
        found = []
        for other in self.others:
            if pods_of((other,)).is_disjoint(wrong):
                continue
            both = source.joined(other)
            part = replace(candidate, sources=(both,))
            if both != source and self.flows(part) and not self.flows(part) <= self.old:
                found.append((other, part))
        if not found or len(found) > _MOST_DIVIDERS:
            return None, ()
        for each in list(found):
            fewer = [one for one in found if one is not each]
            if self._rest(candidate, source, fewer) is not None:
                found = fewer
        return self._rest(candidate, source, found), tuple(part for _, part in found)

    def _rest(self, candidate: Candidate, source: PodSelector, found: _Divided) -> Candidate | None:
        """The candidate without some other pods, if it is not too much then."""
        rest: tuple[PodSelector, ...] = (source,)
        for other, _ in found:
            rest = tuple(each for one in rest for each in one.without(other))
            if not rest or len(rest) > _MOST_DIVIDERS:
                return None
        left = replace(candidate, sources=tuple(sorted(set(rest))))
        return left if found and self.flows(left) <= self.old else None

    def _of_source(self, candidate: Candidate) -> Iterator[Candidate]:
        """What is allowed of it by ports, then by addresses."""
        if len(candidate.ports) > 1:
            good = [
                port
                for port in candidate.ports
                if self.flows(replace(candidate, ports=(port,))) <= self.old
            ]
            if good:
                yield replace(candidate, ports=tuple(good))
            for port in candidate.ports:
                if port not in good:
                    yield from self._by_address(replace(candidate, ports=(port,)))
        else:
            yield from self._by_address(candidate)

    def _whole_or_parts(self, candidate: Candidate) -> Iterator[Candidate]:
        if self.flows(candidate) <= self.old:
            yield candidate
        else:
            yield from self._parts(candidate)

    def _by_address(self, candidate: Candidate) -> Iterator[Candidate]:
        destination = candidate.destination
        if not isinstance(destination, AddressRange):
            return
        whole, without = AddressSet.nets([destination.cidr]), AddressSet.nets(candidate.without)
        own = AddressSet.nets(self.target.cluster.network.own)
        for range_ in _ranges(whole - without):
            part = replace(candidate, destination=range_)
            flows = self.flows(part)
            if flows <= self.old:
                yield part
                continue
            wrong = (flows - self.old).addresses() | own
            left = _ranges(AddressSet.nets([range_.cidr]) - wrong)
            for each in left if len(left) <= _MOST_RANGES else ():
                smaller = replace(candidate, destination=each)
                if self.flows(smaller) <= self.old:
                    yield smaller


def _ranges(addresses: AddressSet) -> list[AddressRange]:
    return [AddressRange(cidr=each) for each in addresses.networks()]
