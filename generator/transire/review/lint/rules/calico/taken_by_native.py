"""Find what native definitions take and Calico's API server would refuse.

What it does: where the cluster file has `definitions: native`, reports every mistake that only the
validation of Calico's API server finds.
Why is this bad? Nothing refuses the object. Felix then drops what it cannot read: a net, and a rule
whose only net it was matches every address; or the whole policy, and what it was to deny is open.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress:
      - {action: Allow, protocol: TCP, destination: {nets: [api.example.com], ports: [443]}}
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress:
      - {action: Allow, protocol: TCP, destination: {nets: [198.51.100.7/32], ports: [443]}}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.merging import TAKEN
from transire.review.lint.rules.calico import on_calico

ID = TAKEN
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.33"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every refusal that nobody makes."""
    by_index = {each.index: each for each in context.manifests}
    for taken in context.facts.taken:
        manifest = by_index.get(taken.manifest)
        if manifest is None or context.view.waits(taken):
            continue
        yield RuleMatch(
            manifest=manifest,
            path=taken.path,
            message="native definitions take what Calico's API server refuses, and Felix drops "
            f"what it cannot read, the whole policy where need be: {taken.why}",
            help="correct it; until then the policy may be gone, or open more than it seems",
        )
