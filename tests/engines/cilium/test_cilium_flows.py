from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from support.engines.cilium_policies import HOSTS, policies
from support.engines.one_namespace import same_as_products, same_without_the_name
from transire.engines.cilium.reading import CiliumReading, read
from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import PeerKind
from transire.flows.pod_set import PodSet, Workload
from transire.flows.port_set import Protocol
from transire.flows.text_set import TextSet
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import ClusterState, NamedPort, Node, Pod
from transire.queries.query import Connection, DnsQuery, Query, Source, Verdict

pytestmark = pytest.mark.slow("many drawn examples")

NAMESPACES = {
    "shop": {"kubernetes.io/metadata.name": "shop", "env": "prod"},
    "bank": {"kubernetes.io/metadata.name": "bank", "env": "test"},
    "kube-system": {"kubernetes.io/metadata.name": "kube-system"},
}


CLUSTER = ClusterState(
    namespace_labels=NAMESPACES,
    pods=(
        Pod(
            namespace="shop",
            name="web",
            labels={"app": "web", "tier": "front"},
            ips=(ip_address("10.0.1.1"),),
        ),
        Pod(
            namespace="shop",
            name="pay",
            labels={"app": "pay"},
            ips=(ip_address("10.0.1.2"),),
            service_account="robot",
            named_ports={"http": NamedPort(port=8080, protocol="TCP")},
        ),
        Pod(namespace="bank", name="web", labels={"app": "web"}, ips=(ip_address("10.0.2.1"),)),
        Pod(
            namespace="kube-system",
            name="coredns",
            labels={"k8s-app": "kube-dns"},
            ips=(ip_address("10.0.0.53"),),
        ),
    ),
    nodes=(
        Node(name="own", ip=ip_address("192.168.0.1"), reserved=frozenset({"host"})),
        Node(name="far", ip=ip_address("192.168.0.2"), reserved=frozenset({"remote-node"})),
        Node(name="api", ip=ip_address("203.0.113.80"), reserved=frozenset({"kube-apiserver"})),
    ),
)
SOURCES = CLUSTER.pods[:3]
OUTSIDE = ("198.51.100.7", "198.51.7.7", "9.9.9.9", "2001:db8::1", "10.200.0.1")
PORTS = (
    ("TCP", 443),
    ("TCP", 53),
    ("TCP", 8080),
    ("UDP", 53),
    ("UDP", 443),
    ("TCP", 450),
    ("SCTP", 443),
    ("ICMP", 8),
)
RESOLVERS = ("kube-system/coredns", "shop/pay", "bank/web", "9.9.9.9", "192.168.0.1")
LOOKUPS: tuple[dict[str, Any], ...] = tuple(
    {"dns_server": server, "dns_port": port} for server in RESOLVERS for port in (53, 5353)
)
CONTENTS: tuple[dict[str, Any], ...] = (
    {},
    *({"server_name": name} for name in HOSTS),
    {"method": "GET", "path": "/"},
    {"method": "POST", "path": "/v1/x"},
    {"method": "PUT", "path": "/", "headers": {"x-a": "b"}},
)


CONSTRUCTS = (
    "toEndpoints",
    "toEntities",
    "toCIDR'",
    "except",
    "toFQDNs",
    "dns",
    "serverNames",
    "http",
    "icmps",
    "egressDeny",
    "CiliumClusterwideNetworkPolicy",
    "podSelector",
)


def workload(each: Pod) -> Workload:
    return Workload(
        namespace=each.namespace,
        labels=each.labels,
        namespace_labels=NAMESPACES[each.namespace],
        account=each.service_account,
    )


def source(each: Pod) -> Source:
    return Source(namespace=each.namespace, labels=each.labels, pod=each.name)


def ends() -> Iterator[tuple[str, dict[str, Any]]]:
    for each in CLUSTER.pods:
        yield str(each.ips[0]), {"peer": PeerKind.POD, "pod": workload(each)}
    for node in CLUSTER.nodes:
        outside = node.name == "api"
        kind = PeerKind.OUTSIDE if outside else PeerKind.NODE
        yield str(node.ip), {"peer": kind, "reserved": node.reserved}
    for address in OUTSIDE:
        yield address, {"peer": PeerKind.OUTSIDE}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Questions and flows: one question is allowed exactly if one of the flows is in the set."""

    said: str
    questions: tuple[Query, ...]
    flows: tuple[Flow, ...]
    lookups: tuple[tuple[Flow, Flow], ...] = ()
    """Lookups over UDP, as questions do them, and the same over TCP, which teach names too."""


@cache
def comparisons(number: int) -> tuple[Comparison, ...]:
    """What is asked about one source."""
    return tuple(_comparisons(SOURCES[number]))


def _comparisons(pod: Pod) -> Iterator[Comparison]:
    who = source(pod)
    for address, end in ends():
        for protocol, port in PORTS:
            said = f"{pod.name} to {address}:{port}/{protocol}"
            what = Connection(ip=ip_address(address), port=port, protocol=protocol)
            at = Flow(
                source=workload(pod),
                address=ip_address(address),
                protocol=Protocol[protocol],
                port=port * 256 if protocol == "ICMP" else port,
                **end,
            )
            plain = Query(id="", source=who, what=what)
            any_content = tuple(replace(at, **content) for content in CONTENTS)
            yield Comparison(said, (plain,), any_content)
            for name in HOSTS if protocol in {"TCP", "UDP"} else ():
                ask = DnsQuery(host=name, dns_server=address, port=port, protocol=protocol)
                query = Query(id="", source=who, what=ask)
                yield Comparison(f"{said} asking {name}", (query,), (replace(at, queried=name),))
            if end["peer"] is PeerKind.OUTSIDE and (protocol, port) in PORTS[:3]:
                for name in HOSTS:
                    by_name = tuple(
                        Query(id="", source=who, what=replace(what, host=name, **looked_up))
                        for looked_up in LOOKUPS
                    )
                    named = tuple(replace(each, host=name) for each in any_content)
                    queries = plain, *by_name
                    lookups = tuple(_lookups(pod, name))
                    yield Comparison(f"{said} as {name}", queries, named, lookups)


def _lookups(pod: Pod, name: str) -> Iterator[tuple[Flow, Flow]]:
    for address, end in ends():
        for port in (53, 5353):
            at = Flow(
                source=workload(pod),
                address=ip_address(address),
                protocol=Protocol.UDP,
                port=port,
                queried=name,
                **end,
            )
            yield at, replace(at, protocol=Protocol.TCP)


OTHER_SERVER = "that names one of its servers"
"""Why a client is refused that names its host as the TLS server; one that names another passes."""


def allows(reading: CiliumReading, query: Query) -> bool:
    """Whether some content passes, other than that of an honest client where names are listed."""
    decision = reading.decide(query)
    assert decision.verdict is not Verdict.UNJUDGEABLE, decision.reason
    return decision.verdict is Verdict.ALLOW or OTHER_SERVER in decision.reason


def learns_elsewhere(flows: FlowSet, comparison: Comparison) -> bool:
    """Whether the name may be learnt by a lookup that no question does.

    Such are those over TCP, and those at pods that could exist and that this cluster lacks.
    """
    asked = [(flows.contains(udp), flows.contains(tcp)) for udp, tcp in comparison.lookups]
    return (False, True) in asked or not any(udp for udp, _ in asked)


def manifests(objects: Iterable[dict[str, Any]]) -> list[Manifest]:
    return [Manifest(source="p.yaml", index=index, body=body) for index, body in enumerate(objects)]


def release(minor: int) -> Release:
    return Release(engine="cilium", version=Version.parse(f"1.{minor}"))


def one_pod(each: Pod) -> PodSet:
    return (
        PodSet.in_namespace(each.namespace)
        & PodSet.labels(each.labels)
        & PodSet.account(TextSet.of([each.service_account]))
        & ~PodSet.label("unheard-of", TextSet.present())
    )


@pytest.mark.parametrize("minor", [14, 15, 16, 17, 18, 19, 20])
def test_verdicts_and_the_set_of_flows_agree(minor: int) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=60, phases=[Phase.generate])
    @given(objects=policies(), mode=st.sampled_from(["default", "default", "always"]))
    def agree(objects: list[dict[str, Any]], mode: str) -> None:
        reading = read(manifests(objects), release(minor), CLUSTER, {"enable-policy": mode})
        for number, pod in enumerate(SOURCES):
            seen["sources"] += 1
            same_without_the_name(reading, pod.namespace)
            seen["products"] += same_as_products(reading, pod.namespace)
            try:
                flows = reading.flows(one_pod(pod))
            except Unjudgeable:
                continue
            seen["judged"] += 1
            seen.update(each for each in CONSTRUCTS if each in f"{objects}")
            for each in comparisons(number):
                allowed = any(allows(reading, query) for query in each.questions)
                held = any(map(flows.contains, each.flows))
                if held and not allowed and learns_elsewhere(flows, each):
                    seen["learnt elsewhere"] += 1
                    continue
                assert (each.said, held) == (each.said, allowed)
                seen[f"{allowed}"] += 1
                seen["by name"] += held and each.flows[0].host is not None

    agree()
    assert seen["judged"] > seen["sources"] * 0.6, seen
    assert seen["learnt elsewhere"] < 0.02 * seen["False"], seen
    assert min(seen["True"], seen["False"]) > 0.05 * (seen["True"] + seen["False"]), seen
    assert min(seen[each] for each in ("by name", "products", *CONSTRUCTS)) > 0, seen
