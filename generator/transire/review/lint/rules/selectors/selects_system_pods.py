"""Find cluster-wide policies that confine the system's own pods.

What it does: reports cluster-wide policies that deny by default and select pods of kube-system
beside others.
Why is this bad? The resolver can no longer ask its upstream, and controllers lose the API server:
the whole cluster goes down with them.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumClusterwideNetworkPolicy
    metadata: {name: default-deny}
    spec: {endpointSelector: {}, egress: [{}]}
Good:
    apiVersion: cilium.io/v2
    kind: CiliumClusterwideNetworkPolicy
    metadata: {name: default-deny}
    spec:
      endpointSelector:
        matchExpressions:
        - {key: "k8s:io.kubernetes.pod.namespace", operator: Exists}
        - {key: "k8s:io.kubernetes.pod.namespace", operator: NotIn, values: [kube-system]}
      egress: [{}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.flows.pod_set import PodSet, Workload
from transire.model.problems import Level
from transire.review.lint.applicability import with_cluster_wide_policies
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "selects-system-pods"
LEVEL = Level.WARNING
APPLIES = with_cluster_wide_policies
EXAMPLE = "cilium@1.19"

SYSTEM = "kube-system"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every cluster-wide policy with a pod of kube-system that nobody singled out."""
    pod = Workload(namespace=SYSTEM)
    for policy in context.policies:
        if policy.namespace:
            continue
        confined = policy.confines and policy.in_force and pod in policy.subject
        if confined and not policy.subject <= PodSet.in_namespace(SYSTEM):
            yield RuleMatch(
                manifest=policy.manifest,
                path=policy.subject_at,
                message=f"the policy also selects the pods of {SYSTEM} and denies them what no "
                "policy allows",
                help=f"leave {SYSTEM} out of the selector",
            )
