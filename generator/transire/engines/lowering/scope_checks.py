"""What every engine checks alike before it lowers."""

from __future__ import annotations

from transire.engines.api import proposals
from transire.engines.api.capabilities import Audit, Capabilities, Since
from transire.engines.api.refusal import Refusal
from transire.engines.api.releases import Releases
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.label_limits import keys_limit, labels_limit
from transire.engines.lowering.scope import Scope
from transire.model.engine import Release
from transire.model.intent import Cluster, EntityKind, Mode, Pods, Rule
from transire.model.net import ECHO


def check_release(cluster: Cluster, releases: Releases, builder: LoweredBuilder) -> None:
    """Stop where the engine's release is not modelled: nothing else could be judged then.

    Raises:
        Rejected: with that one problem.
    """
    why = releases.fault(cluster.release.version)
    if why:
        refusal = Refusal(id="unsupported-version", why=why, remedy=releases.remedy)
        builder.refuse_cluster(cluster.at, refusal)
        builder.stop_if_refused()


def check_pods(
    rule: Rule, release: Release, capabilities: Capabilities, builder: LoweredBuilder
) -> None:
    """Refuse selectors of the rule, for its own pods or for others, that no object may have."""
    for selector in rule.sources:
        fault = keys_limit(each.key for each in selector.conditions())
        if fault:
            builder.refuse_rule(rule, selector.at, fault)
        if selector.service_account and not capabilities.service_accounts.has(release):
            builder.refuse_rule(rule, selector.at, _no_account(selector.service_account, release))
    for pods in rule.pods:
        fault = labels_limit((*pods.labels, *pods.namespace_labels))
        if fault:
            builder.refuse_rule(rule, pods.at, fault)


def check_reach(
    rule: Rule, release: Release, capabilities: Capabilities, builder: LoweredBuilder
) -> None:
    """Refuse destinations and ports of the rule that the engine has no words for."""
    for entity in rule.entities:
        if entity.kind is EntityKind.INGRESS and not capabilities.ingress.has(release):
            builder.refuse_rule(rule, entity.at, _no_ingress(release))
    for pods in rule.pods:
        fault = _no_cluster(pods, builder.cluster, known=capabilities.mesh.has(release))
        if fault:
            builder.refuse_rule(rule, pods.at, fault)
    if capabilities.icmp.has(release):
        return
    for each in rule.destinations:
        if ECHO in (each.ports or rule.ports):
            builder.refuse_rule(rule, each.at if each.ports else rule.at, _no_icmp(rule, release))


def _no_cluster(pods: Pods, cluster: Cluster, *, known: bool) -> Refusal | None:
    """Why pods of another cluster cannot be reached from this one, or None."""
    there, mesh, engine = pods.cluster, cluster.mesh, cluster.release.engine
    if not there or (known and mesh is not None and there in mesh.clusters):
        return None
    if not known:
        return Refusal(
            id="other-cluster-not-expressible",
            why=f"pods of another cluster, {there!r}, have no selector on {engine}",
            remedy=f"keep the rule from cluster {cluster.name!r}, or use cilium in a cluster mesh",
        )
    if mesh is not None and there == mesh.name:
        return Refusal(
            id="cluster-not-in-mesh",
            why=f"{there!r} is the name of this cluster itself",
            remedy="leave cluster out: without it the pods are those of the own cluster",
            proposal=proposals.without(pods.at, "cluster"),
        )
    return Refusal(
        id="cluster-not-in-mesh",
        why=f"cluster {there!r} is in no mesh with this one",
        remedy=f"keep the rule from cluster {cluster.name!r}; the platform's file lists which "
        f"clusters are in a mesh with it in clusters.{cluster.name}.mesh.clusters",
    )


def _no_ingress(release: Release) -> Refusal:
    return Refusal(
        id="entity-not-expressible",
        why=f"ingress has no selector on {release.engine}",
        remedy="name the pods that take requests from outside "
        "({namespace: NAME, pods: {LABEL: VALUE}}), or use cilium",
    )


def _no_icmp(rule: Rule, release: Release) -> Refusal:
    remedy, proposal = proposals.without_ports(rule, lambda port: port == ECHO, "ICMP")
    return Refusal(
        id="icmp-not-expressible",
        why=f"{release.engine} has ports of TCP, UDP and SCTP only, and ICMP has none",
        remedy=f"{remedy}, or use cilium, calico or calico-enterprise",
        proposal=proposal,
    )


def _no_account(name: str, release: Release) -> Refusal:
    return Refusal(
        id="account-not-expressible",
        why=f"it is for pods of the service account {name!r}, and {release.engine} selects pods by "
        "their labels only",
        remedy="select the pods by a label of their own, which every engine can, or use an engine "
        "that knows service accounts",
    )


def check_networks(rule: Rule, builder: LoweredBuilder) -> None:
    """Refuse known networks that the cluster does not have."""
    cluster = builder.cluster
    has = {network.name for network in cluster.networks}
    for each in rule.ranges:
        if each.network and each.network not in has:
            fault = Refusal(
                id="network-not-on-cluster",
                why=f"network {each.network!r} is not on this cluster",
                remedy=f"keep the rule from cluster {cluster.name!r}; the platform's file lists "
                f"which clusters have the network in networks.{each.network}.clusters",
            )
            builder.refuse_rule(rule, each.at, fault)


def check_server_names(rule: Rule, builder: LoweredBuilder) -> None:
    """Refuse a rule that turns server names off where the cluster checks those of every rule."""
    cluster = builder.cluster
    if rule.server_names or not cluster.server_names or cluster.server_names_optional:
        return
    refusal = Refusal(
        id="server-names-required",
        why="it turns server names off, and hardening sni checks those of every rule",
        remedy="remove serverNames, or have the platform team decide whether hardening of the "
        "cluster is sni-optional",
        proposal=proposals.without(rule.at, "serverNames"),
    )
    builder.refuse_rule(rule, rule.at, refusal)


def check_scope(scope: Scope, capabilities: Capabilities, builder: LoweredBuilder) -> None:
    """Refuse system namespaces, and what the engine in the cluster's release cannot do at all."""
    for namespace in scope.namespaces:
        if namespace in scope.platform.system:
            builder.refuse_cluster(
                scope.at,
                Refusal(
                    id="system-namespace",
                    why=f"{namespace} is a system namespace, which no object of ours selects",
                    remedy="publish from another namespace",
                ),
            )
    release = scope.cluster.release
    if scope.mode is Mode.AUDIT and not capabilities.audit.support.has(release):
        builder.refuse_cluster(scope.at, _no_audit(scope, capabilities.audit))
    _check_cluster(scope.cluster, capabilities, builder)


def _no_audit(scope: Scope, audit: Audit) -> Refusal:
    support, engine = audit.support, scope.cluster.release.engine
    has = f", which {engine} has {support}" if isinstance(support, Since) else ""
    return Refusal(
        id="audit-not-possible",
        why=f"mode audit of {', '.join(scope.namespaces)} needs {audit.through}{has}",
        remedy=f"publish with mode: enforce, or use {audit.instead}",
    )


def _check_cluster(cluster: Cluster, capabilities: Capabilities, builder: LoweredBuilder) -> None:
    engine, release = cluster.release.engine, cluster.release
    if cluster.dns.restrict and not capabilities.dns_names.has(release):
        builder.refuse_cluster(
            cluster.dns.at,
            Refusal(
                id="dns-restrict",
                why=f"dns.restrict limits the names that pods may ask, and {engine} judges "
                "queries by address and port only",
                remedy="use an engine that judges the names of queries; whether pods may ask any "
                "name is the platform's to decide",
            ),
        )
    if cluster.server_names and not capabilities.server_names.has(release):
        builder.refuse_cluster(
            cluster.at,
            Refusal(
                id="server-names",
                why=f"hardening sni checks TLS server names, and {engine} cannot see them",
                remedy="use an engine that sees server names; whether they may go unchecked is the "
                "platform's to decide",
            ),
        )
    if cluster.agent and not capabilities.agent_flags.has(release):
        flags = ", ".join(flag for flag, _ in cluster.agent)
        builder.refuse_cluster(
            cluster.at,
            Refusal(
                id="agent-flag",
                why=f"{engine} has no agent whose flags change verdicts: {flags}",
                remedy="remove agent",
            ),
        )
