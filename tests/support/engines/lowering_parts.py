"""Build small targets and baselines from text that reads like a values file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from transire.engines.registry import ENGINES
from transire.meaning.target import Baseline, Lowered, Target
from transire.model.engine import Definitions, Release, Version
from transire.model.http import Http, PathPattern, Tls
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
    Labels,
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
from transire.model.net import Network, PortRange, merge_ports
from transire.model.pod_selector import LabelCondition, Operator, PodSelector
from transire.model.problems import Position, Rejected

Text = Mapping[str, Any]

TEAM_FILE = "values/teams/payments.yaml"
PLATFORM_FILE = "values/platform.yaml"
CLUSTER_AT = Position(path=PLATFORM_FILE, line=3, column=5)
DNS_AT = Position(path=PLATFORM_FILE, line=4, column=10)
TARGET_AT = Position(path=TEAM_FILE, line=6, column=3)

NETWORK: Text = {
    "podCIDRs": ["10.0.0.0/16", "fd00:10::/56"],
    "serviceCIDRs": ["10.96.0.0/12", "fd00:96::/112"],
    "nodeCIDRs": ["192.168.10.0/24", "fd00:168::/64"],
}
"""A dual-stack cluster that declares everything."""


def rule(
    text: Text,
    *,
    path: str = TEAM_FILE,
    line: int = 10,
    networks: Sequence[KnownNetwork] = (),
) -> Rule:
    """The rule that an entry of `egress` or `everyone` writes; destinations stand below it."""
    name = text["name"]
    written = enumerate(text["to"], start=line + 1)
    return Rule(
        name=name,
        reason="because",
        destinations=tuple(
            found for at, each in written for found in _destinations(each, _at(path, at), networks)
        ),
        ports=_ports(text.get("ports", [443])),
        source=f"{path}#{'everyone.' if path == PLATFORM_FILE else ''}{name}",
        sources=_sources(text.get("from", {}), _at(path, line)),
        server_names=text.get("serverNames", True),
        http=_http(text["http"]) if "http" in text else None,
        tls=Tls(text["tls"]) if "tls" in text else None,
        approximate=_approximations(text.get("approximate", [])),
        at=_at(path, line),
    )


def _http(written: Text) -> Http:
    return Http(
        methods=tuple(sorted(written.get("methods", ()))),
        paths=tuple(sorted(map(PathPattern.parse, written.get("paths", ())))),
    )


def _sources(written: Text | Sequence[Text], at: Position) -> tuple[PodSelector, ...]:
    if isinstance(written, Mapping):
        return (PodSelector(labels=_labels(written), at=at),)
    return tuple(
        PodSelector(
            labels=_labels(each.get("labels", {})),
            expressions=tuple(
                LabelCondition(
                    key=one["key"],
                    operator=Operator(one["operator"]),
                    values=tuple(one.get("values", ())),
                )
                for one in each.get("matchExpressions", ())
            ),
            service_account=each.get("serviceAccount", ""),
            at=at,
        )
        for each in written
    )


def _at(path: str, line: int) -> Position:
    return Position(path=path, line=line, column=5)


def _ports(written: Iterable[object]) -> tuple[PortRange, ...]:
    return merge_ports(PortRange.parse(str(each)) for each in written)


def _destinations(
    written: str | Text, at: Position, networks: Sequence[KnownNetwork]
) -> Iterator[Destination]:
    """One destination, or the ranges of a known network, with the ports that it has itself."""
    own = () if isinstance(written, str) else _ports(written.get("ports", ()))
    if not isinstance(written, str) and "network" in written:
        [known] = [each for each in networks if each.name == written["network"]]
        for cidr in known.cidrs:
            yield AddressRange(cidr=cidr, network=known.name, ports=own, at=at)
        return
    yield replace(_destination(written, at), ports=own)


def _destination(written: str | Text, at: Position) -> Destination:
    match written:
        case {"host": host}:
            return Host(pattern=HostPattern.parse(host), at=at)
        case str():
            return Host(pattern=HostPattern.parse(written), at=at)
        case {"cidr": cidr}:
            return AddressRange(cidr=ip_network(cidr), at=at)
        case {"namespaceLabels": having}:
            return Pods(
                namespace_labels=_labels(having), labels=_labels(written.get("pods", {})), at=at
            )
        case {"namespace": namespace}:
            return Pods(
                namespace=namespace,
                labels=_labels(written.get("pods", {})),
                cluster=written.get("cluster", ""),
                at=at,
            )
        case {"entity": entity}:
            return Entity(kind=EntityKind(entity), at=at)
        case _:
            raise ValueError(f"not a destination: {written}")


def _labels(written: Text) -> Labels:
    return tuple(sorted(written.items()))


def _approximations(written: Iterable[str]) -> frozenset[Approximation]:
    return frozenset(map(Approximation, written))


def _networks(written: Iterable[str]) -> tuple[Network, ...]:
    return tuple(map(ip_network, written))


def cluster(engine: str, version: str = "", **text: Any) -> Cluster:  # noqa: ANN401 - as in a file
    """The cluster that an entry of `clusters` writes; the name is `here`."""
    network, dns = text.get("network", {}), text.get("dns", {"profile": "coredns"})
    return Cluster(
        name="here",
        release=Release(engine=engine, version=Version.parse(version) if version else None),
        environment="prod",
        dns=_dns(dns),
        gitops=GitOps.ARGOCD,
        network=ClusterNetwork(
            pod_cidrs=_networks(network.get("podCIDRs", [])),
            service_cidrs=_networks(network.get("serviceCIDRs", [])),
            node_cidrs=_networks(network.get("nodeCIDRs", [])),
            domain=network.get("domain", "cluster.local"),
            families=tuple(network.get("families", ["IPv4", "IPv6"])),
        ),
        server_names=bool(text.get("hardening", [])),
        server_names_optional="sni-optional" in text.get("hardening", []),
        agent=_labels(text.get("agent", {})),
        definitions=Definitions(text["definitions"]) if "definitions" in text else None,
        approximate=_approximations(text.get("approximate", [])),
        fallback=_fallback(text.get("fallback", {})),
        mesh=_mesh(text.get("mesh")),
        networks=tuple(_known(each, text["networks"][each]) for each in text.get("networks", ())),
        at=CLUSTER_AT,
    )


def _mesh(text: Text | None) -> Mesh | None:
    return None if text is None else Mesh(name=text["name"], clusters=tuple(text["clusters"]))


def _known(name: str, text: Text) -> KnownNetwork:
    return KnownNetwork(name=name, cidrs=_networks(text["cidrs"]))


def _dns(text: Text) -> Dns:
    resolver = text.get("resolver")
    return Dns(
        profile=DnsProfile(text["profile"]),
        restrict=text.get("restrict", False),
        addresses=_networks(text.get("addresses", [])),
        search=tuple(text.get("search", [])),
        resolver=None
        if resolver is None
        else Resolver(
            namespace=resolver.get("namespace", ""),
            labels=_labels(resolver.get("pods", {})),
            addresses=_networks(resolver.get("addresses", [])),
            port=resolver.get("port", 53),
        ),
        at=DNS_AT,
    )


def _fallback(text: Text) -> ProxyFallback | SetFallback | None:
    match text:
        case {"proxy": proxy}:
            to = _destination({key: proxy[key] for key in proxy if key != "port"}, CLUSTER_AT)
            assert not isinstance(to, Entity)
            return ProxyFallback(to=to, port=proxy["port"])
        case {"networkSet": found}:
            return SetFallback(labels=_labels(found["labels"]))
        case _:
            return None


def platform(here: Cluster, *, everyone: Sequence[Text] = (), **text: Any) -> Platform:  # noqa: ANN401
    """A platform with that one cluster."""
    return Platform(
        path=PLATFORM_FILE,
        mode=Mode.ENFORCE,
        ports=(PortRange.parse("443"),),
        in_cluster=InCluster(text.get("inCluster", "declared")),
        clusters=(here,),
        tier=Tier(**text.get("tier", {})),
        system=tuple(text.get("system", [])),
        everyone=_rules(everyone, PLATFORM_FILE, _declared(here, text)),
        networks=_declared(here, text),
        admission=text.get("admission", False),
    )


def _declared(here: Cluster, text: Text) -> tuple[KnownNetwork, ...]:
    """The networks of the cluster, and those of others."""
    others = text.get("elsewhere", {})
    return (
        *here.networks,
        *(
            replace(_known(name, each), clusters=frozenset({"elsewhere"}))
            for name, each in others.items()
        ),
    )


def _rules(
    written: Sequence[Text], path: str, networks: Sequence[KnownNetwork]
) -> tuple[Rule, ...]:
    return tuple(
        rule(each, path=path, line=10 * at, networks=networks)
        for at, each in enumerate(written, start=1)
    )


def target(
    here: Cluster,
    egress: Sequence[Text] = (),
    *,
    mode: str = "enforce",
    everyone: Sequence[Text] = (),
    **text: Any,  # noqa: ANN401
) -> Target:
    """The team's only target: `payments-prod` on that cluster, unless `namespace` says another."""
    decided = platform(here, everyone=everyone, **text)
    return Target(
        team="payments",
        team_path=TEAM_FILE,
        namespace=text.get("namespace", "payments-prod"),
        cluster=here,
        mode=Mode(mode),
        rules=_rules(egress, TEAM_FILE, decided.networks),
        everyone=decided.everyone,
        platform=decided,
        at=TARGET_AT,
    )


def baseline(
    here: Cluster,
    everyone: Sequence[Text] = (),
    *,
    enforce: Sequence[str] = ("batch", "payments-prod"),
    audit: Sequence[str] = (),
    **text: Any,  # noqa: ANN401
) -> Baseline:
    """The baseline of that cluster."""
    decided = platform(here, everyone=everyone, **text)
    return Baseline(
        cluster=here,
        enforce=tuple(enforce),
        audit=tuple(audit),
        everyone=decided.everyone,
        platform=decided,
    )


def lowered(what: Target | Baseline) -> Lowered:
    """What the cluster's engine makes of it."""
    engine = ENGINES[what.cluster.release.engine]
    return engine.lower(what) if isinstance(what, Target) else engine.lower_baseline(what)


def refusals(what: Target | Baseline) -> list[str]:
    """The full text of every problem; empty where it is lowered."""
    try:
        lowered(what)
    except Rejected as rejected:
        return [str(each) for each in rejected.problems]
    return []


def rules_of(what: Target | Baseline, half: str = "") -> dict[str, Any]:
    """The lowered rules by object name, of a target or of half a baseline."""
    values = lowered(what).values
    return {each["name"]: each for each in (values[half] if half else values)["rules"]}


def items_of(what: Target, name: str) -> list[Any]:
    """Where the object of that name leads to."""
    to = rules_of(what)[name]["to"]
    assert isinstance(to, list)
    return to


def remarks_of(what: Target | Baseline) -> list[tuple[str, str]]:
    """Rule and text of every remark."""
    return [(each.rule, each.text) for each in lowered(what).remarks]
