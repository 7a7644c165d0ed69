"""Resolvers, proxies and other agents by lines as they write them, and what is unreadable."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.flowlogs import (
    COREDNS_LINES,
    DNS_LINE,
    ENTERPRISE,
    HUBBLE_DENIED,
    WHISKER,
    flow,
    hubble,
    lookup,
    read_line,
)
from transire.flowlogs.record import (
    Outcome,
    Policy,
    Unreadable,
)
from transire.flowlogs.registry import FORMATS, recognised


@pytest.mark.parametrize(("line", "expected"), COREDNS_LINES, ids=[e[0] for e in COREDNS_LINES])
def test_a_line_of_coredns(line: str, expected: dict[str, Any]) -> None:
    found = lookup(line, "coredns")

    assert {key: getattr(found, key) for key in expected} == expected
    assert found.addresses is None


SQUID_TIME = 1796010721.124


SQUID_LINES: list[tuple[str, Outcome, tuple[str, ...], str, int]] = [
    ("TCP_TUNNEL/200 99 CONNECT exact.test:18443 - HIER_DIRECT/192.0.2.1 -",
     Outcome.PASSED, ("exact.test",), "192.0.2.1", 18443),
    ("TCP_DENIED/403 350 CONNECT sub.exact.test:443 - HIER_NONE/- text/html",
     Outcome.DENIED, ("sub.exact.test",), "", 443),
    ("TCP_MISS/200 350 GET http://a.example.com/x?y - HIER_DIRECT/192.0.2.1 text/html",
     Outcome.PASSED, ("a.example.com",), "192.0.2.1", 80),
    ("TCP_TUNNEL/503 0 CONNECT gone.example.com:443 - HIER_NONE/- -",
     Outcome.FAILED, ("gone.example.com",), "", 443),
    ("TCP_TUNNEL/200 9 CONNECT [2001:db8::1]:443 - HIER_DIRECT/2001:db8::1 -",
     Outcome.PASSED, (), "2001:db8::1", 443),
]  # fmt: skip


@pytest.mark.parametrize(("line", "outcome", "names", "address", "port"), SQUID_LINES)
def test_a_line_of_squid(
    line: str, outcome: Outcome, names: tuple[str, ...], address: str, port: int
) -> None:
    found = flow(f"1796010721.124      4 10.244.1.44 {line}", "squid")

    assert (found.outcome, found.names, found.port) == (outcome, names, port)
    assert (found.first, found.source.address, found.named) == (SQUID_TIME, "10.244.1.44", True)
    assert found.destination.address == address


SQUID_JSON = {
    "ts": 1796010721.124,
    "client": "10.244.1.44",
    "method": "CONNECT",
    "host": "exact.test",
    "port": 443,
    "code": 403,
    "result": "TCP_DENIED",
    "sni": "-",
    "dst": "-",
}


def test_squid_in_json() -> None:
    found = flow(SQUID_JSON, "squid-json")

    assert (found.outcome, found.names, found.port) == (Outcome.DENIED, ("exact.test",), 443)


def test_an_aborted_request_of_squid_is_about_no_host() -> None:
    line = "1796010721.124      0 10.244.1.44 NONE_NONE_ABORTED/000 0 GET error:x - HIER_NONE/- -"

    assert read_line(line, "squid") is None


SMOKESCREEN = {
    "msg": "CANONICAL-PROXY-DECISION",
    "inbound_remote_addr": "10.244.1.44:51712",
    "requested_host": "api.adyen.com:443",
    "role": "payments-prod",
    "level": "info",
    "start_time": "2026-05-04T09:12:44Z",
}


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"allow": True}, Outcome.PASSED),
        ({"allow": True, "enforce_would_deny": True}, Outcome.WOULD_BE_DENIED),
        ({"allow": False, "enforce_would_deny": True}, Outcome.DENIED),
        ({"allow": True, "level": "error"}, Outcome.FAILED),
    ],
    ids=str,
)
def test_a_decision_of_smokescreen(fields: dict[str, Any], outcome: Outcome) -> None:
    found = flow({**SMOKESCREEN, **fields}, "smokescreen")

    assert (found.outcome, found.names, found.port) == (outcome, ("api.adyen.com",), 443)
    assert found.policies == (Policy(name="payments-prod"),)
    assert read_line({"msg": "CANONICAL-PROXY-CN-CLOSE", "bytes_in": 3}, "smokescreen") is None


ENVOY = {
    "start_time": "2026-05-04T09:12:44.118Z",
    "method": "CONNECT",
    "authority": "api.example.com:443",
    "response_code": 200,
    "response_flags": "-",
    "response_code_details": "via_upstream",
    "downstream_remote_address": "10.244.1.44:51712",
    "upstream_host": "203.0.113.7:443",
    "upstream_cluster": "dynamic",
    "requested_server_name": None,
}


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, Outcome.PASSED),
        ({"response_code": 404, "response_code_details": "route_not_found", "response_flags": "NR",
          "upstream_host": None}, Outcome.DENIED),
        ({"response_code": 403, "response_code_details": "rbac_access_denied_matched_policy[none]"},
         Outcome.DENIED),
        ({"upstream_cluster": "BlackHoleCluster"}, Outcome.DENIED),
        ({"route_name": "block_all", "response_code": 502}, Outcome.DENIED),
        ({"response_code": 503, "response_flags": "DF",
          "response_code_details": "dns_resolution_failure{Domain_name_not_found}"}, Outcome.FAILED),
    ],
    ids=str,
)  # fmt: skip
def test_a_request_of_envoy(fields: dict[str, Any], outcome: Outcome) -> None:
    found = flow({**ENVOY, **fields}, "envoy")

    assert (found.outcome, found.names, found.port) == (outcome, ("api.example.com",), 443)
    assert found.source.address == "10.244.1.44"


ISTIO_LINE = (
    '[2026-05-04T09:12:44.118Z] "- - -" 0 - - - "-" 0 0 12 - "-" "-" "-" "-" '
    '"203.0.113.7:443" outbound|443||api.example.com 10.244.1.44:40000 203.0.113.7:443 '
    "10.244.1.44:51712 api.example.com -"
)


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, Outcome.PASSED),
        ({"method": "GET"}, Outcome.FAILED),
        ({"protocol": "HTTP/1.1"}, Outcome.FAILED),
        ({"response_flags": "UF,URX"}, Outcome.FAILED),
        ({"upstream_cluster": "BlackHoleCluster", "response_flags": "UH"}, Outcome.DENIED),
        ({"connection_termination_details": "rbac_access_denied_matched_policy[none]"},
         Outcome.DENIED),
    ],
    ids=str,
)  # fmt: skip
def test_the_code_0_of_tcp_is_no_failure(fields: dict[str, Any], outcome: Outcome) -> None:
    tcp = {**ENVOY, "method": None, "protocol": None, "response_code": 0}

    assert flow({**tcp, **fields}, "envoy").outcome is outcome


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("- - -", "- - -", Outcome.PASSED),
        ("- - -", "GET / HTTP/1.1", Outcome.FAILED),
        ("0 - - -", "0 UF,URX - -", Outcome.FAILED),
        ("0 - - -", "0 - - rbac_access_denied_matched_policy[none]", Outcome.DENIED),
        ("outbound|443||api.example.com", "PassthroughCluster", Outcome.PASSED),
    ],
)
def test_what_became_of_a_connection_of_istio(old: str, new: str, outcome: Outcome) -> None:
    assert flow(ISTIO_LINE.replace(old, new), "istio").outcome is outcome


@pytest.mark.parametrize(
    ("cluster", "egress"),
    [
        ("outbound|443||api.example.com", True),
        ("PassthroughCluster", True),
        ("inbound|8080||", False),
        ("inbound|8080|http|web.payments.svc.cluster.local", False),
        ("InboundPassthroughCluster", False),
        ("InboundPassthroughClusterIpv4", False),
    ],
)
def test_what_comes_to_a_pod_of_istio_is_no_egress(cluster: str, *, egress: bool) -> None:
    line = ISTIO_LINE.replace("outbound|443||api.example.com", cluster)

    assert flow(line, "istio").egress is egress
    assert flow({**ENVOY, "upstream_cluster": cluster}, "envoy").egress is egress


def test_a_tcp_connection_of_istio_has_its_server_name() -> None:
    found = flow(ISTIO_LINE, "istio")

    assert (found.names, found.port) == (("api.example.com",), 443)
    assert (found.source.address, found.destination.address) == ("10.244.1.44", "203.0.113.7")


EKS_LINES: list[tuple[str, Outcome, bool | None]] = [
    (('{"level":"info","ts":"2026-05-04T09:12:44.118Z","msg":"Flow Info: ","Src IP":"10.0.1.9",'
     '"Src Port":40100,"Dest IP":"203.0.113.7","Dest Port":443,"Proto":"TCP","Verdict":"DENY",'
     '"Direction":"egress","Tier":"DEFAULT"}'), Outcome.DENIED, True),
    (("Flow Info: Src IP: 10.0.1.9 Src Port: 40100 Dest IP: 203.0.113.7 Dest Port: 443 Proto TCP"
     " Verdict ACCEPT Direction egress, Tier DEFAULT"), Outcome.PASSED, True),
    (("Node: ip-1;SIP: 10.0.1.9;SPORT: 40100;DIP: 203.0.113.7;DPORT: 443;PROTOCOL: TCP;"
     "PolicyVerdict: DENY;Tier: BASELINE"), Outcome.DENIED, None),
]  # fmt: skip


@pytest.mark.parametrize(("line", "outcome", "egress"), EKS_LINES)
def test_a_line_of_the_agent_of_eks(line: str, outcome: Outcome, *, egress: bool | None) -> None:
    found = flow(line, "eks")

    assert (found.outcome, found.egress, found.protocol) == (outcome, egress, "TCP")
    assert (found.source.address, found.destination.address, found.port) == (
        "10.0.1.9",
        "203.0.113.7",
        443,
    )


OVN_LINE = (
    '2026-05-04T09:12:44.118Z|00005|acl_log(ovn_pinctrl0)|INFO|name="{name}", verdict=drop, '
    "severity=alert, direction=from-lport: tcp,vlan_tci=0x0000,nw_src=10.1.0.9,"
    "nw_dst=203.0.113.7,tp_src=40100,tp_dst=443,tcp_flags=syn"
)


@pytest.mark.parametrize(
    ("name", "policies", "namespace", "egress"),
    [
        ("NP:payments:allow-web:Egress:0",
         (Policy(namespace="payments", name="allow-web", rule=0),), "payments", True),
        ("NP:payments:allow-web:Ingress:1",
         (Policy(namespace="payments", name="allow-web", rule=1),), "", False),
        ("EF:payments:10000", (Policy(namespace="payments", name="default"),), "payments", True),
        ("BANP:default:Egress:0", (Policy(name="default"),), "", True),
        ("<unnamed>", (), "", None),
        ("NP:payments:Egress", (), "payments", True),
        ("NP:payments:Ingress", (), "", False),
        ("NP:payments:Egress:arpAllow", (), "payments", True),
        ("NP:payments:egress-rules:Ingress:0",
         (Policy(namespace="payments", name="egress-rules", rule=0),), "", False),
        ("payments_egressDefaultDeny", (), "payments", True),
        ("payments_ingressDefaultDeny", (), "", False),
        ("a14195333570786048679_egressDefaultDeny", (), "", True),
    ],
)  # fmt: skip
def test_a_line_of_ovn(
    name: str, policies: tuple[Policy, ...], namespace: str, *, egress: bool | None
) -> None:
    found = flow(OVN_LINE.format(name=name), "ovn")

    assert (found.policies, found.source.namespace, found.egress) == (policies, namespace, egress)
    assert (found.outcome, found.port, found.protocol) == (Outcome.DENIED, 443, "TCP")


def test_names_that_are_none_are_left_out_beside_others() -> None:
    found = flow(hubble(destination_names=["a b", "api.example.com", "203.0.113.7"]))

    assert (found.names, found.lacks) == (("api.example.com",), ("some names, which are none",))


@pytest.mark.parametrize(
    ("written", "names", "address"),
    [
        ("xn--bcher-kva.example.com:443", ("xn--bcher-kva.example.com",), "203.0.113.7"),
        ("[2001:db8::1]:443", (), "203.0.113.7"),
        ("198.51.100.4:443", (), "203.0.113.7"),
    ],
)
def test_a_host_may_be_punycode_or_an_address(
    written: str, names: tuple[str, ...], address: str
) -> None:
    found = flow({**ENVOY, "authority": written}, "envoy")

    assert (found.names, found.destination.address, found.port) == (names, address, 443)


def test_brackets_and_zones_are_no_part_of_an_address() -> None:
    found = flow(hubble(IP={"source": "[fe80::1%eth0]", "destination": "[2001:DB8::7]"}))

    assert (found.source.address, found.destination.address) == ("fe80::1", "2001:db8::7")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (hubble(time="yesterday"), "a time that is no RFC 3339"),
        (hubble(time="2026-05-04T09:12:44"), "a time without a zone"),
        (hubble(IP={"source": "10.0.0.999"}), "an address that is none"),
        (hubble(destination_names=["a b"]), "a name that is none"),
        (hubble(destination_names=["a\x1b[31m.example.com"]), "a name that is none"),
        (hubble(destination_names=["203.0.113.7"]), "a name that is none"),
        (hubble(destination_names=["bücher.example"]), "a name that is none"),
        (hubble(l4={"TCP": {"destination_port": 70000}}), "a port that is none"),
        (hubble(l4=[]), "a value of another type at `$.flow.l4`"),
        ({**ENTERPRISE, "policies": {"enforced_policies": ["x"]}}, "a policy that is none"),
        ({**ENTERPRISE, "start_time": -5}, "a time that is out of range"),
        ('{"flow":{"time":"2026-05', "no JSON"),
        ({"msg": "CANONICAL-PROXY-DECISION"}, "a decision without allow"),
        ('[INFO] x - 1 "A IN a. udp 1 false 512" NOERROR qr 1 0.1s', "an address that is none"),
    ],
    ids=[str(number) for number in range(14)],
)
def test_what_cannot_be_read_has_its_reason(line: str | dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read_line(line)

    assert str(unreadable.value) == why


def test_a_line_looks_like_one_format_alone() -> None:
    lines = {
        "hubble": json.dumps(HUBBLE_DENIED),
        "calico": json.dumps(WHISKER),
        "calico-enterprise": json.dumps(ENTERPRISE),
        "calico-enterprise-dns": json.dumps(DNS_LINE),
        "coredns": COREDNS_LINES[0][0],
        "envoy": json.dumps(ENVOY),
        "istio": ISTIO_LINE,
        "eks": EKS_LINES[0][0],
        "ovn": OVN_LINE.format(name="NP:payments:allow-web:Egress:0"),
        "squid": f"1796010721.124      4 10.244.1.44 {SQUID_LINES[0][0]}",
        "squid-json": json.dumps(SQUID_JSON),
        "smokescreen": json.dumps(SMOKESCREEN),
    }

    assert lines.keys() == FORMATS.keys()
    for name, line in lines.items():
        content = line.encode()
        assert [each.name for each in FORMATS.values() if each.recognises(content)] == [name]
    assert recognised(b"hello") is None
    assert recognised(b'{"a": 1}') is None
