"""What two engines both say exactly means the same on both, after real Helm rendered it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import strategies as st

from support.draw.lowering_strategies import expressible_targets
from support.draw.rounds import in_rounds
from support.engines.constructs import constructs
from support.engines.proofs import Told, flows_of_objects, objects_of, texts_of, told
from transire.engines.registry import engine_of
from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.meaning.premises.dns_resolvers import dns_resolvers
from transire.meaning.target import Target
from transire.meaning.world import world
from transire.model.engine import Release, Version
from transire.model.intent import (
    Cluster,
    Destination,
    Entity,
    EntityKind,
    Host,
    Mode,
    Rule,
)
from transire.model.names import HostPattern
from transire.model.net import ECHO, PortRange, merge_ports
from transire.model.problems import Rejected

pytestmark = pytest.mark.slow("many drawn examples")

SHARE = 0.5
HTTPS = PortRange.parse("443")
HOSTS = ("api.example.com", "a.b.c.example.org", "xn--bcher-kva.example")
DEEP = ("**.example.com", "**.storage.example.net")
RULES_SEEN = frozenset(
    {"range", "pods", "entity nodes", "tcp", "udp", "sctp", "port range", "IPv6", "everyone"}
    | {"in-cluster all", "in-cluster declared", "in-cluster same-namespace"}
    | {f"dns {name}" for name in ("coredns", "nodelocal", "openshift", "gke-cloud-dns")}
    | {f"dns {name}" for name in ("eks-auto", "aks-localdns", "custom")}
)


def release(engine: str, version: str = "") -> Release:
    return Release(engine=engine, version=Version.parse(version) if version else None)


CILIUM, CILIUM_OLD = (release("cilium", each) for each in ("1.19", "1.16"))
CALICO = release("calico", "3.30")
ENTERPRISE = release("calico-enterprise", "3.22")
KUBERNETES = release("kubernetes")
PAIRS = {
    (CILIUM, CILIUM_OLD): {"exact name", "entity kube-apiserver", "mode audit", "icmp"},
    (CILIUM, ENTERPRISE): {
        *("exact name", "any-depth wildcard", "entity kube-apiserver", "mode audit"),
        "icmp",
    },
    (CILIUM, CALICO): {"entity kube-apiserver", "mode audit", "icmp"},
    (CALICO, ENTERPRISE): {"entity kube-apiserver", "mode audit", "icmp"},
    (CILIUM, KUBERNETES): set[str](),
    (CALICO, KUBERNETES): set[str](),
    (ENTERPRISE, KUBERNETES): set[str](),
}
"""Pairs of releases, and what only some of them can both say."""


@st.composite
def targets_of_both(draw: st.DrawFn, can: set[str]) -> Target:
    """A target that NetworkPolicy can say, and what else both can."""
    plain = draw(expressible_targets("kubernetes"))
    plain = plain if "icmp" in can else _without_echo(plain)
    hosts = [each for each in HOSTS if "exact name" in can]
    hosts += [each for each in DEEP if "any-depth wildcard" in can]
    added: list[Rule] = []
    if hosts:
        chosen = sorted(draw(st.sets(st.sampled_from(hosts))))
        added += [_rule("zz-hosts", tuple(map(_host, chosen)), "443")] if chosen else []
    if "entity kube-apiserver" in can and draw(st.booleans()):
        added.append(_rule("zz-api", (Entity(kind=EntityKind.KUBE_APISERVER),), "6443"))
    audit = "mode audit" in can and draw(st.booleans())
    return replace(plain, rules=(*plain.rules, *added), mode=Mode.AUDIT if audit else Mode.ENFORCE)


def _without_echo(target: Target) -> Target:
    """The target with 443/TCP wherever it has echo requests, which NetworkPolicy cannot say."""
    everyone = tuple(map(_with_https, target.everyone))
    return replace(
        target,
        rules=tuple(map(_with_https, target.rules)),
        everyone=everyone,
        platform=replace(target.platform, everyone=everyone),
    )


def _with_https(rule: Rule) -> Rule:
    def ports(some: tuple[PortRange, ...]) -> tuple[PortRange, ...]:
        return merge_ports(HTTPS if each == ECHO else each for each in some)

    to = tuple(replace(each, ports=ports(each.ports)) for each in rule.destinations)
    return replace(rule, destinations=to, ports=ports(rule.ports))


def _host(text: str) -> Host:
    return Host(pattern=HostPattern.parse(text))


def _rule(name: str, to: tuple[Destination, ...], port: str) -> Rule:
    source = f"values/teams/payments.yaml#{name}"
    ports = (PortRange.parse(port),)
    return Rule(name=name, reason="because", destinations=to, ports=ports, source=source)


def on(target: Target, of: Release) -> Target:
    """The target as it would be on a cluster of that release."""
    here = replace(target.cluster, release=of, approximate=frozenset(), fallback=None)
    platform = replace(target.platform, clusters=(here,))
    return replace(
        target,
        cluster=here,
        platform=platform,
        rules=tuple(replace(each, approximate=frozenset()) for each in target.rules),
        everyone=tuple(replace(each, approximate=frozenset()) for each in target.everyone),
    )


def _world(here: Cluster) -> FlowSet:
    return world(here, engine_of(here.release).traits(here))


def comparable(one: Cluster, other: Cluster) -> FlowSet:
    """What both can talk about.

    Nodes as `entity: nodes` means them, at their own addresses; a resolver that answers on the
    pod's own node is an identity to one engine and an address to another, so nodes are left out
    on its port. No packet is ICMP of one IP family to an address of the other: some engines have a
    rule for each family, and others leave it to the address.
    """
    nodes = [Peer.node(each) for each in ("host", "remote-node")]
    others = [Peer.outside(), Peer.pods(PodSet.everything())]
    every, dns = PortSet.everything(), PortSet.nothing()
    ways = dns_resolvers(one)
    if ways.on_node:
        protocols = (Protocol.UDP, Protocol.TCP)
        dns = PortSet.union(PortSet.of_port(each, ways.port) for each in protocols)
    source = PodSet.everything()
    own = AddressSet.nets(one.network.node_cidrs)
    parts = [
        FlowSet.reach(source=source, peer=each, ports=every - dns, addresses=own) for each in nodes
    ]
    parts += [FlowSet.reach(source=source, peer=each, ports=every) for each in others]
    return (FlowSet.union(parts) & _world(one) & _world(other)) - FlowSet.union(
        FlowSet.reach(
            source=source,
            peer=Peer.everything(),
            ports=PortSet.of_protocol(protocol),
            addresses=AddressSet.nets([other_family]),
        )
        for protocol, other_family in ((Protocol.ICMP, "::/0"), (Protocol.ICMPv6, "0.0.0.0/0"))
    )


def exactly(target: Target) -> Told | None:
    """What the engine is told, if it says all of it exactly and itself."""
    try:
        each = told(target)
    except Rejected:
        return None
    said = (each.lowered, each.baseline)
    return None if any(one.approximated or one.delegated for one in said) else each


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " and ".join(map(str, pair)))
def test_engines_that_both_say_it_exactly_mean_the_same(pair: tuple[Release, Release]) -> None:
    seen: Counter[str] = Counter()

    def run(target: Target) -> None:
        seen["drawn"] += 1
        both = [on(target, each) for each in pair]
        one, other = map(exactly, both)
        if one is None or other is None:
            return
        scope = comparable(both[0].cluster, both[1].cluster)
        pods = PodSet.in_namespace(target.namespace)
        audit = target.mode is Mode.AUDIT
        left, right = (
            flows_of_objects(each.target, objects_of(texts_of(each)), enforced=audit)
            & scope.restrict(source=pods)
            for each in (one, other)
        )

        assert left == right, ((left - right).witness(), (right - left).witness())
        seen["compared"] += 1
        seen["with flows"] += bool(left)
        seen.update(set(constructs(target, one.lowered)))

    wanted = RULES_SEEN | PAIRS[pair]
    in_rounds(targets_of_both(PAIRS[pair]), run, seen=seen, wanted=wanted)

    assert seen["compared"] / seen["drawn"] >= SHARE
    assert seen["with flows"] == seen["compared"]
