"""What an object still says after the API server dropped a field of it."""

from __future__ import annotations

from transire.engines.api.policy_view import Policy
from transire.engines.calico.lint_view import SETS
from transire.k8s.json_pointer import inner, items, shape_of
from transire.k8s.manifests import Manifest
from transire.review.lint.context import LintContext
from transire.review.lint.wording import said

_SUBJECTS = frozenset({"endpointSelector", "podSelector"})


def leftover(review: LintContext, manifest: Manifest, path: str) -> str:
    """The consequence of the drop as a clause, such as `what is left allows ...`."""
    mine = review.of_manifest(manifest)
    for policy in mine:
        for rule in policy.rules:
            if path.startswith(f"{rule.at}/"):
                return f"what is left of the rule {said(rule)}"
    way = shape_of(path)
    if manifest.ref.kind in SETS and way[:1] == ["spec"]:
        count = len(items(inner(review.trees[manifest.index], "spec"), "nets"))
        return f"what is left of the set has no domains and {count or 'no'} nets"
    for policy in mine:
        if path.startswith(f"{policy.at}/"):
            return _of_policy(policy, way)
    if way[:1] in (["spec"], ["specs"]):
        return "the rest of the object is kept without it"
    return "nothing else depends on it"


def _of_policy(policy: Policy, way: list[str]) -> str:
    if _SUBJECTS & set(way[:-1]) or "elector" in way[-1]:
        return f"what is left selects {policy.subject}"
    if policy.rules:
        return f"what is left {said(policy.rules[0])}" + (
            f", with {len(policy.rules) - 1} more rules" if len(policy.rules) > 1 else ""
        )
    if policy.enforces:
        return "what is left allows nothing and denies the rest"
    return "what is left says nothing about egress"
