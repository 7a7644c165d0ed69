"""Find a pattern that stands for every name.

What it does: reports `matchPattern: "*"` in `toFQDNs`, and since Cilium 1.19 `**` and its kin.
Why is this bad? It opens every address that the DNS proxy has seen, makes an identity of each, and
reads like a list of hosts.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchPattern: "*"}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchPattern: "*.example.com"}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import clipped

ID = "bare-wildcard"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every pattern of stars and dots alone."""
    for manifest, host in context.hosts():
        if not host.text.strip("*."):
            yield RuleMatch(
                manifest=manifest,
                path=host.at,
                message=f"{clipped(host.text)} names no host, so it opens whatever name a pod "
                "resolves",
                help="name the hosts, or write toEntities: [world] if everything outside is meant",
            )
