"""Sets of flows as rules make them, and changes and diffs made from them."""

from __future__ import annotations

from collections.abc import Iterable

from transire.engines.api.capabilities import OpenConnections, Revocation
from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet, Http
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.text_set import TextSet
from transire.k8s.manifests import Manifest
from transire.meaning.host_sets import host_sets
from transire.model.ends import End
from transire.model.intent import Mode
from transire.model.names import HostPattern
from transire.review.diff.bases import Basis
from transire.review.diff.changes import Diff, PlatformSetting, SharedChange, Side, TargetChange
from transire.review.diff.compare import Seen, compare
from transire.review.diff.grants import Grant, grants
from transire.review.diff.grouped_targets import Group
from transire.review.diff.sort_order import biggest_first

EVERYWHERE = AddressSet.family(4) - AddressSet.nets(["10.0.0.0/8"])
"""Every address outside the cluster."""

NOTHING = FlowSet.nothing()
ALL_PODS = PodSet.everything()
RESOLVER = Peer.pods(PodSet.in_namespace("kube-system") & PodSet.labels({"k8s-app": "kube-dns"}))
WORLD = FlowSet.reach(
    source=ALL_PODS, peer=Peer.outside(), ports=PortSet.everything(), addresses=EVERYWHERE
) | FlowSet.reach(
    source=ALL_PODS, peer=Peer.everything() - Peer.outside(), ports=PortSet.everything()
)


def names(*patterns: str) -> HostSet:
    return host_sets(map(HostPattern.parse, patterns))


def some(**labels: str) -> PodSet:
    return PodSet.labels(labels)


GET, POST = (Http(method=TextSet.of([each])) for each in ("GET", "POST"))
EVERY_NAME = HostSet.everything() | HostSet.root()
WEB = some(app="web")


def union(*sets: FlowSet) -> FlowSet:
    return FlowSet.union(sets)


def ports(*ranges: int | tuple[int, int], protocol: Protocol = Protocol.TCP) -> PortSet:
    return PortSet.union(
        PortSet.of_port(protocol, *(each if isinstance(each, tuple) else (each, each)))
        for each in ranges
    )


HTTPS = ports(443)


def hosts(
    *patterns: str,
    who: PodSet = ALL_PODS,
    on: PortSet = HTTPS,
    tls: HostSet | None = None,
    http: Http | None = None,
) -> FlowSet:
    """Connections to hosts, and the questions that they may carry where nobody looks."""
    found = names(*patterns)
    if tls is None and http is None:
        return FlowSet.reach(
            source=who, peer=Peer.outside(), ports=on, hosts=found, addresses=EVERYWHERE
        )
    return FlowSet.connect(
        source=who,
        peer=Peer.outside(),
        ports=on,
        hosts=found,
        addresses=EVERYWHERE,
        server_names=tls,
        http=http,
    )


def checked(*patterns: str, who: PodSet = ALL_PODS, on: PortSet = HTTPS) -> FlowSet:
    """Connections to hosts whose TLS names are checked."""
    return hosts(*patterns, who=who, on=on, tls=names(*patterns))


def nets(*texts: str, who: PodSet = ALL_PODS, on: PortSet = HTTPS) -> FlowSet:
    addresses = AddressSet.nets(texts) & EVERYWHERE
    return FlowSet.reach(source=who, peer=Peer.outside(), ports=on, addresses=addresses)


def inside(peer: Peer, who: PodSet = ALL_PODS, on: PortSet = HTTPS) -> FlowSet:
    return FlowSet.reach(source=who, peer=peer, ports=on)


def pods(namespace: str, **labels: str) -> Peer:
    return Peer.pods(PodSet.in_namespace(namespace) & PodSet.labels(labels))


def resolving(asked: HostSet, at: Peer = RESOLVER) -> FlowSet:
    """The way to a resolver where the names are looked at."""
    on = ports(53, protocol=Protocol.UDP)
    return FlowSet.connect(source=ALL_PODS, peer=at, ports=on) | FlowSet.query(
        source=ALL_PODS, resolver=at, ports=on, names=asked
    )


def gains(after: FlowSet, before: FlowSet = NOTHING) -> tuple[Grant, ...]:
    return grants(after, before, EVERYWHERE)


def side(
    mode: Mode = Mode.ENFORCE,
    *,
    team: str = "payments",
    engine: str = "cilium@1.19",
    environment: str = "test",
    delegated: Iterable[tuple[str, str]] = (),
    approximated: Iterable[str] = (),
    release: str = "",
    tool: str = "",
    open_connections: OpenConnections | None = None,
    until: End | None = None,
) -> Side:
    return Side(
        team=team,
        engine=engine,
        mode=mode,
        environment=environment,
        delegated=frozenset(delegated),
        approximated=frozenset(approximated),
        release=release,
        tool=tool,
        revocation=None
        if open_connections is None
        else Revocation(
            become=open_connections, ended_by=("the end of the pod",), not_by=("another policy",)
        ),
        until=until,
    )


ENFORCED = side()


def seen(
    flows: FlowSet,
    at: Side | None = ENFORCED,
    objects: tuple[Manifest, ...] = (),
    unjudged: str = "",
    rules: tuple[tuple[Basis, FlowSet], ...] = (),
) -> Seen:
    """A side with these rules; in audit and without one everything is open."""
    audited = at is None or at.mode is Mode.AUDIT
    return Seen(
        side=at,
        objects=objects,
        rendered=WORLD if audited else flows,
        enforced=WORLD if at is None else flows,
        unjudged=unjudged,
        bases=lambda: rules,
    )


def basis(name: str, reason: str, ticket: str = "", expires: End | None = None) -> Basis:
    """A rule of one team's file."""
    source = f"values/teams/payments.yaml#{name}"
    return Basis(name=name, source=source, reason=reason, ticket=ticket, expires=expires)


def change(
    before: Seen, after: Seen, namespace: str = "shop", cluster: str = "eu"
) -> TargetChange | None:
    return compare(namespace, cluster, before, after, WORLD)


def changed(
    before: Seen, after: Seen, namespace: str = "shop", cluster: str = "eu"
) -> TargetChange:
    found = change(before, after, namespace, cluster)
    assert found is not None
    return found


def rows(before: FlowSet, after: FlowSet) -> list[str]:
    """The lines that a reviewer reads, without the example that each ends with."""
    group = Group(targets=(changed(seen(before), seen(after)),))
    return [
        f"{each.sign} {each.effect}: {each.who} to {each.to} on {each.ports}" for each in group.rows
    ]


def examples(before: FlowSet, after: FlowSet) -> list[str]:
    group = Group(targets=(changed(seen(before), seen(after)),))
    return [each.example for each in group.rows]


def diff(
    *targets: TargetChange,
    settings: tuple[PlatformSetting, ...] = (),
    shared: tuple[SharedChange, ...] = (),
) -> Diff:
    return Diff(
        base="origin/main (1a2b3c4d5e6f)",
        head="the working tree",
        looked_at=7,
        targets=biggest_first(targets),
        settings=settings,
        shared=shared,
    )


def manifest(**body: object) -> Manifest:
    """An object with a name of its own."""
    plain = {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy"}
    metadata = {"name": "allow-cards", "namespace": "shop"}
    return Manifest(source="charts", index=0, body={**plain, "metadata": metadata, **body})
