"""Find server names on ports where TLS starts late.

What it does: looks for `serverNames` on ports such as 25, 143, 587, 3306 and 5432, on which a
connection by custom begins without TLS.
Why is this bad? The proxy looks for a server name at the start of a connection. There a greeting
comes first, so it finds none, and drops what the rule was written to allow.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: db.example.com}]
        toPorts: [{ports: [{port: "5432", protocol: TCP}], serverNames: [db.example.com]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: db.example.com}]
        toPorts: [{ports: [{port: "5432", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from transire.engines.api.policy_shape import Policy
from transire.engines.cilium.lint_policies import is_policy
from transire.k8s.json_pointer import items, maps, text
from transire.model.late_tls import LATE_TLS, named
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import listed

ID = "server-name-before-tls"
LEVEL = Level.WARNING
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every group of ports with server names that holds such a port."""
    for policy in context.policies:
        for rule in policy.allows if is_policy(policy.manifest) else ():
            for at, group in maps(rule.tree, "toPorts", f"{rule.at}"):
                late = sorted(set(_late(group)))
                if late and items(group, "serverNames"):
                    yield _found(policy, f"{at}/serverNames", late)


def _late(group: Mapping[str, Any]) -> Iterator[int]:
    """The single TCP ports of a group on which TLS starts late."""
    for _, each in maps(group, "ports", ""):
        port, protocol = text(each, "port"), text(each, "protocol").upper()
        alone = each.get("endPort") in (None, 0)
        if alone and port.isdecimal() and int(port) in LATE_TLS and protocol in {"", "ANY", "TCP"}:
            yield int(port)


def _found(policy: Policy, at: str, late: list[int]) -> RuleMatch:
    shown = [named(port) for port in late]
    return RuleMatch(
        manifest=policy.manifest,
        path=at,
        message=f"on {listed(shown)} a connection begins without TLS, so it shows no server name "
        "and is dropped",
        help="no server name can be checked there: where the hosts alone are enough, write these "
        "ports in a group of their own without serverNames",
    )
