"""Find services and ports in one item.

What it does: reports `toServices` next to `toPorts`, which Cilium takes since 1.17.
Why is this bad? While the service is not there, or has no endpoints, nothing is left of the
destination, and the ports are opened to everywhere.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toServices: [{k8sService: {serviceName: ledger, namespace: bank}}]
        toPorts: [{ports: [{port: "8080", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": bank, app: ledger}}]
        toPorts: [{ports: [{port: "8080", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.cilium.lint_policies import is_policy, minor_of
from transire.k8s.json_pointer import items
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import ports

ID = "services-with-ports"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"

TAKEN_SINCE = 17
"""The minor release that takes services and ports in one item."""


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every item with both; earlier releases refuse it."""
    if minor_of(context.release) < TAKEN_SINCE:
        return
    for policy in context.policies:
        for rule in policy.allows if is_policy(policy.manifest) else ():
            if items(rule.tree, "toServices") and items(rule.tree, "toPorts"):
                yield RuleMatch(
                    manifest=policy.manifest,
                    path=f"{rule.at}/toServices",
                    message=f"until the service has endpoints, the item opens {ports(rule)} to "
                    "every destination",
                    help="select the pods behind the service with toEndpoints",
                )
