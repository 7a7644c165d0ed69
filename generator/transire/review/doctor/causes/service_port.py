"""A rule has the port or the address of a service, and policies see those of the pods behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

from transire.engines.api.policy_shape import Policy, Rule
from transire.k8s.go_cidr import parse_address
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.services import ServicePort, endpoint_addresses
from transire.review.doctor.troubles import How, Trouble, lines_of

ID = "service-in-place-of-pods"
WHETHER = "whether a rule has the port or the address of a service in place of its pods'"
NEEDS = ("Service", "EndpointSlice")


def find(case: Case) -> Iterator[Cause]:
    """Rules with what clients use, where policies see something else."""
    if case.is_open:
        return
    for trouble in case.troubles:
        if trouble.is_lookup or case.lets(trouble):
            continue
        for port in _behind(case, trouble):
            for policy in case.governing(trouble):
                for rule in policy.rules:
                    if policies.allows(rule):
                        yield from _other_port(case, trouble, port, policy, rule)
                        yield from _address(case, trouble, port, policy, rule)
                        yield from _node_port(case, trouble, port, policy, rule)


def _behind(case: Case, trouble: Trouble) -> Iterator[ServicePort]:
    """The ports of services behind which the destination is."""
    for each in case.services:
        pods = any(pod in each.pods for pod in trouble.peers)
        known = trouble.address and trouble.address in {
            *endpoint_addresses(each.slices),
            *each.addresses,
        }
        same = trouble.port in {each.target, each.port} or trouble.port is None
        if (pods or known) and same:
            yield each


def _other_port(
    case: Case, trouble: Trouble, port: ServicePort, policy: Policy, rule: Rule
) -> Iterator[Cause]:
    if port.port == port.target or not case.is_for(policy, rule, trouble):
        return
    if policies.has_port(rule, port.protocol, port.target):
        return
    if not policies.has_port(rule, port.protocol, port.port):
        return
    yield Cause(
        id=ID,
        text=(
            f"{title(policy)} allows port {port.port}, the port of the service {port.shown}; "
            f"policies are judged after service translation, and the pods behind it listen on "
            f"{port.target}"
        ),
        evidence=(
            case.placed(policy).shows(rule.at, f"port {port.port}"),
            *_evidence(trouble, port, f"denied with the pods' port {port.target}"),
        ),
        fix=f"write port {port.target} in the rule",
        weight=Weight.PROVEN + 9 if trouble.events else Weight.SHOWN + 9,
    )


def _address(
    case: Case, trouble: Trouble, port: ServicePort, policy: Policy, rule: Rule
) -> Iterator[Cause]:
    held = [each for each in port.addresses if _is_in(rule, each)]
    if not held or case.is_for(policy, rule, replace(trouble, address="", how=How.ASSUMED)):
        return
    reached = trouble.address and trouble.address not in port.addresses
    if reached and policies.reaches_address(rule, trouble.address):
        return
    yield Cause(
        id=ID,
        text=(
            f"{title(policy)} allows {held[0]}, the cluster address of the service {port.shown}; "
            "policies are judged after service translation and never see it: connections go to "
            f"the endpoints behind it, {trouble.shown}"
        ),
        evidence=(
            case.placed(policy).shows(rule.at, f"the address {held[0]}"),
            *_evidence(trouble, port, "denied with the address of an endpoint"),
        ),
        fix="select the pods behind the service by their labels, or their own addresses and port",
        weight=Weight.PROVEN + 9 if trouble.events else Weight.SHOWN + 9,
    )


def _is_in(rule: Rule, address: str) -> bool:
    found = parse_address(address)
    if found is None:
        return False
    return any(each.cidr.prefixlen and each.holds(ip_network(found)) for each in rule.blocks)


def _node_port(
    case: Case, trouble: Trouble, port: ServicePort, policy: Policy, rule: Rule
) -> Iterator[Cause]:
    """A rule with the addresses of nodes and a NodePort, in front of pods."""
    if not port.node_port or not trouble.peers or case.is_for(policy, rule, trouble):
        return
    nodes = [ip for each in case.state.nodes if _is_in(rule, ip := str(each.ip))]
    if not nodes or not policies.has_port(rule, port.protocol, port.node_port):
        return
    yield Cause(
        id=ID,
        text=(
            f"{title(policy)} allows {nodes[0]}:{port.node_port}, the NodePort of the service "
            f"{port.shown} on a node; policies are judged after service translation, and "
            f"connections go to the pods behind it, {trouble.shown}"
        ),
        evidence=(
            case.placed(policy).shows(rule.at, f"a node and the NodePort {port.node_port}"),
            *_evidence(trouble, port, "denied with the pods' port"),
        ),
        fix=f"select the pods behind {port.shown} by their labels, on port {port.target}",
        weight=Weight.PROVEN + 11 if trouble.events else Weight.SHOWN + 11,
    )


def _evidence(trouble: Trouble, port: ServicePort, shows: str) -> Iterator[Evidence]:
    yield port.service.shows(port.at, f"port {port.port} goes to port {port.target} of the pods")
    for each in port.slices[:1]:
        yield each.shows("/ports", f"which is {port.target}")
    yield from lines_of(trouble.events, shows)
