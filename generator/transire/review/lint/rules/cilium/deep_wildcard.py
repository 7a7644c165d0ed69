"""Find `**` where it means one label.

What it does: reports `**.example.com` before Cilium 1.19, and `**` anywhere but in front.
Why is this bad? It is read as a single star: `a.example.com` matches and `a.b.example.com` does
not.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchPattern: "**.example.com"}]
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
      - toFQDNs: [{matchPattern: "*.example.com"}, {matchPattern: "*.*.example.com"}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.cilium.lint_policies import minor_of
from transire.engines.cilium.objects.fqdn import ANY_DEPTH_SINCE
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import clipped

ID = "deep-wildcard"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.17"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every `**` that stands for less than it looks like."""
    deep = minor_of(context.release) >= ANY_DEPTH_SINCE
    for manifest, host in context.hosts():
        leading = host.text.startswith("**.") and "**" not in host.text[3:]
        if "**" not in host.text or not host.text.strip("*.") or (deep and leading):
            continue
        why = "only a leading **. is more" if deep else "only 1.19 and newer know more"
        yield RuleMatch(
            manifest=manifest,
            path=host.at,
            message=f"** in {clipped(host.text)} stands for one label in {context.release}: {why}",
            help="list a pattern for each depth, such as *.example.com and *.*.example.com",
        )
