"""Find Calico selectors for pods that also select sets of addresses.

What it does: reports Allow and Pass rules whose destination is `all()` or a `namespaceSelector`
alone.
Why is this bad? Such a selector also matches the NetworkSets of those namespaces, which hold
addresses and domains outside the cluster that somebody else chose.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: inside, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress: [{action: Allow, destination: {namespaceSelector: all()}}]
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: inside, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress:
      - action: Allow
        destination: {namespaceSelector: all(), selector: projectcalico.org/orchestrator == 'k8s'}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transire.engines.api.policy_shape import Action, Policy, Rule
from transire.engines.calico.lint_policies import is_calico
from transire.engines.calico.objects.selector import Everything
from transire.engines.calico.objects.selector_grammar import is_only_global, parse_selector
from transire.k8s.correction import corrected
from transire.k8s.json_pointer import find, inner, text
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico

ID = "network-sets-selected"
LEVEL = Level.WARNING
APPLIES = on_calico
EXAMPLE = "calico@3.30"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every destination that takes sets along."""
    for policy in context.policies:
        if is_calico(policy.manifest):
            for rule in policy.rules:
                if rule.action is not Action.DENY and _takes_sets(policy, rule):
                    yield _found(policy, rule)


def _takes_sets(policy: Policy, rule: Rule) -> bool:
    destination = inner(rule.tree, "destination")
    spaces, own = text(destination, "namespaceSelector"), text(destination, "selector")
    narrowed = destination.get("nets") or destination.get("serviceAccounts")
    if narrowed or is_only_global(spaces) or (own and parse_selector(own) != Everything()):
        return False
    return bool(spaces or (own and not policy.namespace))


def _found(policy: Policy, rule: Rule) -> RuleMatch:
    return RuleMatch(
        manifest=policy.manifest,
        path=f"{rule.at}/destination",
        message="the destination selects NetworkSets as well as pods, and with them addresses "
        "outside the cluster",
        help="add selector: projectcalico.org/orchestrator == 'k8s', which pods alone have",
        fix=corrected(policy.manifest, lambda body: _pods_alone(body, rule.at)),
    )


def _pods_alone(body: dict[str, Any], at: str) -> None:
    find(body, at)["destination"]["selector"] = "projectcalico.org/orchestrator == 'k8s'"
