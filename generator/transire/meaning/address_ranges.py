"""What is left of an address range when only addresses outside the cluster are meant.

A `cidr` in a values file means addresses outside the cluster. Which inside addresses a range of an
engine would match besides depends on the engine: Cilium's address rules never match pods or nodes
(unless the agent's `policy-cidr-match-mode` says `nodes`), those of Calico and of NetworkPolicy do.
Every engine leaves out the addresses where clouds hand out credentials.
"""

from __future__ import annotations

from dataclasses import dataclass

from transire.engines.lowering.refusals import Fault, Findings
from transire.model.engine import EngineName
from transire.model.intent import Cluster, Rule
from transire.model.net import METADATA, Network, contains, holes, merge_networks, network_key

_FAMILY = {4: "IPv4", 6: "IPv6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A range and the parts of it that are not meant; each lies strictly inside."""

    cidr: Network
    without: tuple[Network, ...]
    metadata: tuple[Network, ...]
    """Those of `without` that are there because a cloud hands out credentials there."""
    own: tuple[Network, ...]
    """Those of `without` that are there because they are the cluster's own."""


def outside(cidr: Network, cluster: Cluster) -> Outside:
    """What the range means on the cluster; only for a range without `range_fault`."""
    return _without(cidr, matched_own(cluster))


def outside_ranges(rule: Rule, findings: Findings) -> list[Outside]:
    """The rule's ranges, sorted; those that cannot be said are refused, holes are remarked on."""
    cluster = findings.cluster
    found = []
    for each in sorted(rule.ranges, key=lambda each: network_key(each.cidr)):
        fault = range_fault(each.cidr, cluster)
        if fault:
            findings.refuse_rule(rule, each.at, fault)
            continue
        found.append(outside(each.cidr, cluster))
        _remark(rule, found[-1], findings)
    return list(dict.fromkeys(found))


def _remark(rule: Rule, each: Outside, findings: Findings) -> None:
    if each.metadata:
        left_out = ", ".join(map(str, each.metadata))
        findings.remark(
            rule.name,
            "metadata-left-out",
            f"{each.cidr} leaves out {left_out}, where clouds hand out credentials",
        )
    if each.own:
        left_out = ", ".join(map(str, each.own))
        findings.remark(
            rule.name,
            "own-network-left-out",
            f"{each.cidr} leaves out the cluster's own {left_out}",
        )
    family = family_missing(each.cidr, findings.cluster)
    if family:
        findings.remark(
            rule.name,
            "family-not-in-cluster",
            f"{each.cidr} takes no traffic: the cluster has no {family} addresses",
        )


def matched_own(cluster: Cluster) -> tuple[Network, ...]:
    """The cluster's declared ranges that an address rule of its engine would match."""
    if cluster.release.engine is not EngineName.CILIUM:
        return cluster.network.own
    return cluster.network.node_cidrs if _matches_nodes(cluster) else ()


def range_fault(cidr: Network, cluster: Cluster) -> Fault | None:
    """Why the range cannot mean only addresses outside the cluster, or None."""
    network = cluster.network
    missing = _undeclared(cidr, cluster)
    if missing:
        return Fault(
            id="range-may-overlap-cluster",
            why=(
                f"{cidr} may hold addresses of the cluster itself, whose {_FAMILY[cidr.version]} "
                f"ranges are not declared: network.{', network.'.join(missing)}"
            ),
            remedy=f"declare them for cluster {cluster.name!r}, so that they can be left out",
        )
    never = (*network.pod_cidrs, *network.service_cidrs, *matched_own(cluster))
    for own in never:
        if contains(own, cidr):
            return _inside(cidr, f"lies inside the cluster's own {own}")
    if outside(cidr, cluster).without == (cidr,):
        return _inside(cidr, "holds nothing but the cluster's own ranges")
    return None


def node_ranges(cluster: Cluster) -> tuple[Outside, ...]:
    """What `entity: nodes` means where an engine knows nodes by address only, sorted."""
    network = cluster.network
    taken = (*network.pod_cidrs, *network.service_cidrs)
    return tuple(_without(each, taken) for each in merge_networks(network.node_cidrs))


def nodes_fault(cluster: Cluster) -> Fault | None:
    """Why the nodes cannot be said by their addresses, or None."""
    if not cluster.network.node_cidrs:
        return Fault(
            id="nodes-not-declared",
            why=f"{cluster.release.engine} knows nodes by address only, and none are declared",
            remedy=f"declare network.nodeCIDRs for cluster {cluster.name!r}",
        )
    pods = (*cluster.network.pod_cidrs, *cluster.network.service_cidrs)
    for each in node_ranges(cluster):
        if each.without == (each.cidr,) or any(contains(own, each.cidr) for own in pods):
            return Fault(
                id="nodes-overlap-pods",
                why=f"the nodes' {each.cidr} holds addresses of pods or services only",
                remedy=f"correct network.nodeCIDRs of cluster {cluster.name!r}",
            )
    return None


def family_missing(cidr: Network, cluster: Cluster) -> str:
    """The family of the range if the cluster has no address of it, or the empty string."""
    family = _FAMILY[cidr.version]
    return "" if family in cluster.network.families else family


def _without(cidr: Network, own: tuple[Network, ...]) -> Outside:
    return Outside(
        cidr=cidr,
        without=holes(cidr, (*own, *METADATA)),
        metadata=holes(cidr, METADATA),
        own=holes(cidr, own),
    )


def _undeclared(cidr: Network, cluster: Cluster) -> tuple[str, ...]:
    """The keys that would have to declare ranges of this family, and do not."""
    network = cluster.network
    if family_missing(cidr, cluster):
        return ()
    declared = {"nodeCIDRs": network.node_cidrs}
    if cluster.release.engine is EngineName.CILIUM:
        declared = declared if _matches_nodes(cluster) else {}
    else:
        declared = {
            "podCIDRs": network.pod_cidrs,
            "serviceCIDRs": network.service_cidrs,
            **declared,
        }
    return tuple(
        key
        for key, ranges in declared.items()
        if not any(each.version == cidr.version for each in ranges)
    )


def _matches_nodes(cluster: Cluster) -> bool:
    return dict(cluster.agent).get("policy-cidr-match-mode", "") == "nodes"


def _inside(cidr: Network, how: str) -> Fault:
    return Fault(
        id="range-inside-cluster",
        why=f"{cidr} {how}, and a cidr means addresses outside the cluster",
        remedy="name the pods ({namespace: NAME, pods: {LABEL: VALUE}}) or write {entity: nodes}",
    )
