"""Find the port of a service where that of the pods belongs.

What it does: compares rules for pods with given Services that select the same pods, and knows two
cases without them: OpenShift's resolver listens on 5353, and the API server behind
`kubernetes.default` rarely on 443.
Why is this bad? Policy is asked after the service's port was replaced by that of a pod, so a rule
for the service's port never matches.
Bad:
    apiVersion: v1
    kind: Service
    metadata: {name: ledger, namespace: bank}
    spec: {selector: {app: ledger}, ports: [{port: 80, targetPort: 8080}]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: ledger, namespace: bank}
    spec:
      podSelector: {matchLabels: {app: web}}
      policyTypes: [Egress]
      egress:
      - to: [{podSelector: {matchLabels: {app: ledger}}}]
        ports: [{port: 80}]
Good:
    apiVersion: v1
    kind: Service
    metadata: {name: ledger, namespace: bank}
    spec: {selector: {app: ledger}, ports: [{port: 80, targetPort: 8080}]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: ledger, namespace: bank}
    spec:
      podSelector: {matchLabels: {app: web}}
      policyTypes: [Egress]
      egress:
      - to: [{podSelector: {matchLabels: {app: ledger}}}]
        ports: [{port: 8080}]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transire.engines.api.policy_shape import DNS_UDP, Policy, Rule
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.json_pointer import inner, maps, number, text
from transire.meaning.premises.dns_resolvers import OPENSHIFT_PORT
from transire.model.net import MAX_PORT
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext, namespace_of
from transire.review.lint.finding import RuleMatch

ID = "service-port"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "kubernetes"

_OPENSHIFT = PodSet.in_namespace("openshift-dns")
_OPENSHIFT_UDP = PortSet.of_port(Protocol.UDP, OPENSHIFT_PORT)
_HTTPS = PortSet.of_port(Protocol.TCP, 443)
_API_PORTS = PortSet.of_port(Protocol.TCP, 6443)


_OF_THE_WEB = frozenset({80, 443})
"""Ports that people open to everything for what is outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ServicePort:
    """A port of a given Service and the port of its pods behind it."""

    name: str
    pods: PodSet
    port: int
    target: int
    protocol: Protocol


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every port that no pod behind the service listens on."""
    services = list(_services(context))
    for policy in context.policies:
        for rule in policy.allows:
            if not rule.every_port:
                yield from _openshift(policy, rule)
                yield from _api_server(policy, rule)
                yield from _given(policy, rule, services)


def _openshift(policy: Policy, rule: Rule) -> Iterator[RuleMatch]:
    inside = rule.pods and all(each.pods and each.pods <= _OPENSHIFT for each in rule.pods)
    if inside and rule.ports >= DNS_UDP and not rule.ports >= _OPENSHIFT_UDP:
        yield RuleMatch(
            manifest=policy.manifest,
            path=rule.at,
            message="the resolver of OpenShift listens on 5353, and 53 is only its service's port",
            help="open 5353 over UDP and TCP",
        )


def _api_server(policy: Policy, rule: Rule) -> Iterator[RuleMatch]:
    if rule.api_server and rule.ports >= _HTTPS and not rule.ports >= _API_PORTS:
        yield RuleMatch(
            manifest=policy.manifest,
            path=rule.at,
            message="443 is the port of the service kubernetes, and the API server behind it often "
            "listens on 6443",
            help="check with `kubectl get endpointslices -n default`, and open the port shown",
            level=Level.NOTE,
        )


def _given(policy: Policy, rule: Rule, services: list[_ServicePort]) -> Iterator[RuleMatch]:
    for each in services:
        port = PortSet.of_port(each.protocol, each.port)
        target = PortSet.of_port(each.protocol, each.target)
        if port <= rule.ports and not target <= rule.ports:
            peer = next((peer for peer in rule.pods if peer.pods and peer.pods <= each.pods), None)
            if (
                peer is None
                and rule.anywhere
                and not rule.narrowed
                and each.port not in _OF_THE_WEB
            ):
                yield RuleMatch(
                    manifest=policy.manifest,
                    path=rule.at,
                    message=f"{each.port} is also the port of the service {each.name}, whose pods "
                    f"listen on {each.target}, so this opens no way to them",
                    help=f"select the pods and open {each.target}, if they are meant",
                    level=Level.NOTE,
                )
            elif peer is not None:
                yield RuleMatch(
                    manifest=policy.manifest,
                    path=rule.at,
                    message=f"{each.port} is the port of the service {each.name}, and its pods "
                    f"listen on {each.target}",
                    help=f"open {each.target}",
                )


def _services(context: LintContext) -> Iterator[_ServicePort]:
    for manifest in context.manifests:
        spec = inner(manifest.body, "spec")
        labels = inner(spec, "selector")
        if (manifest.api_version, manifest.ref.kind) != ("v1", "Service") or not labels:
            continue
        named = {key: value for key, value in labels.items() if key and isinstance(value, str)}
        pods = PodSet.in_namespace(namespace_of(manifest)) & PodSet.labels(named)
        for _, each in maps(spec, "ports", ""):
            port, target = number(each, "port"), number(each, "targetPort")
            protocol = text(each, "protocol") or "TCP"
            if _is_port(port) and _is_port(target) and protocol in Protocol.__members__:
                yield _ServicePort(
                    name=f"{namespace_of(manifest)}/{manifest.ref.name}",
                    pods=pods,
                    port=port or 0,
                    target=target or 0,
                    protocol=Protocol[protocol],
                )


def _is_port(value: int | None) -> bool:
    return value is not None and 1 <= value <= MAX_PORT
