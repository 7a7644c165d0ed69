"""Find empty lists that match nothing.

What it does: reports `toEndpoints: []` and its kin, which select nothing since Cilium 1.16, and
port lists without ports.
Why is this bad? The item allows nothing, and it reads as if it left the list open.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: []
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Rule
from transire.engines.cilium.lint_policies import EMPTY_SELECTS_NOTHING, is_policy, minor_of
from transire.k8s.json_pointer import is_empty_list, items, maps
from transire.k8s.manifests import Manifest
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium

ID = "empty-list-closes"
LEVEL = Level.WARNING
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"

_LISTS = ("toEndpoints", "toCIDR", "toCIDRSet", "toEntities", "toNodes")


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every empty list that makes an item useless."""
    closes = minor_of(context.release) >= EMPTY_SELECTS_NOTHING
    for policy in context.policies:
        if is_policy(policy.manifest):
            for rule in policy.rules:
                yield from _peers(policy.manifest, rule) if closes else ()
                yield from _ports(policy.manifest, rule)


def _peers(manifest: Manifest, rule: Rule) -> Iterator[RuleMatch]:
    for key in _LISTS:
        if is_empty_list(rule.tree, key):
            yield RuleMatch(
                manifest=manifest,
                path=f"{rule.at}/{key}",
                message=f"{key} is empty, so the item matches nothing",
                help="name the destinations, or leave the item out",
            )


def _ports(manifest: Manifest, rule: Rule) -> Iterator[RuleMatch]:
    for at, group in maps(rule.tree, "toPorts", rule.at):
        if not items(group, "ports"):
            yield RuleMatch(
                manifest=manifest,
                path=at,
                message="the item of toPorts has no ports, so it matches nothing",
                help="name the ports, or leave toPorts out for all of them",
            )
    for at, group in maps(rule.tree, "icmps", rule.at):
        if is_empty_list(group, "fields"):
            yield RuleMatch(
                manifest=manifest,
                path=f"{at}/fields",
                message="fields is empty, so the item matches nothing",
                help="name the ICMP types, or leave icmps out",
            )
