"""Find fields of another product or version.

What it does: reports fields that the API server drops here and that another product, kind or
release has.
Why is this bad? The policy was written for something else, and without the field it says
something else: Calico's open-source release has no `domains`, and what is left opens the port to
everywhere.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress:
      - {action: Allow, protocol: TCP, destination: {domains: [api.example.com], ports: [443]}}
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

from transire.k8s.json_pointer import steps
from transire.model.problems import Level
from transire.review.lint.after_pruning import left_after
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.field_hints import owner
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.objects.pruned_field import for_people, unknown_fields

ID = "foreign-field"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "calico@3.30"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every field that is dropped and that belongs elsewhere."""
    for manifest, path in unknown_fields(context):
        whose = owner(manifest, path, context.release)
        if not whose or for_people(manifest, path):
            continue
        name = steps(path)[-1]
        what = f"{name} is a field of {whose}, and {context.release} drops it where clients do not "
        yield RuleMatch(
            manifest=manifest,
            path=path,
            message=f"{what}validate strictly; {left_after(context, manifest, path)}",
            help=f"write it with the fields that {manifest.ref.kind} has in {context.release}, or "
            "remove it",
        )
