from __future__ import annotations

import json
from ipaddress import ip_address

import pytest

from transire.model.problems import Rejected
from transire.model.query import Ask, Connect, Lookup, Query, Source
from transire.model.query_file import QueryReader


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
    sources: dict[object, Source] = {}
    destinations: dict[str, Ask | Connect] = {}
    reader = QueryReader(path="q", sources=sources, destinations=destinations)
    for number in range(5000):
        text = json.dumps({"id": "1", "from": f"n{number}", "to": f"h{number}.example:443"})
        reader.query(text, line=number + 1)

    assert [len(sources), len(destinations)] == [904, 904]
