"""What is left of an object after the API server dropped a field of it."""

from __future__ import annotations

from transire.engines.api.policy_shape import Policy
from transire.k8s.json_pointer import shape_of
from transire.k8s.manifests import Manifest
from transire.review.lint.context import LintContext
from transire.review.lint.wording import rule_text


def left_after(context: LintContext, manifest: Manifest, path: str) -> str:
    """The consequence of the drop as a clause, such as `what is left allows ...`."""
    mine = context.of_manifest(manifest)
    for policy in mine:
        for rule in policy.rules:
            if path.startswith(f"{rule.at}/"):
                return f"what is left of the rule {rule_text(rule)}"
    way = shape_of(path)
    api = context.apis.get(manifest.index)
    remainder = api.remainder(manifest, context.trees[manifest.index], way) if api else ""
    if remainder:
        return remainder
    for policy in mine:
        if path.startswith(f"{policy.at}/"):
            return _of_policy(policy, path)
    if way[:1] in (["spec"], ["specs"]):
        return "the rest of the object is kept without it"
    return "nothing else depends on it"


def _of_policy(policy: Policy, path: str) -> str:
    if path.startswith(f"{policy.subject_at}/") or "elector" in path.rpartition("/")[2]:
        return f"what is left selects {policy.subject}"
    if policy.rules:
        return f"what is left {rule_text(policy.rules[0])}" + (
            f", with {len(policy.rules) - 1} more rules" if len(policy.rules) > 1 else ""
        )
    if policy.enforces:
        return "what is left allows nothing and denies the rest"
    return "what is left has nothing about egress"
