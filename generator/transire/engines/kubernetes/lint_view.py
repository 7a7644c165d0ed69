"""NetworkPolicy in the common shape, from the objects that the API server takes."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_view import Block, Family, NamedPort, PodPeer, Policy, Rule
from transire.engines.api.selector_sets import demands, namespaces_with, pods_with, values_of
from transire.engines.cilium.lint_selectors import pins_of
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.json_pointer import find, inner, maps
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.networkpolicy import (
    EgressRule,
    NetworkPolicy,
    PolicyPeer,
    PolicyPort,
    parse_networkpolicies,
)
from transire.model.net import MAX_PORT

TIER, ORDER = "default", 1000.0
"""Where Calico puts a NetworkPolicy."""


def read_kubernetes(
    manifest: Manifest, tree: Tree, namespace: str, *, in_force: bool
) -> Iterator[Policy]:
    """The policy of one object; nothing where the API server would refuse it.

    Raises:
        Unjudgeable: if it holds what is not modelled.
    """
    metadata = {"name": "generated", **inner(tree, "metadata"), "namespace": namespace}
    placed = Manifest(
        source=manifest.source, index=manifest.index, body={**tree, "metadata": metadata}
    )
    parsed = parse_networkpolicies([placed])
    for entry in parsed.unmodelled:
        raise entry.error()
    for policy in parsed.policies:
        spec = inner(tree, "spec")
        pods = pods_with(inner(spec, "podSelector"))
        yield Policy(
            manifest=manifest,
            family=Family.KUBERNETES,
            at="/spec",
            tree=spec,
            namespace=namespace,
            subject=PodSet.in_namespace(namespace) & pods,
            subject_at="/spec/podSelector",
            pins=pins_of(demands(inner(spec, "podSelector"))),
            enforces="Egress" in policy.types,
            in_force=in_force and "Egress" in policy.types,
            rules=tuple(_rules(policy, spec)),
            tier=TIER,
            order=(ORDER, policy.object.name),
        )


def _rules(policy: NetworkPolicy, spec: Tree) -> Iterator[Rule]:
    trees = dict(maps(spec, "egress", "/spec"))
    for place, rule in enumerate(policy.egress):
        at = f"/spec/egress/{place}"
        yield _rule(rule, at, trees.get(at, {}), policy.object.namespace)


def _rule(rule: EgressRule, at: str, tree: Tree, namespace: str) -> Rule:
    ports = PortSet.union(_port(each) for each in rule.ports)
    peers = [(f"{at}/to/{place}", each) for place, each in enumerate(rule.peers)]
    return Rule(
        at=at,
        tree=tree,
        ports=ports if rule.ports else PortSet.everything(),
        named=tuple(
            NamedPort(at=f"{at}/ports/{place}/port", name=each.name)
            for place, each in enumerate(rule.ports)
            if each.name
        ),
        anywhere=not rule.peers,
        blocks=tuple(
            Block(at=f"{here}/ipBlock/cidr", cidr=each.block.cidr, excepts=each.block.excepts)
            for here, each in peers
            if each.block is not None
        ),
        pods=tuple(
            _peer(each, here, find(tree, f"/to/{place}"), namespace)
            for place, (here, each) in enumerate(peers)
            if each.block is None
        ),
    )


def _peer(peer: PolicyPeer, at: str, tree: Tree, namespace: str) -> PodPeer:
    inside = PodSet.in_namespace(namespace)
    if peer.namespaces is not None:
        inside = namespaces_with(inner(tree, "namespaceSelector"))
    own = pods_with(inner(tree, "podSelector"))
    return PodPeer(
        at=at,
        pods=inside & own,
        values=values_of(demands(inner(tree, "podSelector"))),
        implied=peer.namespaces is None,
        possible=bool(inside & own),
    )


def _port(port: PolicyPort) -> PortSet:
    if port.name:
        return PortSet.nothing()
    protocol = Protocol[port.protocol]
    if (port.first, port.last) == (1, MAX_PORT):
        return PortSet.of_protocol(protocol)
    return PortSet.of_port(protocol, port.first, port.last)
