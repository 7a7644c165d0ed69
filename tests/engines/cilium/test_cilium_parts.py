from bisect import bisect_right
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.engines.case_files import release
from transire.engines.cilium.lint_policies import port_number
from transire.engines.cilium.objects.fqdn import NamePattern, hosts_of
from transire.engines.cilium.objects.ports import is_service_name, parse_number, plain_number
from transire.engines.cilium.objects.regex import Regex, judge
from transire.engines.cilium.objects.rules import Port
from transire.engines.cilium.reading import CiliumReading, read
from transire.engines.cilium.verdicts.name_index import NameIndex
from transire.engines.cilium.verdicts.policy_map import Filter, place_of
from transire.flows.host_set import HostSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import Protocol
from transire.k8s.manifests import Manifest
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import ClusterState, Pod
from transire.queries.query import Connection, Decision, Query, Source, Verdict

LABELS = st.text("ab-*", min_size=1, max_size=4)
PATTERNS = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
NAMES = st.lists(st.text("ab-", min_size=1, max_size=4), min_size=1, max_size=4).map(".".join)


ENDINGS = (
    "*.b.c.d.e", "a*.b.c.d.e", "x*.b.c.d.e", "**.c.d.e", "*.*.c.d.e", "**.d.e", "a.b.*.d.e",
    "**.x.e", "a.b.c.*.e", "**.e", "*.b.*.d.*", "a.b.c.d.*", "**.b.c.d.e", "**.a.b.c.d.e", "xb.*.e",
)  # fmt: skip
"""Patterns of many ends, of which most match `a.b.c.d.e`."""


class TestNames:
    @given(pattern=PATTERNS, name=NAMES, minor=st.sampled_from([18, 19]))
    def test_a_pattern_matches_what_its_set_holds(
        self, pattern: str, name: str, minor: int
    ) -> None:
        found = NamePattern.of(pattern, minor=minor)

        assert (name in found.hosts()) == found.matches(name)

    @given(patterns=st.lists(PATTERNS | NAMES, max_size=4))
    def test_many_patterns_are_the_union_of_their_sets(self, patterns: list[str]) -> None:
        every = [NamePattern.of(each, minor=19) for each in patterns]

        assert hosts_of(every) == HostSet.union(each.hosts() for each in every)

    @given(patterns=st.lists(PATTERNS | NAMES, max_size=6), name=NAMES)
    def test_an_index_finds_the_first_pattern_that_matches(
        self, patterns: list[str], name: str
    ) -> None:
        every = [NamePattern.of(each, minor=19) for each in ("**.b.a-", "*a", *patterns)]
        index = NameIndex.of((each, place) for place, each in enumerate(every))

        matching = [place for place, each in enumerate(every) if each.matches(name)]
        plain = [place for place in matching if every[place].exact]
        wild = [place for place in matching if not every[place].exact]
        assert index.exact.get(name) == (plain[0] if plain else None)
        assert index.wild(name) == (wild[0] if wild else None)

    @given(every=st.permutations(ENDINGS), count=st.integers(0, len(ENDINGS)))
    def test_an_index_finds_the_first_of_many_that_match(
        self, every: list[str], count: int
    ) -> None:
        patterns = [NamePattern.of(each, minor=19) for each in every[:count]]
        index = NameIndex.of((each, place) for place, each in enumerate(patterns))

        first = (place for place, each in enumerate(patterns) if each.matches("a.b.c.d.e"))
        assert index.wild("a.b.c.d.e") == next(first, None)

    def test_what_no_host_name_can_be_is_the_empty_set(self) -> None:
        for text in ("a b.example.com", "a..example.com", ".".join("a" * 128)):
            assert NamePattern.of(text, minor=19).hosts() == HostSet.nothing()


class TestPorts:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("443", 443), ("0", 0), ("65535", 65535), ("65536", None), ("0443", 291),
            ("0o17", 15), ("4_43", 443), ("44_", None), ("_44", None), ("4__4", None),
            ("0b11", 3), ("0x1BB", 443), ("", None), ("-1", None), ("+1", None), ("08", None),
            ("٤", None), ("1" * 65, None),
            ("0x_b", 11), ("0xb_b1", 2993), ("0xb", 11), ("0XB_B1", 2993), ("0x01_bb", 443),
            ("0xo", None), ("0x", None), ("0x_", None), ("0x__b", None), ("0xb_", None),
            ("0_x1", None), ("00x1", None), ("0x+1", None), ("0xB_o1", None), ("0xbox", None),
            ("0b1_1", 3), ("0b_1", 1), ("0B1_1", 3), ("0b12", None), ("0b", None), ("0b_", None),
            ("0o_17", 15), ("0O1_7", 15), ("0o18", None), ("0o", None), ("0_o1", None),
            ("01_1", 9), ("0_443", 291), ("00443", 291), ("0__1", None), ("0_", None),
            ("00", 0), ("0_0", 0), ("0b0", 0), ("0x0_0", 0), ("1_0_0", 100), ("1e3", None),
            ("6_5535", 65535), ("6_5536", None), ("0xffff", 65535), ("0x1_0000", None),
            ("0b1111_1111_1111_1111", 65535), ("0b1_0000_0000_0000_0000", None),
            ("0o177_777", 65535), ("0o200_000", None), ("443 ", None),
            ("0" * 70 + "443", 291), ("0x" + "0" * 70 + "1bb", 443), ("0x_" + "0" * 70 + "1bb", 443),
            ("9" * 5000, None), ("0" * 5000, 0),
        ],
    )  # fmt: skip
    def test_numbers_are_read_as_go_reads_them(self, text: str, number: int | None) -> None:
        assert parse_number(text) == number

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("443", 443), ("0443", 291), ("01_1", 9), ("0b1_1", 3), ("0x_b", 11), ("0xb_b1", 2993),
            ("0o17", None), ("0xb", None), ("0b11", None), ("http", None), ("44_", None),
            ("0xffff", None), ("0x00000000001bb", None), ("0x000000000001bb", 443), ("", None),
        ],
    )  # fmt: skip
    def test_lint_takes_for_a_number_what_the_agent_does(
        self, text: str, number: int | None
    ) -> None:
        assert port_number(text) == number

    def test_a_letter_makes_a_name(self) -> None:
        for text in ("http", "0x1bb", "1a", "a-b", "A"):
            assert is_service_name(text)
        for text in ("443", "a--b", "-a", "a-", "abcdefghijklmnop", "", "a_b", "é"):
            assert not is_service_name(text)

    def test_places_are_told_apart_by_decimal_digits_until_1_19(self) -> None:
        texts = ("0443", "443", "4_43", "0x10", "99999")
        numbers = [[plain_number(text, minor) for text in texts] for minor in (19, 20)]
        named = Port(protocol=6, text="http", name="http")
        ranged = Port(protocol=6, text="0443", first=291, last=500)

        assert numbers == [[443, 443, 0, 0, 65535], [291, 443, 443, 16, 0]]
        assert place_of(named, 19) == (6, "http")
        assert place_of(ranged, 19) == (6, 443, 500)
        assert place_of(ranged, 20) == (6, 291, 500)

    def test_a_range_is_as_close_as_its_block_around_the_port(self) -> None:
        found = Filter(protocol=Protocol.TCP, first=1, last=65535, name="")

        depths = [found.depth(Protocol.TCP, port) for port in (0, 1, 2, 3, 4, 32768, 65535)]

        assert depths == [None, 24, 23, 23, 22, 9, 9]
        assert found.depth(Protocol.UDP, 1) is None

    @given(first=st.integers(1, 300), length=st.integers(0, 300), port=st.integers(1, 700))
    def test_between_two_edges_a_range_is_equally_close(
        self, first: int, length: int, port: int
    ) -> None:
        found = Filter(protocol=Protocol.TCP, first=first, last=first + length, name="")
        edges = sorted(found.edges())

        alike = bisect_right(edges, port) == bisect_right(edges, port - 1)
        assert not alike or found.depth(6, port) == found.depth(6, port - 1)
        assert (edges[0], edges[-1]) == (first, first + length + 1)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", Regex.RIGHT), ("/v1/.*", Regex.RIGHT), ("GET|POST", Regex.RIGHT),
        ("/(", Regex.WRONG), ("*", Regex.WRONG), ("a{2,1}", Regex.WRONG), ("[z-a]", Regex.WRONG),
        ("\\C", Regex.WRONG), ("[", Regex.WRONG), ("[]a", Regex.WRONG), ("a)", Regex.WRONG),
        ("a++", Regex.WRONG), ("a{2}{3}", Regex.WRONG), ("a{1001}", Regex.WRONG),
        ("a|*", Regex.WRONG), ("(?=a)", Regex.WRONG), ("(?P<n>a)(?P<n>b)", Regex.WRONG),
        ("\\", Regex.WRONG), ("\\Z", Regex.WRONG), ("\\é", Regex.WRONG),
        ("[a-\\d]", Regex.WRONG), ("[\\q]", Regex.WRONG), ("[[:foo:]]", Regex.WRONG),
        ("^*", Regex.RIGHT), ("a*?", Regex.RIGHT), ("[]a]", Regex.RIGHT), ("a{,2}]}", Regex.RIGHT),
        ("a{1000}", Regex.RIGHT), ("[\\w.-]+", Regex.RIGHT), ("[[:alpha:][]", Regex.RIGHT),
        ("(?i)a(?:b|(c))", Regex.RIGHT), ("(?P<n>a)\\.\\z", Regex.RIGHT), ("[+-.]", Regex.RIGHT),
        ("(?<name>a)", Regex.UNKNOWN), ("(a{100}){100}", Regex.UNKNOWN), ("(?i)*", Regex.UNKNOWN),
        ("\\x41", Regex.UNKNOWN), ("[a-\\n]", Regex.UNKNOWN), ("[.-[:alpha:]", Regex.UNKNOWN),
        ("a" * 1025, Regex.UNKNOWN),
    ],
)  # fmt: skip
def test_expressions_are_judged_as_the_agent_compiles_them(text: str, verdict: Regex) -> None:
    assert judge(text) is verdict


def policy(spec: dict[str, Any], index: int = 0) -> Manifest:
    body = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": f"p{index}", "namespace": "shop"},
        "spec": spec,
    }
    return Manifest(source="p.yaml", index=index, body=body)


def at_53(subject: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    ports = {"ports": [{"port": "53", "protocol": "TCP"}], "rules": rules}
    return {"endpointSelector": subject, "egress": [{"toPorts": [ports]}]}


def reading(*specs: dict[str, Any], cluster: ClusterState | None = None) -> CiliumReading:
    manifests = [policy(spec, index) for index, spec in enumerate(specs)]
    return read(manifests, release("cilium@1.19"), cluster or ClusterState())


def ask(found: CiliumReading, what: Connection) -> Decision:
    return found.decide(Query(id="", source=Source(namespace="shop"), what=what))


DNS: dict[str, Any] = {"dns": [{"matchPattern": "*"}]}
HTTP: dict[str, Any] = {"http": [{}]}


class TestConflicts:
    def test_without_pods_a_conflict_counts_for_any_that_could_be(self) -> None:
        web = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "pay"]}]}
        pay = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}

        found = reading(at_53(web, DNS), at_53(pay, HTTP))

        assert [(each.manifest, each.by, each.why) for each in found.refused] == [
            (
                number,
                "engine",
                (
                    "rules for DNS and HTTP meet on one port, so the agent computes no policy for "
                    "a pod that both select"
                ),
            )
            for number in (0, 1)
        ]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "pay"}}),
            (
                {"matchLabels": {"app": "web"}},
                {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]},
            ),
            (
                {"matchLabels": {"app": "web"}},
                {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
            ),
            ({}, {"matchLabels": {"reserved:host": ""}}),
        ],
    )
    def test_rules_for_different_pods_do_not_meet(
        self, one: dict[str, Any], other: dict[str, Any]
    ) -> None:
        assert reading(at_53(one, DNS), at_53(other, HTTP)).refused == ()

    def test_sets_of_flows_give_up_where_too_many_rules_meet(self) -> None:
        rules = [at_53({"matchLabels": {"app": f"a{n}"}}, DNS) for n in range(150)]
        rules += [at_53({"matchLabels": {"app": f"b{n}"}}, HTTP) for n in range(150)]

        with pytest.raises(Unjudgeable) as caught:
            reading(*rules).flows(PodSet.in_namespace("shop"))

        assert str(caught.value) == (
            "CiliumNetworkPolicy shop/p167: /spec/egress/0: it meets too many other rules with L7 "
            "parts to compare them all"
        )


class TestNodes:
    def test_the_address_of_a_pod_on_the_host_is_some_node(self) -> None:
        there = ip_address("192.168.0.9")
        agent = Pod(namespace="shop", name="agent", ips=(there,), host_network=True)
        spec = {"endpointSelector": {}, "egress": [{"toEntities": ["host"]}]}

        found = reading(spec, cluster=ClusterState(pods=(agent,)))
        decision = ask(found, Connection(ip=there, port=1, protocol="TCP"))

        assert decision.verdict is Verdict.UNJUDGEABLE
        assert decision.reason == (
            "the cluster file does not list which reserved names the node of the pod shop/agent "
            "has, such as remote-node"
        )
