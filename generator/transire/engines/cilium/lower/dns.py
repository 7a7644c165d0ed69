"""The way to the resolvers on Cilium, and the names that may be queried there.

Sources: Cilium's `pkg/fqdn/dnsproxy`, its documentation of DNS policies, and the manifests of its
connectivity tests. Addresses of a resolver on the node have carried the identity `host` or that of
the world, by version and by the order in which things started, so both are allowed, the latter by
address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.engines.api import proposals
from transire.engines.api.refusal import Refusal
from transire.engines.cilium.facts import ANY_DEPTH_SINCE
from transire.engines.cilium.lower.agent_flags import sees_dns
from transire.engines.cilium.lower.hosts import expressible_hosts, selectors
from transire.engines.cilium.lower.mesh import pods_in
from transire.engines.cilium.lower.ports import RANGES_SINCE
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item
from transire.engines.lowering.scope import Scope
from transire.meaning.premises.dns_resolvers import Resolvers
from transire.meaning.premises.queryable_names import QueryableName
from transire.model.engine import Release
from transire.model.intent import (
    AddressRange,
    Cluster,
    Destination,
    Entity,
    EntityKind,
    Host,
    Pods,
    Rule,
)
from transire.model.net import Protocol, overlaps
from transire.model.problems import Proposal

EVERY_NAME: Item = {"matchPattern": "*"}
_QUERIES = frozenset({Protocol.TCP, Protocol.UDP})


def queries(
    ways: Resolvers, names: Sequence[QueryableName] | None, scope: Scope, builder: LoweredBuilder
) -> list[Item]:
    """One item for each kind of resolver, over TCP and UDP, for these names or for all.

    Without the agent's proxy there is nothing that could see names, so none are listed.
    """
    group: Item = {
        "ports": [
            {"port": ways.port, "protocol": protocol.value}
            for protocol in (Protocol.TCP, Protocol.UDP)
        ]
    }
    if sees_dns(scope.cluster):
        group["dns"] = [dict(EVERY_NAME)] if names is None else _names(names, scope, builder)
    peers: list[Item] = []
    if ways.addresses:
        peers.append({"cidrs": [{"cidr": str(each)} for each in ways.addresses]})
    if ways.pods:
        peers.append({"endpoints": [pods_in(each, scope.cluster) for each in ways.pods]})
    if ways.on_node:
        peers.append({"entities": ["host"]})
    return [{**peer, "ports": [group]} for peer in peers]


def _names(names: Sequence[QueryableName], scope: Scope, builder: LoweredBuilder) -> list[Item]:
    """The names in Cilium's grammar; what one pattern for the whole domain covers is left out."""
    domain = scope.cluster.network.domain
    rules = {each.rule.source: each.rule for each in names if each.rule is not None}
    faulty = {
        source
        for source, rule in rules.items()
        if len(expressible_hosts(rule, scope, builder)) < len(rule.hosts)
    }
    return selectors(
        each.pattern.text
        for each in names
        if each.rule is None or not (each.rule.source in faulty or each.pattern.is_within(domain))
    )


def depth_fault(cluster: Cluster) -> Refusal | None:
    """Why this version cannot limit the names that may be queried, or None."""
    if not cluster.dns.restrict or cluster.release.at_least(ANY_DEPTH_SINCE):
        return None
    return Refusal(
        id="dns-restrict",
        why=f"dns.restrict lets every name below {cluster.network.domain} be asked, and before "
        f"{ANY_DEPTH_SINCE} cilium takes ** for one label",
        remedy=f"use cilium {ANY_DEPTH_SINCE}; whether pods may ask any name is the platform's to "
        "decide",
    )


def restriction_faults(rule: Rule, ways: Resolvers, release: Release) -> Iterator[Refusal]:
    """Why the rule would let its pods query any name: it opens the resolver's own port.

    A plain rule on that port lifts the list of names of every other rule, and a range around it
    does not although it contains the port. Hosts that `by_name_faults` refuses are
    not refused twice.
    """
    at_resolver = any(
        each.protocol in _QUERIES and each.first <= ways.port <= each.last for each in rule.ports
    )
    others = rule.destinations
    if _on_port_alone(rule, ways, release):
        others = tuple(each for each in others if not isinstance(each, Host))
    if at_resolver and any(_may_reach(each, ways) for each in others):
        remedy, proposal = _without_port(rule, ways)
        yield Refusal(
            id="resolver-opened",
            why=f"port {ways.port} may reach the cluster's resolver, where dns.restrict limits "
            "the names that are asked",
            remedy=remedy,
            proposal=proposal,
        )


def _without_port(rule: Rule, ways: Resolvers) -> tuple[str, Proposal | None]:
    """How the rule does without the resolver's port."""
    return proposals.without_ports(
        rule,
        lambda each: each.protocol in _QUERIES and each.first <= ways.port <= each.last,
        f"port {ways.port}",
    )


def by_name_faults(rule: Rule, ways: Resolvers, release: Release) -> Iterator[Refusal]:
    """Why a rule for hosts may reach the resolver: it is outside, and a host may resolve to it."""
    if rule.hosts and ways.addresses and _on_port_alone(rule, ways, release):
        remedy, proposal = _without_port(rule, ways)
        yield Refusal(
            id="resolver-by-name",
            why=f"its hosts on port {ways.port} may resolve to the cluster's resolver at "
            f"{', '.join(map(str, ways.addresses))}, and then no name is judged",
            remedy=f"{remedy}, or write the hosts' addresses as {{cidr: ...}}",
            proposal=proposal,
        )


def _on_port_alone(rule: Rule, ways: Resolvers, release: Release) -> bool:
    """Whether the resolver's port is written as a port of its own, not within a range."""
    ranges = release.at_least(RANGES_SINCE)
    return any(
        each.protocol in _QUERIES
        and each.first <= ways.port <= each.last
        and (each.first == each.last or not ranges)
        for each in rule.ports
    )


def _may_reach(destination: Destination, ways: Resolvers) -> bool:
    match destination:
        case Host():
            return bool(ways.addresses) and not ways.on_node
        case AddressRange(cidr=cidr):
            return any(overlaps(cidr, each) for each in ways.addresses)
        case Pods():
            return any(_may_be(destination, each) for each in ways.pods)
        case Entity(kind=kind):
            # The API server is an identity that any address may carry besides its own.
            return ways.on_node or kind is EntityKind.KUBE_APISERVER


def _may_be(one: Pods, other: Pods) -> bool:
    """Whether a pod could be both: none of their labels contradict; namespaces may have any."""
    if one.cluster:
        return False
    other_labels = dict(other.labels)
    return one.namespace in {"", other.namespace} and all(
        other_labels.get(key, value) == value for key, value in one.labels
    )
