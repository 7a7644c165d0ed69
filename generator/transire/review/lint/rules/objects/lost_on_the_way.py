"""Find what was applied and is not in the stored object.

What it does: compares an object that was read from a cluster with its annotation
`last-applied-configuration`, which holds what `kubectl apply` was given.
Why is this bad? The API server dropped the field when the object was stored, because it does not
know it or its value was null, and nobody was told. What is left often opens more.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: payments
      namespace: shop
      annotations:
        kubectl.kubernetes.io/last-applied-configuration: >-
          {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy",
          "metadata":{"name":"payments","namespace":"shop"},
          "spec":{"podSelector":{},"policyTypes":["Egress"],
          "egress":[{"to":[{"podSelector":{}}],"port":[{"port":443}]}]}}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{podSelector: {}}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{podSelector: {}}]
        ports: [{port: 443}]
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from transire.k8s.json_pointer import find, inner, steps
from transire.k8s.manifests import Manifest
from transire.k8s.typed_decoding import pointer
from transire.model.problems import Level
from transire.review.lint.after_pruning import left_after
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped

ID = "lost-on-the-way"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SECTIONS = ("spec", "specs")


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every field that was applied and is gone."""
    for _, manifest, _ in context.objects():
        applied = _applied(manifest)
        for section in _SECTIONS:
            for path in _lost(applied.get(section), manifest.body.get(section), f"/{section}"):
                yield _found(context, manifest, applied, path)


def _applied(manifest: Manifest) -> Mapping[str, object]:
    """What was applied; nothing where nothing readable tells."""
    text = inner(manifest.body, "metadata", "annotations").get(_LAST_APPLIED)
    if not isinstance(text, str):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _lost(applied: object, stored: object, at: str) -> Iterator[str]:
    """Where what was applied has no counterpart, the outermost place of each."""
    if isinstance(applied, Mapping) and isinstance(stored, Mapping):
        for key, value in applied.items():
            here = f"{at}{pointer(key)}"
            if key not in stored:
                if value not in ([], {}, ""):
                    yield here
            else:
                yield from _lost(value, stored[key], here)
    elif isinstance(applied, list) and isinstance(stored, list) and len(applied) == len(stored):
        for place, (one, other) in enumerate(zip(applied, stored, strict=True)):
            yield from _lost(one, other, f"{at}{pointer(place)}")


def _found(
    context: LintContext, manifest: Manifest, applied: Mapping[str, object], path: str
) -> RuleMatch:
    name = clipped(steps(path)[-1])
    null = " as null" if find(applied, path) is None else ""
    return RuleMatch(
        manifest=manifest,
        path=path,
        message=f"{name} was applied{null} and the stored object lacks it, since the API server "
        f"dropped it; {left_after(context, manifest, path)}",
        help="correct what was applied, and apply it again",
    )
