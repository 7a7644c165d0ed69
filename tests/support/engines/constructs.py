"""What occurs in a target and in what an engine is told, for tests that must see all of it."""

from __future__ import annotations

from collections.abc import Iterator

from transire.meaning.target import Lowered, Target
from transire.model.intent import Rule
from transire.model.pod_selector import Operator
from transire.yamlio import write

EVERYWHERE = frozenset(
    {"range", "pods", "entity nodes", "tcp", "udp", "sctp", "port range", "layer dns"}
    | {"layer allow", "layer in-cluster", "in-cluster all", "in-cluster declared"}
    | {"in-cluster same-namespace", "mode enforce", "everyone", "no rules", "hole", "IPv6"}
    | {"own ports", "known network", "namespace labels"}
    | {f"dns {profile}" for profile in ("coredns", "nodelocal", "openshift", "gke-cloud-dns")}
    | {f"dns {profile}" for profile in ("eks-auto", "aks-localdns", "custom")}
    | {"several sources", *Operator}
)
HOSTS = frozenset({"exact name", "any-depth wildcard", "one-label wildcard"})
CONSTRUCTS = {
    "cilium": EVERYWHERE
    | HOSTS
    | {
        "part-of-label wildcard",
        "entity kube-apiserver",
        "mode audit",
        "icmp",
        "restrict",
        "serverNames",
    }
    | {"entity ingress", "mesh", "other cluster"}
    | {"endPort", "narrow", "known network among pods", "service account", "delegated"}
    | {"server names off", "server name not written"}
    | {f"1.{minor}" for minor in range(14, 21)},
    "calico": EVERYWHERE
    | HOSTS
    | {"part-of-label wildcard", "entity kube-apiserver", "mode audit", "icmp", "delegated"}
    | {"networkSet", "service account"}
    | {f"3.{minor}" for minor in range(29, 33)},
    "calico-enterprise": EVERYWHERE
    | HOSTS
    | {
        "entity kube-apiserver",
        "mode audit",
        "icmp",
        "widen",
        "set",
        "service account",
        "delegated",
    }
    | {f"3.{minor}" for minor in range(21, 24)},
    "kubernetes": EVERYWHERE | HOSTS | {"part-of-label wildcard", "delegated"},
}
"""What a property about an engine must have seen."""


def constructs(target: Target, result: Lowered) -> Iterator[str]:
    """What occurred in a target that was lowered, and in what it became."""
    cluster, written = target.cluster, write(result.values)
    yield f"dns {cluster.dns.profile}"
    yield f"mode {target.mode}"
    yield f"in-cluster {target.platform.in_cluster}"
    if cluster.release.version:
        yield f"{cluster.release.version.major}.{cluster.release.version.minor}"
    yield from (f"layer {rule['layer']}" for rule in result.values["rules"])
    yield from (each.how.value for each in result.approximated)
    yield from ("delegated" for _ in result.delegated)
    yield from (word for word in ("serverNames", "endPort", "networkSet") if word in written)
    yield from ("set" for _ in result.values["sets"])
    yield from ("hole" for word in ("except:", "notNets:") if word in written)
    yield from ("everyone" for _ in target.everyone)
    yield from ("server names off" for each in result.remarks if each.id == "server-names-off")
    yield from (
        "server name not written" for each in result.remarks if each.id == "server-name-not-written"
    )
    yield from (
        "known network among pods" for each in result.remarks if each.id == "range-among-pods"
    )
    if cluster.mesh:
        yield "mesh"
    if cluster.dns.restrict:
        yield "restrict"
    if not target.rules:
        yield "no rules"
    for rule in target.rules:
        yield from _rule_constructs(rule)


def _rule_constructs(rule: Rule) -> Iterator[str]:
    yield from ("several sources" for _ in rule.sources[1:])
    for selector in rule.sources:
        yield from (each.operator.value for each in selector.expressions)
        yield from ("service account" for _ in selector.service_account[:1])
    yield from (each.pattern.kind.value for each in rule.hosts)
    yield from ("range" for _ in rule.ranges)
    yield from ("IPv6" for each in rule.ranges if each.cidr.version == 6)
    yield from ("pods" for _ in rule.pods)
    yield from ("other cluster" for each in rule.pods if each.cluster)
    yield from ("namespace labels" for each in rule.pods if each.namespace_labels)
    yield from (f"entity {each.kind}" for each in rule.entities)
    yield from (each.protocol.value.lower() for each in rule.ports)
    yield from ("port range" for each in rule.ports if each.first != each.last)
    yield from ("own ports" for each in rule.destinations if each.ports)
    yield from ("known network" for each in rule.ranges if each.network)
