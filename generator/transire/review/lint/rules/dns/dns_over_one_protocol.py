"""Find DNS that is opened over UDP or TCP alone.

What it does: reports port 53 of a destination that is open over one of the two, where no given
policy opens the other.
Why is this bad? Queries go over UDP, and long answers are asked for again over TCP: without the
one nothing resolves, without the other some names do not.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: dns, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
        ports: [{port: 53, protocol: UDP}]
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
        ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import DNS_TCP, DNS_UDP, Policy, Rule
from transire.flows.port_set import PortSet, Protocol
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import peers

ID = "dns-over-one-protocol"
LEVEL = Level.WARNING
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every destination with half of DNS."""
    for policy in context.policies:
        for rule in policy.allows:
            for has, lacks, missing in (
                ("UDP", "TCP", DNS_TCP),
                ("TCP", "UDP", DNS_UDP),
            ):
                half = _names_53(rule, Protocol[has]) and not missing <= rule.ports
                if half and not _elsewhere(context, policy, rule, missing):
                    yield _found(policy, rule, has, lacks)


def _names_53(rule: Rule, protocol: Protocol) -> bool:
    """Whether the rule opens port 53 itself, not a range in which it happens to be."""
    neighbours = PortSet.of_port(protocol, 52) | PortSet.of_port(protocol, 54)
    return PortSet.of_port(protocol, 53) <= rule.ports and not rule.ports & neighbours


def _elsewhere(context: LintContext, policy: Policy, rule: Rule, lacking: PortSet) -> bool:
    """Whether other rules for all of these pods open the other half to the same destination."""

    def opens(each: Policy) -> bool:
        return any(lacking <= other.ports and other.covers_peers(rule) for other in each.allows)

    return any(context.covering(policy, opens))


def _found(policy: Policy, rule: Rule, has: str, lacks: str) -> RuleMatch:
    why = "queries go over UDP first" if lacks == "UDP" else "long answers need TCP"
    return RuleMatch(
        manifest=policy.manifest,
        path=rule.at,
        message=f"port 53 of {peers(rule)} is open over {has} and not over {lacks}, and {why}",
        help=f"decide whether 53/{lacks} is to be open beside 53/{has}",
    )
