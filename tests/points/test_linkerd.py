"""Linkerd, by its documentation: what is written is what rules mean, and what is read of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from support.points.drawn_meshes import listener_of, rule
from transire.flows.request_set import Request
from transire.model.http import Http, PathPattern, Tls
from transire.model.problems import Unjudgeable
from transire.points.api.target import PointRule, PointTarget
from transire.points.linkerd.facts import CLEAR_PORTS
from transire.points.linkerd.point import POINT
from transire.points.linkerd.read import LinkerdReading, read
from transire.points.proof import differences, prove

V1 = Http(methods=("GET", "HEAD"), paths=tuple(map(PathPattern.parse, ("/v1/*", "/v2/**"))))


def target(*rules: PointRule, audit: bool = False) -> PointTarget:
    return PointTarget(
        release=POINT.releases.newest,
        listeners=(listener_of("team-a", *rules, audit=audit),),
        server_names=True,
        clear_ports=CLEAR_PORTS,
    )


WHOLE = (
    rule("api.example.com **.wild.example.org"),
    rule("api.example.com", "80", V1),
    rule("**.web.example.org", "80", Http(methods=("GET",))),
    rule("a.web.example.org", "80", Http(methods=("POST",))),
)


def written(*rules: PointRule) -> list[Any]:
    return list(yaml.safe_load_all(POINT.write(target(*rules)).files["team-a.yaml"]))


def reading(*bodies: Mapping[str, Any]) -> LinkerdReading:
    return read({"mesh.yaml": yaml.safe_dump_all(bodies)}, POINT.releases.newest)


@pytest.mark.parametrize("audit", [False, True])
def test_what_is_written_is_what_the_rules_mean(audit: bool) -> None:
    assert prove(POINT, target(*WHOLE, audit=audit)).holds


def test_every_output_states_that_nothing_was_run() -> None:
    assert POINT.write(target(*WHOLE)).caveats[0] == (
        "by source and documentation of Linkerd only: nothing of this was tried in a running mesh"
    )


def test_every_route_has_its_port_and_one_kind_is_on_a_port() -> None:
    kinds: dict[int, set[str]] = {}
    for each in written(*WHOLE)[1:]:
        for parent in each["spec"]["parentRefs"]:
            kinds.setdefault(parent["port"], set()).add(each["kind"])

    assert kinds == {80: {"HTTPRoute"}, 443: {"TLSRoute"}}


@pytest.mark.parametrize(
    ("rules", "refusal"),
    [
        (
            (rule("*.example.com"),),
            (
                "shop/api: Linkerd knows * as any depth, so that *.example.com cannot be exact "
                "(linkerd-one-label)\n  help: name the hosts, or write **"
            ),
        ),
        (
            (rule("my_host.example.com"),),
            (
                "shop/api: routes take no host with an underscore, such as my_host.example.com "
                "(linkerd-underscore)\n  help: leave the rule to the CNI policy"
            ),
        ),
        (
            (rule("db.example.com", "5432"),),
            (
                "shop/api: on port 5432 no name of TLS comes first, and TCP opens every address "
                "(linkerd-tcp)\n  help: leave the rule to the CNI policy"
            ),
        ),
        (
            (rule("api.example.com", "443", V1, Tls.ORIGINATE),),
            (
                "shop/api: Linkerd starts no TLS towards an origin (linkerd-originate)\n"
                "  help: leave tls out, or use another proxy"
            ),
        ),
        (
            (rule("api.example.com", "8000-8010"),),
            (
                "shop/api: a route is for one port, and 8000-8010/TCP is a range "
                "(linkerd-port-range)\n  help: list the ports"
            ),
        ),
        (
            (rule("a.example.com", "8080"), rule("b.example.com", "8080", V1)),
            (
                "shop/api: port 8080 of team-a would have routes of two kinds (linkerd-two-kinds)\n"
                "  help: let one kind alone have the port"
            ),
        ),
    ],
)
def test_what_linkerd_cannot_have_is_refused(rules: tuple[PointRule, ...], refusal: str) -> None:
    assert [str(each) for each in POINT.write(target(*rules)).refusals] == [refusal]


def test_each_object_that_is_left_out_is_a_difference() -> None:
    bodies, wanted = written(*WHOLE), target(*WHOLE)
    for place in range(len(bodies)):
        found = reading(*bodies[:place], *bodies[place + 1 :])

        assert list(differences(found, wanted)) != [], bodies[place]["metadata"]["name"]


def test_routes_of_tls_are_not_sent_where_a_route_of_http_has_the_port() -> None:
    bodies = written(rule("api.example.com"))
    web = written(rule("web.example.com", "80"))[1]
    web["spec"]["parentRefs"][0]["port"] = 443

    tunnel = Request(host="api.example.com", port=443)
    assert tunnel in reading(*bodies).requests("team-a")
    assert tunnel not in reading(*bodies, web).requests("team-a")


def test_a_route_with_two_rules_or_another_network_leads_nowhere() -> None:
    network, route = written(rule("api.example.com"))
    twice = {**route, "spec": {**route["spec"], "rules": route["spec"]["rules"] * 2}}
    assert not reading(network, twice).requests("team-a")

    route["spec"]["parentRefs"][0]["name"] = "other"
    assert not reading(network, route).requests("team-a")


def unjudged(*bodies: Mapping[str, Any]) -> str:
    with pytest.raises(Unjudgeable) as caught:
        reading(*bodies).requests("team-a")
    return str(caught.value)


def test_what_the_documentation_leaves_open_is_judged_by_nobody() -> None:
    network, route = written(rule("api.example.com"))
    second = {**network, "metadata": {"name": "second", "namespace": "team-a"}}
    assert unjudged(network, second).endswith("a namespace has two networks")

    some = {**network, "spec": {**network["spec"], "networks": [{"cidr": "203.0.113.0/24"}]}}
    assert unjudged(some).endswith("the field is not modelled in EgressNetwork egress")

    tcp = {**route, "kind": "TCPRoute"}
    assert "TCPRoute egress-443-" in unjudged(network, tcp)

    del route["spec"]["parentRefs"][0]["port"]
    assert unjudged(network, route).endswith("/spec/parentRefs/0 has no port")


def test_routes_around_a_host_that_differ_from_its_own_are_judged_by_nobody() -> None:
    network, wide = written(rule("**.example.com", "80"))
    own = written(rule("a.example.com", "80", V1))[1]

    assert "routes for a.example.com and around it differ on port 80" in unjudged(
        network, wide, own
    )


def test_lint_names_what_it_does_not_read() -> None:
    network, route = written(rule("api.example.com"))
    text = yaml.safe_dump_all([network, {**route, "kind": "GRPCRoute"}])
    found = POINT.lint({"mesh.yaml": text}, POINT.releases.newest)

    assert [each.id for each in found] == ["linkerd-unread"]
    assert found[0].message.startswith("/kind GRPCRoute egress-443-")
