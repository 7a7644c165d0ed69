from ipaddress import ip_address
from typing import Any

import pytest

from transire.engines.calico.objects.releases import ENTERPRISE, V3_32
from transire.engines.calico.reading import CalicoReading, read_calico
from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet
from transire.flows.host_set import HostSet, Wild
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.text_set import TextSet
from transire.k8s.manifests import Manifest
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Connection, Decision, Lookup, Query, Source, Verdict

SHOP = PodSet.in_namespace("shop")
HTTPS = PortSet.of_port(Protocol.TCP, 443)
EVERYTHING = FlowSet.reach(source=SHOP, peer=Peer.everything(), ports=PortSet.everything())


def policy(spec: dict[str, Any], name: str = "p", kind: str = "NetworkPolicy") -> Manifest:
    meta = {"name": name} if "Global" in kind else {"name": name, "namespace": "shop"}
    body = {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": meta, "spec": spec}
    return Manifest(source="p.yaml", index=0, body=body)


def allow(**rule: Any) -> dict[str, Any]:  # noqa: ANN401 - a tree
    return {"types": ["Egress"], "egress": [{"action": "Allow", **rule}]}


def read(*manifests: Manifest) -> CalicoReading:
    return read_calico(manifests, (V3_32,), ClusterState(), product="calico")


def read_enterprise(*manifests: Manifest) -> CalicoReading:
    dialects = *ENTERPRISE[3, 22], *ENTERPRISE[3, 23]
    return read_calico(manifests, dialects, ClusterState(), product="calico-enterprise")


def decide(reading: CalicoReading, what: Connection, **options: str) -> Decision:
    source = Source(namespace="shop", labels={"app": "web"})
    return reading.decide(Query(id="1", source=source, what=what, options=options))


def test_without_policies_everything_is_allowed() -> None:
    assert read().flows(SHOP) == EVERYTHING


def test_a_policy_without_rules_denies_its_pods_everything() -> None:
    flows = read(policy({"types": ["Egress"]})).flows()

    assert flows.sources() == ~SHOP


def test_a_rule_is_one_product_of_source_peer_and_ports() -> None:
    flows = read(
        policy(
            {
                "selector": "app == 'web'",
                **allow(
                    protocol="TCP",
                    destination={"namespaceSelector": "env == 'prod'", "ports": [443]},
                ),
            }
        )
    ).flows(SHOP & PodSet.labels({"app": "web"}))

    peers = PodSet.namespace_label("env", TextSet.of(["prod"]))
    assert flows == FlowSet.reach(
        source=SHOP & PodSet.labels({"app": "web"}), peer=Peer.pods(peers), ports=HTTPS
    )


def test_nets_are_addresses_of_any_peer() -> None:
    flows = read(
        policy(allow(destination={"nets": ["10.0.0.0/8"], "notNets": ["10.1.0.0/16"]}))
    ).flows(SHOP)

    assert flows == FlowSet.reach(
        source=SHOP,
        peer=Peer.everything(),
        ports=PortSet.everything(),
        addresses=AddressSet.nets(["10.0.0.0/8"]) - AddressSet.nets(["10.1.0.0/16"]),
    )


def test_domains_are_names_outside() -> None:
    destination = {"domains": ["api.example.com", "*.example.org"], "ports": [443]}
    flows = read_enterprise(policy(allow(protocol="TCP", destination=destination))).flows(SHOP)

    hosts = HostSet.exact(["api.example.com"]) | HostSet.pattern([Wild.LABELS, ".example.org"])
    assert flows == FlowSet.reach(source=SHOP, peer=Peer.outside(), ports=HTTPS, hosts=hosts)


def test_a_set_with_domains_means_the_same_as_inline_domains() -> None:
    inline = read_enterprise(policy(allow(destination={"domains": ["api.example.com"]})))
    group = policy({"allowedEgressDomains": ["api.example.com"]}, "s", "NetworkSet")
    group.body["metadata"]["labels"] = {"set": "one"}
    selector = "set == 'one' && projectcalico.org/orchestrator != 'k8s'"
    by_set = read_enterprise(group, policy(allow(destination={"selector": selector})))

    assert by_set.flows(SHOP) == inline.flows(SHOP)


SERVICE = {"services": {"name": "kubernetes", "namespace": "default"}}


def test_the_api_server_is_reached_on_ports_that_somebody_vouches_for() -> None:
    reading = read(policy(allow(protocol="TCP", destination=SERVICE)))
    port = PortSet.of_port(Protocol.TCP, 6443)

    assert reading.flows(SHOP, api_server_ports=port) == FlowSet.reach(
        source=SHOP, peer=Peer.reserved("kube-apiserver"), ports=port
    )
    with pytest.raises(Unjudgeable) as caught:
        reading.flows(SHOP)

    assert str(caught.value) == (
        "NetworkPolicy shop/p: /spec/egress/0/destination/services: the port comes from the "
        "endpoints of the API server, which are not known"
    )


@pytest.mark.parametrize(
    ("ip", "port", "reserved", "verdict", "told"),
    [
        ("192.168.40.5", 6443, "", Verdict.DENY, True),
        ("203.0.113.9", 443, "", Verdict.DENY, True),
        ("192.168.40.5", 8443, "", Verdict.DENY, False),
        ("192.168.40.5", 6443, "kube-apiserver", Verdict.ALLOW, False),
    ],
)
def test_an_address_may_be_the_api_servers_where_nothing_tells(
    ip: str, port: int, reserved: str, verdict: Verdict, *, told: bool
) -> None:
    reading = read(policy(allow(protocol="TCP", destination=SERVICE)))
    what = Connection(
        ip=ip_address(ip),
        port=port,
        protocol="TCP",
        peer_reserved=frozenset([reserved] if reserved else []),
    )

    decision = decide(reading, what)

    assert decision.verdict is verdict
    assert ("api-server-not-known" in {each.id for each in decision.caveats}) is told


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"destination": {"services": {"name": "x"}}},
            "/spec/egress/0/destination/services: the endpoints of services are not modelled",
        ),
        (
            {"protocol": "TCP", "destination": {"ports": ["http"]}},
            "/spec/egress/0: which pods have the named port is not known",
        ),
        (
            {"protocol": "TCP", "source": {"ports": [80]}},
            "/spec/egress/0/source: addresses and ports of pods are not known",
        ),
        (
            {"source": {"notNets": ["10.0.0.0/8"]}},
            "/spec/egress/0/source: addresses and ports of pods are not known",
        ),
        (
            {"source": {"selector": "has(set)"}},
            (
                "/spec/egress/0/source: it selects a set of addresses, and which pods have them is not "
                "known"
            ),
        ),
    ],
)
def test_sets_of_flows_say_what_they_cannot_hold(rule: dict[str, Any], message: str) -> None:
    group = policy({"nets": ["10.0.0.0/8"]}, "s", "NetworkSet")
    group.body["metadata"]["labels"] = {"set": "one"}
    reading = read(group, policy(allow(**rule)))

    with pytest.raises(Unjudgeable) as caught:
        reading.flows()

    assert str(caught.value) == f"NetworkPolicy shop/p: {message}"
    assert reading.flows(PodSet.in_namespace("bank"))


def test_an_object_that_is_not_judged_concerns_its_namespace_only() -> None:
    reading = read(policy({"types": ["Egress"]}), policy({"types": ["Ingress"]}))

    assert reading.flows(PodSet.in_namespace("bank"))
    with pytest.raises(Unjudgeable) as caught:
        reading.flows(SHOP)

    assert str(caught.value) == (
        "NetworkPolicy shop/p: /metadata/name: the object is given twice, so it is not known which "
        "one the cluster holds"
    )


def tie(action: str) -> tuple[Manifest, Manifest]:
    """Two policies whose order the tie-break decides, with the other action in one of them."""
    first = policy({"order": 1, **allow()}, "a-b")
    second = policy({"order": 1, "types": ["Egress"], "egress": [{"action": action}]}, "a")
    return first, second


def test_an_enterprise_release_may_break_ties_in_two_ways() -> None:
    reading = read_enterprise(*tie("Deny"))

    with pytest.raises(Unjudgeable) as caught:
        reading.flows(SHOP)

    assert str(caught.value) == (
        "release: /spec/order: two policies have the same order, and which of them comes first "
        "differs between the releases that this one may be"
    )
    assert decide(reading, Connection(port=443, protocol="TCP")).verdict == Verdict.UNJUDGEABLE


def test_a_tie_that_changes_nothing_does_not_matter() -> None:
    reading = read_enterprise(*tie("Allow"))

    assert reading.flows(SHOP) == EVERYTHING
    assert decide(reading, Connection(port=443, protocol="TCP")).verdict == Verdict.ALLOW


@pytest.mark.parametrize(
    ("what", "options", "reason"),
    [
        (Connection(port=443, protocol="GRE"), {}, "the protocol 'GRE' is not modelled"),
        (
            Connection(port=443, protocol="TCP"),
            {"enable-policy": "never"},
            "the option 'enable-policy' is not modelled",
        ),
        (
            Connection(port=443, protocol="TCP", node="nowhere"),
            {},
            "the cluster has no node nowhere",
        ),
    ],
)
def test_a_question_that_is_not_understood_says_why(
    what: Connection, options: dict[str, str], reason: str
) -> None:
    assert decide(read(), what, **options) == Decision(verdict=Verdict.UNJUDGEABLE, reason=reason)


def test_without_a_cluster_the_resolver_is_assumed() -> None:
    selector = {"namespaceSelector": "kubernetes.io/metadata.name == 'kube-system'"}
    reading = read(policy(allow(protocol="UDP", destination={**selector, "ports": [53]})))

    decision = decide(reading, Connection(port=443, protocol="TCP", host="api.example.com"))

    assert decision.verdict == Verdict.DENY
    assert [each.id for each in decision.caveats] == [
        "assumed-resolver",
        "address-not-name",
        "assumed-address",
    ]


def test_a_lookup_before_may_have_opened_the_address() -> None:
    reading = read_enterprise(
        policy(allow(protocol="UDP", destination={"ports": [53]}), "a"),
        policy(allow(destination={"domains": ["api.example.com"]}), "b"),
    )
    address = ip_address("198.51.100.7")

    def caveats(host: str, looked_up: str) -> list[str]:
        before = (Lookup(host=looked_up, ip=address),)
        what = Connection(port=443, protocol="TCP", ip=address, host=host, prior_lookups=before)
        decision = decide(reading, what)
        assert decision.verdict == Verdict.DENY
        return [each.id for each in decision.caveats]

    assert caveats("", "api.example.com") == ["learnt-before"]
    assert caveats("", "www.example.com") == []
    assert caveats("www.example.com", "api.example.com") == [
        "assumed-resolver",
        "address-not-name",
        "learnt-before",
    ]
