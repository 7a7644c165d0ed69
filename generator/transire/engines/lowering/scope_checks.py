"""What every engine checks alike before it lowers."""

from __future__ import annotations

from transire.engines.api.releases import modelled, release_fault
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.label_limits import labels_limit
from transire.engines.lowering.scope import Scope
from transire.model.engine import EngineName
from transire.model.intent import Cluster, Rule
from transire.model.refusal import Refusal


def check_release(cluster: Cluster, builder: LoweredBuilder) -> None:
    """Stop where the engine's release is not modelled: nothing else could be judged then.

    Raises:
        Rejected: with that one problem.
    """
    why = release_fault(cluster.release)
    if why:
        engine = cluster.release.engine
        remedy = f"write a modelled release of {engine}: {modelled(engine)}"
        builder.refuse_cluster(cluster.at, Refusal(id="engine-version", why=why, remedy=remedy))
        builder.stop_if_refused()


def check_labels(rule: Rule, builder: LoweredBuilder) -> None:
    """Refuse selectors of the rule, for its own pods or for others, that no engine is given."""
    for at, labels in (
        (rule.at, rule.from_labels),
        *((pods.at, pods.labels) for pods in rule.pods),
    ):
        fault = labels_limit(labels)
        if fault:
            builder.refuse_rule(rule, at, fault)


def check_scope(scope: Scope, builder: LoweredBuilder) -> None:
    """Refuse system namespaces, and what only Cilium can do where the engine is another."""
    for namespace in scope.namespaces:
        if namespace in scope.platform.system:
            builder.refuse_cluster(
                scope.at,
                Refusal(
                    id="system-namespace",
                    why=f"{namespace} is a system namespace, which no object of ours selects",
                    remedy=f"publish elsewhere, or take {namespace} out of system in "
                    f"{scope.platform.path}",
                ),
            )
    if scope.cluster.release.engine is not EngineName.CILIUM:
        _check_without_cilium(scope.cluster, builder)


def _check_without_cilium(cluster: Cluster, builder: LoweredBuilder) -> None:
    engine = cluster.release.engine
    if cluster.dns.restrict:
        builder.refuse_cluster(
            cluster.dns.at,
            Refusal(
                id="dns-restrict",
                why=f"dns.restrict limits the names that pods may ask, and {engine} judges "
                "queries by address and port only",
                remedy="remove dns.restrict, or use cilium",
            ),
        )
    if cluster.server_names:
        builder.refuse_cluster(
            cluster.at,
            Refusal(
                id="server-names",
                why=f"hardening sni checks TLS server names, and {engine} cannot see them",
                remedy="remove sni from hardening, or use cilium",
            ),
        )
    if cluster.agent:
        flags = ", ".join(flag for flag, _ in cluster.agent)
        builder.refuse_cluster(
            cluster.at,
            Refusal(
                id="agent-flag",
                why=f"agent flags are cilium's, and {engine} has none: {flags}",
                remedy="remove agent",
            ),
        )
