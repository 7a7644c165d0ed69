"""Kubernetes NetworkPolicy as Cilium takes it.

Source: `pkg/k8s/network_policy.go`. Unlike Kubernetes, Cilium enforces egress rules even where
`policyTypes` names Ingress alone, ranges never match pods or nodes, and a named port is one number
for the whole cluster.
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.networkpolicy_notes import networkpolicy_refused
from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.identity import CLUSTER, K8S, NAMESPACE, NAMESPACE_LABELS
from transire.engines.cilium.objects.rules import (
    EVERYONE,
    CiliumRule,
    Origin,
    Port,
    PortGroup,
    Selector,
    ranges_of,
)
from transire.engines.cilium.objects.schema import V16
from transire.engines.cilium.objects.selectors import Demand, Labelled, is_label, kubernetes_demands
from transire.flows.port_set import Protocol
from transire.k8s.label_selector import Operator
from transire.k8s.networkpolicy import (
    EgressRule,
    NetworkPolicy,
    PolicyPeer,
    PolicyPort,
)
from transire.model.net import MAX_PORT


def networkpolicy_rules(policy: NetworkPolicy, agent: Agent, cluster: str) -> Iterator[CiliumRule]:
    """The egress rules of a policy; one that only denies has a rule without peers."""
    namespace = policy.object.namespace
    own = is_label(K8S, NAMESPACE, namespace)
    subject = Labelled(tuple(sorted((*kubernetes_demands(policy.pods), own))))
    caveats = tuple(networkpolicy_refused(policy))
    for place, rule in enumerate(policy.egress):
        yield CiliumRule(
            origin=_origin(policy, f"/spec/egress/{place}"),
            subject=subject,
            peers=tuple(_peers(rule, agent, namespace, cluster)) or (EVERYONE,),
            groups=_groups(rule, agent),
            caveats=caveats,
        )
    if "Egress" in policy.types and not policy.egress:
        origin = _origin(policy, "/spec/policyTypes")
        yield CiliumRule(origin=origin, subject=subject, caveats=caveats)


def _origin(policy: NetworkPolicy, rule: str) -> Origin:
    return Origin(object=policy.object, manifest=policy.manifest, rule=rule)


def _peers(rule: EgressRule, agent: Agent, namespace: str, cluster: str) -> Iterator[Selector]:
    for peer in rule.peers:
        if peer.block is None:
            demands = _pod_demands(peer, agent, namespace, cluster)
            yield Labelled(tuple(sorted(set(demands))))
        else:
            block = peer.block
            key = f"{block.cidr} {[str(each) for each in block.excepts]}"
            shown = key if block.excepts else str(block.cidr)
            yield ranges_of(agent, shown, (block.cidr,), block.excepts)


def _pod_demands(peer: PolicyPeer, agent: Agent, namespace: str, cluster: str) -> Iterator[Demand]:
    pods = kubernetes_demands(peer.pods) if peer.pods else ()
    yield from pods
    if agent.local_cluster and not any(each.key == CLUSTER for each in pods):
        yield is_label(K8S, CLUSTER, cluster)
    if peer.namespaces is None:
        yield is_label(K8S, NAMESPACE, namespace)
    elif not peer.namespaces.requirements:
        yield Demand(K8S, NAMESPACE, Operator.EXISTS)
    else:
        yield from kubernetes_demands(peer.namespaces, NAMESPACE_LABELS)


def _groups(rule: EgressRule, agent: Agent) -> tuple[PortGroup, ...] | None:
    if not rule.ports:
        return None
    return tuple(PortGroup(ports=(_port(each, agent),)) for each in rule.ports)


def _port(port: PolicyPort, agent: Agent) -> Port:
    """Before 1.16 the agent reads no `endPort`, so that only the first port is meant."""
    protocol = Protocol[port.protocol]
    if port.name:
        name = port.name.lower()
        return Port(protocol=protocol, text=name, name=name)
    if (port.first, port.last) == (1, MAX_PORT):
        return Port(protocol=protocol, text="0")
    last = port.last if port.last > port.first and agent.minor >= V16 else 0
    return Port(protocol=protocol, text=str(port.first), first=port.first, last=last)
