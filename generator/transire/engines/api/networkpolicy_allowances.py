"""What rules of NetworkPolicy let pods reach, part by part, as every engine takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from transire.engines.api.allowances import (
    EVERY_PORT,
    EVERYWHERE,
    NAMESPACE_NAME,
    Addresses,
    Allowance,
    Reached,
    SelectedPods,
    Subject,
    Unwritten,
    selector_of,
)
from transire.k8s.label_selector import LabelSelector
from transire.k8s.networkpolicy import EgressRule, NetworkPolicy, PolicyPeer
from transire.model.net import PortRange, Protocol
from transire.model.pod_selector import LabelCondition, Operator


def networkpolicy_allowances(policy: NetworkPolicy) -> Iterator[Allowance]:
    """The egress rules of a policy that governs egress; none of one that does not."""
    if "Egress" not in policy.types:
        return
    name = LabelCondition(
        key=NAMESPACE_NAME, operator=Operator.IN, values=(policy.object.namespace,)
    )
    subject = Subject(pods=selector_of(_conditions(policy.pods)), namespaces=(name,))
    for place, rule in enumerate(policy.egress):
        at = f"/spec/egress/{place}"
        ports = list(_ports(rule, at))
        yield Allowance(
            object=policy.object,
            manifest=policy.manifest,
            pointer=at,
            subjects=(subject,),
            reached=tuple(_reached(rule, at)),
            ports=tuple(each for each in ports if isinstance(each, PortRange)),
            every_port=not rule.ports,
            unwritten=tuple(each for each in ports if isinstance(each, Unwritten)),
        )


def _reached(rule: EgressRule, at: str) -> Iterator[Reached]:
    if not rule.peers:
        yield from (Reached(end=each, pointer=at) for each in EVERYWHERE)
    for place, peer in enumerate(rule.peers):
        yield Reached(end=_end(peer), pointer=f"{at}/to/{place}")


def _end(peer: PolicyPeer) -> Addresses | SelectedPods:
    if peer.block is not None:
        return Addresses(cidr=peer.block.cidr, without=peer.block.excepts)
    return SelectedPods(
        pods=tuple(_conditions(peer.pods)),
        namespaces=None if peer.namespaces is None else tuple(_conditions(peer.namespaces)),
    )


def _conditions(chosen: LabelSelector | None) -> Iterable[LabelCondition]:
    for each in chosen.requirements if chosen else ():
        yield LabelCondition(
            key=each.key,
            operator=Operator(each.operator.value),
            values=tuple(sorted(each.values)),
        )


def _ports(rule: EgressRule, at: str) -> Iterator[PortRange | Unwritten]:
    if not rule.ports:
        yield from EVERY_PORT
    for place, port in enumerate(rule.ports):
        if port.name:
            why = f"values have no words for a port by its name, here {port.name}"
            yield Unwritten(pointer=f"{at}/ports/{place}/port", why=why)
        else:
            yield PortRange(protocol=Protocol[port.protocol], first=port.first, last=port.last)
