from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from support.engines.case_files import Case, cases, cluster, differences, release
from support.measured.steps import assert_linear
from transire.engines.cilium.reading import CiliumReading, read
from transire.k8s.manifests import Manifest
from transire.model.engine import Release
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import EMPTY, ClusterState
from transire.queries.query import Connection, Decision, DnsQuery, Lookup, Query, Source, Verdict

CASES = tuple(cases("cilium"))
WEB = Source(namespace="shop", labels={"app": "web", "tier": "front"}, pod="web")
ADDRESS = ip_address("198.51.100.7")
NAMES: dict[str, Any] = {
    "endpointSelector": {},
    "egress": [
        {"toFQDNs": [{"matchPattern": "*.example.com"}]},
        {
            "toEntities": ["cluster"],
            "toPorts": [
                {"ports": [{"port": "53"}], "rules": {"dns": [{"matchPattern": "*.example.com"}]}}
            ],
        },
    ],
}


def policy(
    spec: Mapping[str, Any], name: str = "p", namespace: str = "shop", index: int = 0
) -> Manifest:
    body = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }
    return Manifest(source="p.yaml", index=index, body=body)


def reading(
    *specs: Mapping[str, Any],
    where: ClusterState | None = None,
    engine: str = "cilium@1.19",
    options: Mapping[str, str] = EMPTY,
) -> CiliumReading:
    manifests = [policy(spec, f"p{index}", index=index) for index, spec in enumerate(specs)]
    return read(manifests, release(engine), cluster() if where is None else where, options)


def ask(
    found: CiliumReading,
    what: DnsQuery | Connection,
    source: Source = WEB,
    options: Mapping[str, str] = EMPTY,
) -> Decision:
    return found.decide(Query(id="", source=source, what=what, options=options))


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.name)
def test_cilium_answers_as_the_case_says(case: Case) -> None:
    found = read(case.manifests, case.release, cluster(), case.header.get("options", {}))

    assert differences(case, found) == []


def line(found: Release) -> tuple[int, int]:
    assert found.version is not None
    return found.version.line


def test_the_cases_speak_of_every_release() -> None:
    assert {line(case.release) for case in CASES} == {
        line(release(f"cilium@{version}"))
        for version in ("1.14", "1.15", "1.16", "1.17", "1.18", "1.19", "1.20")
    }


class TestOptions:
    @pytest.mark.parametrize(
        ("engine", "options", "message"),
        [
            (
                "cilium@1.19",
                {"enable-magic": "true"},
                "agent flags: enable-magic: what this flag changes is not modelled",
            ),
            (
                "cilium@1.19",
                {"enable-ipv6": "yes"},
                "agent flags: enable-ipv6: 'yes' is none of 'true', 'false'",
            ),
            (
                "cilium@1.19",
                {"enable-policy": "sometimes"},
                "agent flags: enable-policy: 'sometimes' is none of 'default', 'always', 'never'",
            ),
            (
                "cilium@1.19",
                {"policy-cidr-match-mode": "pods"},
                "agent flags: policy-cidr-match-mode: 'pods' is none of '', 'nodes'",
            ),
        ],
    )
    def test_what_is_not_modelled_is_said(
        self, engine: str, options: dict[str, str], message: str
    ) -> None:
        with pytest.raises(Unjudgeable) as caught:
            read([], release(engine), cluster(), options)

        assert str(caught.value) == message

    def test_flags_without_effect_are_taken(self) -> None:
        found = reading(
            NAMES,
            options={"tofqdns-min-ttl": "60", "dnsproxy-enable-transparent-mode": "true"},
        )

        assert ask(found, Connection(host="a.example.com", port=443, protocol="TCP")).verdict == (
            Verdict.ALLOW
        )

    def test_a_question_may_have_its_own_flags(self) -> None:
        found = reading(NAMES)
        what = DnsQuery(host="a.example.com")
        off = {"enable-l7-proxy": "false"}

        assert ask(found, what).verdict is Verdict.ALLOW
        assert ask(found, what, options=off).reason == "no policy selects the pod for egress"
        assert [each.why for each in found.under(off).refused] == [
            "/spec/egress/1 has L7 rules, which the agent flag enable-l7-proxy=false refuses"
        ]
        assert found.under(off) is found.under(dict(off))
        assert found.under({}) is found


class TestQuestions:
    def test_lookups_before_let_the_address_in(self) -> None:
        what = Connection(
            ip=ADDRESS,
            port=443,
            protocol="TCP",
            prior_lookups=(Lookup(host="a.example.com", ip=ADDRESS),),
        )

        decision = ask(reading(NAMES), what)

        assert decision.verdict is Verdict.ALLOW
        assert [each.id for each in decision.caveats] == ["shared-address", "node-cache"]

    @pytest.mark.parametrize(
        "lookup",
        [
            Lookup(host="a.example.com", ip=ip_address("198.51.100.8")),
            Lookup(host="a.example.org", ip=ADDRESS),
            Lookup(host="a.example.com", ip=ADDRESS, pod="bank/web"),
        ],
    )
    def test_other_lookups_do_not(self, lookup: Lookup) -> None:
        what = Connection(ip=ADDRESS, port=443, protocol="TCP", prior_lookups=(lookup,))

        assert ask(reading(NAMES), what).verdict is Verdict.DENY

    def test_lookups_of_other_pods_of_the_node_count(self) -> None:
        lookup = Lookup(host="a.example.com", ip=ADDRESS, pod="shop/pay")
        what = Connection(ip=ADDRESS, port=443, protocol="TCP", prior_lookups=(lookup,))

        assert ask(reading(NAMES), what).verdict is Verdict.ALLOW

    @pytest.mark.parametrize(
        ("what", "reason"),
        [
            (
                Connection(pod="shop/none", port=1, protocol="TCP"),
                "the cluster file has no pod shop/none",
            ),
            (Connection(node="none", port=1, protocol="TCP"), "the cluster file has no node none"),
            (
                DnsQuery(host="a.example.com", dns_server="shop/none"),
                "the cluster file has no pod shop/none",
            ),
            (
                Connection(
                    ip=ADDRESS,
                    port=1,
                    protocol="TCP",
                    prior_lookups=(Lookup(host="a.example.com", ip=ADDRESS, pod="shop/none"),),
                ),
                "the cluster file has no pod shop/none, which did a lookup before",
            ),
        ],
    )
    def test_what_the_cluster_lacks_is_said(self, what: DnsQuery | Connection, reason: str) -> None:
        decision = ask(reading(NAMES), what)

        assert (decision.verdict, decision.reason) == (Verdict.UNJUDGEABLE, reason)

    def test_pods_and_nodes_are_found_by_name(self) -> None:
        found = reading({"endpointSelector": {}, "egress": [{"toEntities": ["host"]}]})

        assert (
            ask(found, Connection(node="worker", port=1, protocol="TCP")).verdict is Verdict.ALLOW
        )
        assert (
            ask(found, Connection(pod="shop/pay", port=1, protocol="TCP")).verdict is Verdict.DENY
        )

    def test_addresses_may_be_described(self) -> None:
        found = reading({"endpointSelector": {}, "egress": [{"toEntities": ["health"]}]})
        at = Connection(ip=ip_address("192.0.2.1"), port=1, protocol="TCP")
        health = replace(at, peer_reserved=frozenset({"health"}))

        assert ask(found, health).reason == "CiliumNetworkPolicy shop/p0 allows 1/TCP to 192.0.2.1"
        assert ask(found, at).verdict is Verdict.DENY

    def test_pods_may_be_described(self) -> None:
        spec = {"endpointSelector": {}, "egress": [{"toEndpoints": [{"matchLabels": {"a": "b"}}]}]}
        to = Connection(port=1, protocol="TCP", peer_namespace="shop", peer_labels={"a": "b"})

        decision = ask(reading(spec), to)

        assert decision.reason == "CiliumNetworkPolicy shop/p0 allows 1/TCP to a pod of shop"
        assert ask(reading(spec), replace(to, peer_labels={})).verdict is Verdict.DENY

    def test_a_cluster_about_which_nothing_is_said_has_coredns(self) -> None:
        labels = {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"}
        spec = {
            "endpointSelector": {},
            "egress": [{"toEndpoints": [{"matchLabels": labels}], "toPorts": []}],
        }

        decision = ask(reading(spec, where=ClusterState()), DnsQuery(host="a.example.com"))

        assert decision.verdict is Verdict.ALLOW
        assert [(each.id, each.text) for each in decision.caveats] == [
            (
                "assumed-resolver",
                (
                    "the cluster file has no kube-system/coredns, so a pod with the label "
                    "k8s-app=kube-dns stands for it"
                ),
            )
        ]

    def test_an_address_that_no_range_means_stands_for_a_name(self) -> None:
        spec = {
            "endpointSelector": {},
            "egress": [{"toCIDR": ["20.0.0.0/8"]}, {"toEntities": ["cluster"]}],
        }

        decision = ask(reading(spec), Connection(host="a.example.com", port=443, protocol="TCP"))

        assert decision.reason == "no rule allows 443/TCP to 21.1.2.3 (the world)"
        assert [each.id for each in decision.caveats] == ["assumed-address"]


def said(decision: Decision) -> dict[str, str]:
    return {each.id: each.text for each in decision.caveats}


class TestCaveats:
    def test_a_name_is_an_address_for_everyone(self) -> None:
        decision = ask(reading(NAMES), Connection(host="a.example.com", port=443, protocol="TCP"))

        assert said(decision) == {
            "shared-address": (
                "any other name on 20.1.2.3 can be reached too, as the rule lets the address in"
            ),
            "node-cache": (
                "what any pod of the node has looked up counts for all pods with such a rule"
            ),
            "assumed-address": ("no address is given, so 20.1.2.3 stands for some public address"),
            "search-names-refused": (
                "with the usual search list and ndots:5 a pod asks for the name below "
                "shop.svc.cluster.local first, which is refused, and some resolvers stop there"
            ),
        }

    def test_an_address_may_have_been_looked_up(self) -> None:
        decision = ask(reading(NAMES), Connection(ip=ADDRESS, port=443, protocol="TCP"))

        assert said(decision) == {
            "node-cache": (
                "if a pod of the node has looked up a name of such a rule and got this address, "
                "it passes"
            )
        }

    def test_a_name_may_never_be_learnt(self) -> None:
        refused = ask(reading(NAMES), Connection(host="a.example.org", port=443, protocol="TCP"))
        plain = {
            "endpointSelector": {},
            "egress": [NAMES["egress"][0], {"toEntities": ["cluster"]}],
        }
        unseen = ask(reading(plain), Connection(host="a.example.com", port=443, protocol="TCP"))

        assert said(refused)["name-never-learned"] == (
            "no address is ever learnt for a.example.org: its lookup is refused"
        )
        assert said(unseen)["name-never-learned"] == (
            "no address is ever learnt for a.example.com: the lookup does not pass the DNS proxy"
        )

    def test_proxies_look_into_connections(self) -> None:
        tls = {"ports": [{"port": "443", "protocol": "TCP"}], "serverNames": ["a.example.com"]}
        http = {"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{}]}}
        found = reading({"endpointSelector": {}, "egress": [{"toPorts": [tls, http]}]})

        by_tls = ask(found, Connection(ip=ADDRESS, port=443, protocol="TCP"))
        by_http = ask(found, Connection(ip=ADDRESS, port=80, protocol="TCP"))

        assert said(by_tls) == {"tls-only": "only TLS passes that names one of the listed servers"}
        assert said(by_http) == {
            "l7-not-judged": "a proxy looks into the connection (HTTP), which is not judged here"
        }

    def test_the_cluster_may_lack_what_is_asked_about(self) -> None:
        spec = {"endpointSelector": {}, "egress": [{"toEntities": ["all"]}]}
        found = reading(spec, options={"enable-ipv6": "false"})

        sixth = ask(found, Connection(ip=ip_address("2001:db8::1"), port=443, protocol="TCP"))
        sctp = ask(found, Connection(ip=ADDRESS, port=443, protocol="SCTP"))

        assert said(sixth) == {
            "family-off": "IPv6 is off in this cluster, so no pod has an address to use"
        }
        assert said(sctp) == {
            "sctp-off": "SCTP is carried only where the agent flag enable-sctp is on"
        }


class TestSize:
    def test_many_objects_do_no_harm(self) -> None:
        specs = (
            {"endpointSelector": {"matchLabels": {"app": f"a{n}"}}, "egress": [{}]}
            for n in range(2000)
        )

        found = reading(*specs)

        assert ask(found, Connection(ip=ADDRESS, port=443, protocol="TCP")).verdict is Verdict.ALLOW

    def test_hostile_patterns_take_steps_in_proportion_to_their_stars(self) -> None:
        def ask_about(stars: int) -> None:
            rules = [{"matchPattern": f"{'a*' * stars}{n}.example.com"} for n in range(10)]
            dns = {"ports": [{"port": "53"}], "rules": {"dns": rules}}
            found = reading({"endpointSelector": {}, "egress": [{"toPorts": [dns]}]})
            decision = ask(found, DnsQuery(host="a" * 60 + "b.example.com"))

            assert decision.verdict is Verdict.DENY

        assert_linear(ask_about, 30)


def test_a_key_that_stands_twice_is_refused_by_strict_clients() -> None:
    spec = {"endpointSelector": {}, "egress": [{"toEntities": ["cluster"]}]}
    given = policy(spec)
    twice = Manifest(source="p.yaml", index=0, body=given.body, repeated=("/spec/egress",))
    found = read([twice], release("cilium@1.20"), cluster())

    decision = ask(found, Connection(ip=ADDRESS, port=443, protocol="TCP"))

    assert decision.verdict is Verdict.DENY
    assert said(decision) == {
        "key-twice-refused-by-strict-clients": (
            "CiliumNetworkPolicy shop/p: clients that validate strictly, such as kubectl, refuse "
            "the object for the key that is written twice at /spec/egress; the verdict holds where "
            "the last one counts"
        )
    }
