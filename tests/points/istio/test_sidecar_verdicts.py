"""What a sidecar lets through: by names, by addresses, and by what other teams export."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from support.points.mesh_objects import (
    CLOSED,
    ELSEWHERE,
    GUARD,
    entry,
    istio,
    sends,
)
from transire.model.problems import Unjudgeable
from transire.points.istio.objects.sidecar import Mode
from transire.points.istio.verdicts.mesh import mesh_config
from transire.points.istio.verdicts.request import Target

API = "api.example.com"


def test_a_name_of_tls_leads_to_the_name_and_not_to_the_address_dialled() -> None:
    answer = sends(entry(), tls=API, address=ELSEWHERE)

    assert (answer.allowed, answer.target) == (True, Target(at=API, port=443))
    assert answer.reason == "ServiceEntry team-a/api.example.com has api.example.com on port 443"


def test_without_resolution_the_name_opens_every_address() -> None:
    answer = sends(entry(resolution="NONE"), tls=API, address=ELSEWHERE)

    assert answer.target == Target(at=ip_address(ELSEWHERE), port=443)


def test_addresses_make_an_entry_a_rule_for_addresses() -> None:
    held = entry(resolution="NONE", addresses=["203.0.113.0/24"])

    assert sends(held, tls="other.example.com").allowed
    assert not sends(held, tls=API, address=ELSEWHERE).allowed


def test_the_end_of_a_name_is_not_the_name() -> None:
    for name in ("sub.api.example.com", "xapi.example.com", "example.com", "api.example.com."):
        assert not sends(entry(), tls=name).allowed


def test_a_wildcard_has_any_depth_and_not_the_apex() -> None:
    wild = entry("*.example.com", resolution="DYNAMIC_DNS")

    assert sends(wild, tls="a.b.example.com").target == Target(at="a.b.example.com", port=443)
    assert not sends(wild, tls="example.com").allowed
    assert sends(wild, entry("example.com"), tls="example.com").allowed


def test_a_wildcard_with_one_endpoint_leads_every_name_there() -> None:
    wild = entry("*.example.com", endpoints=[{"address": "one.example.com"}])

    assert sends(wild, tls="two.example.com").target == Target(at="one.example.com", port=443)


def test_a_port_of_tcp_without_addresses_opens_the_port_for_everybody() -> None:
    tcp = entry("db.example.com", "TCP 443", resolution="NONE")

    assert sends(entry(), tcp, tls="evil.example.net", address=ELSEWHERE).target == Target(
        at=ip_address(ELSEWHERE), port=443
    )


def test_another_team_opens_a_port_only_where_no_guard_stands() -> None:
    foreign = entry(
        "x.example.com", "TCP 443", resolution="NONE", exportTo=["*"], namespace="team-b"
    )

    assert sends(entry(), foreign, tls="evil.example.net").allowed
    assert not sends(entry(), foreign, GUARD, tls="evil.example.net").allowed


def test_another_team_leads_a_name_astray_that_has_no_entry_here() -> None:
    foreign = entry(
        resolution="STATIC",
        endpoints=[{"address": ELSEWHERE}],
        exportTo=["*"],
        namespace="team-b",
    )

    assert sends(foreign, tls=API).target == Target(at=ip_address(ELSEWHERE), port=443)
    assert sends(foreign, entry(), tls=API).target == Target(at=API, port=443)
    assert not sends(foreign, GUARD, tls=API).allowed


def test_a_star_in_a_label_closes_its_port_for_all_names() -> None:
    bad = entry("*bad.example.org", resolution="NONE")

    assert not sends(entry(API, "TLS 443", "TLS 8443"), bad, tls=API).allowed
    assert sends(entry(API, "TLS 443", "TLS 8443"), bad, tls=API, port=8443).allowed
    foreign = {**bad, "metadata": {"name": "bad", "namespace": "team-b"}}
    foreign["spec"] = {**bad["spec"], "exportTo": ["*"]}
    assert not sends(entry(), foreign, tls=API).allowed
    assert sends(entry(), foreign, GUARD, tls=API).allowed


def test_exports_are_those_of_the_mesh_where_an_entry_has_none() -> None:
    shared = entry(exportTo=[])
    own = replace(CLOSED, entry_export=(".",))

    assert sends(shared, tls=API, namespace="team-b").allowed
    assert not sends(shared, tls=API, namespace="team-b", config=own).allowed
    assert sends(entry(exportTo=["*"]), tls=API, namespace="team-b", config=own).allowed
    assert not sends(entry(exportTo=["~"]), tls=API).allowed


def test_a_host_of_two_namespaces_has_the_ports_of_ones_own_alone() -> None:
    own = entry(API, "TLS 443", exportTo=["*"])
    foreign = entry(API, "TLS 8443", exportTo=["*"], namespace="team-b")

    assert sends(own, foreign, tls=API).allowed
    assert not sends(own, foreign, tls=API, port=8443).allowed


def test_a_host_of_two_entries_of_one_namespace_has_the_ports_of_both() -> None:
    both = entry(name="one"), entry(API, "TLS 443", "TLS 8443", name="two", resolution="NONE")

    assert sends(*both, tls=API, address=ELSEWHERE).target == Target(at=API, port=443)
    assert sends(*both, tls=API, port=8443).allowed


def test_a_sidecar_for_some_pods_stands_in_the_place_of_that_of_the_namespace() -> None:
    alt = entry("alt.example.com")
    some = istio(
        "Sidecar",
        "web",
        workloadSelector={"labels": {"app": "web"}},
        egress=[{"hosts": ["./alt.example.com"]}],
    )
    web = {"app": "web"}

    assert not sends(entry(), alt, GUARD, some, tls=API, labels=web).allowed
    assert sends(entry(), alt, GUARD, some, tls="alt.example.com", labels=web).allowed
    assert sends(entry(), alt, GUARD, some, tls=API).allowed


def test_of_two_sidecars_for_one_pod_the_second_is_dead() -> None:
    one, two = (
        istio(
            "Sidecar",
            name,
            workloadSelector={"labels": {key: "1"}},
            egress=[{"hosts": [f"./{host}"]}],
        )
        for name, key, host in (("one", "a", API), ("two", "b", "alt.example.com"))
    )

    labels = {"a": "1", "b": "1"}
    assert sends(entry(), one, two, tls=API, labels=labels).allowed
    assert not sends(
        entry("alt.example.com"), one, two, tls="alt.example.com", labels=labels
    ).allowed


def test_audit_is_a_sidecar_that_lets_everything_through() -> None:
    audit = istio(
        "Sidecar",
        "default",
        egress=[{"hosts": ["./*", "istio-system/*"]}],
        outboundTrafficPolicy={"mode": "ALLOW_ANY"},
    )
    answer = sends(entry(), audit, tls="new.example.com")

    assert answer.target == Target(at=ip_address("203.0.113.10"), port=443)
    assert answer.reason == "no entry has it, and the mode is ALLOW_ANY"


def test_http_is_known_by_its_host_however_it_is_spelt() -> None:
    http = entry(API, "HTTP 80")

    for host in (API, "API.example.com", "api.example.com:80", "api.example.com."):
        assert sends(http, http=host).target == Target(at=API, port=80)
    for host in ("sub.api.example.com", "203.0.113.10"):
        assert not sends(http, http=host).allowed


def test_a_route_limits_methods_and_paths_and_its_matches_alone_are_let_through() -> None:
    route = istio(
        "VirtualService",
        "api",
        hosts=[API],
        http=[
            {
                "match": [{"method": {"exact": "GET"}, "uri": {"prefix": "/v1/"}}],
                "route": [{"destination": {"host": API, "port": {"number": 80}}}],
            }
        ],
    )
    http = entry(API, "HTTP 80")

    assert sends(http, route, http=API, path="/v1/x?y=1").allowed
    assert sends(http, route, http=API, path="/v2/../v1/x").allowed
    for path, method in (("/v1/x", "POST"), ("/v1", "GET"), ("/v1/%2e%2e/admin", "GET")):
        assert not sends(http, route, http=API, path=path, method=method).allowed


def test_a_request_that_names_another_host_in_its_path_is_for_that() -> None:
    http = entry(API, "HTTP 80")

    assert sends(http, http="evil.example.net", path=f"http://{API}/x").allowed
    assert not sends(http, http=API, path="http://evil.example.net/x").allowed
    assert not sends(http, http=API, path="evil.example.net:443", method="CONNECT").allowed


def test_tls_is_started_by_the_sidecar_where_a_rule_says_so() -> None:
    http = entry(API, "HTTP 80")
    http["spec"]["ports"][0]["targetPort"] = 443
    tls = {"mode": "SIMPLE", "sni": API}
    rule = istio(
        "DestinationRule",
        "api",
        host=API,
        trafficPolicy={"portLevelSettings": [{"port": {"number": 80}, "tls": tls}]},
    )

    assert sends(http, rule, http=API).target == Target(at=API, port=443, tls=True)
    assert sends(http, http=API).target == Target(at=API, port=443)


def test_a_wildcard_that_is_looked_up_leads_http_to_port_80_whatever_its_port_is() -> None:
    wild = entry("*.example.com", "HTTP 8080", resolution="DYNAMIC_DNS")

    assert sends(wild, http="a.example.com", port=8080).target == Target(
        at="a.example.com", port=80
    )
    with pytest.raises(Unjudgeable, match="a Host with another port leads is not modelled"):
        sends(wild, http="a.example.com:22", port=8080)


def test_kinds_that_are_not_modelled_are_judged_by_nobody_near_them() -> None:
    filtered = istio("EnvoyFilter", "any")

    with pytest.raises(Unjudgeable, match="EnvoyFilter team-a/any: /kind: EnvoyFilter is not"):
        sends(entry(), filtered, tls=API)
    assert sends(entry(namespace="team-b"), filtered, tls=API, namespace="team-b").allowed
    root = istio("EnvoyFilter", "any", namespace="istio-system")
    with pytest.raises(Unjudgeable, match="EnvoyFilter istio-system/any"):
        sends(entry(), root, tls=API)


def test_settings_of_the_mesh_that_are_not_modelled_are_refused() -> None:
    assert mesh_config({}, {}, {}).mode is Mode.ALLOW_ANY
    with pytest.raises(Unjudgeable, match="meshConfig: /h2UpgradePolicy: the setting is not"):
        mesh_config({"h2UpgradePolicy": "UPGRADE"}, {}, {})
