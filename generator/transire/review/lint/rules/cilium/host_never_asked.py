"""Find hosts that a policy opens and whose names the pods may not ask.

What it does: compares `toFQDNs` with the names that `rules.dns` lets the same pods ask.
Why is this bad? A query that is refused gets no answer, so the address is never learnt and the
rule never matches.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts:
        - ports: [{port: "53", protocol: ANY}]
          rules: {dns: [{matchPattern: "*.example.com"}]}
      - toFQDNs: [{matchName: example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts:
        - ports: [{port: "53", protocol: ANY}]
          rules:
            dns:
            - matchPattern: "*.example.com"
            - matchName: example.com
            - matchPattern: "**.cluster.local"
      - toFQDNs: [{matchName: example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from transire.engines.api.policy_shape import DNS_UDP, HostName, Policy, Rule
from transire.engines.cilium.lint_policies import dns_names, is_policy, minor_of
from transire.engines.cilium.objects.fqdn import NamePattern, example_of
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import clipped

ID = "host-never-asked"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every host of which some name may not be queried."""
    minor = minor_of(context.release)
    known = {id(each): queryable(each) for each in context.policies}
    for policy in context.policies:
        if not is_policy(policy.manifest) or not any(each.hosts for each in policy.allows):
            continue
        names = _names_for(context, policy, known)
        for rule in policy.allows:
            for host in rule.hosts:
                if names and not _may_query(host, names, minor):
                    yield _found(policy, host)


_Names = frozenset[str] | None
"""The names that a policy lets pods query; None where one of its rules lets them query all."""


def queryable(policy: Policy) -> _Names:
    """The names and patterns that rules of a policy let pods query, in lower case."""
    if any(map(_is_plain_dns, policy.allows)):
        return None
    names = (text for rule in policy.allows for text in dns_names(rule))
    return frozenset(text.lower().removesuffix(".") for text in names)


def _names_for(context: LintContext, policy: Policy, known: Mapping[int, _Names]) -> set[str]:
    """The names that pods of the policy may query, empty where nothing limits them.

    A rule for port 53 without content rules, in any policy for the same pods, lifts every limit.
    Limits of pods that nobody has shown to be these count for nothing.
    """
    names: set[str] = set()
    shown = False
    for each, _ in context.beside(policy, lambda one: known[id(one)] != frozenset()):
        more = known[id(each)]
        if more is None:
            return set()
        names |= more
        shown |= context.is_shown(policy, each)
    return names if shown else set()


def _is_plain_dns(rule: Rule) -> bool:
    return not rule.narrowed and not rule.every_port and rule.ports >= DNS_UDP


def _may_query(host: HostName, names: set[str], minor: int) -> bool:
    name = example_of(host.text)
    return host.text in names or any(
        NamePattern.of(each, minor=minor).matches(name) for each in names
    )


def _found(policy: Policy, host: HostName) -> RuleMatch:
    one, name = example_of(host.text), clipped(host.text)
    example = "" if one == host.text else f" ({clipped(one)}, for example)"
    return RuleMatch(
        manifest=policy.manifest,
        path=host.at,
        message=f"{name} is opened, but no rules.dns for these pods lets them ask for it"
        f"{example}, so its addresses are never learnt",
        help=f"add {name} to rules.dns of the same pods",
    )
