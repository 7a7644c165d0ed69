"""Verdicts on single flows, from the policy of one pod."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from transire.engines.cilium.objects.agent import Enforcement
from transire.engines.cilium.objects.identity import Identity, IdentityDirectory, IdentityKind
from transire.engines.cilium.objects.rules import Parser, Tier
from transire.engines.cilium.verdicts import reasons as wording
from transire.engines.cilium.verdicts.decisions import (
    allowed,
    by_default,
    lifted,
    other_server,
    proxy_missing,
    random_order,
    requested,
)
from transire.engines.cilium.verdicts.dns_proxy import Doubtful, Gate, Proxied, Unseen
from transire.engines.cilium.verdicts.endpoint import Endpoint
from transire.engines.cilium.verdicts.identities_of import IdentityFinder
from transire.engines.cilium.verdicts.policy_map import Candidate
from transire.engines.cilium.verdicts.slot import Slot, proxied_with
from transire.flows.port_set import Protocol
from transire.model.net import Address
from transire.queries.query import Caveat, Connection, Decision, DnsQuery, Lookup, Verdict
from transire.queries.with_caveats import WithCaveats

_MOST_GATES = 4096
_NDOTS = 5
"""Names with so many dots are queried as they are first."""
_NO_NAMES: frozenset[str] = frozenset()
_NOBODY: Mapping[str, Pod | None] = {}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pod:
    """A pod that looks up names or connects."""

    endpoint: Endpoint
    namespace: str = ""
    caveats: tuple[Caveat, ...] = ()
    """What to know of it, whatever it does."""
    settled: Decision | None = None
    """The verdict for everything, where no policy map decides."""
    gates: dict[tuple[str, int, str], Gate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlowVerdicts:
    """Verdicts for the pods of one cluster under one agent."""

    directory: IdentityDirectory
    places: IdentityFinder
    host_policies: str
    """The first policy for nodes, if there is any."""
    marked: WithCaveats = field(default_factory=WithCaveats)

    def look_up(self, pod: Pod, what: DnsQuery) -> Decision:
        """Whether a lookup passes."""
        found = self._gate(pod, what.dns_server, what.port, what.protocol).decision(what.host)
        return self.marked.of(found, pod.caveats)

    def _gate(self, pod: Pod, server: str, port: int, protocol: str) -> Gate:
        """What becomes of lookups, whatever the name."""
        key = server, port, protocol
        found = pod.gates.get(key)
        if found is None:
            if len(pod.gates) >= _MOST_GATES:
                pod.gates.clear()
            found = pod.gates[key] = self._new_gate(pod, server, port, protocol)
        return found

    def _new_gate(self, pod: Pod, server: str, port: int, protocol: str) -> Gate:
        if pod.settled:
            return Unseen(always=pod.settled)
        try:
            resolver, caveats = self.places.resolver(server)
        except LookupError as error:
            return Unseen(always=wording.unjudgeable(str(error)))
        if not server:
            port, service = self.places.behind_service(resolver, Protocol[protocol], port)
            if service:
                ports = wording.port_wording(Protocol[protocol], port)
                caveats += (wording.behind_service(service, ports),)
        first, *others = (
            self._gate_of(pod.endpoint, each, Protocol[protocol], port, caveats)
            for each in self.places.meant(resolver)
        )
        if not resolver.entry:
            return first
        return Doubtful(first=first, others=tuple(others), entry=resolver.entry)

    def _gate_of(
        self,
        endpoint: Endpoint,
        resolver: Identity,
        protocol: int,
        port: int,
        caveats: tuple[Caveat, ...],
    ) -> Proxied | Unseen:
        decision, found = self._look(endpoint, resolver, protocol, port, _NO_NAMES)
        parser = found.entry.parser if found else Parser.NONE
        if found is None or decision.verdict is not Verdict.ALLOW or parser is Parser.NONE:
            return Unseen(always=self.marked.of(decision, caveats))
        if found.filter.is_random:
            return Unseen(always=random_order(found, wording.port_wording(protocol, port)))
        if parser is not Parser.DNS:
            decision = self._through_proxy(endpoint, resolver, found, protocol, port)
            return Unseen(always=self.marked.of(decision, caveats))
        return Proxied(
            names=endpoint.queryable(found.filter, resolver),
            ports=wording.port_wording(protocol, port),
            resolver=resolver.wording,
            sending=found.entry.origins[0],
            caveats=caveats,
        )

    def _through_proxy(
        self, endpoint: Endpoint, resolver: Identity, found: Candidate, protocol: int, port: int
    ) -> Decision:
        """What becomes of a lookup that is handed to a proxy which does not parse DNS."""
        ports, origin = wording.port_wording(protocol, port), found.entry.origins[0]
        beside = endpoint.slot_of(found, protocol, port).open_beside(found, resolver, _NO_NAMES)
        sends = f"{origin.wording} sends {ports} to a proxy for {found.entry.parser.name}"
        if found.entry.parser is Parser.LISTENER:
            return wording.unjudgeable(f"{sends}, and what it does with a lookup is not modelled")
        if beside is None:
            return wording.denied(f"{sends}, not for DNS", origin)
        opening = beside.entry.origins[0]
        if proxied_with(beside, found):
            why = f"{sends}, which lets all pass that {opening.wording} allows"
            return wording.allowed(why, opening)
        why = f"what it makes of {opening.wording}, which covers {ports} otherwise, is not modelled"
        return wording.unjudgeable(f"{sends}, and {why}")

    def connect(
        self, pod: Pod, what: Connection, earlier: Mapping[str, Pod | None] = _NOBODY
    ) -> Decision:
        """Whether a connection passes, its own lookup included; `earlier` holds other pods."""
        return self.marked.of(self._connected(pod, what, earlier), pod.caveats)

    def _connected(self, pod: Pod, what: Connection, earlier: Mapping[str, Pod | None]) -> Decision:
        if pod.settled:
            return pod.settled
        try:
            destination, caveats = self.places.destination(what)
        except LookupError as error:
            return wording.unjudgeable(str(error))
        learnt = _NO_NAMES
        if what.prior_lookups:
            learnt, unknown = self._learnt(pod, what.prior_lookups, earlier, destination.address)
            if unknown:
                return unknown
        if not what.host:
            return self.marked.of(self._reach(pod.endpoint, destination, what, learnt), caveats)
        gate = self._gate(pod, what.dns_server, what.dns_port, "UDP")
        if gate.verdict(what.host) is not Verdict.ALLOW:
            return _not_looked_up(what.host, gate.decision(what.host))
        if gate.learns:
            learnt |= {what.host}
        decision = self._reach(pod.endpoint, destination, what, learnt)
        caveats += gate.caveats
        if not gate.learns and decision.verdict is Verdict.DENY:
            caveats += _unseen(pod.endpoint, what)
        if decision.verdict is Verdict.ALLOW:
            caveats += _search_names(gate, what.host, pod.namespace)
        return self.marked.of(decision, caveats)

    def _reach(
        self, endpoint: Endpoint, destination: Identity, what: Connection, learnt: frozenset[str]
    ) -> Decision:
        protocol = Protocol[what.protocol]
        slots = tuple(endpoint.slots(protocol, what.port))
        if self._is_hidden(destination) and any(each.has_ranges for each in slots):
            why = f"no address is given of {destination.wording}, and ranges mean pods here"
            return wording.unjudgeable(why)
        if not destination.entry:
            decision = self._look(endpoint, destination, protocol, what.port, learnt, what=what)[0]
        else:
            found = [
                self._look(endpoint, each, protocol, what.port, learnt, what=what)[0]
                for each in self.places.meant(destination)
            ]
            if len({each.verdict for each in found}) > 1:
                return wording.unjudgeable(destination.entry)
            decision = found[0]
        caveats: list[Caveat] = []
        if protocol is Protocol.SCTP and not self.directory.agent.sctp:
            caveats.append(wording.sctp_off())
        unmatched = decision.verdict is Verdict.DENY and not decision.decided_by
        by_name = destination.place is IdentityKind.WORLD and any(each.named for each in slots)
        if unmatched and by_name and not what.host:
            caveats.append(wording.node_cache())
        return self.marked.of(decision, tuple(caveats))

    def _is_hidden(self, destination: Identity) -> bool:
        """Whether ranges may mean the destination and its address is not given."""
        pods = self.directory.agent.cidr_matches_pods and destination.place is IdentityKind.POD
        return pods and destination.address is None

    def _look(
        self,
        endpoint: Endpoint,
        identity: Identity,
        protocol: int,
        port: int,
        names: Collection[str],
        *,
        what: Connection | None = None,
    ) -> tuple[Decision, Candidate | None]:
        """The verdict of the policy maps, and the entry that decided.

        The first level that has a rule for the destination decides, or leaves the decision to the
        next tier; default deny is what remains after all tiers. A client of `what` names the
        host as the TLS server, and may carry a request.
        """
        host = what.host if what else ""
        seen: list[Slot] = []
        passed: Tier | None = None
        for level in endpoint.levels:
            if level.tier is passed:
                continue
            slot = level.slot(protocol, port)
            seen.append(slot)
            denial, found = slot.find(identity, names)
            if denial:
                ports = wording.port_wording(protocol, port)
                return wording.denied_by(denial, ports, identity), denial
            missed = slot.missed(identity, names)
            if missed:
                ports, beside = wording.port_wording(protocol, port), found is not None
                return proxy_missing(missed, ports, otherwise=beside or not endpoint.default_deny)
            if found:
                is_lifted = lifted(slot, found, identity, names)
                if host and not is_lifted and not slot.takes_server(found, identity, names, host):
                    return other_server(slot, found, identity, names, host), found
                decision = allowed(seen, found, identity, (protocol, port), lifted=is_lifted)
                if what and what.request and not is_lifted:
                    entries = slot.judging(found, identity, names)
                    decision = requested(decision, found, entries, what.request)
                return decision, found
            if slot.passes(identity):
                passed = level.tier
        return by_default(endpoint, seen, identity, protocol, port), None

    def on_host(self) -> Decision:
        """The verdict for everything from a pod on the host's network."""
        if self.host_policies and self.directory.agent.host_firewall:
            why = "policies for nodes are not modelled, and the pod is on the host's network"
            return wording.unjudgeable(f"{self.host_policies}: {why}")
        why = "a pod on the host's network is the node itself, which no policy here selects"
        return wording.allowed(why, None)

    def settled(self, endpoint: Endpoint) -> Decision | None:
        """The verdict for everything from another pod, where no policy map decides."""
        unjudged = wording.unjudged(endpoint)
        if unjudged or endpoint.policed:
            return unjudged
        why = "no policy selects the pod for egress"
        if self.directory.agent.enforcement is Enforcement.NEVER:
            why = "the agent enforces no policy (enable-policy=never)"
        return wording.allowed(why, None)

    def _learnt(
        self,
        pod: Pod,
        lookups: Iterable[Lookup],
        earlier: Mapping[str, Pod | None],
        address: Address | None,
    ) -> tuple[frozenset[str], Decision | None]:
        """The names that the node has learnt for an address from lookups before."""
        names = set()
        for each in lookups:
            who = earlier.get(each.pod) if each.pod else pod
            if who is None:
                why = f"the cluster file has no pod {each.pod}, which did a lookup before"
                return _NO_NAMES, wording.unjudgeable(why)
            gate = self._gate(who, "", 53, "UDP")
            verdict = gate.verdict(each.host)
            if verdict is Verdict.UNJUDGEABLE:
                return _NO_NAMES, gate.decision(each.host)
            if each.ip == address and gate.learns and verdict is Verdict.ALLOW:
                names.add(each.host)
        return frozenset(names), None


def _unseen(endpoint: Endpoint, what: Connection) -> tuple[Caveat, ...]:
    """The caveat where a rule names the host and the proxy never sees the lookup."""
    slots = endpoint.slots(Protocol[what.protocol], what.port)
    if any(each.by_name(what.host) for each in slots):
        why = "the lookup does not pass the DNS proxy"
        return (wording.never_learnt(what.host, why),)
    return ()


def _search_names(gate: Gate, host: str, namespace: str) -> tuple[Caveat, ...]:
    """The caveat where the proxy refuses a name that pods query before the host itself."""
    if host.count(".") >= _NDOTS or not gate.learns:
        return ()
    ends = (f"{namespace}.svc.cluster.local", "svc.cluster.local", "cluster.local")
    refused = (end for end in ends if gate.verdict(f"{host}.{end}") is Verdict.DENY)
    return tuple(wording.search_names(end) for end in refused)[:1]


def _not_looked_up(host: str, decision: Decision) -> Decision:
    if decision.verdict is Verdict.UNJUDGEABLE:
        return decision
    caveat = wording.never_learnt(host, "its lookup is refused")
    reason = f"the lookup of {host} is refused: {decision.reason}"
    return replace(decision, reason=reason, caveats=(*decision.caveats, caveat))
