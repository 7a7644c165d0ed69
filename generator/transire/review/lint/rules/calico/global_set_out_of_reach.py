"""Find rules that mean a GlobalNetworkSet and look in their own namespace.

What it does: reports destinations of a namespaced policy whose selector fits a given
GlobalNetworkSet and no given NetworkSet of the namespace, without `namespaceSelector`.
Why is this bad? Without a namespaceSelector a selector stays in the policy's namespace, and the
rule never matches the set.
Bad:
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkSet
    metadata: {name: partners, labels: {egress: partners}}
    spec: {nets: [198.51.100.0/28]}
    ---
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: partners, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress: [{action: Allow, destination: {selector: egress == 'partners'}}]
Good:
    apiVersion: projectcalico.org/v3
    kind: GlobalNetworkSet
    metadata: {name: partners, labels: {egress: partners}}
    spec: {nets: [198.51.100.0/28]}
    ---
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: partners, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress:
      - action: Allow
        destination: {namespaceSelector: global(), selector: egress == 'partners'}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.engines.calico.lint_policies import SETS, is_calico
from transire.engines.calico.objects.selector import Labels, Selector
from transire.engines.calico.objects.selector_grammar import parse_selector
from transire.k8s.json_pointer import inner, text
from transire.k8s.manifests import Manifest, Tree
from transire.model.problems import Level
from transire.review.lint.context import LintContext, namespace_of
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico

ID = "global-set-out-of-reach"
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.30"

_NO_LABELS = Labels()


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every rule whose selector only fits a set that it does not reach."""
    sets = [each for each in context.objects_where(is_calico) if each[0].ref.kind in SETS]
    for policy in context.policies if sets else ():
        if not is_calico(policy.manifest) or not policy.namespace:
            continue
        for rule in policy.rules:
            destination = inner(rule.tree, "destination")
            own = text(destination, "selector")
            if own and not text(destination, "namespaceSelector"):
                missed = _missed(sets, parse_selector(own), policy.namespace)
                if missed:
                    yield _found(policy, rule, missed)


def _missed(sets: list[tuple[Manifest, Tree]], wanted: Selector, namespace: str) -> str:
    """The global set that fits where no set of the namespace does, or the empty string."""
    if wanted.holds(_NO_LABELS):
        return ""
    fitting = [manifest for manifest, tree in sets if wanted.holds(_labels(tree))]
    if any(each.ref.kind == SETS[0] and namespace_of(each) == namespace for each in fitting):
        return ""
    return next((each.ref.name for each in fitting if each.ref.kind == SETS[1]), "")


def _labels(tree: Tree) -> Labels:
    own = inner(tree, "metadata", "labels").items()
    return Labels(known={key: value for key, value in own if isinstance(value, str)})


def _found(policy: Policy, rule: Rule, missed: str) -> RuleMatch:
    return RuleMatch(
        manifest=policy.manifest,
        path=f"{rule.at}/destination/selector",
        message=f"the selector fits the GlobalNetworkSet {missed}, but without a namespaceSelector "
        "it stays in the policy's namespace",
        help="reach it by a namespaceSelector with global() if it is meant, or leave it out",
    )
