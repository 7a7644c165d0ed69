"""What lowering is on every engine: the layers of a target or baseline, filled by a dialect.

An engine defines how it writes one rule, the way to the resolvers and the in-cluster default; the
order of the layers, the names of the objects and what all engines check alike are here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import (
    ChartRule,
    Naming,
    allow_stem,
    any_pods,
    pods_item,
    refuse_shared_names,
)
from transire.engines.lowering.delegation import check_fallback, delegating
from transire.engines.lowering.namespace_limits import by_namespaces, limit, stem_of
from transire.engines.lowering.resolver_faults import resolver_faults
from transire.engines.lowering.scope import Scope, Writer
from transire.engines.lowering.scope_checks import (
    check_networks,
    check_pods,
    check_reach,
    check_release,
    check_scope,
    check_server_names,
)
from transire.meaning.premises.dns_resolvers import dns_resolvers
from transire.meaning.premises.queryable_names import queryable_names
from transire.meaning.target import Baseline, Lowered, Target, Values
from transire.model.accounts import USERS, user_of
from transire.model.intent import Cluster, InCluster, Mode, Platform, Pods, Rule
from transire.model.pod_selector import PodSelector


def lower_target(target: Target, writer: Writer) -> Lowered:
    """Values of `charts/egress-policy` for one target.

    Raises:
        Rejected: with everything that the engine cannot express.
    """
    cluster, platform = target.cluster, target.platform
    scope = Scope(
        cluster=cluster,
        platform=platform,
        mode=target.mode,
        namespaces=(target.namespace,),
        rules=_in_order(target.rules),
        resolving=_in_order((*target.rules, *target.everyone)),
        naming=_naming(platform, tiered=_tiered(cluster, writer), baseline=False),
        with_dns=True,
        at=target.at,
    )
    builder = LoweredBuilder(cluster, writer.traits(cluster))
    check_release(cluster, writer.releases, builder)
    chart_rules = [*_chart_rules(scope, writer, builder), *_in_cluster(scope, writer)]
    refuse_shared_names(chart_rules, builder)
    builder.stop_if_refused()
    return builder.lowered(
        {
            "target": target.name,
            "team": target.team,
            "namespace": target.namespace,
            "engine": cluster.release.engine,
            "mode": target.mode.value,
            "source": f"{target.team_path}#namespaces.{target.namespace}",
            "ownDefaults": writer.owns_defaults(cluster.release),
            **_tier(cluster, platform, writer),
            "rules": [each.written() for each in chart_rules],
            "sets": writer.sets([part for each in chart_rules for part in each.parts], scope),
        }
    )


def lower_cluster(baseline: Baseline, writer: Writer) -> Lowered:
    """Values of `charts/egress-baseline` for one cluster.

    Half a baseline without namespaces has no rules, and without rules for everyone there is no
    layer but deny.

    Raises:
        Rejected: with everything that the engine cannot express.
    """
    cluster, platform = baseline.cluster, baseline.platform
    builder = LoweredBuilder(cluster, writer.traits(cluster))
    check_release(cluster, writer.releases, builder)
    scopes = [_half(baseline, mode, writer) for mode in (Mode.ENFORCE, Mode.AUDIT)]
    chart_rules = [
        list(_chart_rules(scope, writer, builder)) if scope.namespaces else [] for scope in scopes
    ]
    refuse_shared_names([each for half in chart_rules for each in half], builder)
    builder.stop_if_refused()
    halves = {
        scope.mode.value: {
            "namespaces": list(scope.namespaces),
            **(writer.parts(scope.namespaces) if scope.mode is Mode.ENFORCE else {}),
            "rules": [each.written() for each in half],
            "sets": writer.sets([part for each in half for part in each.parts], scope),
        }
        for scope, half in zip(scopes, chart_rules, strict=True)
    }
    return builder.lowered(
        {
            "cluster": cluster.name,
            "engine": cluster.release.engine,
            "source": f"{platform.path}#enrol",
            "ownDefaults": writer.owns_defaults(cluster.release),
            **_tier(cluster, platform, writer),
            **halves,
            "admission": {
                "enabled": platform.admission,
                "serviceAccounts": [*USERS, *map(user_of, cluster.policy_writers)],
            },
        }
    )


def _half(baseline: Baseline, mode: Mode, writer: Writer) -> Scope:
    audit = mode is Mode.AUDIT
    namespaces = tuple(sorted(baseline.audit if audit else baseline.enforce))
    held = {rule: None for each in namespaces for rule in baseline.everyone_in(each)}
    everyone = _in_order(tuple(held))
    suffix = "-audit" if audit else ""
    return Scope(
        cluster=baseline.cluster,
        platform=baseline.platform,
        mode=mode,
        namespaces=namespaces,
        rules=everyone,
        resolving=everyone,
        naming=_naming(
            baseline.platform,
            tiered=_tiered(baseline.cluster, writer),
            baseline=True,
            suffix=suffix,
        ),
        with_dns=False,
        at=baseline.cluster.at,
    )


def _in_order(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(rules, key=lambda each: (each.name, each.source)))


def _tiered(cluster: Cluster, writer: Writer) -> bool:
    return writer.capabilities.tier.has(cluster.release)


def _naming(platform: Platform, *, tiered: bool, baseline: bool, suffix: str = "") -> Naming:
    start = f"{platform.tier.name}." if tiered else "egress-"
    return Naming(
        prefix=f"{start}baseline-" if baseline else start,
        set_prefix="baseline-" if baseline else "allow-",
        suffix=suffix,
        ordered=tiered,
    )


def _tier(cluster: Cluster, platform: Platform, writer: Writer) -> Values:
    return {"tier": {"name": platform.tier.name}} if _tiered(cluster, writer) else {}


def _chart_rules(scope: Scope, writer: Writer, builder: LoweredBuilder) -> Iterator[ChartRule]:
    """The layers that a team's target and a baseline share: the way to the resolvers, allows."""
    check_scope(scope, writer.capabilities, builder)
    check_fallback(writer.capabilities, builder)
    writer.check(scope, builder)
    if scope.rules or scope.with_dns:
        yield from _dns(scope, writer, builder)
    for rule in scope.rules:
        check_pods(rule, scope.cluster.release, writer.capabilities, builder)
        check_reach(rule, scope.cluster.release, writer.capabilities, builder)
        check_networks(rule, builder)
        check_server_names(rule, builder)
        parts = delegating(rule, scope, writer, builder).parts
        to = [item for part in parts for item in writer.items(part, scope, builder)]
        for place, selector in enumerate(rule.sources):
            yield ChartRule(
                naming=scope.naming,
                stem=allow_stem(rule, selector),
                layer="allow",
                source=rule.source,
                selector=selector,
                to=to,
                rule=rule,
                parts=() if place else parts,
                namespaces=limit(scope, [rule]),
            )


def _dns(scope: Scope, writer: Writer, builder: LoweredBuilder) -> Iterator[ChartRule]:
    """The way to the resolvers: one object, or one per set of pods that may query other names."""
    cluster = scope.cluster
    faults = list(resolver_faults(cluster, builder.traits))
    for fault in faults:
        builder.refuse_cluster(cluster.dns.at, fault)
    if faults:
        return
    source = f"{scope.platform.path}#clusters.{cluster.name}.dns"
    ways = dns_resolvers(cluster)
    if not scope.restricted:
        to = writer.queries(ways, None, scope, builder)
        yield ChartRule(
            naming=scope.naming,
            stem="dns",
            layer="dns",
            source=source,
            selector=PodSelector(),
            to=to,
            namespaces=() if scope.with_dns else limit(scope, scope.rules),
        )
        return
    for namespaces, rules in by_namespaces(scope):
        for each in queryable_names(rules, cluster, namespaces or scope.namespaces):
            yield ChartRule(
                naming=scope.naming,
                stem=each.stem + stem_of(namespaces),
                layer="dns",
                source=source,
                selector=each.selector,
                to=writer.queries(ways, each.names, scope, builder),
                namespaces=namespaces,
            )


def _in_cluster(scope: Scope, writer: Writer) -> Iterator[ChartRule]:
    match scope.platform.in_cluster:
        case InCluster.DECLARED:
            return
        case InCluster.ALL:
            pods = any_pods()
        case InCluster.SAME_NAMESPACE:
            pods = pods_item(Pods(namespace=scope.namespaces[0]))
    yield ChartRule(
        naming=scope.naming,
        stem="in-cluster",
        layer="in-cluster",
        source=f"{scope.platform.path}#defaults.inCluster",
        selector=PodSelector(),
        to=writer.every_port(pods, scope.cluster),
    )
