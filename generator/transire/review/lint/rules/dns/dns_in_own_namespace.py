"""Find rules that look for the cluster's resolver in the policy's own namespace.

What it does: reports a destination that asks for the labels of a DNS server and names no
namespace, in a namespaced policy elsewhere.
Why is this bad? Without a namespace a selector stays in the policy's own, where no resolver runs:
no name is resolved.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: dns, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress:
      - {action: Allow, protocol: UDP, destination: {selector: k8s-app == 'kube-dns', ports: [53]}}
      - {action: Allow, protocol: TCP, destination: {selector: k8s-app == 'kube-dns', ports: [53]}}
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: dns, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress:
      - action: Allow
        protocol: UDP
        destination:
          namespaceSelector: projectcalico.org/name == 'kube-system'
          selector: k8s-app == 'kube-dns'
          ports: [53]
      - action: Allow
        protocol: TCP
        destination:
          namespaceSelector: projectcalico.org/name == 'kube-system'
          selector: k8s-app == 'kube-dns'
          ports: [53]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import DNS_UDP, PodPeer, Policy, Rule
from transire.flows.pod_set import PodSet
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.resolvers import HOMES, RESOLVERS

ID = "dns-in-own-namespace"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "calico@3.30"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every selector of a resolver that stays at home."""
    for policy in context.policies:
        if not policy.namespace or policy.namespace in HOMES:
            continue
        for rule in policy.allows:
            for peer in rule.pods:
                mistaken = context.api_of(policy).mistaken_labels(rule, peer)
                if peer.implied and not mistaken and (found := _found(context, policy, rule, peer)):
                    yield found


def _found(context: LintContext, policy: Policy, rule: Rule, peer: PodPeer) -> RuleMatch | None:
    corrections = context.api_of(policy).corrections
    resolver = min(RESOLVERS & peer.values, default="")
    where = f"the namespace {policy.namespace}" if policy.ref.namespace else "its own namespace"
    if resolver:
        return RuleMatch(
            manifest=policy.manifest,
            path=peer.at,
            message=f"the selector asks for {resolver} and names no namespace, so it only finds "
            f"pods of {where}",
            help=f"name the namespace of the resolver: {corrections.namespace_with}",
        )
    every_pod = PodSet.in_namespace(policy.namespace) <= peer.pods
    if rule.ports >= DNS_UDP and not rule.every_port and every_pod:
        return RuleMatch(
            manifest=policy.manifest,
            path=peer.at,
            message=f"port 53 is opened to pods of {where} only, since no other is named",
            help=f"name the namespace of the resolver: {corrections.namespace_with}",
            level=Level.WARNING,
        )
    return None
