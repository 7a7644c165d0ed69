"""Find lists of DNS names that leave out what pods ask first.

What it does: reports `rules.dns` lists in which the names of the cluster's search list are missing:
`api.example.com.shop.svc.cluster.local` and so on. `*.svc.cluster.local` covers neither them nor
any service, whose names have two labels before `svc`.
Why is this bad? With the usual `ndots:5` a pod asks for a name with the search domains behind it
first. The proxy refuses that, and musl, and often glibc, then give up: the host is allowed and is
never resolved.
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
          rules: {dns: [{matchName: api.example.com}]}
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
        toPorts:
        - ports: [{port: "53", protocol: ANY}]
          rules: {dns: [{matchName: api.example.com}, {matchPattern: "**.cluster.local"}]}
      - toFQDNs: [{matchName: api.example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.engines.cilium.lint_policies import dns_names, is_policy, minor_of
from transire.engines.cilium.objects.fqdn import (
    ANY_DEPTH_SINCE,
    NamePattern,
    example_of,
    hosts_of,
)
from transire.flows.host_set import HostSet
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.rules.cilium.host_never_asked import queryable
from transire.review.lint.wording import clipped

ID = "search-names-refused"
LEVEL = Level.WARNING
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"

_CLUSTER = "cluster.local"
_NDOTS = 5
"""Dots from which a name is asked as it is at first, as Kubernetes configures pods."""


def check(context: LintContext) -> Iterator[RuleMatch]:
    """The first list of every policy whose pods may not ask what they ask first."""
    minor = minor_of(context.release)
    for policy in context.policies:
        rule = next((each for each in policy.allows if dns_names(each)), None)
        if rule is None or not is_policy(policy.manifest):
            continue
        names = _names_for(context, policy)
        if names:
            allowed = hosts_of(NamePattern.of(each, minor=minor) for each in names)
            asked = next(_refused(dns_names(rule), _namespace(policy), allowed), "")
            if asked:
                yield _found(policy, rule, asked, names, minor)


def _namespace(policy: Policy) -> str:
    witness = policy.subject.witness()
    return policy.namespace or (witness.namespace if witness else "default")


def _names_for(context: LintContext, policy: Policy) -> set[str]:
    """What the pods of the policy may ask; empty where something lets them ask everything."""
    names: set[str] = set()
    for each in context.covering(policy, lambda one: one.allows):
        more = queryable(each)
        if more is None:
            return set()
        names |= more
    return names


def _refused(listed: list[str], namespace: str, allowed: HostSet) -> Iterator[str]:
    """Names of the search list that are asked before a listed one and refused."""
    for text in listed:
        name = example_of(text.lower().removesuffix("."))
        if name.endswith(f".{_CLUSTER}") or name == _CLUSTER or not text.strip("*."):
            continue
        if name.count(".") < _NDOTS:
            for domain in (f"{namespace}.svc.{_CLUSTER}", f"svc.{_CLUSTER}", _CLUSTER):
                if not HostSet.exact([f"{name}.{domain}"]) <= allowed:
                    yield f"{name}.{domain}"


def _found(policy: Policy, rule: Rule, asked: str, names: set[str], minor: int) -> RuleMatch:
    short = f"*.svc.{_CLUSTER}"
    no_service = (
        f"; {short} covers neither that nor any service, which has two labels before svc"
        if short in names
        else ""
    )
    pattern = (
        f"**.{_CLUSTER}"
        if minor >= ANY_DEPTH_SINCE
        else f"a pattern for each depth, such as *.*.*.*.svc.{_CLUSTER}"
    )
    return RuleMatch(
        manifest=policy.manifest,
        path=f"{rule.at}/toPorts",
        message=f"with ndots:5 a pod first asks for {clipped(asked)}, of the search list, which "
        f"rules.dns does not have: the proxy refuses it, and many resolvers then give up"
        f"{no_service}",
        help=f'add {{matchPattern: "{pattern}"}} to the list, or let pods ask with ndots:1 or a '
        "dot behind the name"
        if minor >= ANY_DEPTH_SINCE
        else f"add {pattern}, or let pods ask with ndots:1 or a dot behind the name",
    )
