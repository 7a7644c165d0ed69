"""Find host rules for pods whose DNS queries Cilium does not see.

What it does: reports `toFQDNs` for pods that no given policy lets ask a resolver with `rules.dns`.
Why is this bad? Cilium learns the addresses of a name from answers that pass its DNS proxy, and
only `rules.dns` sends them there; without it the rule never matches, and plain port 53 is not
enough.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}]}]
      - toFQDNs: [{matchName: api.example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: api.example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.engines.cilium.lint_policies import dns_names, is_policy, mistaken_labels
from transire.flows.pod_set import PodSet
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import clipped, some_pod

ID = "fqdn-without-dns"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """The first host rule of every policy that has pods whose queries nobody sees."""
    for policy in context.policies:
        rule = next((each for each in policy.allows if each.hosts), None)
        if rule is None or not is_policy(policy.manifest):
            continue
        unseen = _unseen(context, policy)
        if unseen:
            yield _found(context, policy, rule, unseen)


def _found(context: LintContext, policy: Policy, rule: Rule, unseen: PodSet) -> RuleMatch:
    """Where others are shown for some of the pods, only a look at the pods tells more."""
    some = next(
        (each for each in context.around(policy) if _shows(each) and each.subject & policy.subject),
        None,
    )
    pods = [each for each in context.pods if each in policy.subject]
    known = not some or any(each in unseen for each in pods)
    where = (
        f"; {some.ref} shows those of {clipped(str(some.subject))} alone"
        if some is not None
        else ""
    )
    return RuleMatch(
        manifest=policy.manifest,
        path=f"{rule.at}/toFQDNs",
        message=f"no given policy has rules.dns for {some_pod(unseen)}, so Cilium sees no "
        f"answer to its queries and learns no address of {clipped(rule.hosts[0].text)}{where}",
        help='let the same pods ask the resolver with rules: {dns: [{matchPattern: "*"}]}, '
        "here or in another policy",
        level=None if known else Level.WARNING,
    )


def _unseen(context: LintContext, policy: Policy) -> PodSet:
    """The pods of the policy whose queries no policy shows to Cilium.

    Where pods of the policy are known and all of them are seen, there is none.
    """
    if _shows(policy):
        return PodSet.nothing()
    rest = context.subject(policy)
    for each in context.around(policy):
        if rest and _shows(each):
            rest -= each.subject
    pods = [each for each in context.pods if each in policy.subject]
    cluster = context.facts.cluster is not None
    return PodSet.nothing() if cluster and pods and not any(each in rest for each in pods) else rest


def _shows(policy: Policy) -> bool:
    """Whether queries to some resolver that could exist pass the proxy."""
    return any(dns_names(rule) and _reaches(rule) for rule in policy.allows)


def _reaches(rule: Rule) -> bool:
    """Whether some destination is left: a label that no pod has leads nowhere."""
    only_pods = rule.pods and not (
        rule.blocks or rule.entities or rule.hosts or rule.groups or rule.others
    )
    return not only_pods or any(
        each.possible and not mistaken_labels(rule.tree, each.at) for each in rule.pods
    )
