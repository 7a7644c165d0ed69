"""Find ranges of every address, where pods have addresses, too.

What it does: reports 0.0.0.0/0 and ::/0 without exceptions on engines whose ranges cover pods.
Why is this bad? It reads as the internet and also opens every pod, node and service of the cluster.
Cilium's ranges never match pods and nodes; others do.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{ipBlock: {cidr: 0.0.0.0/0}}]
        ports: [{port: 443}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]}}]
        ports: [{port: 443}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import Level
from transire.review.lint.applicability import with_ranges_of_pods
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "block-covers-pods"
LEVEL = Level.WARNING
APPLIES = with_ranges_of_pods
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every range of a whole family that is allowed."""
    for policy in context.policies:
        field = context.api_of(policy).corrections.leave_out_with
        for rule in policy.allows:
            for block in rule.blocks:
                if block.is_whole and not rule.narrowed:
                    yield RuleMatch(
                        manifest=policy.manifest,
                        path=block.at,
                        message=f"{block.cidr} also covers the pods, nodes and services of the "
                        "cluster",
                        help=f"leave the cluster's own ranges out with {field}",
                    )
