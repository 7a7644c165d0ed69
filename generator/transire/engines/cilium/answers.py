"""Questions about single flows, answered from the policy of one pod."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from transire.engines.cilium import wording
from transire.engines.cilium.endpoint import Endpoint, proxied_with
from transire.engines.cilium.identity import Directory, Identity, Place
from transire.engines.cilium.mapstate import Candidate
from transire.engines.cilium.places import Places
from transire.engines.cilium.read_options import Enforcement
from transire.engines.cilium.rules import Parser
from transire.model.cluster import Address
from transire.model.ports import Protocol
from transire.model.query import Ask, Caveat, Connect, Decision, Lookup, Verdict

_MOST_ASKED = 65_536
_NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of a lookup, and whether the DNS proxy saw it, so that the answer is learnt."""

    decision: Decision
    seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pod:
    """A pod that asks or connects."""

    endpoint: Endpoint
    on_host: bool = False
    asked: dict[tuple[str, str, int, str], Asked] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Answers for the pods of one cluster under one agent."""

    directory: Directory
    places: Places
    host_policies: str
    """The first policy for nodes, if there is any."""

    def ask(self, pod: Pod, what: Ask) -> Asked:
        """Whether a lookup passes."""
        key = what.host, what.dns_server, what.port, what.protocol
        found = pod.asked.get(key)
        if found is None:
            if len(pod.asked) >= _MOST_ASKED:
                pod.asked.clear()
            found = self._ask(pod, what)
            pod.asked[key] = found
        return found

    def _ask(self, pod: Pod, what: Ask) -> Asked:
        open_ = self._not_policed(pod)
        if open_:
            return Asked(decision=open_)
        try:
            resolver, caveats = self.places.resolver(what.dns_server)
        except LookupError as error:
            return Asked(decision=wording.unjudgeable(str(error)))
        endpoint, protocol = pod.endpoint, Protocol[what.protocol]
        if not resolver.doubt:
            asked = self._ask_one(endpoint, resolver, protocol, what)
        else:
            found = [
                self._ask_one(endpoint, each, protocol, what)
                for each in self.places.meant(resolver)
            ]
            if len({(each.decision.verdict, each.seen) for each in found}) > 1:
                return Asked(decision=wording.unjudgeable(resolver.doubt))
            asked = found[0]
        return replace(asked, decision=_with(asked.decision, caveats)) if caveats else asked

    def _ask_one(self, endpoint: Endpoint, resolver: Identity, protocol: int, what: Ask) -> Asked:
        ports = wording.said_port(protocol, what.port)
        decision, found = self._look(endpoint, resolver, protocol, what.port, _NO_NAMES)
        if found is None or decision.verdict is not Verdict.ALLOW:
            return Asked(decision=decision)
        parser, origin = found.entry.parser, found.entry.origins[0]
        if parser is Parser.NONE:
            return Asked(decision=decision)
        if parser is not Parser.DNS:
            return Asked(decision=self._through_proxy(endpoint, resolver, found, protocol, what))
        rule = endpoint.askable(found.filter, resolver).rule_for(what.host)
        if rule is None:
            why = f"no DNS rule for {ports} at {resolver.said} lets {what.host} through"
            return Asked(decision=wording.denied(why, origin), seen=True)
        why = f"{rule.object} lets {what.host} be asked of {resolver.said} on {ports}"
        return Asked(decision=wording.allowed(why, rule), seen=True)

    def _through_proxy(
        self, endpoint: Endpoint, resolver: Identity, found: Candidate, protocol: int, what: Ask
    ) -> Decision:
        """What becomes of a lookup that is handed to a proxy which does not speak DNS."""
        ports, origin = wording.said_port(protocol, what.port), found.entry.origins[0]
        slot = endpoint.slot(protocol, what.port)
        beside = slot.open_beside(found, resolver, _NO_NAMES)
        sends = f"{origin.object} sends {ports} to a proxy for {found.entry.parser.name}"
        if beside is None:
            return wording.denied(f"{sends}, not for DNS", origin)
        opening = beside.entry.origins[0]
        if proxied_with(beside, found):
            why = f"{sends}, which lets all pass that {opening.object} allows"
            return wording.allowed(why, opening)
        why = f"what it makes of {opening.object}, which covers {ports} otherwise, is not modelled"
        return wording.unjudgeable(f"{sends}, and {why}")

    def connect(self, pod: Pod, what: Connect, earlier: Mapping[str, Pod | None]) -> Decision:
        """Whether a connection passes, its own lookup included; `earlier` holds other pods."""
        open_ = self._not_policed(pod)
        if open_:
            return open_
        try:
            destination, caveats = self.places.destination(what)
        except LookupError as error:
            return wording.unjudgeable(str(error))
        learnt = _NO_NAMES
        if what.prior_lookups:
            learnt, unknown = self._learnt(pod, what.prior_lookups, earlier, destination.address)
            if unknown:
                return unknown
        asked = None
        if what.host:
            asked = self.ask(pod, _lookup_of(what))
            if asked.decision.verdict is not Verdict.ALLOW:
                return _not_looked_up(what.host, asked.decision)
            if asked.seen:
                learnt = learnt | {what.host}
            caveats += asked.decision.caveats
        decision = self._reach(pod.endpoint, destination, what, learnt)
        if asked and not asked.seen and decision.verdict is Verdict.DENY:
            caveats += self._unseen(pod.endpoint, what)
        return _with(decision, caveats)

    def _reach(
        self, endpoint: Endpoint, destination: Identity, what: Connect, learnt: frozenset[str]
    ) -> Decision:
        protocol = Protocol[what.protocol]
        if not destination.doubt:
            decision = self._look(endpoint, destination, protocol, what.port, learnt)[0]
        else:
            found = [
                self._look(endpoint, each, protocol, what.port, learnt)[0]
                for each in self.places.meant(destination)
            ]
            if len({each.verdict for each in found}) > 1:
                return wording.unjudgeable(destination.doubt)
            decision = found[0]
        caveats: list[Caveat] = []
        if protocol is Protocol.SCTP and not self.directory.agent.sctp:
            caveats.append(wording.sctp_off())
        if not what.host and decision.verdict is Verdict.DENY and not decision.decided_by:
            slot = endpoint.slot(protocol, what.port)
            if destination.place is Place.WORLD and (slot.exact or slot.patterns):
                caveats.append(wording.node_cache())
        return _with(decision, tuple(caveats))

    def _look(
        self,
        endpoint: Endpoint,
        identity: Identity,
        protocol: int,
        port: int,
        names: frozenset[str],
    ) -> tuple[Decision, Candidate | None]:
        """The verdict of the policy map, and the entry that decided."""
        ports = wording.said_port(protocol, port)
        slot = endpoint.slot(protocol, port)
        denial, found = slot.find(identity, names)
        if denial:
            return wording.denied_by(denial, ports, identity), denial
        if found:
            looks = found.entry.parser not in {Parser.NONE, Parser.DNS}
            beside = slot.open_beside(found, identity, names) if looks else None
            lifted = beside is not None and proxied_with(beside, found)
            return wording.allowed_by(found, ports, identity, lifted=lifted), found
        if not endpoint.default_deny:
            why = f"no rule covers {ports} to {identity.said}, and no policy denies by default"
            return wording.allowed(why, None), None
        return wording.denied(f"no rule allows {ports} to {identity.said}"), None

    def _not_policed(self, pod: Pod) -> Decision | None:
        """The answer where no policy map decides, or None."""
        if pod.on_host:
            if self.host_policies and self.directory.agent.host_firewall:
                why = "policies for nodes are not modelled, and the pod is on the host's network"
                return wording.unjudgeable(f"{self.host_policies}: {why}")
            why = "a pod on the host's network is the node itself, which no policy here selects"
            return wording.allowed(why, None)
        unjudged = wording.unjudged(pod.endpoint)
        if unjudged:
            return unjudged
        if not pod.endpoint.policed:
            why = "no policy selects the pod for egress"
            if self.directory.agent.enforcement is Enforcement.NEVER:
                why = "the agent enforces no policy (enable-policy=never)"
            return wording.allowed(why, None)
        return None

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
            asked = self.ask(who, Ask(host=each.host))
            if asked.decision.verdict is Verdict.UNJUDGEABLE:
                return _NO_NAMES, asked.decision
            if each.ip == address and asked.seen and asked.decision.verdict is Verdict.ALLOW:
                names.add(each.host)
        return frozenset(names), None

    def _unseen(self, endpoint: Endpoint, what: Connect) -> tuple[Caveat, ...]:
        """The caveat where a rule names the host and the proxy never sees the lookup."""
        slot = endpoint.slot(Protocol[what.protocol], what.port)
        if what.host in slot.exact or any(each.matches(what.host) for each, _ in slot.patterns):
            why = "the lookup does not pass the DNS proxy"
            return (wording.never_learnt(what.host, why),)
        return ()


def _lookup_of(what: Connect) -> Ask:
    return Ask(host=what.host, dns_server=what.dns_server, port=what.dns_port)


def _not_looked_up(host: str, decision: Decision) -> Decision:
    if decision.verdict is Verdict.UNJUDGEABLE:
        return decision
    caveat = wording.never_learnt(host, "its lookup is refused")
    reason = f"the lookup of {host} is refused: {decision.reason}"
    return replace(decision, reason=reason, caveats=(*decision.caveats, caveat))


def _with(decision: Decision, caveats: tuple[Caveat, ...]) -> Decision:
    if not caveats:
        return decision
    return Decision(
        verdict=decision.verdict,
        reason=decision.reason,
        decided_by=decision.decided_by,
        caveats=(*decision.caveats, *caveats),
    )
