"""Find rules that make an allowlist pointless.

What it does: reports a rule that opens ports to everywhere, where a given policy for some of the
same pods lists hosts or ranges on these ports, or ports alone. It is an error where one of the two
selectors includes the other, or a pod of the cluster file has both, and otherwise a note: nobody
has shown such a pod.
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
from dataclasses import dataclass

from transire.engines.api.policy_shape import DNS_TCP, DNS_UDP, Policy, Rule
from transire.flows.pod_set import PodSet
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext, decides_no_later
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import peers, ports, rule_text, some_pod

ID = "allowlist-undone"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every rule that opens what some list was to limit."""
    for policy in context.policies:
        for rule in policy.allows if policy.in_force else ():
            if rule.families and not rule.narrowed:
                found = min(_undone(context, policy, rule), key=_weight, default=None)
                if found:
                    yield _found(policy, rule, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Undone:
    """A rule that limits nothing to some pods, and whether such pods are known to exist."""

    policy: Policy
    rule: Rule
    pods: PodSet
    level: Level


def _weight(found: _Undone) -> int:
    return tuple(Level).index(found.level)


def _undone(context: LintContext, policy: Policy, rule: Rule) -> Iterator[_Undone]:
    def limited(each: Policy) -> bool:
        return each.enforces and any(_is_limited(each, other) for other in each.allows)

    def _is_limited(each: Policy, other: Rule) -> bool:
        return _is_list(other, rule) or (each is not policy and _lists_ports(each, other, rule))

    for each, shared in context.beside(policy, limited):
        if decides_no_later(context, policy, each):
            other = next(other for other in each.allows if _is_limited(each, other))
            listed = _is_list(other, rule)
            if listed or each.subject <= policy.subject:
                known = Level.ERROR if listed else Level.WARNING
                sure = context.is_shown(policy, each)
                level = known if sure else Level.NOTE
                yield _Undone(policy=each, rule=other, pods=shared, level=level)


def _is_list(other: Rule, wide: Rule) -> bool:
    """Whether the rule names destinations outside, all of which the wide one covers."""
    versions = {block.cidr.version for block in other.blocks}
    limited = (other.hosts or other.blocks or other.groups) and not other.families
    ports = other.ports and other.ports <= wide.ports and not other.named
    return bool(limited and ports) and versions <= wide.families


def _lists_ports(policy: Policy, other: Rule, wide: Rule) -> bool:
    """Whether the policy limits ports alone, and the wide rule opens every one.

    Where policies add up, DNS for all beside everything for all is no list that anybody believes
    in.
    """
    if not wide.every_port or not other.ports or other.named or not other.families:
        return False
    if not policy.tier and other.ports <= DNS_UDP | DNS_TCP:
        return False
    limits = all(not each.every_port for each in policy.allows)
    return limits and other.families <= wide.families


def _found(policy: Policy, rule: Rule, found: _Undone) -> RuleMatch:
    where = "" if found.policy is policy else f" of {found.policy.ref}"
    listed = peers(found.rule)
    if found.rule.families:
        listed = f"{ports(found.rule)} to {listed}"
    return RuleMatch(
        manifest=policy.manifest,
        path=rule.at,
        message=f"the rule {rule_text(rule)}, so the list at {found.rule.at}{where} ({listed}) "
        f"limits nothing for {some_pod(found.pods)}",
        help="name what is needed here, too, or remove the rule",
        level=found.level,
    )
