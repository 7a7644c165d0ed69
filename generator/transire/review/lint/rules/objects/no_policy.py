"""Find input without any policy.

What it does: reports input without objects, and input of which no object is a network policy of
any engine, or a set or tier that policies use.
Why is this bad? It is most often the wrong file, such as a Kustomization in place of what it
builds, and a run without findings would read as if policies had been looked at.
Bad:
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    metadata: {name: policies}
    resources: [policies.yaml]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {podSelector: {}, policyTypes: [Egress]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.registry import policy_kinds
from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import listed

ID = "no-policy"
LEVEL = Level.WARNING
APPLIES = every_engine
EXAMPLE = "kubernetes"

_BUILDERS = {
    "kustomize.config.k8s.io": "kustomize build DIR",
    "kustomize.toolkit.fluxcd.io": "flux build kustomization NAME --path DIR",
    "helm.toolkit.fluxcd.io": "helm template RELEASE CHART -f VALUES",
    "argoproj.io": "argocd app manifests NAME",
}


def check(context: LintContext) -> Iterator[RuleMatch]:
    """The first object, where none is about policy."""
    manifests = context.manifests
    if context.facts.unrendered or any(map(_is_policy, manifests)):
        return
    if not manifests:
        yield from _nothing(context)
        return
    kinds = sorted({each.ref.kind for each in manifests})
    builders = {_BUILDERS[group] for each in manifests if (group := group_of(each)) in _BUILDERS}
    build = min(builders, default="")
    yield RuleMatch(
        manifest=manifests[0],
        path="/kind",
        message=f"no object of the input is a network policy, only {listed(kinds)}",
        help=f"give what is built: {build} | transire lint -f -"
        if build
        else "give the files that hold the policies",
    )


def _nothing(context: LintContext) -> Iterator[RuleMatch]:
    """Files without any object."""
    for source in context.facts.sources[:1]:
        yield RuleMatch(
            manifest=Manifest(source=source, index=0, body={}),
            path="",
            message="the input holds no object",
            help="give the files that hold the policies",
        )


def _is_policy(manifest: Manifest) -> bool:
    kinds = policy_kinds().get(group_of(manifest))
    return kinds is not None and kinds.has(manifest)
