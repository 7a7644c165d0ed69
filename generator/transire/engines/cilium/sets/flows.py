"""What pods may do as an exact set of flows, from the same rules as a single verdict.

Three parts of the pods differ: those that no rule selects, those whose rules deny by default, and
those whose rules do not. Within a part, the union of what rules allow counts, less what is denied,
but a rule with demands on DNS claims its ports and ends: a query there needs a rule of the same
filter that lets its name through.

Sources: `pkg/policy/mapstate.go`, `pkg/fqdn/dnsproxy`, `pkg/envoy/xds_server.go` and the proxy's
`network_policy.cc`, which lets pass what any rule for the port or for all ports does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from transire.engines.cilium.objects.agent import Agent, Enforcement
from transire.engines.cilium.objects.fqdn import hosts_of, names_of
from transire.engines.cilium.objects.rules import CiliumRule, Parser, Selector
from transire.engines.cilium.objects.schema import V18
from transire.engines.cilium.sets.filters import Chosen, Claim, Filters, Piece, filters_of, give_up
from transire.engines.cilium.sets.http import requests
from transire.engines.cilium.sets.selector_sets import End, Ends
from transire.engines.cilium.verdicts.named_ports import NamedPorts
from transire.flows.flow_set import FlowSet, Http
from transire.flows.host_set import HostSet, Names
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.products import Product, union
from transire.flows.source_pods import Sources
from transire.queries.cluster_state import ClusterState

_ALL_NAMES = HostSet.everything() | HostSet.root()
_DNS_PROTOCOLS = frozenset({Protocol.UDP, Protocol.TCP})


def policy_flows(
    rules: Iterable[CiliumRule],
    agent: Agent,
    cluster: ClusterState,
    named: NamedPorts,
    sources: Sources,
) -> FlowSet:
    """Every flow of these pods that the rules allow; pods on the host's network are not meant.

    Raises:
        Unjudgeable: if a rule that selects any of them holds what is not modelled, or two such
            rules do not go together.
    """
    source = sources.pods
    if agent.enforcement is Enforcement.NEVER:
        return _everything(source)
    ends = Ends(agent=agent, cluster=cluster.name, mesh=cluster.mesh)
    placed = _placed(rules, ends, sources)
    selected = PodSet.union({subject for _, subject in placed})
    denying = PodSet.union({subject for rule, subject in placed if rule.default_deny})
    if agent.enforcement is Enforcement.ALWAYS:
        selected = denying = source
    parts = [_everything(source - selected)]
    for region, lax in ((denying, False), (selected - denying, True)):
        inside = [(rule, both) for rule, subject in placed if (both := subject & region)]
        filters = filters_of(inside, agent.minor, named)
        parts.append(
            _Part(filters=filters, ends=ends, minor=agent.minor, region=region, lax=lax).flows()
        )
    return FlowSet.union(parts)


def policy_products(
    rules: Iterable[CiliumRule],
    agent: Agent,
    cluster: ClusterState,
    named: NamedPorts,
    sources: Sources,
) -> tuple[Product, ...] | None:
    """Products whose union those flows are; None where they are no plain union.

    They are one where every pod is denied by default and nothing is denied besides, where rules
    with server names demand nothing else of the content, and where each DNS rule lets any name
    through: then what DNS rules claim is what they give back, and each name that a pod may reach is
    learnt.

    Raises:
        Unjudgeable: as above.
    """
    if agent.enforcement is not Enforcement.DEFAULT:
        return None
    ends = Ends(agent=agent, cluster=cluster.name, mesh=cluster.mesh)
    placed = _placed(rules, ends, sources)
    denying = PodSet.union({subject for rule, subject in placed if rule.default_deny})
    if sources.pods - denying:
        return None
    filters = filters_of(placed, agent.minor, named)
    part = _Part(filters=filters, ends=ends, minor=agent.minor, region=sources.pods, lax=False)
    return part.products()


def _placed(rules: Iterable[CiliumRule], ends: Ends, sources: Sources) -> list[Chosen]:
    """The rules that concern any of the pods, with those that they select.

    Raises:
        Unjudgeable: if one of them holds what is not modelled.
    """
    every = tuple(rules)
    chosen = {each.subject for each in every}
    subjects = {subject: sources.among(ends.subject(subject)) for subject in chosen}
    placed = [(rule, subjects[rule.subject]) for rule in every if subjects[rule.subject]]
    for rule, _ in placed:
        if rule.entry:
            raise rule.entry.error()
    return placed


def _everything(source: PodSet) -> FlowSet:
    return FlowSet.reach(source=source, peer=Peer.everything(), ports=PortSet.everything())


Made = tuple[End, Product]
"""Flows to one end."""

_Seen = tuple[FlowSet, HostSet]
"""Lookups, and the names that they query whatever the resolver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Pods that are all denied by default, or all not."""

    filters: Filters
    ends: Ends
    minor: int
    region: PodSet
    lax: bool

    def flows(self) -> FlowSet:
        """What they may do."""
        denied = union(each for _, each in self._reached(self.filters.denials))
        claims = self.filters.claims
        if self.lax and not claims:
            return _everything(self.region) - denied
        seen = [list(self._seen(claim)) for claim in claims]
        learnt = self._learnt(denied, seen)
        plain = [*self.filters.plain, *(each for claim in claims for each in self._open(claim))]
        reached = _joined(self._reached(plain), learnt)
        demanding = [each for claim in claims for each in claim.pieces if each.l7]
        of_dns = [each for each in demanding if each.parser is Parser.DNS]
        claimed = _joined(self._lookups((each, _ALL_NAMES) for each in of_dns), learnt)
        content = _joined((each for claim in claims for each in self._content(claim)), learnt)
        questions = (each for seen_by in seen for each, _ in seen_by)
        allowed = [reached - claimed, content, *questions]
        if self.lax:
            covered = reached | _joined(self._reached(demanding), learnt)
            allowed.append(_everything(self.region) - covered)
        return FlowSet.union(allowed) - denied

    def products(self) -> tuple[Product, ...] | None:
        """Products whose union that is; None where it is no plain union."""
        claims = self.filters.claims
        if self.lax or self.filters.denials or not all(map(_is_plain, claims)):
            return None
        lookups = [
            (claim.protocol, end, product)
            for claim in claims
            if claim.of_dns
            for end, product in self._lookups((each, _ALL_NAMES) for each in claim.pieces)
        ]
        if any(end.hosts is not None for _, end, _ in lookups):
            return None
        learners = {
            product.source
            for protocol, _, product in lookups
            if protocol in _DNS_PROTOCOLS and not product.is_empty
        }
        plain = [*self.filters.plain, *(each for claim in claims for each in self._open(claim))]
        content = (each for claim in claims for each in self._content(claim))
        made = [*self._reached(plain), *content]
        for end, product in made:
            learnt = end.hosts is None or any(product.source <= each for each in learners)
            if not (learnt or product.is_empty):
                return None
        return tuple(product for _, product in made) + tuple(each for *_, each in lookups)

    def _reached(self, pieces: Iterable[Piece]) -> Iterator[Made]:
        """Everything on the ports of these rules."""
        for piece in pieces:
            for end in self.ends.of(piece.peers):
                flows = Product.reach(
                    source=piece.subject,
                    peer=end.peer,
                    ports=piece.ports,
                    addresses=end.addresses,
                    hosts=end.hosts,
                )
                yield end, flows

    def _lookups(self, pieces: Iterable[tuple[Piece, HostSet]]) -> Iterator[Made]:
        """Lookups of these names on the ports of these rules."""
        for piece, names in pieces:
            for end in self.ends.of(piece.peers):
                flows = Product.query(
                    source=piece.subject,
                    resolver=end.peer,
                    ports=piece.ports,
                    names=names,
                    addresses=end.addresses,
                    hosts=end.hosts,
                )
                yield end, flows

    def _connected(
        self, piece: Piece, server_names: Names | None = None, http: Http | None = None
    ) -> Iterator[Made]:
        """Connections with such content on the ports of a rule."""
        for end in self.ends.of(piece.peers):
            flows = Product.connect(
                source=piece.subject,
                peer=end.peer,
                ports=piece.ports,
                addresses=end.addresses,
                hosts=end.hosts,
                server_names=server_names,
                http=http,
            )
            yield end, flows

    def _content(self, claim: Claim) -> Iterator[Made]:
        """The connections that a proxy lets through by their content."""
        for piece in claim.pieces:
            if piece.parser is Parser.DNS:
                yield from self._connected(piece)
            elif piece.parser is Parser.TLS:
                servers = piece.l7.server_names if piece.l7 else ()
                yield from self._connected(piece, server_names=names_of(servers))
            elif piece.parser is Parser.HTTP:
                open_ = (Http(),) if self._lifts else ()
                for http in (*requests(piece), *open_):
                    yield from self._connected(piece, http=http)
        yield from self._widened(claim)

    @property
    def _lifts(self) -> bool:
        """Whether L7 rules let everything through, since nothing is denied by default."""
        return self.lax and self.minor >= V18

    def _widened(self, claim: Claim) -> Iterator[Made]:
        """All of HTTP where a rule without demands names the very same peer as one with HTTP."""
        for selector, plain, demanding in _by_selector(claim):
            http = PodSet.union(each.subject for each in demanding if each.parser is Parser.HTTP)
            for piece in plain:
                both = replace(piece, subject=piece.subject & http, peers=(selector,))
                if both.subject:
                    yield from self._connected(both, http=Http())

    def _open(self, claim: Claim) -> Iterator[Piece]:
        """Rules without demands, where none for the very same peer demands more of a proxy."""
        if claim.of_dns:
            yield from (each for each in claim.pieces if not each.l7)
            return
        for selector, plain, demanding in _by_selector(claim):
            bound = PodSet.union(each.subject for each in demanding)
            for piece in plain:
                free = replace(piece, subject=piece.subject - bound, peers=(selector,))
                if free.subject:
                    yield free

    def _seen(self, claim: Claim) -> Iterator[_Seen]:
        """The lookups that the DNS proxy lets through, with their names."""
        if not claim.of_dns:
            return
        demanding = [each for each in claim.pieces if each.l7]
        for piece in demanding:
            names = _ALL_NAMES if self._lifts else hosts_of(piece.l7.names if piece.l7 else ())
            yield union(each for _, each in self._lookups([(piece, names)])), names
        proxied = self._lookups((each, _ALL_NAMES) for each in demanding)
        every = union(each for _, each in proxied)
        for piece in claim.pieces:
            for end, flows in () if piece.l7 else self._reached([piece]):
                both = flows.flows() & every
                if both and end.hosts is not None:
                    give_up(piece.rule, "a resolver that is known by name too is not modelled")
                yield both, _ALL_NAMES

    def _learnt(self, denied: FlowSet, seen: Sequence[Sequence[_Seen]]) -> FlowSet:
        """Flows to names whose lookup passes the proxy: only for those are addresses learnt."""
        names: dict[PodSet, HostSet] = {}
        for claim, questions in zip(self.filters.claims, seen, strict=True):
            if claim.protocol in _DNS_PROTOCOLS:
                for lookups, each in questions:
                    source = (lookups - denied).sources()
                    names[source] = names.get(source, HostSet.nothing()) | each
        every = PortSet.everything()
        return FlowSet.union(
            FlowSet.reach(source=source, peer=Peer.outside(), ports=every, hosts=hosts)
            for source, hosts in names.items()
        )


def _joined(made: Iterable[Made], learnt: FlowSet) -> FlowSet:
    """All of these flows, those to names only where the name is learnt."""
    by_address: list[FlowSet] = []
    by_name: list[FlowSet] = []
    for end, flows in made:
        (by_address if end.hosts is None else by_name).append(flows.flows())
    return FlowSet.union([*by_address, FlowSet.union(by_name) & learnt])


def _is_plain(claim: Claim) -> bool:
    """Whether a filter has DNS rules alone, each for any name, or none but for server names."""
    if claim.of_dns:
        return all(
            piece.l7 and any(each.everything for each in piece.l7.names) for piece in claim.pieces
        )
    return claim.parsers == {Parser.TLS}


def _by_selector(claim: Claim) -> Iterator[tuple[Selector, list[Piece], list[Piece]]]:
    """The rules of a filter by peer: those without demands, and those with.

    Nothing where all of them have demands.
    """
    found: dict[Selector, tuple[list[Piece], list[Piece]]] = {}
    if all(piece.l7 for piece in claim.pieces):
        return
    for piece in claim.pieces:
        for selector in piece.peers:
            plain, demanding = found.setdefault(selector, ([], []))
            (demanding if piece.l7 else plain).append(piece)
    yield from ((selector, *pieces) for selector, pieces in found.items())
