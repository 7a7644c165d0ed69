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
          rules: {dns: [{matchPattern: "*.example.com"}, {matchName: example.com}]}
      - toFQDNs: [{matchName: example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from transire.engines.api.policy_view import DNS_UDP, Family, HostName, Policy, Rule
from transire.engines.cilium.lint_names import example_of, matches
from transire.engines.cilium.lint_view import dns_names, minor_of
from transire.model.problems import Level
from transire.review.lint.context import CILIUM, LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped

ID = "host-never-asked"
LEVEL = Level.ERROR
ENGINES = CILIUM
EXAMPLE = "cilium@1.19"


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every host of which some name may not be asked."""
    minor = minor_of(review.release)
    said = {id(each): _said(each) for each in review.policies}
    for policy in review.policies:
        if policy.family is not Family.CILIUM or not any(each.hosts for each in policy.allows):
            continue
        names = _askable(review, policy, said)
        for rule in policy.allows:
            for host in rule.hosts:
                if names and not _may_ask(host, names, minor):
                    yield _found(policy, host)


_Said = frozenset[str] | None
"""The names that a policy lets pods ask; None where one of its rules lets them ask all."""


def _said(policy: Policy) -> _Said:
    if any(map(_is_plain_dns, policy.allows)):
        return None
    names = (text for rule in policy.allows for text in dns_names(rule))
    return frozenset(text.lower().removesuffix(".") for text in names)


def _askable(review: LintContext, policy: Policy, said: Mapping[int, _Said]) -> set[str]:
    """The names that pods of the policy may ask, empty where nothing limits them.

    A rule for port 53 without content rules, in any policy for the same pods, lifts every limit.
    """
    names: set[str] = set()
    for each, _ in review.beside(policy, lambda one: said[id(one)] != frozenset()):
        asked = said[id(each)]
        if asked is None:
            return set()
        names |= asked
    return names


def _is_plain_dns(rule: Rule) -> bool:
    return not rule.narrowed and not rule.every_port and rule.ports >= DNS_UDP


def _may_ask(host: HostName, names: set[str], minor: int) -> bool:
    asked = example_of(host.text)
    return host.text in names or any(matches(each, asked, minor) for each in names)


def _found(policy: Policy, host: HostName) -> RuleMatch:
    asked, name = example_of(host.text), clipped(host.text)
    example = "" if asked == host.text else f" ({clipped(asked)}, for example)"
    return RuleMatch(
        manifest=policy.manifest,
        path=host.at,
        message=f"{name} is opened, but no rules.dns for these pods lets them ask for it"
        f"{example}, so its addresses are never learnt",
        help=f"add {name} to rules.dns of the same pods",
    )
