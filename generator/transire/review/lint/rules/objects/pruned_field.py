"""Find fields that nobody knows, which the API server drops.

What it does: reports every field that the kind does not have in this version, with what the rest
then says.
Why is this bad? Dropping is silent unless the client validates strictly, and what is left often
opens more: a rule without its destination means everywhere.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDRs: [198.51.100.7/32]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from transire.k8s.correction import corrected
from transire.k8s.json_pointer import find, steps
from transire.model.problems import Level
from transire.review.lint.after_pruning import left_after
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.field_hints import meant, owner, siblings
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped

ID = "pruned-field"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "cilium@1.19"

WRITTEN_BY_SERVERS = frozenset({"/status"})
"""Fields that come with an object that was read from a cluster, and mean nothing."""


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every field that is dropped and that no other product has either."""
    by_index = {each.index: each for each in context.manifests}
    for pruned in context.facts.pruned:
        manifest = by_index.get(pruned.manifest)
        if manifest is None or pruned.path in WRITTEN_BY_SERVERS:
            continue
        if owner(manifest, pruned.path, context.release):
            continue
        name = steps(pruned.path)[-1]
        names = siblings(manifest, pruned.path, context.release)
        wanted = meant(name, names)
        yield RuleMatch(
            manifest=manifest,
            path=pruned.path,
            message=f"{clipped(name)} is no field of {manifest.ref.kind} there and is dropped; "
            f"{left_after(context, manifest, pruned.path)}",
            help=f"write {wanted}" if wanted else f"the fields there are {_listed(names)}",
            fix=corrected(manifest, partial(_rename, at=pruned.path, wanted=wanted))
            if wanted
            else None,
        )


def _rename(body: dict[str, object], at: str, wanted: str) -> None:
    """Give the field its name; refuse where another already has it."""
    parent, _, _ = at.rpartition("/")
    holder = find(body, parent)
    if wanted in holder:
        raise ValueError(wanted)
    name = steps(at)[-1]
    renamed = {wanted if key == name else key: value for key, value in holder.items()}
    holder.clear()
    holder.update(renamed)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) if names else "others: look at the reference of the kind"
