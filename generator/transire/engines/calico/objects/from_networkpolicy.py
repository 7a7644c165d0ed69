"""Kubernetes NetworkPolicy as Calico enforces it: Allow rules in the default tier.

Source: `libcalico-go/lib/backend/k8s/conversion` of Calico.
"""

from __future__ import annotations

from transire.engines.calico.objects.fields import NUMBERS, Ports
from transire.engines.calico.objects.rules import CalicoAction, CalicoRule, Entity, Nets
from transire.engines.calico.objects.selector import (
    NAMESPACE,
    OF_NAMESPACE,
    ORCHESTRATOR,
    Everything,
    Has,
    Not,
    OneOf,
    Selector,
    both,
    equals,
    prefixed,
)
from transire.k8s.label_selector import LabelSelector, Operator, Requirement
from transire.k8s.networkpolicy import EgressRule, NetworkPolicy, PolicyPeer, PolicyPort
from transire.model.net import MAX_PORT

ORDER = 1000.0
"""The order that a converted policy has in the default tier."""

A_POD = equals(ORCHESTRATOR, "k8s")
"""What pods have and sets have not."""


def converted_selector(policy: NetworkPolicy) -> Selector:
    """Which pods the policy governs."""
    found = both(equals(NAMESPACE, policy.object.namespace), A_POD, label_selector(policy.pods))
    return found or Everything()


def converted_rules(policy: NetworkPolicy) -> tuple[CalicoRule, ...]:
    """The rules; those of one `egress` item carry its pointer."""
    return tuple(
        rule
        for place, item in enumerate(policy.egress)
        for rule in _item(item, f"/spec/egress/{place}", policy.object.namespace)
    )


def label_selector(selector: LabelSelector) -> Selector | None:
    """The same demands in Calico's grammar; None for a selector without any."""
    return both(*(_requirement(each) for each in selector.requirements))


def _requirement(demand: Requirement) -> Selector:
    match demand.operator:
        case Operator.IN:
            return OneOf(demand.key, demand.values)
        case Operator.NOT_IN:
            return Not(OneOf(demand.key, demand.values))
        case Operator.EXISTS:
            return Has(demand.key)
        case Operator.DOES_NOT_EXIST:
            return Not(Has(demand.key))


def _item(item: EgressRule, at: str, namespace: str) -> list[CalicoRule]:
    entities = [_entity(peer, namespace) for peer in item.peers] or [Entity()]
    return [
        CalicoRule(
            pointer=at,
            action=CalicoAction.ALLOW,
            family=entity.nets.networks[0].version if entity.nets else None,
            protocol=protocol,
            destination=Entity(
                nets=entity.nets, not_nets=entity.not_nets, members=entity.members, ports=ports
            ),
        )
        for protocol, ports in port_lists(item.ports)
        for entity in entities
    ]


def port_lists(ports: tuple[PolicyPort, ...]) -> list[tuple[int | None, Ports | None]]:
    """Protocols with their ports; no list of ports is every protocol."""
    if not ports:
        return [(None, None)]
    found: list[tuple[int | None, Ports | None]] = []
    for protocol in sorted({each.protocol for each in ports}):
        mine = [each for each in ports if each.protocol == protocol]
        whole = any((each.first, each.last, each.name) == (1, MAX_PORT, "") for each in mine)
        some = Ports(
            ranges=tuple((each.first, each.last) for each in mine if not each.name),
            names=frozenset(each.name for each in mine if each.name),
        )
        found.append((NUMBERS[protocol], None if whole else some))
    return found


def _entity(peer: PolicyPeer, namespace: str) -> Entity:
    if peer.block is not None:
        return Entity(nets=Nets((peer.block.cidr,)), not_nets=Nets(peer.block.excepts))
    pods = None if peer.pods is None else label_selector(peer.pods)
    return Entity(members=both(_spaces(peer, namespace), A_POD, pods))


def _spaces(peer: PolicyPeer, namespace: str) -> Selector:
    if peer.namespaces is None:
        return equals(NAMESPACE, namespace)
    labels = label_selector(peer.namespaces)
    if labels is None:
        return Has(NAMESPACE)
    return prefixed(labels, OF_NAMESPACE, Has(NAMESPACE))
