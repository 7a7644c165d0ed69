from __future__ import annotations

import json
from ipaddress import ip_address

import pytest

from transire.model.problems import Rejected
from transire.model.query import Ask, Connect, Lookup, Query, Source
from transire.model.query_file import QueryReader, destination_from, host_from, source_from


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("api.Example.com.:443", Connect(port=443, protocol="TCP", host="api.example.com")),
        ("api.example.com:123/udp", Connect(port=123, protocol="UDP", host="api.example.com")),
        ("pod:8080", Connect(port=8080, protocol="TCP", host="pod")),
        ("198.51.100.7:22", Connect(port=22, protocol="TCP", ip=ip_address("198.51.100.7"))),
        ("[2001:db8::1]:443/SCTP",
         Connect(port=443, protocol="SCTP", ip=ip_address("2001:db8::1"))),
        ("198.51.100.7:8/ICMP", Connect(port=8, protocol="ICMP", ip=ip_address("198.51.100.7"))),
        ("[::1]:128/icmpv6", Connect(port=128, protocol="ICMPv6", ip=ip_address("::1"))),
        ("pod:shop/app=web,tier=:8080",
         Connect(port=8080, protocol="TCP", peer_namespace="shop",
                 peer_labels={"app": "web", "tier": ""})),
        ("pod:shop/app.kubernetes.io/name=web:53/UDP",
         Connect(port=53, protocol="UDP", peer_namespace="shop",
                 peer_labels={"app.kubernetes.io/name": "web"})),
        ("pod:shop:80",
         Connect(port=80, protocol="TCP", peer_namespace="shop", peer_labels={})),
        ("dns:API.example.com.", Ask(host="api.example.com")),
        ("dns:.", Ask(host=".")),
        ("dns:a.example@10.0.0.10:5353/TCP",
         Ask(host="a.example", dns_server="10.0.0.10", port=5353, protocol="TCP")),
        ("dns:a.example@[fd00::53]:53", Ask(host="a.example", dns_server="fd00::53")),
    ],
)  # fmt: skip
def test_a_destination_is_read(text: str, expected: Ask | Connect) -> None:
    assert expected == destination_from(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("api.example.com",
         "'api.example.com' has no port; write it as api.example.com:443 or .../UDP"),
        (":443", "':443' has no port; write it as api.example.com:443 or .../UDP"),
        ("a.example:0", "0 in 'a.example:0' is no port; write 1 to 65535"),
        ("a.example:65536", "65536 in 'a.example:65536' is no port; write 1 to 65535"),
        ("a.example:256/ICMP", "256 in 'a.example:256/ICMP' is no port; write 0 to 255"),
        ("a.example:https", "'https' in 'a.example:https' is no port; write 1 to 65535"),
        ("a.example:٤٤٣", "'٤٤٣' in 'a.example:٤٤٣' is no port; write 1 to 65535"),
        ("a.example:443/QUIC",
         "'QUIC' in 'a.example:443/QUIC' is no protocol; write TCP, UDP, SCTP, ICMP, ICMPv6"),
        ("2001:db8::1:443",
         "'2001:db8::1:443' holds a bare IPv6 address; write it as [2001:db8::1]:443"),
        ("[a.example]:443", "'a.example' is not an address"),
        ("https://a.example:443", "'https://a.example' is not a host name"),
        ("a_b!.example:443", "'a_b!.example' is not a host name"),
        ("bücher.example:443", "'bücher.example' is not ASCII; write the name in punycode"),
        ("a..example:443", "'a..example' is not a host name"),
        (f"{'a.' * 130}example:443", f"'{'a.' * 130}example' is not a host name"),
        ("pod:Shop/app=web:80", "'Shop' in 'Shop/app=web' is not the name of a namespace"),
        ("pod:shop/app:80", "'app' in 'shop/app' is no label; write it as app=checkout"),
        ("pod:shop/a=1,a=2:80", "the label 'a' in 'shop/a=1,a=2' is written twice"),
        ("dns:*.example.com", "'*.example.com' is not a host name"),
        ("dns:a.example@coredns:53", "'coredns' is not an address"),
        ("dns:a.example@10.0.0.1:8/ICMP",
         "'dns:a.example@10.0.0.1:8/ICMP' asks a resolver over ICMP; write UDP or TCP"),
    ],
)  # fmt: skip
def test_a_wrong_destination_says_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        destination_from(text)

    assert said == str(caught.value)


def test_a_source_is_a_namespace_and_labels() -> None:
    assert Source(namespace="shop") == source_from("shop")
    assert Source(namespace="shop", labels={"app": "web", "tier": "x"}) == source_from(
        "shop/app=web,tier=x"
    )


def test_the_root_is_a_name_that_can_be_asked() -> None:
    assert host_from(".") == "."


def test_the_short_form_is_one_query() -> None:
    reader = QueryReader(path="queries.jsonl")
    text = '{"id": "1", "from": "shop/app=web", "to": "a.example:443"}'
    expected = Query(
        id="1",
        source=Source(namespace="shop", labels={"app": "web"}),
        what=Connect(port=443, protocol="TCP", host="a.example"),
    )

    assert [expected, expected] == [reader.query(text, line=line) for line in (1, 2)]


def test_the_long_form_is_one_query() -> None:
    text = json.dumps(
        {
            "id": "x",
            "verdict": "allow",
            "source": {"namespace": "shop", "pod": "web", "labels": {"app": "web"}},
            "query": {
                "kind": "connect", "host": "a.example", "ip": "198.51.100.10", "port": 443,
                "protocol": "TCP", "dns_server": "openshift-dns/dns-default", "dns_port": 5353,
                "pod": "team-b/reports", "node": "n",
                "prior_lookups": [{"host": "b.example", "ip": "198.51.100.11", "pod": "a/b"}],
                "destination": {"type": "reserved", "reserved": ["host"], "namespace": "b",
                                "labels": {"k": "v"}},
            },
            "agent_options": {"enable-ipv6": "false"},
        }
    )  # fmt: skip
    what = Connect(
        port=443,
        protocol="TCP",
        ip=ip_address("198.51.100.10"),
        host="a.example",
        dns_server="openshift-dns/dns-default",
        dns_port=5353,
        pod="team-b/reports",
        node="n",
        prior_lookups=(Lookup(host="b.example", ip=ip_address("198.51.100.11"), pod="a/b"),),
        peer_namespace="b",
        peer_labels={"k": "v"},
        peer_reserved=frozenset({"host"}),
    )
    expected = Query(
        id="x",
        source=Source(namespace="shop", labels={"app": "web"}, pod="web"),
        what=what,
        options={"enable-ipv6": "false"},
    )

    assert expected == QueryReader(path="q").query(text, line=1)


def test_the_long_form_of_a_lookup_is_one_query() -> None:
    text = json.dumps(
        {
            "id": "x",
            "source": {"namespace": "shop"},
            "query": {"kind": "dns", "host": "A.example.", "port": 5353, "protocol": "TCP",
                      "dns_server": "10.0.0.10"},
        }
    )  # fmt: skip
    ask = Ask(host="a.example", dns_server="10.0.0.10", port=5353, protocol="TCP")

    assert Query(id="x", source=Source(namespace="shop"), what=ask) == QueryReader(path="q").query(
        text, line=1
    )


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"id": "1", "from": "shop"},
         ["from is not a known key", "query.kind is missing", "query.port is missing",
          "source.namespace is missing"]),
        ({"id": "1", "from": "Shop", "to": "a", "extra": 1},
         ["extra is not a known key",
          "from is wrong: 'Shop' in 'Shop' is not the name of a namespace",
          "to is wrong: 'a' has no port; write it as api.example.com:443 or .../UDP"]),
        ({"id": "1", "source": {"namespace": "a"},
          "query": {"kind": "connect", "port": "443", "protocol": "tcp", "ip": "1.2.3",
                    "host": "*.x"}},
         ["query.host is wrong: '*.x' is not a host name",
          "query.ip is '1.2.3', which is no address", "query.port is the string '443'",
          "query.protocol is 'tcp'"]),
        ({"id": 1, "source": {"namespace": "a"},
          "query": {"kind": "dns", "host": "a", "protocol": "SCTP", "ip": "1.2.3.4"}},
         ["id is the number 1", "query.ip is not a known key", "query.protocol is 'SCTP'"]),
    ],
)  # fmt: skip
def test_every_mistake_of_a_line_is_reported(document: object, said: list[str]) -> None:
    with pytest.raises(Rejected) as caught:
        QueryReader(path="q.jsonl").query(json.dumps(document), line=7)

    assert said == [problem.message for problem in caught.value.problems]
    assert {"q.jsonl:7:0"} == {str(problem.at) for problem in caught.value.problems}


def test_remembered_sources_and_destinations_stay_few() -> None:
    sources: dict[str, Source] = {}
    destinations: dict[str, Ask | Connect] = {}
    reader = QueryReader(path="q", sources=sources, destinations=destinations)
    for number in range(5000):
        text = json.dumps({"id": "1", "from": f"n{number}", "to": f"h{number}.example:443"})
        reader.query(text, line=number + 1)

    assert [len(sources), len(destinations)] == [904, 904]
