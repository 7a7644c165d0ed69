"""Draw targets that an engine can mostly express, so that lowering has something to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from ipaddress import ip_network

from hypothesis import strategies as st

from support.draw.drawn_requests import Requests, requests
from support.draw.strategies_parts import (
    CHANCE,
    hardening,
    host_patterns,
    labels,
    names,
    ports,
    sources,
)
from support.engines.lowering_parts import CLUSTER_AT, DNS_AT, PLATFORM_FILE, TARGET_AT, TEAM_FILE
from transire.meaning.target import Baseline, Target
from transire.model.engine import Release, Version
from transire.model.intent import (
    AddressRange,
    Approximation,
    Cluster,
    ClusterNetwork,
    Destination,
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
)
from transire.model.names import HostKind, HostPattern
from transire.model.net import ECHO, PortRange, Protocol, merge_ports

VERSIONS = {
    "cilium": ("1.14", "1.15", "1.16", "1.17", "1.18", "1.18.9", "1.19", "1.19.2", "1.20"),
    "calico": ("3.29", "3.30", "3.31.1", "3.32"),
    "calico-enterprise": ("3.21", "3.22", "3.23.1"),
    "kubernetes": ("", "1.29"),
}
AUDIT_SINCE = {"cilium": "1.16", "calico": "3.30"}
ADDRESSES = {
    DnsProfile.NODELOCAL: ("169.254.20.10/32",),
    DnsProfile.EKS_AUTO: ("172.20.0.10/32",),
}
NETWORK = ClusterNetwork(
    pod_cidrs=(ip_network("10.0.0.0/16"), ip_network("fd00:10::/56")),
    service_cidrs=(ip_network("10.96.0.0/12"), ip_network("fd00:96::/112")),
    node_cidrs=(ip_network("192.168.10.0/24"), ip_network("fd00:168::/64")),
)
RANGES = (
    *("198.51.100.0/24", "203.0.113.7/32", "10.0.0.0/8", "169.254.0.0/16", "169.254.169.254/32"),
    *("0.0.0.0/0", "::/0", "2001:db8::/32", "192.168.0.0/16", "fd00::/8"),
)
OUTSIDE = KnownNetwork(
    name="data-vpc", cidrs=(ip_network("172.31.0.0/16"), ip_network("2001:db8:90::/48"))
)
AMONG_PODS = KnownNetwork(
    name="nodes-and-data", cidrs=(ip_network("10.0.128.0/18"), ip_network("10.1.0.0/16"))
)
"""Partly inside the ranges of pods, as in a VPC where pods have addresses of subnets."""
_PROXIES = (
    ProxyFallback(to=Pods(namespace="egress-proxy", labels=(("app", "squid"),)), port=3128),
    ProxyFallback(to=AddressRange(cidr=ip_network("198.51.100.7/32")), port=3128),
)
_WITHOUT_NAMES = (("enable-l7-proxy", "false"),)
"""The flag with which Cilium sees no names."""
_NAMED_PROXY = ProxyFallback(to=Host(pattern=HostPattern("proxy.example.com")), port=8080)
_FILLED = SetFallback(labels=(("egress", "partners"),))
_FALLBACKS: Mapping[str, tuple[ProxyFallback | SetFallback | None, ...]] = {
    "cilium": (*_PROXIES, _NAMED_PROXY, None),
    "calico": (*_PROXIES, _FILLED),
    "calico-enterprise": (*_PROXIES, _NAMED_PROXY, None),
    "kubernetes": (*_PROXIES, None),
}
"""What decides about hosts that an engine cannot express; None refuses them."""
_MESH = Mesh(name="eks-a", clusters=("eks-b", "eks-c"))
FEW_PORTS = ("443", "22", "5432", "8000-8010", "440-450", "123/UDP", "443/UDP", "3868/SCTP")

# Built once: Hypothesis checks each new strategy at its first draw.
_FEW = st.lists(st.sampled_from(FEW_PORTS), min_size=1, max_size=3, unique=True)
_SOME_RANGES = st.sets(st.sampled_from(RANGES), max_size=3)
_PARTS_OF_KNOWN = st.sets(st.sampled_from(("10.0.160.0/24", "172.31.7.0/24")), max_size=1)
_SOME_NAMESPACES = st.sets(st.tuples(labels(min_size=1), labels()), max_size=1)
_SOME_PODS = st.sets(st.tuples(names(), labels()), max_size=2)
_MOSTLY_ALL = st.sampled_from([frozenset(Approximation)] * 4 + [frozenset()])
_SOMETIMES_ALL = st.sampled_from([frozenset(Approximation), frozenset()])
_NAMES = {most: st.sets(names(), max_size=most) for most in (2, 3, 4)}


@st.composite
def releases(draw: st.DrawFn, engine: str) -> Release:
    """A modelled release of the engine."""
    text = draw(st.sampled_from(VERSIONS[engine]))
    return Release(engine=engine, version=Version.parse(text) if text else None)


@st.composite
def resolving(
    draw: st.DrawFn, release: Release, *, restrict: bool, profile: DnsProfile | None = None
) -> Dns:
    """The profile, or any, with what it needs."""
    profile = profile or draw(st.sampled_from(DnsProfile))
    custom = Resolver(namespace="dns", labels=(("app", "unbound"),), port=8053)
    return Dns(
        profile=profile,
        restrict=restrict and release.engine == "cilium" and release.at_least("1.19"),
        addresses=tuple(map(ip_network, ADDRESSES.get(profile, ()))),
        search=draw(st.sampled_from([(), ("corp.example",)])),
        resolver=custom if profile is DnsProfile.CUSTOM else None,
        at=DNS_AT,
    )


@st.composite
def clusters(draw: st.DrawFn, engine: str) -> Cluster:
    """A cluster that declares its network and accepts what is nearly right."""
    release = draw(releases(engine))
    fallback = draw(st.sampled_from(_FALLBACKS[engine]))
    consents = [frozenset(), frozenset() if fallback else frozenset(Approximation)]
    mesh = _MESH if engine == "cilium" and draw(st.integers(0, 2)) == 0 else None
    blind = engine == "cilium" and fallback in _PROXIES and draw(st.integers(0, 2)) == 0
    return Cluster(
        name="here",
        release=release,
        environment="prod",
        agent=_WITHOUT_NAMES if blind else (),
        dns=draw(resolving(release, restrict=not blind and draw(CHANCE))),
        gitops=GitOps.ARGOCD,
        network=NETWORK,
        **draw(hardening(cilium=engine == "cilium" and not blind)),
        approximate=draw(st.sampled_from(consents)),
        fallback=fallback,
        mesh=mesh,
        networks=(OUTSIDE, *([AMONG_PODS] if engine == "cilium" else [])),
        at=CLUSTER_AT,
    )


@st.composite
def rules(draw: st.DrawFn, cluster: Cluster, name: str, path: str) -> Rule:
    """A rule that the cluster's engine can mostly say."""
    ports_here = draw(_ports(cluster))
    reached = draw(_destinations(cluster, ports_here))
    if draw(st.integers(0, 3)) == 0:
        reached = (*reached, *draw(_with_own_ports(cluster)))
    asked = Requests()
    if cluster.release.engine == "cilium" and all(isinstance(each, Host) for each in reached):
        asked = draw(requests())
        reached = tuple(replace(each, ports=()) for each in reached) if asked.http else reached
    return Rule(
        name=name,
        reason="because",
        destinations=reached,
        ports=asked.ports or ports_here,
        source=f"{path}#{name}",
        sources=draw(sources(accounts=cluster.release.engine != "kubernetes")),
        server_names=not cluster.server_names_optional or draw(CHANCE),
        http=asked.http,
        tls=asked.tls if cluster.fallback else None,
        approximate=draw(_SOMETIMES_ALL if cluster.fallback else _MOSTLY_ALL),
    )


@st.composite
def _ports(draw: st.DrawFn, cluster: Cluster) -> tuple[PortRange, ...]:
    if draw(st.integers(0, 4)) == 0 and cluster.release.at_least("1.16"):
        return draw(ports())
    echo = [ECHO] * (cluster.release.engine != "kubernetes" and draw(st.integers(0, 4)) == 0)
    chosen = merge_ports([*map(PortRange.parse, draw(_FEW)), *echo])
    tcp = tuple(each for each in chosen if each.protocol is Protocol.TCP)
    calico = cluster.release.engine in {"calico", "calico-enterprise"}
    return tcp or (PortRange.parse("443"),) if calico and draw(CHANCE) else chosen


@st.composite
def _with_own_ports(draw: st.DrawFn, cluster: Cluster) -> tuple[Destination, ...]:
    """Destinations that have ports of their own, all of them the same."""
    own = draw(_ports(cluster))
    return tuple(replace(each, ports=own) for each in draw(_destinations(cluster, own)))


@st.composite
def _destinations(
    draw: st.DrawFn, cluster: Cluster, ports_here: Sequence[PortRange]
) -> tuple[Destination, ...]:
    tcp = all(each.protocol is Protocol.TCP for each in ports_here)
    engine = cluster.release.engine
    api_server = engine == "cilium" or ("calico" in engine and tcp)
    ranges = draw(_SOME_RANGES) | (draw(_PARTS_OF_KNOWN) if engine == "cilium" else set())
    known = draw(st.sets(st.sampled_from(cluster.networks), max_size=1))
    pods = draw(_SOME_PODS)
    chosen: tuple[Destination, ...] = (
        *(AddressRange(cidr=ip_network(each)) for each in ranges),
        *(AddressRange(cidr=cidr, network=each.name) for each in known for cidr in each.cidrs),
        *(Pods(namespace=namespace, labels=found) for namespace, found in pods),
        *draw(_of_mesh(cluster)),
        *(Pods(namespace_labels=having, labels=found) for having, found in draw(_SOME_NAMESPACES)),
        *(
            Entity(kind=each)
            for each in draw(_entities(api_server=api_server, ingress=engine == "cilium"))
            if cluster.mesh is None or each is EntityKind.KUBE_APISERVER
        ),
    )
    hosts = draw(_hosts(cluster, tcp=tcp, needed=not chosen))
    return (*hosts, *chosen) if hosts or chosen else (Pods(namespace="ledger"),)


@st.composite
def _of_mesh(draw: st.DrawFn, cluster: Cluster) -> tuple[Destination, ...]:
    """Pods of other clusters, where there are some."""
    if cluster.mesh is None:
        return ()
    others = draw(st.sets(st.sampled_from(cluster.mesh.clusters), max_size=2))
    pods = [(each, draw(names()), draw(labels())) for each in sorted(others)]
    return tuple(Pods(cluster=each, namespace=name, labels=some) for each, name, some in pods)


@cache
def _entities(*, api_server: bool, ingress: bool) -> st.SearchStrategy[set[EntityKind]]:
    kinds = [EntityKind.NODES, *[EntityKind.KUBE_APISERVER] * api_server]
    kinds += [EntityKind.INGRESS] * ingress
    return st.sets(st.sampled_from(kinds), max_size=2)


@cache
def _some_hosts(allowed: frozenset[HostKind], least: int) -> st.SearchStrategy[set[HostPattern]]:
    found = host_patterns().filter(lambda each: each.kind in allowed)
    return st.sets(found, min_size=least, max_size=3)


@st.composite
def _hosts(draw: st.DrawFn, cluster: Cluster, *, tcp: bool, needed: bool) -> list[Host]:
    engine = cluster.release.engine
    checked = cluster.server_names and not cluster.server_names_optional
    allowed = set(HostKind)
    parts = engine == "cilium" and cluster.release.at_least("1.20")
    if (engine == "calico-enterprise" and not (tcp and cluster.fallback)) or (
        checked and cluster.release.at_least("1.18")
    ):
        allowed -= set() if parts else {HostKind.PARTIAL}
    elif checked or (engine == "calico" and isinstance(cluster.fallback, SetFallback)):
        allowed = {HostKind.EXACT}
    nameless = engine in {"calico", "kubernetes"}
    if nameless and not (tcp and cluster.fallback):
        return []
    drawn = draw(_some_hosts(frozenset(allowed), int(needed)))
    return [Host(pattern=each) for each in drawn]


@st.composite
def platforms(draw: st.DrawFn, cluster: Cluster) -> Platform:
    """A platform with that one cluster and rules for everyone."""
    named = sorted(draw(_NAMES[2]))
    return Platform(
        path=PLATFORM_FILE,
        mode=Mode.ENFORCE,
        ports=(PortRange.parse("443"),),
        in_cluster=draw(st.sampled_from(InCluster)),
        clusters=(cluster,),
        networks=cluster.networks,
        everyone=tuple(draw(rules(cluster, name, f"{PLATFORM_FILE}#everyone")) for name in named),
        admission=draw(CHANCE),
    )


def _with_limits(platform: Platform, namespaces: Sequence[str]) -> Platform:
    """The platform with rules for everyone that hold in some of the namespaces alone.

    Which ones follows from the rule's name, so that nothing more is drawn.
    """

    def limited(rule: Rule) -> Rule:
        chosen = namespaces[len(rule.name) % 2 :: 2]
        return replace(rule, namespaces=frozenset(chosen)) if chosen else rule

    odd = (ord(each.name[0]) % 2 for each in platform.everyone)
    everyone = zip(platform.everyone, odd, strict=True)
    return replace(
        platform, everyone=tuple(limited(each) if one else each for each, one in everyone)
    )


@st.composite
def modes(draw: st.DrawFn, release: Release) -> Mode:
    """Audit only where the release can."""
    since = AUDIT_SINCE.get(release.engine)
    can = release.engine != "kubernetes" and (not since or release.at_least(since))
    return Mode.AUDIT if can and draw(st.integers(0, 2)) == 0 else Mode.ENFORCE


@st.composite
def expressible_targets(draw: st.DrawFn, engine: str) -> Target:
    """A target that the engine can mostly express."""
    cluster = draw(clusters(engine))
    platform = draw(platforms(cluster))
    named = sorted(draw(_NAMES[3]))
    namespace = draw(names())
    platform = _with_limits(platform, [namespace, "elsewhere"])
    place = cluster.place(namespace)
    return Target(
        team="payments",
        team_path=TEAM_FILE,
        namespace=namespace,
        cluster=cluster,
        mode=draw(modes(cluster.release)),
        rules=tuple(draw(rules(cluster, name, TEAM_FILE)) for name in named),
        everyone=tuple(each for each in platform.everyone if each.holds_in(place)),
        platform=platform,
        at=TARGET_AT,
    )


@st.composite
def expressible_baselines(draw: st.DrawFn, engine: str) -> Baseline:
    """A baseline that the engine can mostly express."""
    cluster = draw(clusters(engine))
    platform = draw(platforms(cluster))
    enrolled = {name: draw(modes(cluster.release)) for name in draw(_NAMES[4])}
    platform = _with_limits(platform, sorted(enrolled))
    return Baseline(
        cluster=cluster,
        enforce=tuple(sorted(key for key, mode in enrolled.items() if mode is Mode.ENFORCE)),
        audit=tuple(sorted(key for key, mode in enrolled.items() if mode is Mode.AUDIT)),
        everyone=platform.everyone,
        platform=platform,
    )
