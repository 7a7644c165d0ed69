"""Find pods that may reach something and resolve nothing.

What it does: reports a policy that confines pods and opens something to them that has a name, where
no given policy lets the same pods ask a resolver on port 53.
Why is this bad? The first thing that a pod does is to look a name up; without DNS nothing else
works. It is often the first sign of a default deny.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: bank}}}]
        ports: [{port: 8080}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: bank}}}]
        ports: [{port: 8080}]
      - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
        ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import DNS_UDP, Action, Policy, Rule
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import some_pod

ID = "no-dns"
LEVEL = Level.NOTE
APPLIES = every_engine
EXAMPLE = "kubernetes"

_MDNS = PortSet.of_port(Protocol.UDP, 5353)
"""The port that OpenShift's resolver listens on."""


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every policy that opens something named to pods without DNS."""
    for policy in context.policies:
        if not policy.enforces or not policy.in_force or not any(map(_named, policy.allows)):
            continue
        learns = context.api_of(policy).learns_from_dns_rules
        if learns and any(each.hosts for each in policy.allows):
            continue
        deaf = _deaf(context, policy)
        if deaf and not missed_resolver(context, policy):
            yield RuleMatch(
                manifest=policy.manifest,
                path=policy.at,
                message=f"no given policy lets {some_pod(deaf)} ask a resolver, so it resolves no "
                "name",
                help="open port 53 over UDP and TCP to the cluster's resolver for the same pods",
            )


def _named(rule: Rule) -> bool:
    """Whether the destinations have names that people use: not so a few addresses."""
    whole = any(each.cidr.prefixlen == 0 for each in rule.blocks)
    return bool(rule.hosts or rule.pods or rule.anywhere or rule.world or whole)


def missed_resolver(context: LintContext, policy: Policy) -> Rule | None:
    """The rule that means to open DNS and misses the cluster's resolver; None where none does.

    So does a range on port 53 where ranges never mean what is inside the cluster.
    """
    if context.view.ranges_cover_pods or not _deaf(context, policy):
        return None
    return next(filter(_means_dns, policy.allows), None)


def _means_dns(rule: Rule) -> bool:
    """Whether ranges open port 53 by its number, or everything to everywhere."""
    whole = any(each.cidr.prefixlen == 0 for each in rule.blocks)
    return only_ranges(rule) and rule.ports >= DNS_UDP and (whole or not rule.every_port)


def only_ranges(rule: Rule) -> bool:
    """Whether the destinations are address ranges alone, and wide ones.

    A single address, and a link-local one, may be that of a resolver outside or on the node.
    """
    others = rule.pods or rule.hosts or rule.entities or rule.others or rule.groups
    wide = all(
        each.cidr.prefixlen < each.cidr.max_prefixlen and not each.cidr.is_link_local
        for each in rule.blocks
    )
    return bool(rule.blocks) and wide and not others


def _deaf(context: LintContext, policy: Policy) -> PodSet:
    """The pods of the policy that may query no resolver."""
    inside = context.view.ranges_cover_pods
    if _allows_query(policy, inside=inside):
        return PodSet.nothing()
    rest = context.subject(policy)
    for each in context.around(policy):
        if rest and _allows_query(each, inside=inside):
            rest -= each.subject
    return rest


def _allows_query(policy: Policy, *, inside: bool) -> bool:
    """Whether some rule may open a resolver; `inside`: ranges mean what is in the cluster, too."""
    return any(
        rule.ports >= DNS_UDP or rule.ports >= _MDNS or rule.named or rule.others
        for rule in policy.rules
        if rule.action is not Action.DENY and not rule.nothing and (inside or not only_ranges(rule))
    )
