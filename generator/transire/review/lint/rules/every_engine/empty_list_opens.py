"""Find empty lists that mean everything.

What it does: reports lists without items where an engine takes the missing items for any:
`toFQDNs: []` next to ports, `rules: {dns: []}`, `to: []`, `ports: []`, `nets: []`.
Why is this bad? It reads as nothing and opens everything, as when a template is given no values.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toFQDNs: []
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - {}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transire.engines.api.policy_view import Action, Family, Policy, Rule
from transire.engines.cilium.lint_view import EMPTY_SELECTS_NOTHING, minor_of
from transire.k8s.json_pointer import corrected, find, inner, is_empty_list, maps, text
from transire.k8s.manifests import Manifest, Tree
from transire.model.problems import Level
from transire.review.lint.context import EVERY, LintContext
from transire.review.lint.finding import RuleMatch

ID = "empty-list-opens"
LEVEL = Level.ERROR
ENGINES = EVERY
EXAMPLE = "cilium@1.19"

_HELP = "name what is meant, or leave the whole item out"
_LISTS = ("toEndpoints", "toCIDR", "toCIDRSet", "toEntities", "toNodes", "toServices", "toGroups")
_ENTITY = ("nets", "selector", "domains", "ports")


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every empty list that opens."""
    for policy in review.policies:
        for rule in policy.rules:
            match policy.family:
                case Family.CILIUM:
                    yield from _cilium(policy, rule, minor_of(review.release))
                case Family.KUBERNETES:
                    yield from _kubernetes(policy.manifest, rule)
                case Family.CALICO if rule.action is not Action.DENY:
                    yield from _calico(policy.manifest, rule)


def _cilium(policy: Policy, rule: Rule, minor: int) -> Iterator[RuleMatch]:
    empty = ["toFQDNs"] if is_empty_list(rule.tree, "toFQDNs") else []
    if minor < EMPTY_SELECTS_NOTHING:
        empty += [key for key in _LISTS if is_empty_list(rule.tree, key)]
    if empty and rule.anywhere:
        yield RuleMatch(
            manifest=policy.manifest,
            path=f"{rule.at}/{empty[0]}",
            message=f"{empty[0]} is empty, and next to ports Cilium then opens them to every "
            "destination",
            help=_HELP,
            fix=corrected(policy.manifest, lambda body: _drop(body, rule.at)),
        )
    for at, group in maps(rule.tree, "toPorts", rule.at):
        if is_empty_list(inner(group, "rules"), "dns"):
            yield RuleMatch(
                manifest=policy.manifest,
                path=f"{at}/rules/dns",
                message="rules.dns is empty, so any name may be asked and Cilium sees no answer",
                help='list the names that may be asked, or {matchPattern: "*"} for all of them',
            )


def _drop(body: dict[str, Any], at: str) -> None:
    """Take the item away; an empty item keeps the default deny where it was the last."""
    section, _, place = at.rpartition("/")
    found = find(body, section)
    found.pop(int(place))
    if not found:
        found.append({})


def _kubernetes(manifest: Manifest, rule: Rule) -> Iterator[RuleMatch]:
    for key, what in (("to", "every destination"), ("ports", "every port")):
        if is_empty_list(rule.tree, key):
            yield RuleMatch(
                manifest=manifest,
                path=f"{rule.at}/{key}",
                message=f"{key} is empty, and an empty list means {what}",
                help=_HELP,
            )


def _calico(manifest: Manifest, rule: Rule) -> Iterator[RuleMatch]:
    destination = inner(rule.tree, "destination")
    for key in _ENTITY:
        if _is_empty(destination, key) and (key == "ports" or rule.anywhere):
            yield RuleMatch(
                manifest=manifest,
                path=f"{rule.at}/destination/{key}",
                message=f"{key} is empty, which Calico reads as not given: the rule then asks "
                "nothing of it",
                help=_HELP,
            )


def _is_empty(tree: Tree, key: str) -> bool:
    return is_empty_list(tree, key) or (
        key in tree and isinstance(tree[key], str) and not text(tree, key).strip()
    )
