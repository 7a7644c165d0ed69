"""Find namespaced Cilium policies that name another namespace for their pods.

What it does: reports `endpointSelector` of a CiliumNetworkPolicy that names a namespace other than
the policy's.
Why is this bad? The agent puts the policy's own namespace in its place without an error, so pods of
another namespace are governed than the ones that are written.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec:
      endpointSelector: {matchLabels: {"k8s:io.kubernetes.pod.namespace": bank}}
      egress: [{}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: deny, namespace: bank}
    spec: {endpointSelector: {}, egress: [{}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.cilium.lint_policies import is_policy
from transire.engines.cilium.objects.identity import NAMESPACE
from transire.k8s.json_pointer import inner
from transire.k8s.typed_decoding import pointer
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import clipped

ID = "other-namespace"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"
_KEY = f"k8s:{NAMESPACE}"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every namespace that is replaced."""
    for policy in context.policies:
        if not is_policy(policy.manifest) or not policy.namespace:
            continue
        named = inner(policy.tree, "endpointSelector", "matchLabels").get(_KEY, policy.namespace)
        if named != policy.namespace and policy.ref.namespace:
            other = clipped(str(named))
            yield RuleMatch(
                manifest=policy.manifest,
                path=f"{policy.subject_at}{pointer('matchLabels', _KEY)}",
                message=f"the selector names the namespace {other}, and the agent puts the "
                f"policy's own, {policy.namespace}, in its place",
                help=f"put the policy into {other}, or leave the namespace out of the selector",
            )
