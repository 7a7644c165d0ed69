"""Find names of the cluster's own services in host rules.

What it does: reports hosts such as `ledger.bank.svc.cluster.local`, and names of one label.
Why is this bad? Host rules only open addresses outside the cluster: behind a service stand pods,
which they never match.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: ledger.bank.svc.cluster.local}]
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

from transire.model.problems import Level
from transire.review.lint.applicability import with_hosts
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped

ID = "in-cluster-host"
LEVEL = Level.ERROR
APPLIES = with_hosts
EXAMPLE = "cilium@1.19"

_ENDS = (".svc", ".cluster.local", ".svc.cluster")


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every host that only the cluster itself resolves."""
    for manifest, host in context.hosts():
        short = "." not in host.text and "*" not in host.text and ":" not in host.text
        if short or host.text.endswith(_ENDS):
            yield RuleMatch(
                manifest=manifest,
                path=host.at,
                message=f"{clipped(host.text)} is a name inside the cluster, and host rules never "
                "match pods",
                help="select the pods behind it, with their namespace and port",
            )
