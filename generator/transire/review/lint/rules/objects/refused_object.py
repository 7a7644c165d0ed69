"""Find objects that the API server or the agent refuses.

What it does: reports what the cluster would not take (API server) or take and not enforce (agent).
Why is this bad? The object is left out whole: what it was to allow stays closed, and what it was
to deny stays open, although `kubectl apply` may have succeeded.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toEntities: [cluster]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
      - toEntities: [cluster]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.foreign_kinds import foreign_to

ID = "refused-object"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "cilium@1.19"

_WHO = {"api-server": "the API server", "engine": "the agent"}


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every refusal, but for kinds of other products and tiers that are not given."""
    by_index = {each.index: each for each in context.manifests}
    for refused in context.facts.refused:
        manifest = by_index.get(refused.manifest)
        if manifest is None or context.view.waits(refused):
            continue
        if foreign_to(context.release, manifest):
            continue
        yield RuleMatch(
            manifest=manifest,
            path=refused.path,
            message=f"{_WHO.get(refused.by, refused.by)} leaves the whole object out: "
            f"{refused.why}",
            help="correct it; until then what it was to allow stays closed and what it was to deny "
            "stays open",
        )
