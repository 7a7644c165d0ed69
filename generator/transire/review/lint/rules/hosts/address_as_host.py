"""Find addresses in place of names.

What it does: reports an IP address where a host name belongs.
Why is this bad? No DNS query asks for an address, so the rule never matches.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: 198.51.100.7}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.k8s.go_cidr import parse_address
from transire.model.problems import Level
from transire.review.lint.applicability import with_hosts
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "address-as-host"
LEVEL = Level.ERROR
APPLIES = with_hosts
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every host that is an address."""
    for manifest, host in context.hosts():
        address = parse_address(host.text)
        if address is not None:
            yield RuleMatch(
                manifest=manifest,
                path=host.at,
                message=f"{host.text} is an address, and no DNS query asks for one",
                help=f"write the range {address}/{address.max_prefixlen} instead",
            )
