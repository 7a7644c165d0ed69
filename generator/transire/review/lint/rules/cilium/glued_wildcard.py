"""Find a star that is glued to a domain.

What it does: reports patterns such as `*example.com`, whose star is part of a label directly below
a public suffix, or in the last label.
Why is this bad? It matches `evilexample.com`, which anybody may register, and none of the names
below example.com.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchPattern: "*example.com"}]
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
      - toFQDNs: [{matchPattern: "*.example.com"}, {matchName: example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transire.engines.api.policy_shape import HostName
from transire.k8s.correction import Correction, corrected
from transire.k8s.json_pointer import find
from transire.k8s.manifests import Manifest
from transire.meaning.shared_suffixes import SharedSuffix
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.rules.hosts.public_suffix_wildcard import suffix_of
from transire.review.lint.wording import clipped

ID = "glued-wildcard"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"

_NAME_THEM = "name the hosts, or put the star below a domain that one owner holds"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every star in a label that strangers may register."""
    for manifest, host in context.hosts():
        found = suffix_of(context, manifest, host.text)
        if "." not in host.text or found is None or not found.label.strip("*"):
            continue
        leading = host.text.startswith("*") and "*" not in host.text[1:]
        make = _mendable if leading else _named
        yield make(manifest, host, found)


def _named(manifest: Manifest, host: HostName, found: SharedSuffix) -> RuleMatch:
    return _found(manifest, host, found, _NAME_THEM)


def _found(
    manifest: Manifest,
    host: HostName,
    found: SharedSuffix,
    remedy: str,
    fix: Correction | None = None,
) -> RuleMatch:
    names = host.text.replace("*", "evil", 1).replace("*", "")
    return RuleMatch(
        manifest=manifest,
        path=host.at,
        message=f"{clipped(host.text)} also matches {clipped(names)}, which anybody can register",
        help=remedy,
        fix=fix,
        level=found.level,
    )


def _mendable(manifest: Manifest, host: HostName, found: SharedSuffix) -> RuleMatch:
    domain = host.text[1:].lstrip("-_")
    shown = clipped(domain)
    remedy = f"write {shown} for the domain itself; the names below it are *.{shown}"
    is_part = host.text[1:] == domain
    fix = corrected(manifest, lambda body: _alone(body, host.at, domain)) if is_part else None
    return _found(manifest, host, found, remedy, fix)


def _alone(body: dict[str, Any], at: str, domain: str) -> None:
    """The domain, which the star stands before."""
    entry, _, key = at.rpartition("/")
    find(body, entry)[key] = domain
