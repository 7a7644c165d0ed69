"""Every setting of the platform that differs is shown, under the key of its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from support.review.generated_settings import GENERATED
from transire.model.claims import TeamClaims
from transire.model.ends import End
from transire.model.engine import Definitions, Release, Version
from transire.model.guardrail import Guardrails
from transire.model.http import Http, Tls
from transire.model.intent import (
    AddressRange,
    Approximation,
    Cluster,
    ClusterNetwork,
    Dns,
    DnsProfile,
    Entity,
    EntityKind,
    GitOps,
    Host,
    InCluster,
    KnownNetwork,
    Mesh,
    Mode,
    Platform,
    Pods,
    ProxyFallback,
    Resolver,
    Rule,
    SetFallback,
    Tier,
)
from transire.model.names import HostPattern
from transire.model.net import PortRange, parse_cidr
from transire.model.owners import Codeowners
from transire.model.pod_selector import PodSelector
from transire.model.problems import Level, Position
from transire.model.publish import ArgoCdSync, Publish, SignatureProvider, Verify
from transire.review.diff.changes import PlatformSetting
from transire.review.diff.settings import settings

NET = parse_cidr("198.51.100.0/24")
HTTPS = PortRange.parse("443")
RULE = Rule(
    name="time",
    reason="set the clock",
    destinations=(Host(pattern=HostPattern.parse("time.example")),),
    ports=(PortRange.parse("123/UDP"),),
    source="values/platform.yaml#time",
)
CLUSTER = Cluster(
    name="prod-eu",
    release=Release(engine="cilium", version=Version.parse("1.18")),
    environment="prod",
    dns=Dns(profile=DnsProfile.COREDNS),
    gitops=GitOps.ARGOCD,
)
PLATFORM = Platform(
    path="values/platform.yaml",
    mode=Mode.ENFORCE,
    ports=(HTTPS,),
    in_cluster=InCluster.ALL,
    clusters=(CLUSTER,),
    everyone=(RULE,),
)


def told(before: Platform, after: Platform) -> list[str]:
    return [f"{each.name}: {each.before!r} -> {each.after!r}" for each in settings(before, after)]


def with_cluster(**parts: Any) -> Platform:  # noqa: ANN401 - any part of it
    return replace(PLATFORM, clusters=(replace(CLUSTER, **parts),))


def with_rule(**parts: Any) -> Platform:  # noqa: ANN401 - any part of it
    return replace(PLATFORM, everyone=(replace(RULE, **parts),))


def with_network(**parts: Any) -> Platform:  # noqa: ANN401 - any part of it
    return with_cluster(network=ClusterNetwork(**parts))


PUBLISH = Publish(
    registry="oci://r",
    git="g",
    credentials="",
    ca="c",
    verify=Verify(provider=SignatureProvider.COSIGN, secret="keys"),  # noqa: S106 - a name
)
PROXY = ProxyFallback(to=Pods(namespace="proxy", labels=(("app", "squid"),)), port=3128)
CLUSTERS = "clusters.prod-eu"
FLIPS: dict[tuple[type, str], tuple[Platform, list[str]]] = {
    (Platform, "organisation"): (
        replace(PLATFORM, organisation="Example"),
        ["organisation: '' -> 'Example'"],
    ),
    (Platform, "mode"): (replace(PLATFORM, mode=Mode.AUDIT), ["defaults.mode: 'enforce' -> 'audit'"]),
    (Platform, "until"): (
        replace(PLATFORM, until=End.on(date(2026, 5, 4))),
        ["defaults.until: '' -> '2026-05-04'"],
    ),
    (Platform, "ports"): (
        replace(PLATFORM, ports=(HTTPS, PortRange.parse("8000-8010/TCP"))),
        ["defaults.ports: '443/TCP' -> '443/TCP, 8000-8010/TCP'"],
    ),
    (Platform, "in_cluster"): (
        replace(PLATFORM, in_cluster=InCluster.DECLARED),
        ["defaults.inCluster: 'all' -> 'declared'"],
    ),
    (Platform, "argocd_sync"): (
        replace(PLATFORM, argocd_sync=ArgoCdSync.IMPERSONATION),
        ["argocd.sync: '' -> 'impersonation'"],
    ),
    (Cluster, "definitions"): (
        with_cluster(definitions=Definitions.NATIVE),
        [f"{CLUSTERS}.definitions: '' -> 'native'"],
    ),
    (Cluster, "policy_writers"): (
        with_cluster(policy_writers=("a/b", "strimzi/operator")),
        [f"{CLUSTERS}.policyWriters: '' -> 'a/b, strimzi/operator'"],
    ),
    (Platform, "codeowners"): (
        replace(PLATFORM, codeowners=Codeowners(platform=("@org/platform",))),
        ["codeowners.path: '' -> 'CODEOWNERS'", "codeowners.platform: '' -> '@org/platform'"],
    ),
    (Platform, "clusters"): (
        replace(PLATFORM, clusters=()),
        [
            "clusters.prod-eu.dns.profile: 'coredns' -> ''",
            "clusters.prod-eu.dns.restrict: 'false' -> ''",
            "clusters.prod-eu.engine: 'cilium' -> ''",
            "clusters.prod-eu.environment: 'prod' -> ''",
            "clusters.prod-eu.gitops: 'argocd' -> ''",
            "clusters.prod-eu.hardening.sni: 'false' -> ''",
            "clusters.prod-eu.hardening.sni-optional: 'false' -> ''",
            "clusters.prod-eu.network.domain: 'cluster.local' -> ''",
            "clusters.prod-eu.network.families: 'IPv4, IPv6' -> ''",
            "clusters.prod-eu.version: '1.18' -> ''",
        ],
    ),
    (Platform, "publish"): (
        replace(PLATFORM, publish=PUBLISH),
        [
            "publish.ca: '' -> 'c'",
            "publish.credentials: 'egress-charts' -> ''",
            "publish.git: '' -> 'g'",
            "publish.registry: '' -> 'oci://r'",
            "publish.verify.provider: '' -> 'cosign'",
            "publish.verify.secret: '' -> 'keys'",
        ],
    ),
    (Platform, "tier"): (
        replace(PLATFORM, tier=Tier(name="other", order=1)),
        ["tier.name: 'egress' -> 'other'", "tier.order: '5000' -> '1'"],
    ),
    (Platform, "enrol"): (replace(PLATFORM, enrol=("a", "b")), ["enrol: '' -> 'a, b'"]),
    (Platform, "system"): (replace(PLATFORM, system=("a",)), ["system: '' -> 'a'"]),
    (Platform, "networks"): (
        replace(
            PLATFORM,
            networks=(
                KnownNetwork(
                    name="vpc", cidrs=(NET,), clusters=frozenset({"prod-eu", "eu"}), about="RDS"
                ),
            ),
        ),
        [
            "networks.vpc.about: '' -> 'RDS'",
            "networks.vpc.cidrs: '' -> '198.51.100.0/24'",
            "networks.vpc.clusters: '' -> 'eu, prod-eu'",
        ],
    ),
    (Platform, "everyone"): (
        replace(PLATFORM, everyone=()),
        [
            "everyone.time.ports: '123/UDP' -> ''",
            "everyone.time.reason: 'set the clock' -> ''",
            "everyone.time.serverNames: 'true' -> ''",
            "everyone.time.to: 'time.example' -> ''",
        ],
    ),
    (Platform, "guardrails"): (
        replace(
            PLATFORM,
            guardrails=Guardrails(
                allowed_ports=(HTTPS,),
                max_hosts_per_team=7,
                expires_soon_days=8,
                require_ticket_for=frozenset({"wildcard", "cidr"}),
                levels={"private-cidr": None, "expires-soon": Level.ERROR},
            ),
        ),
        [
            "guardrails.allowedPorts: '' -> '443/TCP'",
            "guardrails.expires-soon: '' -> 'error'",
            "guardrails.expiresSoonDays: '30' -> '8'",
            "guardrails.maxHostsPerTeam: '500' -> '7'",
            "guardrails.private-cidr: '' -> 'off'",
            "guardrails.requireTicketFor: '' -> 'cidr, wildcard'",
        ],
    ),
    (Platform, "admission"): (replace(PLATFORM, admission=True), ["admission: 'false' -> 'true'"]),
    (Cluster, "release"): (
        with_cluster(release=Release(engine="calico", version=Version.parse("3.30.1"))),
        [f"{CLUSTERS}.engine: 'cilium' -> 'calico'", f"{CLUSTERS}.version: '1.18' -> '3.30.1'"],
    ),
    (Cluster, "environment"): (
        with_cluster(environment="live"),
        [f"{CLUSTERS}.environment: 'prod' -> 'live'"],
    ),
    (Cluster, "dns"): (
        with_cluster(
            dns=Dns(
                profile=DnsProfile.CUSTOM, restrict=True, addresses=(NET,), search=("corp",),
                resolver=Resolver(
                    namespace="dns", labels=(("app", "dns"),), addresses=(NET,), port=5353
                ),
            )
        ),
        [
            f"{CLUSTERS}.dns.addresses: '' -> '198.51.100.0/24'",
            f"{CLUSTERS}.dns.profile: 'coredns' -> 'custom'",
            f"{CLUSTERS}.dns.resolver.addresses: '' -> '198.51.100.0/24'",
            f"{CLUSTERS}.dns.resolver.namespace: '' -> 'dns'",
            f"{CLUSTERS}.dns.resolver.pods: '' -> 'app=dns'",
            f"{CLUSTERS}.dns.resolver.port: '' -> '5353'",
            f"{CLUSTERS}.dns.restrict: 'false' -> 'true'",
            f"{CLUSTERS}.dns.search: '' -> 'corp'",
        ],
    ),
    (Cluster, "gitops"): (
        with_cluster(gitops=GitOps.FLUX),
        [f"{CLUSTERS}.gitops: 'argocd' -> 'flux'"],
    ),
    (Cluster, "network"): (
        with_network(
            pod_cidrs=(NET,), service_cidrs=(NET,), node_cidrs=(NET,), domain="d", families=("IPv4",)
        ),
        [
            f"{CLUSTERS}.network.domain: 'cluster.local' -> 'd'",
            f"{CLUSTERS}.network.families: 'IPv4, IPv6' -> 'IPv4'",
            f"{CLUSTERS}.network.nodeCIDRs: '' -> '198.51.100.0/24'",
            f"{CLUSTERS}.network.podCIDRs: '' -> '198.51.100.0/24'",
            f"{CLUSTERS}.network.serviceCIDRs: '' -> '198.51.100.0/24'",
        ],
    ),
    (Cluster, "server_names_optional"): (
        with_cluster(server_names_optional=True),
        [f"{CLUSTERS}.hardening.sni-optional: 'false' -> 'true'"],
    ),
    (Cluster, "server_names"): (
        with_cluster(server_names=True),
        [f"{CLUSTERS}.hardening.sni: 'false' -> 'true'"],
    ),
    (Cluster, "agent"): (
        with_cluster(agent=(("enable-l7-proxy", "true"),)),
        [f"{CLUSTERS}.agent: '' -> 'enable-l7-proxy=true'"],
    ),
    (Cluster, "approximate"): (
        with_cluster(approximate=frozenset(Approximation)),
        [f"{CLUSTERS}.approximate: '' -> 'narrow, widen'"],
    ),
    (Cluster, "fallback"): (
        with_cluster(fallback=PROXY),
        [
            f"{CLUSTERS}.fallback.proxy.namespace: '' -> 'proxy'",
            f"{CLUSTERS}.fallback.proxy.pods: '' -> 'app=squid'",
            f"{CLUSTERS}.fallback.proxy.port: '' -> '3128'",
        ],
    ),
    (Cluster, "mesh"): (
        with_cluster(mesh=Mesh(name="a", clusters=("b", "c"))),
        [f"{CLUSTERS}.mesh.clusters: '' -> 'b, c'", f"{CLUSTERS}.mesh.name: '' -> 'a'"],
    ),
    (Rule, "reason"): (
        with_rule(reason="x"),
        ["everyone.time.reason: 'set the clock' -> 'x'"],
    ),
    (Rule, "destinations"): (
        with_rule(
            destinations=(
                Host(pattern=HostPattern.parse("bücher.example"), bundle="books"),
                AddressRange(cidr=NET),
                Pods(namespace="ledger", labels=(("app", "books"), ("tier", "x"))),
                Pods(namespace="ledger"),
                Entity(kind=EntityKind.NODES),
                AddressRange(cidr=NET, network="vpc", ports=(HTTPS, PortRange.parse("5432"))),
            )
        ),
        [
            ("everyone.time.to: 'time.example' -> 'bücher.example (xn--bcher-kva.example) (bundle "
            "books), 198.51.100.0/24, ledger/app=books,tier=x, ledger, nodes, "
            "198.51.100.0/24 (network vpc) on 443/TCP, 5432/TCP'")
        ],
    ),
    (Rule, "ports"): (with_rule(ports=(HTTPS,)), ["everyone.time.ports: '123/UDP' -> '443/TCP'"]),
    (Platform, "teams"): (
        replace(
            PLATFORM,
            teams=(
                TeamClaims(name="shop", namespaces=("shop", "shop-*"), clusters=frozenset({"eu"})),
            ),
        ),
        ["teams.shop.clusters: '' -> 'eu'", "teams.shop.namespaces: '' -> 'shop, shop-*'"],
    ),
    (Rule, "server_names"): (with_rule(server_names=False), ["everyone.time.serverNames: 'true' -> 'false'"]),
    (Rule, "http"): (with_rule(http=Http(methods=("GET",))), ["everyone.time.http: '' -> 'GET of any path'"]),
    (Rule, "tls"): (with_rule(http=Http(), tls=Tls.ORIGINATE), ["everyone.time.http: '' -> 'any method of any path'", "everyone.time.tls: '' -> 'originate'"]),
    (Rule, "sources"): (
        with_rule(
            sources=(PodSelector(labels=(("app", "web"),)), PodSelector(service_account="clock"))
        ),
        ["everyone.time.from: '' -> 'app=web or @clock'"],
    ),
    (Rule, "ticket"): (with_rule(ticket="T-1"), ["everyone.time.ticket: '' -> 'T-1'"]),
    (Rule, "expires"): (
        with_rule(expires=End.on(date(2026, 5, 4))),
        ["everyone.time.expires: '' -> '2026-05-04'"],
    ),
    (Rule, "bundles"): (with_rule(bundles=("b",)), ["everyone.time.bundles: '' -> 'b'"]),
    (Rule, "environments"): (
        with_rule(environments=frozenset({"prod", "dev"})),
        ["everyone.time.environments: '' -> 'dev, prod'"],
    ),
    (Rule, "clusters"): (
        with_rule(clusters=frozenset({"prod-us", "prod-eu"})),
        ["everyone.time.clusters: '' -> 'prod-eu, prod-us'"],
    ),
    (Rule, "approximate"): (
        with_rule(approximate=frozenset({Approximation.WIDEN})),
        ["everyone.time.approximate: '' -> 'widen'"],
    ),
}  # fmt: skip
DERIVED = {
    *((Platform, "path"), (Rule, "source"), (Rule, "name"), (Cluster, "name")),
    *((Cluster, "networks"), (Rule, "namespaces")),
}
"""Fields that no key of the file says, or that are the key of the others."""


@pytest.mark.parametrize("flip", FLIPS, ids=lambda each: f"{each[0].__name__}.{each[1]}")
def test_a_setting_that_changes_is_shown(flip: tuple[type, str]) -> None:
    after, expected = FLIPS[flip]

    assert told(PLATFORM, after) == expected


def compared(*types: Any) -> Iterator[tuple[type, str]]:  # noqa: ANN401 - dataclasses
    for owner in types:
        yield from ((owner, each.name) for each in fields(owner) if each.compare)


def test_no_field_of_the_platform_goes_without_a_test() -> None:
    generated = {(Platform, each) for each in GENERATED}
    assert set(compared(Platform, Cluster, Rule)) - DERIVED == {*FLIPS, *generated}


def test_a_proxy_outside_the_cluster_and_a_network_set_are_shown() -> None:
    ranged = ProxyFallback(to=AddressRange(cidr=NET), port=1)
    named = ProxyFallback(to=Host(pattern=HostPattern.parse("proxy.example.com")), port=1)

    assert told(PLATFORM, with_cluster(fallback=ranged)) == [
        "clusters.prod-eu.fallback.proxy.cidr: '' -> '198.51.100.0/24'",
        "clusters.prod-eu.fallback.proxy.port: '' -> '1'",
    ]
    assert told(PLATFORM, with_cluster(fallback=named)) == [
        "clusters.prod-eu.fallback.proxy.host: '' -> 'proxy.example.com'",
        "clusters.prod-eu.fallback.proxy.port: '' -> '1'",
    ]
    after = with_cluster(fallback=SetFallback(labels=(("hosts", "all"),)))
    assert told(PLATFORM, after) == ["clusters.prod-eu.fallback.networkSet: '' -> 'hosts=all'"]


def test_a_renamed_cluster_is_one_that_goes_and_one_that_comes() -> None:
    names = {each.name.split(".")[1] for each in settings(PLATFORM, with_cluster(name="eu"))}

    assert names == {"prod-eu", "eu"}


def test_where_something_is_written_is_no_setting() -> None:
    moved = Position(path="values/platform.yaml", line=7, column=1)

    assert settings(PLATFORM, replace(PLATFORM, admission_at=moved)) == ()
    assert settings(PLATFORM, with_cluster(at=moved)) == ()


def test_equal_platforms_have_no_settings_that_differ() -> None:
    assert settings(PLATFORM, replace(PLATFORM, path="elsewhere")) == ()
    assert settings(PLATFORM, with_cluster(server_names=True))[0] == PlatformSetting(
        name="clusters.prod-eu.hardening.sni", before="false", after="true"
    )
