"""What the rules of an enforcement point mean: tunnels, requests, and what real proxies agree on."""

from __future__ import annotations

import pytest

from support import needs
from support.points.recorded_requests import PlainCase, plain_cases
from support.shared_data import shared
from transire.flows.request_set import Request
from transire.model.http import Http, PathPattern, Tls
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.points.api.target import Listener, PodClass, PointRule
from transire.points.meaning import listener_requests, rule_requests

PODS = PodClass(name="shop", namespace="shop")
ITEMS = Http(methods=("GET",), paths=(PathPattern("/v1/items/*"), PathPattern("/v1/public/**")))


def rule(http: Http | None = None, tls: Tls | None = None, port: str = "443") -> PointRule:
    return PointRule(
        name="shop/api",
        hosts=(HostPattern.parse("api.example.com"),),
        ports=(PortRange.parse(port),),
        http=http,
        tls=tls,
    )


def asked(
    method: str | None = None, path: str | None = None, *, port: int = 443, tls: bool = False
) -> Request:
    return Request(host="api.example.com", port=port, method=method, path=path, tls=tls)


def test_a_rule_without_http_gives_tunnels_and_requests_in_clear() -> None:
    found = rule_requests(rule())

    assert asked() in found
    assert asked("DELETE", "/x") in found
    assert asked("DELETE", "/x", tls=True) not in found


def test_a_rule_with_http_gives_no_tunnel() -> None:
    found = rule_requests(rule(ITEMS, port="80"))

    assert not found.tunnels()
    assert asked("GET", "/v1/items/7", port=80) in found
    assert asked("GET", "/v1/public/", port=80) in found
    for method, path in (
        ("HEAD", "/v1/items/7"),
        ("GET", "/v1/items/"),
        ("GET", "/v1/items/7/x"),
        ("GET", "/v1/public"),
        ("GET", "/V1/items/7"),
    ):
        assert asked(method, path, port=80) not in found


def test_http_without_methods_and_paths_is_every_request_and_no_tunnel() -> None:
    assert rule_requests(rule(Http())) == rule_requests(rule()).requests()


def test_a_request_that_goes_on_by_tls_never_goes_on_in_clear() -> None:
    listener = Listener(pods=PODS, rules=(rule(), rule(ITEMS, Tls.ORIGINATE)))
    found = listener_requests(listener)

    assert asked("GET", "/v1/items/7", tls=True) in found
    assert asked("GET", "/v1/items/7") not in found
    assert asked("GET", "/other") in found
    assert asked() in found


def test_a_point_has_ports_of_tcp_and_tls_beside_http_alone() -> None:
    with pytest.raises(ValueError, match="rule shop/api has a port that is not of TCP"):
        rule(port="443/UDP")
    with pytest.raises(ValueError, match="rule shop/api has tls without http"):
        rule(tls=Tls.ORIGINATE)


FILE = shared("conformance/proxies.json")
CASES = [] if FILE is None else list(plain_cases(FILE))


@pytest.mark.skipif(FILE is None, reason=needs.VERDICTS)
def test_recorded_cases_are_found() -> None:
    assert len(CASES) > 100
    assert sum(bool(each.listener.rules and each.listener.rules[0].http) for each in CASES) > 30


@pytest.mark.parametrize("case", CASES, ids=[each.name for each in CASES])
def test_requests_mean_what_is_recorded(case: PlainCase) -> None:
    meant = listener_requests(case.listener)
    allowed = case.listener.audit or (case.request is not None and case.request in meant)

    assert case.meaning in {"any", "allow" if allowed else "deny"}
