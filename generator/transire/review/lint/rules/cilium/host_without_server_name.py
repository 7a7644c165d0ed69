"""Find hosts that no server name of their rule covers.

What it does: compares `toFQDNs` with the `serverNames` of the ports in the same rule.
Why is this bad? The proxy resets a TLS handshake whose server name is not in the list, so the host
is opened and never reached.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: api.example.com}, {matchName: files.example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}], serverNames: [api.example.com]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: api.example.com}, {matchName: files.example.com}]
        toPorts:
        - ports: [{port: "443", protocol: TCP}]
          serverNames: [api.example.com, files.example.com]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import HostName, Policy, Rule
from transire.engines.cilium.lint_policies import is_policy, minor_of
from transire.engines.cilium.objects.fqdn import NamePattern, hosts_of
from transire.engines.cilium.objects.port_reader import server_name
from transire.k8s.json_pointer import items, maps, texts
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import clipped, listed

ID = "host-without-server-name"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every host that the server names of all its ports leave out."""
    minor = minor_of(context.release)
    for policy in context.policies:
        for rule in policy.allows if is_policy(policy.manifest) else ():
            names = _names(rule)
            if names and rule.hosts:
                covered = hosts_of(server_name(each, minor) for each in names)
                for host in rule.hosts:
                    if not hosts_of([NamePattern.of(host.text, minor=minor)]) & covered:
                        yield _found(policy, host, names)


def _names(rule: Rule) -> list[str]:
    """The server names of all ports; none where some port takes any name."""
    groups = [group for _, group in maps(rule.tree, "toPorts", "") if items(group, "ports")]
    if not all(items(group, "serverNames") for group in groups):
        return []
    return [name for group in groups for _, name in texts(group, "serverNames", "") if name]


def _found(policy: Policy, host: HostName, names: list[str]) -> RuleMatch:
    return RuleMatch(
        manifest=policy.manifest,
        path=host.at,
        message=f"{clipped(host.text)} is opened, and no server name of the rule covers it "
        f"({listed(names)}), so every TLS connection to it is reset",
        help=f"add {clipped(host.text)} to serverNames, or give it a rule of its own",
    )
