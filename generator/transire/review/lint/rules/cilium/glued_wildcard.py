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
    remedy = f"write {shown} and *.{shown} for the domain and the names below it"
    fix = corrected(manifest, lambda body: _apart(body, host.at, domain))
    return _found(manifest, host, found, remedy, fix)


def _apart(body: dict[str, Any], at: str, domain: str) -> None:
    """The domain, and a star for one label below it."""
    entry, _, key = at.rpartition("/")
    entries, _, place = entry.rpartition("/")
    find(body, entry)[key] = f"*.{domain}"
    find(body, entries).insert(int(place) + 1, {"matchName": domain})
