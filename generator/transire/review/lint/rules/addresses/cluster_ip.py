"""Find addresses of services in ranges.

What it does: reports allowed ranges inside the cluster's service range. Where that range is not
given, single addresses in the ranges that installers choose by default are reported as warnings. An
address next to a link-local one on port 53 is a node-local DNS cache, and left alone.
Why is this bad? Policy is asked after the service's address was replaced by that of a pod, so the
rule never matches.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: dns, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{ipBlock: {cidr: 10.96.0.10/32}}]
        ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: dns, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
        ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network

from transire.engines.api.policy_shape import DNS_TCP, DNS_UDP, Block, Policy
from transire.k8s.go_cidr import parse_address
from transire.k8s.json_pointer import inner, text, texts
from transire.model.net import Address, contains
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext, namespace_of
from transire.review.lint.finding import RuleMatch

ID = "cluster-ip"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"

DEFAULTS = tuple(
    (who, ip_network(cidr))
    for who, cidr in (
        ("kubeadm", "10.96.0.0/12"),
        ("k3s", "10.43.0.0/16"),
        ("EKS", "10.100.0.0/16"),
        ("EKS", "172.20.0.0/16"),
        ("OpenShift", "172.30.0.0/16"),
        ("MicroK8s", "10.152.183.0/24"),
        ("GKE", "34.118.224.0/20"),
    )
)
"""Service ranges that installers choose by default."""
_LINK_LOCAL = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"))


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every allowed range of services."""
    services = dict(_services(context))
    for policy in context.policies:
        caches = any(_is_cache(block) for rule in policy.allows for block in rule.blocks)
        for rule in policy.allows:
            if caches and rule.ports <= DNS_UDP | DNS_TCP:
                continue
            for block in rule.blocks:
                yield from _blocks(context, policy, block, services)


def _is_cache(block: Block) -> bool:
    return any(contains(each, block.cidr) for each in _LINK_LOCAL)


def _services(context: LintContext) -> Iterator[tuple[Address, str]]:
    """The addresses of given services."""
    for manifest in context.manifests:
        if (manifest.api_version, manifest.ref.kind) == ("v1", "Service"):
            spec = inner(manifest.body, "spec")
            written = [
                text(spec, "clusterIP"),
                *(each for _, each in texts(spec, "clusterIPs", "")),
            ]
            for each in written:
                if address := parse_address(each):
                    yield address, f"{namespace_of(manifest)}/{manifest.ref.name}"


def _blocks(
    context: LintContext, policy: Policy, block: Block, services: Mapping[Address, str]
) -> Iterator[RuleMatch]:
    single = block.cidr.prefixlen == block.cidr.max_prefixlen
    if single and (service := services.get(block.cidr.network_address)):
        yield _found(policy, block, f"is the address of the service {service}", None)
        return
    for own in context.facts.service_cidrs:
        if contains(own, block.cidr):
            yield _found(policy, block, f"lies in the cluster's service range {own}", None)
            return
    for who, own in () if context.facts.service_cidrs else DEFAULTS:
        if single and contains(own, block.cidr):
            yield _found(policy, block, f"lies in {own}, where {who} puts services", Level.WARNING)
            return


def _found(policy: Policy, block: Block, where: str, level: Level | None) -> RuleMatch:
    return RuleMatch(
        manifest=policy.manifest,
        path=block.at,
        message=f"{block.cidr} {where}, and policy sees the pod behind a service, never "
        "its address",
        help="select the pods behind the service, with the port that they listen on",
        level=level,
    )
