from __future__ import annotations

from ipaddress import ip_address

import pytest

from transire.model.problems import Rejected
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState, NamedPort, Node, Pod


def rejected(text: str) -> Rejected:
    with pytest.raises(Rejected) as caught:
        cluster_from_json(text, path="cluster.json")
    return caught.value


def mistakes(text: str) -> list[tuple[str, str]]:
    return [(problem.message, problem.help) for problem in rejected(text).problems]


def test_an_empty_object_is_a_cluster_that_holds_nothing() -> None:
    assert cluster_from_json("{}", path="cluster.json") == ClusterState()


def test_a_whole_cluster_is_read() -> None:
    text = """{
      "cluster_name": "east",
      "dns_server": "10.0.0.10",
      "namespace_labels": {"shop": {"env": "prod"}},
      "pods": [{"namespace": "shop", "name": "web", "labels": {"app": "web"},
                "ips": ["10.0.1.10", "fd00::10"], "service_account": "shop", "host_network": true,
                "named_ports": {"http": {"port": 8080, "protocol": "TCP"}}}],
      "nodes": [{"name": "one", "ip": "192.168.10.1", "reserved": ["host"]}]
    }"""
    pod = Pod(
        namespace="shop",
        name="web",
        labels={"app": "web"},
        ips=(ip_address("10.0.1.10"), ip_address("fd00::10")),
        service_account="shop",
        host_network=True,
        named_ports={"http": NamedPort(port=8080, protocol="TCP")},
    )
    expected = ClusterState(
        name="east",
        dns_server="10.0.0.10",
        namespace_labels={"shop": {"env": "prod"}},
        pods=(pod,),
        nodes=(Node(name="one", ip=ip_address("192.168.10.1"), reserved=frozenset({"host"})),),
    )

    assert cluster_from_json(text, path="cluster.json") == expected


def test_every_mistake_is_reported_at_once() -> None:
    text = """{
      "nmae": "x",
      "pods": [{"namespace": "shop", "ips": ["10.0.1"], "labels": {"app": 1}},
               7,
               {"namespace": "shop", "name": "web", "ips": "10.0.1.1",
                "named_ports": {"http": {"port": 0, "protocol": "ICMP"}}, "host_network": "yes"}],
      "nodes": [{"name": "", "ip": "192.168.10.1", "reserved": ["master"]}, {"name": "n"}]
    }"""

    expected = [
        (
            "nmae is not a known key",
            "the keys here are cluster_name, definitions, dns_server, namespace_labels, nodes, pods",
        ),
        ("nodes[0].name is missing", "write a string that is not empty"),
        (
            "nodes[0].reserved holds 'master'",
            "write some of host, remote-node, kube-apiserver, health, ingress",
        ),
        ("nodes[1].ip is missing", "write a string that is not empty"),
        ("pods[0].ips holds '10.0.1', which is no address", "write it as 10.0.1.10"),
        ("pods[0].labels.app is the number 1", "write a string in double quotes"),
        ("pods[0].name is missing", "write a string that is not empty"),
        ("pods[1] is the number 7", "write an object, { ... }"),
        ("pods[2].host_network is the string 'yes'", "write true or false"),
        ("pods[2].ips is the string '10.0.1.1'", "write a list, [ ... ]"),
        ("pods[2].named_ports.http.port is the number 0", "write a whole number from 1 to 65535"),
        ("pods[2].named_ports.http.protocol is 'ICMP'", "write one of TCP, UDP, SCTP"),
    ]

    assert mistakes(text) == expected


def test_a_name_or_an_address_stands_once() -> None:
    text = """{
      "pods": [{"namespace": "a", "name": "x", "ips": ["10.0.0.1"]},
               {"namespace": "a", "name": "x", "ips": ["10.0.0.1"]},
               {"namespace": "a", "name": "h", "ips": ["10.0.0.9"], "host_network": true}],
      "nodes": [{"name": "n", "ip": "10.0.0.9"}, {"name": "n", "ip": "10.0.0.8"}]
    }"""
    help_ = "write each pod, node and address once"

    assert mistakes(text) == [
        ("nodes name the node n twice", help_),
        ("pods name the address 10.0.0.1 twice", help_),
        ("pods name the pod a/x twice", help_),
    ]


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("[]", "cluster.json", "the file holds a list where a JSON object belongs"),
        (
            "{\n'a'",
            "cluster.json:2:1",
            "this is not JSON: expecting property name enclosed in double quotes",
        ),
        (
            '{"pods": 1, "pods": 2}',
            "cluster.json",
            "this is not JSON: the key 'pods' is written twice",
        ),
        ('{"pods": NaN}', "cluster.json", "this is not JSON: NaN is not a JSON number"),
        ("[" * 100_000, "cluster.json", "this JSON is nested too deeply"),
    ],
)
def test_what_is_not_json_says_where(text: str, at: str, said: str) -> None:
    assert str(rejected(text)).split("\n")[0] == f"{at}: error: {said} (cluster-file)"
