"""What policies, in the shape that all engines share, have to do with one destination."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_network

from transire.engines.api.policy_shape import Action, Policy, Rule
from transire.flows.pod_set import Workload
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.go_cidr import parse_address
from transire.k8s.manifests import Tree
from transire.queries.cluster_state import Pod
from transire.review.lint.context import LintContext

_CIDR = re.compile(r"[0-9a-fA-F.:]+/\d{1,3}")
_PROTOCOLS = {each.name: each for each in Protocol}


def workload(pod: Pod, context: LintContext) -> Workload:
    """What selectors see of a pod."""
    return Workload(
        namespace=pod.namespace,
        labels=dict(pod.labels),
        namespace_labels=context.namespaces.get(pod.namespace, {}),
        account=pod.service_account,
    )


@lru_cache(maxsize=4096)
def _expression(labels: tuple[str, ...]) -> re.Pattern[str]:
    parts = (
        r"[^.]+(?:\.[^.]+)*" if each == "**" else re.escape(each).replace(r"\*", "[^.]*")
        for each in labels
    )
    return re.compile(r"\.".join(parts))


def matches_host(labels: tuple[str, ...], host: str) -> bool:
    """Whether a pattern, label by label as the engine reads it, is for a name."""
    return bool(labels) and _expression(labels).fullmatch(host) is not None


def port_set(protocol: str, port: int | None) -> PortSet | None:
    """One port, None where that or its protocol is not known."""
    known = _PROTOCOLS.get(protocol)
    return None if known is None or port is None else PortSet.of_port(known, port)


def has_port(rule: Rule, protocol: str, port: int | None) -> bool:
    """Whether a rule is for the port; true where the port is not known."""
    wanted = port_set(protocol, port)
    return wanted is None or wanted <= rule.ports


def reaches_address(rule: Rule, address: str) -> bool:
    """Whether a range of the rule has the address."""
    found = parse_address(address) if address else None
    return found is not None and any(each.holds(ip_network(found)) for each in rule.blocks)


def reaches_pod(rule: Rule, pod: Workload) -> bool:
    """Whether a selector of the rule has the pod."""
    return any(pod in each.pods for each in rule.pods)


def open_to_all(rule: Rule) -> bool:
    """Whether the rule leaves out no destination outside of the cluster."""
    return not rule.nothing and (
        rule.anywhere or rule.everything or rule.world or bool(rule.families)
    )


def selecting(context: LintContext, pod: Workload) -> Iterator[Policy]:
    """The policies that select a pod, in force or not."""
    for each in context.policies:
        if pod in each.subject:
            yield each


def mentions(tree: object, *, hosts: tuple[str, ...], address: str = "") -> bool:
    """Whether a text somewhere in an object is one of the names, a pattern of it, or its range."""
    return any(_is_about(each, hosts, address) for each in _texts(tree))


def _texts(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for each in tree.values():
            yield from _texts(each)
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from _texts(each)


def _is_about(text: str, hosts: tuple[str, ...], address: str) -> bool:
    name = text.lower().rstrip(".")
    if name in hosts:
        return True
    if "*" in name and "." in name and name.strip("*."):
        pattern = re.escape(name).replace(r"\*", ".*")
        return any(re.fullmatch(pattern, host) for host in hosts)
    if not address or not (name == address or _CIDR.fullmatch(name)):
        return False
    try:
        network = ip_network(name, strict=False)
    except ValueError:
        return False
    found = parse_address(address)
    same = found is not None and found.version == network.version
    return same and network.prefixlen > 0 and found in network


def body_of(tree: Tree) -> Tree:
    """The parts of an object that are not about itself."""
    return {key: value for key, value in tree.items() if key not in {"metadata", "status"}}


def allows(rule: Rule) -> bool:
    """Whether the rule lets something through."""
    return rule.action is Action.ALLOW and not rule.nothing
