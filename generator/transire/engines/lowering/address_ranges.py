"""Address ranges as an engine may write them, or why it may not."""

from __future__ import annotations

from dataclasses import replace

from transire.engines.api.refusal import Refusal
from transire.engines.lowering.builder import LoweredBuilder
from transire.meaning.premises.address_ranges import (
    FAMILY,
    OutsideRange,
    family_missing,
    is_known,
    matched_own,
    node_ranges,
    outside_cluster,
)
from transire.model.engine import Traits
from transire.model.intent import Cluster, Rule
from transire.model.net import Network, contains, network_key


def outside_ranges(rule: Rule, builder: LoweredBuilder) -> list[OutsideRange]:
    """The rule's ranges, sorted; inexpressible ones are refused, holes are remarked on."""
    cluster, traits = builder.cluster, builder.traits
    found = []
    for each in sorted(rule.ranges, key=lambda each: network_key(each.cidr)):
        fault = range_fault(each.cidr, cluster, traits)
        if fault:
            builder.refuse_rule(rule, each.at, fault)
            continue
        found.append(outside_cluster(each.cidr, cluster, traits))
        _remark(rule, found[-1], builder)
    return list(dict.fromkeys(found))


def _remark(rule: Rule, each: OutsideRange, builder: LoweredBuilder) -> None:
    if each.metadata:
        left_out = ", ".join(map(str, each.metadata))
        builder.remark(
            rule.name,
            "metadata-left-out",
            f"{each.cidr} leaves out {left_out}, where clouds hand out credentials",
        )
    if each.own:
        left_out = ", ".join(map(str, each.own))
        builder.remark(
            rule.name,
            "own-network-left-out",
            f"{each.cidr} leaves out the cluster's own {left_out}",
        )
    pods = next(
        (own for own in builder.cluster.network.pod_cidrs if contains(own, each.cidr)), None
    )
    if pods:
        builder.remark(
            rule.name,
            "range-among-pods",
            f"{each.cidr} lies inside the pods' own {pods} and means what is no pod there",
        )
    family = family_missing(each.cidr, builder.cluster)
    if family:
        builder.remark(
            rule.name,
            "family-not-in-cluster",
            f"{each.cidr} takes no traffic: the cluster has no {family} addresses",
        )


def range_fault(cidr: Network, cluster: Cluster, traits: Traits) -> Refusal | None:
    """Why the range cannot mean only addresses outside the cluster, or None."""
    network = cluster.network
    missing = _undeclared(cidr, cluster, traits)
    if missing:
        return Refusal(
            id="range-may-overlap-cluster",
            why=(
                f"{cidr} may hold addresses of the cluster itself, whose {FAMILY[cidr.version]} "
                f"ranges are not declared: network.{', network.'.join(missing)}"
            ),
            remedy=f"declare them for cluster {cluster.name!r}, so that they can be left out",
        )
    for own in network.pod_cidrs:
        if contains(own, cidr):
            fault = _inside_pods(cidr, own, cluster, traits)
            if fault:
                return fault
    for own in (*network.service_cidrs, *matched_own(cluster, traits)):
        if contains(own, cidr):
            return _inside(cidr, f"lies inside the cluster's own {own}")
    if outside_cluster(cidr, cluster, traits).without == (cidr,):
        return _inside(cidr, "holds nothing but the cluster's own ranges")
    return None


def nodes_fault(cluster: Cluster) -> Refusal | None:
    """Why the nodes cannot be expressed by their addresses, or None."""
    if not cluster.network.node_cidrs:
        return Refusal(
            id="nodes-not-declared",
            why=f"{cluster.release.engine} knows nodes by address only, and none are declared",
            remedy=f"declare network.nodeCIDRs for cluster {cluster.name!r}",
        )
    pods = (*cluster.network.pod_cidrs, *cluster.network.service_cidrs)
    for each in node_ranges(cluster):
        if each.without == (each.cidr,) or any(contains(own, each.cidr) for own in pods):
            return Refusal(
                id="nodes-overlap-pods",
                why=f"the nodes' {each.cidr} holds addresses of pods or services only",
                remedy=f"correct network.nodeCIDRs of cluster {cluster.name!r}",
            )
    return None


def _undeclared(cidr: Network, cluster: Cluster, traits: Traits) -> tuple[str, ...]:
    """The keys that would have to declare ranges of this family, and do not."""
    network = cluster.network
    if family_missing(cidr, cluster):
        return ()
    declared = {"nodeCIDRs": network.node_cidrs}
    if traits.by_identity:
        declared = declared if traits.ranges_match_nodes else {}
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


def _inside_pods(cidr: Network, own: Network, cluster: Cluster, traits: Traits) -> Refusal | None:
    """Why a range among the addresses of pods cannot mean what is no pod, or None where it does."""
    if not is_known(cidr, cluster):
        fault = _inside(cidr, f"lies inside the cluster's own {own}")
        if not traits.by_identity:
            return fault
        return replace(
            fault,
            remedy=f"{fault.remedy}; where something else has these addresses, have the platform "
            "declare it under networks",
        )
    if traits.by_identity:
        return None
    engine = cluster.release.engine
    return Refusal(
        id="range-inside-cluster",
        why=f"{cidr} lies inside the pods' own {own}, and {engine} knows pods by address only, so "
        "a range there would mean pods too",
        remedy=f"give the pods of cluster {cluster.name!r} ranges of their own and narrow "
        "network.podCIDRs to these, or use cilium, which tells pods by identity",
    )


def _inside(cidr: Network, how: str) -> Refusal:
    return Refusal(
        id="range-inside-cluster",
        why=f"{cidr} {how}, and a cidr means addresses outside the cluster",
        remedy="name the pods ({namespace: NAME, pods: {LABEL: VALUE}}) or write {entity: nodes}",
    )
