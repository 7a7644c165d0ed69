"""Find ranges that are to mean what is inside the cluster, on engines whose ranges never do.

What it does: reports a range with port 53 where nothing else lets the pods ask a resolver, and a
range that holds addresses of pods or nodes that somebody has shown; any other private range is a
note where a port of the API server or of kubelets is opened.
Why is this bad? Cilium's ranges mean addresses outside the cluster, and 0.0.0.0/0 is no exception:
pods, nodes, the API server and the cluster's resolver are matched by labels and entities alone.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [0.0.0.0/0]
        toPorts: [{ports: [{port: "443", protocol: TCP}, {port: "53", protocol: ANY}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [0.0.0.0/0]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
      - toEndpoints:
        - matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system, "k8s:k8s-app": kube-dns}
        toPorts: [{ports: [{port: "53", protocol: ANY}]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from transire.engines.api.policy_shape import Block, Policy, Rule
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.go_cidr import parse_address
from transire.k8s.json_pointer import inner, maps, text, texts
from transire.k8s.manifests import Manifest
from transire.model.net import Address, contains
from transire.model.problems import Level
from transire.review.lint.applicability import with_ranges_outside
from transire.review.lint.context import LintContext, namespace_of
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.dns.no_dns import missed_resolver
from transire.review.lint.wording import some_pod

ID = "range-misses-cluster"
LEVEL = Level.WARNING
APPLIES = with_ranges_outside
EXAMPLE = "cilium@1.19"

_OF_NODES = PortSet.of_port(Protocol.TCP, 6443) | PortSet.of_port(Protocol.TCP, 10250)
"""Ports of the API server and of kubelets."""
_PRIVATE = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every range that is to open DNS, and every one that holds known addresses of the cluster."""
    inside = list(_inside(context))
    for policy in context.policies:
        rule = missed_resolver(context, policy) if policy.in_force and policy.enforces else None
        if rule is not None:
            yield _no_resolver(policy, rule)
        for allowed in policy.allows:
            for block in allowed.blocks:
                yield from _known(policy, allowed, block, inside)


def _no_resolver(policy: Policy, rule: Rule) -> RuleMatch:
    return RuleMatch(
        manifest=policy.manifest,
        path=rule.at,
        message=f"{rule.blocks[0].cidr} means addresses outside the cluster and by default never "
        "its pods, "
        f"so {some_pod(policy.subject)} may not ask the cluster's resolver",
        help="select the resolver's pods, with the port that they listen on",
    )


def _inside(context: LintContext) -> Iterator[tuple[str, Address]]:
    """What is known to be in the cluster, with its addresses."""
    cluster = context.facts.cluster
    for pod in cluster.pods if cluster else ():
        for address in () if pod.host_network else pod.ips:
            yield f"the pod {pod.namespace}/{pod.name}", address
    for node in cluster.nodes if cluster else ():
        yield f"the node {node.name}", node.ip
    for manifest in context.manifests:
        if (manifest.api_version, manifest.ref.kind) == ("v1", "Node"):
            for _, each in maps(inner(manifest.body, "status"), "addresses", ""):
                if own := parse_address(text(each, "address")):
                    yield f"the node {manifest.ref.name}", own
        elif manifest.ref.kind == "EndpointSlice":
            yield from _pods_of_slice(manifest)


def _pods_of_slice(manifest: Manifest) -> Iterator[tuple[str, Address]]:
    """Endpoints that are pods; the others may be anywhere."""
    for _, endpoint in maps(manifest.body, "endpoints", ""):
        target = inner(endpoint, "targetRef")
        if text(target, "kind") == "Pod":
            for _, written in texts(endpoint, "addresses", ""):
                if address := parse_address(written):
                    yield f"the pod {namespace_of(manifest)}/{text(target, 'name')}", address


def _known(
    policy: Policy, rule: Rule, block: Block, inside: list[tuple[str, Address]]
) -> Iterator[RuleMatch]:
    """Nothing about whole families, which are the internet to whoever writes them."""
    if block.cidr.prefixlen == 0 or rule.narrowed:
        return
    held = next(((what, address) for what, address in inside if address in block.cidr), None)
    if held is None:
        yield from _private(policy, rule, block)
        return
    what, address = held
    single = block.cidr.prefixlen == block.cidr.max_prefixlen
    yield RuleMatch(
        manifest=policy.manifest,
        path=block.at,
        message=f"{address} is {what}, which a range does not mean by default"
        if single
        else f"{block.cidr} holds {address} of {what}, which a range does not mean by default",
        help="select pods by their labels, and nodes by an entity, if they are meant",
        level=None if single else Level.NOTE,
    )


def _private(policy: Policy, rule: Rule, block: Block) -> Iterator[RuleMatch]:
    """A private range with a port of nodes is the cluster's own to whoever writes it."""
    of_nodes = not rule.every_port and rule.ports & _OF_NODES
    if (
        of_nodes
        and any(contains(each, block.cidr) for each in _PRIVATE)
        and block.cidr.num_addresses > 1
    ):
        yield RuleMatch(
            manifest=policy.manifest,
            path=block.at,
            message=f"{block.cidr} is private and by default never means pods, nodes or the API "
            "server of this cluster, whatever their addresses",
            help="select pods by their labels, and nodes and the API server by an entity, if they "
            "are meant",
            level=Level.NOTE,
        )
