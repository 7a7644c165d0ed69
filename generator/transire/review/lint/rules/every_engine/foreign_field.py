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
from transire.review.lint.context import EVERY, LintContext
from transire.review.lint.field_hints import owner
from transire.review.lint.finding import RuleMatch
from transire.review.lint.leftover import leftover

ID = "foreign-field"
LEVEL = Level.ERROR
ENGINES = EVERY
EXAMPLE = "calico@3.30"


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every field that is dropped and that belongs elsewhere."""
    by_index = {each.index: each for each in review.manifests}
    for pruned in review.facts.pruned:
        manifest = by_index.get(pruned.manifest)
        whose = owner(manifest, pruned.path, review.release) if manifest else ""
        if manifest is None or not whose:
            continue
        name = steps(pruned.path)[-1]
        yield RuleMatch(
            manifest=manifest,
            path=pruned.path,
            message=f"{name} is a field of {whose}, and {review.release} drops it; "
            f"{leftover(review, manifest, pruned.path)}",
            help=f"say it with the fields that {manifest.ref.kind} has in {review.release}, or "
            "remove it",
        )
