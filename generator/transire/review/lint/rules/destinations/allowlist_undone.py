"""Find rules that make an allowlist pointless.

What it does: reports a rule that opens ports to everywhere, where a given policy for some of the
same pods lists hosts or ranges on these ports.
Why is this bad? Policies add up: what one allows no list of another takes back. In Calico a rule
counts that is in the tier of the list or in one that is decided before it.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      podSelector: {matchLabels: {app: web}}
      policyTypes: [Egress]
      egress:
      - to: [{ipBlock: {cidr: 198.51.100.0/24}}]
        ports: [{port: 443}]
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: everything, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress: [{}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      podSelector: {matchLabels: {app: web}}
      policyTypes: [Egress]
      egress:
      - to: [{ipBlock: {cidr: 198.51.100.0/24}}]
        ports: [{port: 443}]
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: inside, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress: [{to: [{podSelector: {}}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.flows.pod_set import PodSet
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext, decides_no_later
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import peers, rule_text, some_pod

ID = "allowlist-undone"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every rule that opens what some list was to limit."""
    for policy in context.policies:
        for rule in policy.allows if policy.in_force else ():
            if rule.families and not rule.narrowed:
                found = next(_undone(context, policy, rule), None)
                if found:
                    yield _found(policy, rule, *found)


def _undone(
    context: LintContext, policy: Policy, rule: Rule
) -> Iterator[tuple[Policy, Rule, PodSet]]:
    def limited(each: Policy) -> bool:
        return each.enforces and any(_is_list(other, rule) for other in each.allows)

    for each, shared in context.beside(policy, limited):
        if decides_no_later(context, policy, each):
            other = next(other for other in each.allows if _is_list(other, rule))
            yield each, other, shared


def _is_list(other: Rule, wide: Rule) -> bool:
    """Whether the rule names destinations outside, all of which the wide one covers."""
    versions = {block.cidr.version for block in other.blocks}
    limited = (other.hosts or other.blocks) and not other.families
    ports = other.ports and other.ports <= wide.ports and not other.named
    return bool(limited and ports) and versions <= wide.families


def _found(policy: Policy, rule: Rule, listed: Policy, other: Rule, shared: PodSet) -> RuleMatch:
    where = "" if listed is policy else f" of {listed.ref}"
    return RuleMatch(
        manifest=policy.manifest,
        path=rule.at,
        message=f"the rule {rule_text(rule)}, so the list at {other.at}{where} ({peers(other)}) "
        f"limits nothing for {some_pod(shared)}",
        help="name what is needed here, too, or remove the rule",
    )
