from __future__ import annotations

import json
import re
from ipaddress import ip_address
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transire.model.problems import Rejected
from transire.queries import query_json as query_file
from transire.queries.query import Connection, DnsQuery, Lookup, Query, Source
from transire.queries.query_json import QueryReader


def test_the_short_form_is_one_query() -> None:
    reader = QueryReader(path="queries.jsonl")
    text = '{"id": "1", "from": "shop/app=web", "to": "a.example:443"}'
    expected = Query(
        id="1",
        source=Source(namespace="shop", labels={"app": "web"}),
        what=Connection(port=443, protocol="TCP", host="a.example"),
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
    what = Connection(
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
    ask = DnsQuery(host="a.example", dns_server="10.0.0.10", port=5353, protocol="TCP")

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
    destinations: dict[str, DnsQuery | Connection] = {}
    reader = QueryReader(path="q", sources=sources, destinations=destinations)
    for number in range(5000):
        text = json.dumps({"id": "1", "from": f"n{number}", "to": f"h{number}.example:443"})
        reader.query(text, line=number + 1)

    assert [len(sources), len(destinations)] == [904, 904]


WRITTEN = st.text(alphabet='{}":,\\ \t\n\r\x00u0aé/.-_=1idfromt', max_size=6)
FIELDS = st.tuples(
    st.sampled_from(("id", "from", "to", "extra")),
    st.one_of(
        st.sampled_from(("1", "", "shop/app=web", "Shop", "a.example:443", "dns:a.example", "a")),
        WRITTEN,
        st.none(),
    ),
)


@st.composite
def short_lines(draw: st.DrawFn) -> str:
    """A line like the short form, often with something wrong in it."""
    usual = [("id", "1"), ("from", "shop/app=web"), ("to", "a.example:443")]
    fields = draw(st.one_of(st.permutations(usual), st.lists(FIELDS, max_size=4)))
    space = draw(st.sampled_from(("", " ", "\t ", "\r", "\n", "\u00a0", "\v")))
    comma, colon = f"{space},{space}", f":{space}"
    pairs = [f"{json.dumps(key)}{colon}{json.dumps(value)}" for key, value in fields]
    line = f"{space}{{{comma.join(pairs)}}}{space}"
    if draw(st.booleans()):
        place = draw(st.integers(0, len(line)))
        line = line[:place] + draw(WRITTEN) + line[place + draw(st.integers(0, 3)) :]
    return line


def read(line: str) -> Query | str:
    try:
        return QueryReader(path="q").query(line, line=1)
    except Rejected as rejected:
        return str(rejected)


@pytest.mark.slow("many drawn examples")
@settings(max_examples=2000)
@given(line=short_lines())
def test_lines_that_are_matched_are_read_as_json_is(line: str) -> None:
    quick = read(line)
    with patch.object(query_file, "_PLAIN", re.compile(r"(?!)")):
        slow = read(line)

    assert quick == slow


def test_equal_sources_of_the_long_form_are_one() -> None:
    reader = QueryReader(path="q")
    source = {"namespace": "shop", "labels": {"a": "1", "b": "2"}}
    asked = {"kind": "dns", "host": "a.example"}
    lines = [
        json.dumps({"id": "x", "source": each, "query": asked})
        for each in (source, source, {**source, "pod": "web"}, {**source, "namespace": "bank"})
    ]
    one, same, pod, bank = (reader.query(each, line=1).source for each in lines)

    assert one is same
    assert (pod.pod, bank.namespace) == ("web", "bank")


@pytest.mark.parametrize("text", [r"\ud800", r"\uDFFF!", r"\ud83d \ude00"])
def test_half_a_character_is_no_text(text: str) -> None:
    with pytest.raises(Rejected, match="half a character"):
        QueryReader(path="q").query(
            f'{{"id": "{text}", "from": "shop", "to": "a.example:443"}}', line=1
        )


def test_a_character_in_two_halves_is_one() -> None:
    line = r'{"id": "\ud83d\ude00 \\ud800", "from": "shop", "to": "a.example:443"}'

    assert QueryReader(path="q").query(line, line=1).id == "\U0001f600 \\ud800"
