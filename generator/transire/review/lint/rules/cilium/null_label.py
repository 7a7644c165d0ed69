"""Find labels without a value in selectors.

What it does: reports `matchLabels` of Cilium with nothing behind a key, as a template leaves it
that is given no value.
Why is this bad? The API server drops the null when the object is created, so the selector demands
nothing of the label: without another it fits every pod. Server-side apply refuses the object.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {app: }}]
        toPorts: [{ports: [{port: "8080", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {app: ledger}}]
        toPorts: [{ports: [{port: "8080", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from transire.engines.api.policy_shape import Policy
from transire.engines.cilium.lint_policies import is_policy
from transire.flows.pod_set import PodSet
from transire.k8s.json_pointer import find
from transire.k8s.typed_decoding import pointer
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import clipped

ID = "null-label"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every such label of a policy's own selector and of its destinations."""
    for policy in context.policies:
        if is_policy(policy.manifest):
            yield from _of_selector(policy, policy.subject_at, policy.subject)
            for rule in policy.rules:
                for peer in rule.pods:
                    yield from _of_selector(policy, peer.at, peer.pods)


def _of_selector(policy: Policy, at: str, pods: PodSet) -> Iterator[RuleMatch]:
    labels = find(policy.manifest.body, f"{at}/matchLabels")
    for key, value in labels.items() if isinstance(labels, Mapping) else ():
        if value is None:
            yield RuleMatch(
                manifest=policy.manifest,
                path=f"{at}/matchLabels{pointer(key)}",
                message=f"{clipped(key)} is null, which create drops and server-side apply "
                f"refuses; what is left selects {pods}",
                help="write the value, or leave the label out",
            )
