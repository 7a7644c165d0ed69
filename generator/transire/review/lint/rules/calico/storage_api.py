"""Find objects written to Calico's storage instead of its API.

What it does: names `crd.projectcalico.org/v1`, and reports it where the cluster file has
`definitions` and so a `projectcalico.org/v3`. The object is read as the same of that API.
Why is this bad? What is written there is neither checked nor completed: a wrong selector opens, and
missing `types` mean both directions. A cluster without the v3 API has nothing else.
Bad:
    apiVersion: crd.projectcalico.org/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {selector: all(), types: [Egress]}
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {selector: all(), types: [Egress]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.calico import facts
from transire.engines.calico.lint_policies import ENFORCED, SETS, STAGED
from transire.k8s.api_kinds import group_of
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico

ID = "storage-api"
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.30"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every policy, set and tier of the storage group."""
    cluster = context.facts.cluster
    served = cluster is not None and cluster.definitions is not None
    for manifest in context.manifests:
        kinds = (*ENFORCED, *STAGED, *SETS, "Tier")
        if group_of(manifest) == facts.STORAGE and manifest.ref.kind in kinds:
            yield RuleMatch(
                manifest=manifest,
                path="/apiVersion",
                message=f"{manifest.api_version} is Calico's own storage, where nothing checks or "
                "completes the object",
                help="write apiVersion: projectcalico.org/v3",
                level=None if served else Level.NOTE,
            )
