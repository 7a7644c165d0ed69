"""Find fields that nobody knows.

What it does: reports every field that the kind does not have in this version, with what the rest
then says. One that holds text for people, such as `description`, is only a note.
Why is this bad? Clients that validate strictly, as kubectl does unless told otherwise, refuse the
object; with all others the API server drops the field without a word. What is left often opens
more: a rule without its destination means everywhere.
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

from collections.abc import Iterator, Mapping
from functools import partial

from transire.k8s.correction import corrected
from transire.k8s.json_pointer import find, steps
from transire.k8s.manifests import Manifest
from transire.model.problems import Level
from transire.review.lint.after_pruning import left_after
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.field_hints import meant, owner, siblings
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped, listed

ID = "pruned-field"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "cilium@1.19"

WRITTEN_BY_SERVERS = frozenset({"/status"})
"""Fields that come with an object that was read from a cluster, and mean nothing."""
FOR_PEOPLE = frozenset(
    {
        "comment", "comments", "description", "documentation", "note", "notes", "reason",
        "summary", "title",
    }
)  # fmt: skip
"""Names of fields whose text decides nothing, wherever somebody put it."""

_TO_RULES = 3
"""Steps that lead to a rule, such as `/spec/egress/0`."""


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every field that is dropped and that no other product has either.

    Fields of one mapping without a near name are one mistake, and so are those that belong into an
    item of a list beside them.
    """
    by_index = {each.index: each for each in context.manifests}
    together: dict[tuple[int, str], list[str]] = {}
    for manifest, path in unknown_fields(context):
        if for_people(manifest, path):
            yield _for_people(manifest, path)
        elif not owner(manifest, path, context.release):
            together.setdefault((manifest.index, path.rpartition("/")[0]), []).append(path)
    for (index, _), paths in together.items():
        yield from _of_mapping(context, by_index[index], paths)


def _of_mapping(context: LintContext, manifest: Manifest, paths: list[str]) -> Iterator[RuleMatch]:
    """The unknown fields of one mapping."""
    if _holder(context, manifest, paths):
        yield _unknown(context, manifest, paths)
        return
    names = siblings(manifest, paths[0], context.release)
    near = {path: meant(steps(path)[-1], names) for path in paths}
    for path, wanted in near.items():
        if wanted:
            yield _misspelt(context, manifest, path, wanted)
    if rest := [path for path, wanted in near.items() if not wanted]:
        yield _unknown(context, manifest, rest)


def unknown_fields(context: LintContext) -> Iterator[tuple[Manifest, str]]:
    """What is dropped from objects of the input, but for what servers write."""
    by_index = {each.index: each for each in context.manifests}
    for pruned in context.facts.pruned:
        manifest = by_index.get(pruned.manifest)
        if manifest is not None and pruned.path not in WRITTEN_BY_SERVERS:
            yield manifest, pruned.path


def for_people(manifest: Manifest, path: str) -> bool:
    """Whether the field is text that decides nothing, by its name and what it holds.

    The name of a rule is one, since other policies have it there, and so are annotations.
    """
    *above, name = steps(path)
    of_rule = name == "name" and len(above) == _TO_RULES and above[-1].isdigit()
    value = find(manifest.body, path)
    noted = name == "annotations" and isinstance(value, Mapping)
    return noted or (
        (of_rule or name.lower() in FOR_PEOPLE) and not isinstance(value, Mapping | list)
    )


def dropped(name: str, manifest: Manifest, *, several: bool = False) -> str:
    """What becomes of a field that a kind does not have."""
    what = "are no fields" if several else "is no field"
    it = "them" if several else "it"
    return (
        f"{name} {what} of {manifest.ref.kind} there: strict clients such as kubectl refuse the "
        f"object, others have {it} dropped"
    )


def _for_people(manifest: Manifest, path: str) -> RuleMatch:
    return RuleMatch(
        manifest=manifest,
        path=path,
        message=f"{dropped(clipped(steps(path)[-1]), manifest)}; nothing else depends on it",
        help="write it as an annotation or a comment",
        level=Level.NOTE,
    )


def _misspelt(context: LintContext, manifest: Manifest, path: str, wanted: str) -> RuleMatch:
    name = clipped(steps(path)[-1])
    # In an item, what was dropped limits it; elsewhere it may have been what selects pods or opens.
    in_list = any(each.isdigit() for each in steps(path))
    return RuleMatch(
        manifest=manifest,
        path=path,
        message=f"{dropped(name, manifest)}; {left_after(context, manifest, path)}",
        help=f"write {wanted}" if in_list else f"the field there is {wanted}; decide what is meant",
        fix=corrected(manifest, partial(_rename, at=path, wanted=wanted)) if in_list else None,
    )


def _unknown(context: LintContext, manifest: Manifest, paths: list[str]) -> RuleMatch:
    names = [clipped(steps(path)[-1]) for path in paths]
    known = siblings(manifest, paths[0], context.release)
    holder = _holder(context, manifest, paths)
    return RuleMatch(
        manifest=manifest,
        path=paths[0],
        message=f"{dropped(listed(names), manifest, several=len(names) > 1)}; "
        f"{left_after(context, manifest, paths[0])}",
        help=f"put {'them' if len(names) > 1 else 'it'} into an item of {holder}"
        if holder
        else f"the fields there are {_listed(known)}",
    )


def _holder(context: LintContext, manifest: Manifest, paths: list[str]) -> str:
    """The list beside them whose items have all of them, where they hold what an item would."""
    if any(isinstance(find(manifest.body, path), Mapping | list) for path in paths):
        return ""
    names = {steps(path)[-1] for path in paths}
    parent = paths[0].rpartition("/")[0]
    fitting = [
        each
        for each in siblings(manifest, paths[0], context.release)
        if names <= set(siblings(manifest, f"{parent}/{each}/x", context.release))
    ]
    return fitting[0] if len(fitting) == 1 else ""


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
