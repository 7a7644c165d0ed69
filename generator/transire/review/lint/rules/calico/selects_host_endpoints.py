"""Find global Calico policies that govern the nodes themselves.

What it does: reports an enforced GlobalNetworkPolicy without `namespaceSelector` whose selector
fits an endpoint without labels.
Why is this bad? It selects host endpoints, too: a default deny then cuts nodes off from the
control plane, but for a few ports that Calico keeps open.
Bad:
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkPolicy
    metadata: {name: default-deny}
    spec: {selector: all(), types: [Egress]}
Good:
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkPolicy
    metadata: {name: default-deny}
    spec:
      namespaceSelector: projectcalico.org/name not in {'kube-system', 'calico-system'}
      selector: all()
      types: [Egress]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.calico.lint_policies import is_calico
from transire.engines.calico.objects.selector import Labels
from transire.engines.calico.objects.selector_grammar import parse_selector
from transire.k8s.json_pointer import text
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico

ID = "selects-host-endpoints"
LEVEL = Level.WARNING
APPLIES = on_calico
EXAMPLE = "calico@3.30"

_NO_LABELS = Labels()


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every global policy that fits an endpoint without labels."""
    for policy in context.policies:
        bites = policy.in_force and policy.confines
        if not is_calico(policy.manifest) or policy.namespace or not bites:
            continue
        chosen = [
            text(policy.tree, "namespaceSelector"),
            text(policy.tree, "serviceAccountSelector"),
        ]
        if not any(chosen) and parse_selector(text(policy.tree, "selector")).holds(_NO_LABELS):
            yield RuleMatch(
                manifest=policy.manifest,
                path=policy.subject_at,
                message="the policy also governs host endpoints, which a default deny cuts off",
                help="add a namespaceSelector, which only pods can fit",
            )
