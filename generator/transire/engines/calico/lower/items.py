"""Rules as both Calicos write them: one protocol, one IP family and one destination to an item.

Sources: the validator and the CRDs of Calico 3.29 to 3.33, which Calico Enterprise shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from transire.engines.api.refusal import Refusal
from transire.engines.calico.facts import BUILT_IN_TIERS
from transire.engines.lowering.address_ranges import nodes_fault, outside_ranges
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item, pods_item
from transire.meaning.premises.address_ranges import OutsideRange, node_ranges
from transire.meaning.premises.dns_resolvers import Resolvers
from transire.model.intent import Entity, EntityKind, Platform, Rule
from transire.model.names import is_dns_label
from transire.model.net import ECHO, PortRange, Protocol, merge_ports, network_key, without_echo
from transire.model.pod_selector import Operator, PodSelector
from transire.model.problems import Position

MAX_PORTS = 50
MAX_NETS = 256
"""What one rule holds at most since 3.33."""

MAX_SELECTOR = 1024
"""Characters of a selector; since 3.33 the definitions of the API take no more."""

_ONLY_PODS = "projectcalico.org/orchestrator == 'k8s'"
"""What the chart writes before the labels of a destination."""

DEFAULT_TIER_ORDER = 1_000_000
"""The order of the tier `default`, where everybody's policies are."""


def tier_faults(platform: Platform) -> Iterator[Refusal]:
    """Why the platform's tier could not hold our policies."""
    tier = platform.tier
    if not is_dns_label(tier.name) or tier.name in BUILT_IN_TIERS:
        yield Refusal(
            id="tier-name",
            why=f"tier {tier.name!r} is built in or is not a DNS label",
            remedy="write a tier.name of your own, such as egress",
        )
    if tier.order >= DEFAULT_TIER_ORDER:
        yield Refusal(
            id="tier-order",
            why=f"tier order {tier.order} is not before the default tier's {DEFAULT_TIER_ORDER}, "
            "so other policies could widen what ours allow",
            remedy=f"write a tier.order below {DEFAULT_TIER_ORDER}, such as 5000",
        )


def check_tier(platform: Platform, builder: LoweredBuilder) -> None:
    """Refuse a tier that could not hold our policies."""
    for fault in tier_faults(platform):
        builder.refuse_cluster(Position(path=platform.path), fault)


def with_ports(peer: Item, ports: Iterable[PortRange]) -> list[Item]:
    """The peer once for each protocol and each 50 ports; echo requests by their own protocols."""
    merged = merge_ports(ports)
    found = [
        {**peer, "protocol": protocol, "ports": "echo"}
        for protocol in (_echo_protocols(peer) if ECHO in merged else ())
    ]
    for protocol, ranges in groupby(without_echo(merged), key=lambda each: each.protocol):
        written = [_port(each) for each in ranges]
        found += [
            {**peer, "protocol": protocol.value, "ports": written[start : start + MAX_PORTS]}
            for start in range(0, len(written), MAX_PORTS)
        ]
    return found


def _echo_protocols(peer: Item) -> tuple[str, ...]:
    """Those of the families that the peer can have: nets are of one."""
    nets = peer.get("nets")
    if not isinstance(nets, list):
        return ("ICMP", "ICMPv6")
    return ("ICMPv6",) if ":" in nets[0] else ("ICMP",)


def _port(each: PortRange) -> int | str:
    return each.first if each.first == each.last else f"{each.first}:{each.last}"


def nets_items(ranges: Iterable[OutsideRange], ports: Sequence[PortRange]) -> list[Item]:
    """The ranges, those together that leave out the same; never two families in one item."""

    def key(each: OutsideRange) -> tuple[int, list[tuple[int, int, int]]]:
        return each.cidr.version, [network_key(part) for part in each.without]

    found: list[Item] = []
    for _, group in groupby(sorted(ranges, key=key), key=key):
        alike = sorted(group, key=lambda each: network_key(each.cidr))
        left_out = [str(part) for part in alike[0].without]
        for start in range(0, len(alike), MAX_NETS):
            peer: Item = {"nets": [str(each.cidr) for each in alike[start : start + MAX_NETS]]}
            if left_out:
                peer["notNets"] = left_out
            found += with_ports(peer, ports)
    return found


def check_selectors(rule: Rule, builder: LoweredBuilder) -> None:
    """Refuse selectors of the rule, for its own pods or for others, that are too long."""
    for selector in rule.sources:
        _check_length(rule, selector.at, " && ".join(_terms(selector)), builder)
    for pods in rule.pods:
        terms = [_ONLY_PODS, *_terms(PodSelector(labels=pods.labels))]
        _check_length(rule, pods.at, " && ".join(terms), builder)


def _check_length(rule: Rule, at: Position, selector: str, builder: LoweredBuilder) -> None:
    if len(selector) <= MAX_SELECTOR:
        return
    builder.refuse_rule(
        rule,
        at,
        Refusal(
            id="selector-too-long",
            why=f"its selector would have {len(selector)} characters, and calico takes at most "
            f"{MAX_SELECTOR} since 3.33",
            remedy="give the pods one label of their own, and select them by it",
        ),
    )


def _terms(selector: PodSelector) -> Iterator[str]:
    """The parts of the selector as the chart writes them."""
    for key, value in selector.labels:
        yield f"{key} == '{value}'"
    for each in selector.expressions:
        values = "', '".join(each.values)
        match each.operator:
            case Operator.IN:
                yield f"{each.key} in {{'{values}'}}"
            case Operator.NOT_IN:
                yield f"{each.key} not in {{'{values}'}}"
            case Operator.EXISTS:
                yield f"has({each.key})"
            case Operator.DOES_NOT_EXIST:
                yield f"!has({each.key})"
    if selector.service_account:
        yield f"projectcalico.org/serviceaccount == '{selector.service_account}'"


def other_items(rule: Rule, builder: LoweredBuilder) -> list[Item]:
    """Everything of the rule but its hosts."""
    check_selectors(rule, builder)
    ranges = outside_ranges(rule, builder)
    for each in ranges:
        if len(each.without) > MAX_NETS:
            builder.refuse_rule(rule, rule.at, _holes_fault(each))
    found = nets_items(ranges, rule.ports)
    for pods in sorted(set(rule.pods)):
        found += with_ports({"pods": pods_item(pods)}, rule.ports)
    for entity in sorted(set(rule.entities)):
        found += _entity_items(rule, entity, builder)
    return found


def _holes_fault(each: OutsideRange) -> Refusal:
    return Refusal(
        id="too-many-holes",
        why=f"{each.cidr} would leave out {len(each.without)} ranges, and a rule leaves out at "
        f"most {MAX_NETS}",
        remedy="write smaller ranges, or declare the cluster's network in fewer ones",
    )


def _entity_items(rule: Rule, entity: Entity, builder: LoweredBuilder) -> list[Item]:
    match entity.kind:
        case EntityKind.KUBE_APISERVER:
            return _api_server_items(rule, entity, builder)
        case EntityKind.INGRESS:
            return []
        case EntityKind.NODES:
            fault = nodes_fault(builder.cluster)
            nodes = node_ranges(builder.cluster)
            crowded = next((each for each in nodes if len(each.without) > MAX_NETS), None)
            fault = fault or (_holes_fault(crowded) if crowded else None)
            if fault:
                builder.refuse_rule(rule, entity.at, fault)
                return []
            return nets_items(nodes, rule.ports)


def _api_server_items(rule: Rule, entity: Entity, builder: LoweredBuilder) -> list[Item]:
    """The service, since Calico then matches address and port of its endpoints."""
    others = [str(each) for each in rule.ports if each.protocol is not Protocol.TCP]
    if others:
        builder.refuse_rule(
            rule,
            entity.at,
            Refusal(
                id="api-server-takes-tcp",
                why=f"{', '.join(others)} cannot be written for kube-apiserver, whose service has "
                "TCP endpoints only",
                remedy="move kube-apiserver to a rule of its own with TCP ports",
            ),
        )
    ports = ", ".join(map(str, merge_ports(rule.ports)))
    builder.remark(
        rule.name,
        "api-server-port",
        f"the API server's port comes from its endpoints, whatever {ports} names",
    )
    return [{"service": {"name": "kubernetes", "namespace": "default"}, "protocol": "TCP"}]


def query_items(ways: Resolvers) -> list[Item]:
    """The way to the resolvers over TCP and UDP; names make no difference here."""
    ports = [
        PortRange(protocol=protocol, first=ways.port, last=ways.port)
        for protocol in (Protocol.TCP, Protocol.UDP)
    ]
    resolving = [
        OutsideRange(cidr=each, without=(), metadata=(), own=()) for each in ways.addresses
    ]
    return [
        *nets_items(resolving, ports),
        *(item for pods in ways.pods for item in with_ports({"pods": pods_item(pods)}, ports)),
    ]


def every_port(pods: Item) -> list[Item]:
    """Pods on every port and protocol."""
    return [{"pods": pods, "protocol": "all", "ports": "all"}]
