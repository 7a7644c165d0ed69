"""Find selectors and nets of blanks alone, which Calico takes and cannot use.

What it does: reports a `selector` or `notSelector` of blanks, and an empty text in the `nets` of a
set.
Why is this bad? The API server takes them. Felix then drops the whole policy, so what it was to
deny is open, or stops: until the object is gone no policy of the cluster changes any more.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {selector: " ", types: [Egress]}
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {selector: all(), types: [Egress]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.calico.lint_policies import ENFORCED, SETS, STAGED, is_calico
from transire.k8s.json_pointer import inner, maps, text, texts
from transire.k8s.manifests import Manifest, Tree
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico

ID = "blank-selector"
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.32"

_GLOBAL = frozenset({ENFORCED[1], STAGED[1]})
_DROPS = "Felix drops the whole policy"
_STOPS = "Felix stops, and no policy changes any more until the object is gone"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every text of blanks, with what becomes of it."""
    for manifest, tree in context.objects_where(is_calico):
        for at, why in _found(manifest, inner(tree, "spec")):
            yield RuleMatch(
                manifest=manifest,
                path=at,
                message=f"the text is blank, and it is taken: {why}",
                help="write all() if everything is meant, or leave the field out",
            )


def _found(manifest: Manifest, spec: Tree) -> Iterator[tuple[str, str]]:
    kind = manifest.ref.kind
    if kind in SETS:
        yield from ((at, _STOPS) for at, each in texts(spec, "nets", "/spec") if not each)
    if kind not in (*ENFORCED, *STAGED):
        return
    alone = kind in _GLOBAL and not text(spec, "namespaceSelector")
    if _blank(spec, "selector") and not alone:
        yield "/spec/selector", _DROPS
    for section in ("egress", "ingress"):
        for at, rule in maps(spec, section, "/spec"):
            for side in ("source", "destination"):
                entity, here = inner(rule, side), f"{at}/{side}"
                beside = bool(text(entity, "selector") or text(entity, "namespaceSelector"))
                if _blank(entity, "selector") and (kind not in _GLOBAL or _spaced(entity)):
                    yield f"{here}/selector", _DROPS
                if _blank(entity, "notSelector") and (kind not in _GLOBAL or beside):
                    yield f"{here}/notSelector", _STOPS


def _spaced(entity: Tree) -> bool:
    return bool(text(entity, "namespaceSelector"))


def _blank(tree: Tree, key: str) -> bool:
    """Whether it is there and holds blanks alone; the empty text is as good as nothing."""
    return bool(text(tree, key)) and not text(tree, key).strip(" \t")
