"""The rules for many pods at once, sorted by what they demand of the content.

What the order of the agent's filters decides, and what is not documented of proxies, is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import Any, Literal, NoReturn

from transire.engines.cilium.objects.identity import ANY, RESERVED
from transire.engines.cilium.objects.ports import protocol_name
from transire.engines.cilium.objects.rules import (
    EVERYONE,
    L7,
    CiliumRule,
    Named,
    Parser,
    Port,
    Ranges,
    Selector,
    Tier,
)
from transire.engines.cilium.objects.schema import V16, V18, V20
from transire.engines.cilium.objects.selectors import Labelled
from transire.engines.cilium.verdicts.endpoint import OVERWRITTEN
from transire.engines.cilium.verdicts.named_ports import NamedPorts
from transire.engines.cilium.verdicts.policy_map import (
    ALL_PROTOCOLS,
    Conflict,
    place_of,
    policy_map,
)
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.unmodelled import Unmodelled

_JUDGED = frozenset({Parser.DNS, Parser.TLS, Parser.HTTP})
_MOST_PAIRS = 20_000
_HIGHEST_TYPE = 255
"""The highest type that an ICMP message can have."""

Chosen = tuple[CiliumRule, PodSet]
"""A rule with the pods that it selects."""

SharedKey = tuple[object, ...]
"""What rules have in common that share a filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some ports of a rule with what it demands there."""

    rule: CiliumRule
    subject: PodSet
    peers: tuple[Selector, ...]
    ports: PortSet
    l7: L7 | None = None

    @property
    def parser(self) -> Parser:
        """Whom connections are handed to."""
        return self.l7.parser if self.l7 else Parser.NONE


@dataclass(slots=True, kw_only=True)
class Claim:
    """One filter in which a rule demands something of the content, and all rules for it."""

    protocol: int
    first: int
    last: int
    pieces: list[Piece] = field(default_factory=list)

    @property
    def parsers(self) -> set[Parser]:
        """Whom the rules hand connections to."""
        return {each.parser for each in self.pieces} - {Parser.NONE}

    @property
    def is_every(self) -> bool:
        """Whether it is for every port of its protocol."""
        return not (self.first or self.last)

    @property
    def of_dns(self) -> bool:
        """Whether the demands are on names that are queried."""
        return self.parsers == {Parser.DNS}

    def overlaps(self, other: Claim) -> bool:
        """Whether a port could belong to both, other than because one has all ports."""
        ported = self.protocol == other.protocol and not (self.is_every or other.is_every)
        return ported and self.first <= other.last and other.first <= self.last

    def meets(self, other: Claim) -> bool:
        """Whether a pod could have both."""
        mine = PodSet.union(each.subject for each in self.pieces)
        return bool(mine & PodSet.union(each.subject for each in other.pieces))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The rules of some pods: those that deny, those without demands, and the claims."""

    denials: tuple[Piece, ...]
    plain: tuple[Piece, ...]
    claims: tuple[Claim, ...]


def filters_of(chosen: Sequence[Chosen], minor: int, named: NamedPorts) -> Filters:
    """The rules sorted.

    Raises:
        Unjudgeable: if rules meet in a way that is not modelled.
    """
    denials = [piece for each in chosen if each[0].deny for piece in _plain(each, minor, named, ())]
    allowing = [each for each in chosen if not each[0].deny]
    for rule, _ in chosen:
        _check_rule(rule, minor)
    places = _places(allowing, minor, named)
    denying = [each for each in chosen if each[0].deny] if minor < V16 else []
    closing = _places(denying, minor, named)
    claimed = {place: each for place, each in places.items() if each.parsers}
    for claim in claimed.values():
        _check(claim, minor, named)
        if minor < V16:
            _check_protocols(claim, claimed, closing)
        for other in places.values():
            if other is not claim and claim.overlaps(other) and claim.meets(other):
                _check_pair(claim, other)
    return Filters(
        denials=tuple(denials),
        plain=tuple(piece for each in allowing for piece in _plain(each, minor, named, claimed)),
        claims=tuple(claimed.values()),
    )


def give_up(rule: CiliumRule, why: str) -> NoReturn:
    """Refuse to judge a rule that is not modelled.

    Raises:
        Unjudgeable: always.
    """
    raise Unmodelled(object=rule.origin.object, key=rule.origin.rule, why=why).error()


_EVERY_PORT = Port(protocol=ALL_PROTOCOLS, text="0")


def _groups(rule: CiliumRule, minor: int) -> Iterator[tuple[tuple[Port, ...], L7 | None]]:
    if rule.groups is None:
        yield (_EVERY_PORT,), None
        return
    nameless = minor >= V20 and not any(map(_may_be_pods, _peers(rule)))
    for group in rule.groups:
        ports = tuple(port for port in group.ports if not (nameless and port.name))
        yield ports, None if rule.deny else group.l7


def _may_be_pods(selector: Selector) -> bool:
    """Whether pods may be selected, which alone have names for ports since 1.20."""
    if isinstance(selector, Ranges):
        return selector.pods or selector.anywhere
    if isinstance(selector, Named):
        return False
    reserved = (each for each in selector.demands if each.source == RESERVED)
    return all(each.takes(None) for each in reserved)


def _peers(rule: CiliumRule) -> tuple[Selector, ...]:
    if rule.peers is None or rule.peers or rule.groups is None:
        return rule.peers or ()
    return (EVERYONE,)


def _plain(
    chosen: Chosen, minor: int, named: NamedPorts, claimed: Iterable[Any]
) -> Iterator[Piece]:
    """What the rule holds for ports that nothing claims, in as few pieces as possible."""
    rule, subject = chosen
    peers = _peers(rule)
    ports = [
        port
        for group, _ in _groups(rule, minor)
        for port in group
        if peers and place_of(port, minor) not in claimed
    ]
    if ports:
        both = PortSet.union(_port_set(each, rule, minor, named) for each in dict.fromkeys(ports))
        yield Piece(rule=rule, subject=subject, peers=peers, ports=both)


def _places(allowing: Iterable[Chosen], minor: int, named: NamedPorts) -> dict[SharedKey, Claim]:
    found: dict[SharedKey, Claim] = {}
    for rule, subject in allowing:
        peers = _peers(rule)
        for group, l7 in _groups(rule, minor) if peers else ():
            for port in group:
                first = _number(port, rule, minor, named)
                last = max(port.last, first)
                fresh = Claim(protocol=port.protocol, first=first, last=last)
                claim = found.setdefault(place_of(port, minor), fresh)
                if (claim.first, claim.last) != (first, last):
                    why = f"the agent takes the port {port.text!r} for one of another rule"
                    give_up(rule, why)
                ports = _port_set(port, rule, minor, named)
                claim.pieces.append(
                    Piece(rule=rule, subject=subject, peers=peers, ports=ports, l7=l7)
                )
    return found


def _number(port: Port, rule: CiliumRule, minor: int, named: NamedPorts) -> int:
    if not port.name:
        return port.first
    if minor >= V20:
        give_up(rule, f"which pods have a port named {port.name}, and which number, is not known")
    found = named.agreed.get((port.name, port.protocol))
    if found is None:
        give_up(rule, f"which number the port named {port.name} has in the cluster is not known")
    return found


def _port_set(port: Port, rule: CiliumRule, minor: int, named: NamedPorts) -> PortSet:
    if port.protocol == ALL_PROTOCOLS:
        return PortSet.everything()
    if port.is_every:
        return PortSet.of_protocol(port.protocol)
    first = _number(port, rule, minor, named)
    if port.protocol in {Protocol.ICMP, Protocol.ICMPv6}:
        version: Literal[4, 6] = 4 if port.protocol == Protocol.ICMP else 6
        return PortSet.of_icmp(version, first) if first <= _HIGHEST_TYPE else PortSet.nothing()
    return PortSet.of_port(port.protocol, first, max(port.last, first))


def _check_rule(rule: CiliumRule, minor: int) -> None:
    """Refuse what no set of the rules holds: tiers, ranges of others, and aggregate identities."""
    if rule.tier is not Tier.NORMAL:
        give_up(rule, "policies of other tiers are not modelled beside all others at once")
    for each in rule.peers or ():
        if isinstance(each, Labelled) and minor >= V20 and _has_aggregate(each):
            give_up(rule, "a selector of aggregate identities, as 1.20 has them, is not modelled")
        if isinstance(each, Ranges) and each.missing:
            give_up(rule, each.missing)
        if isinstance(each, Ranges) and each.pods:
            give_up(rule, "which pods have an address in a range is not known")


def _has_aggregate(chosen: Labelled) -> bool:
    """Whether a selector has an identity that stands for others, without selecting everything."""
    names = (f"aggregate-{each}" for each in ("cluster", "cluster-mesh", "world", "remote-node"))
    found = any(
        all(
            each.takes("" if each.key == name and each.source in {ANY, RESERVED} else None)
            for each in chosen.demands
        )
        for name in names
    )
    return bool(chosen.demands) and found


def _check(claim: Claim, minor: int, named: NamedPorts) -> None:
    """Refuse what is not known of a single filter."""
    if len(claim.parsers) > 1:
        _check_conflicts(claim, minor, named)
    for piece in claim.pieces:
        if piece.l7:
            _check_l7(claim, piece, piece.l7)


def _check_l7(claim: Claim, piece: Piece, l7: L7) -> None:
    rule, parser = piece.rule, l7.parser
    if l7.hidden:
        give_up(rule, l7.hidden)
    if parser not in _JUDGED:
        give_up(rule, f"what a proxy for {parser.name} lets through is not modelled")
    if claim.is_every:
        give_up(rule, f"rules for {parser.name} on every port are not modelled")
    if parser is Parser.DNS:
        if len(claim.parsers) > 1:
            give_up(rule, "DNS and other L7 rules for one port are not modelled")
        if any(isinstance(each, Named) for each in piece.peers):
            give_up(rule, "DNS rules for a resolver that is known by name are not modelled")
    elif claim.protocol != Protocol.TCP:
        name = protocol_name(claim.protocol)
        give_up(rule, f"rules for {parser.name} over {name} are not modelled")


def _check_conflicts(claim: Claim, minor: int, named: NamedPorts) -> None:
    pieces = [each for each in claim.pieces if each.l7]
    pairs = combinations_with_replacement(pieces, 2)
    for number, (one, other) in enumerate(pairs):
        if number >= _MOST_PAIRS:
            give_up(one.rule, "it meets too many other rules with L7 parts to compare them all")
        if one.parser is other.parser or not one.subject & other.subject:
            continue
        if not set(one.peers) & set(other.peers) and minor >= V18:
            continue
        try:
            policy_map((one.rule, other.rule), minor=minor, named=named, lax=False)
        except Conflict as conflict:
            why = f"with {other.rule.origin.object}, {conflict.why}: the agent computes no policy"
            give_up(one.rule, why)
        why = f"L7 rules after server names of {other.rule.origin.object} are not modelled"
        give_up(one.rule, why)


def _check_protocols(
    claim: Claim, claimed: Mapping[SharedKey, Claim], closing: Mapping[SharedKey, Claim]
) -> None:
    """Refuse DNS rules over UDP and TCP that are not the same, where a pod could have both."""
    for other in claimed.values():
        both_dns = claim.of_dns and other.of_dns and claim.first == other.first
        if both_dns and claim.meets(other) and _rules(claim, closing) != _rules(other, closing):
            give_up(next(each.rule for each in claim.pieces if each.l7), OVERWRITTEN)


def _rules(claim: Claim, closing: Mapping[SharedKey, Claim]) -> list[tuple[CiliumRule, L7 | None]]:
    """All rules for the port of a claim, denials included."""
    pieces = list(claim.pieces)
    for denial in closing.values():
        if (denial.protocol, denial.first) == (claim.protocol, claim.first):
            pieces += denial.pieces
    return [(each.rule, each.l7) for each in pieces]


def _check_pair(claim: Claim, other: Claim) -> None:
    """Refuse what is not known of two filters that share a port."""
    if claim.of_dns and Parser.DNS not in other.parsers:
        return
    rule = next(each.rule for each in claim.pieces if each.l7)
    met = other.pieces[0].rule.origin
    why = f"L7 rules on a port that {met.object} at {met.rule} writes otherwise are not modelled"
    give_up(rule, why)
