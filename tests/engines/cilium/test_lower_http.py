"""Rules for single requests: exact expressions, or the reason why there are none."""

from __future__ import annotations

from typing import Any

import pytest

from support.engines.lowering_parts import cluster, lowered, refusals, target
from support.engines.lowering_refusals import in_rule, refused
from transire.engines.cilium.lower.http import http_fault, requests, steps
from transire.model.http import Http, PathPattern

HOST = ["api.example.com"]
GETS = {"methods": ["GET"]}
PROXY = {"proxy": {"namespace": "egress-proxy", "pods": {"app": "squid"}, "port": 3128}}
APART = "or write them for pods that differ by a label"


def of(*paths: str, methods: tuple[str, ...] = ()) -> list[dict[str, object]]:
    return requests(Http(methods=methods, paths=tuple(map(PathPattern.parse, paths))))


def test_paths_are_literal_but_for_stars_and_may_have_a_query() -> None:
    assert of("/v1.0/$x(1)/*/a+b") == [{"path": r"/v1\.0/\$x\(1\)/[^/?]+/a\+b(\?.*)?"}]
    assert of("/v1/**") == [{"path": "/v1/.*"}]
    assert of("/v1/") == [{"path": r"/v1/(\?.*)?"}]
    assert of(methods=("GET", "M-SEARCH")) == [{"method": "GET|M-SEARCH"}]


@pytest.mark.parametrize(
    ("path", "real"),
    [("/v1/items/*", 36), ("/health", 23), ("/v1/public/**", 23), ("/*/*/*", 49)],
)
def test_an_expression_is_never_taken_for_shorter_than_re2_has_it(path: str, real: int) -> None:
    found = steps(PathPattern.parse(path))

    assert real <= found <= real + 12


def _on(rules: list[dict[str, Any]], **text: Any) -> Any:  # noqa: ANN401 - a target
    return target(cluster("cilium", "1.19", **text), rules)


def both(first: dict[str, Any], second: dict[str, Any], **text: Any) -> list[str]:  # noqa: ANN401
    rules = [
        {"name": "one", "to": HOST, "ports": [80], "http": GETS, **first},
        {"name": "two", "to": HOST, "ports": [80], **second},
    ]
    return refusals(_on(rules, **text))


def test_a_host_is_not_open_for_connections_and_for_requests_on_one_port() -> None:
    why = (
        "api.example.com is on 80/TCP for every connection, too, in rule 'two', which the agent "
        "would narrow to requests (http-both-ways)"
    )
    remedy = f"write http alike in both rules, or leave one of them out, {APART}"

    assert both({}, {}) == [in_rule("cilium@1.19", 10, why, remedy)]
    assert both({}, {"to": ["*.example.com"]}) == [in_rule("cilium@1.19", 10, why, remedy)]


def test_ports_of_requests_are_written_alike_in_every_rule() -> None:
    why = (
        "80/TCP overlaps with 1-1000/TCP in rule 'two', and the agent keeps requests to ports that "
        "all rules write alike (http-ports-overlap)"
    )
    remedy = f"write the same port in both rules, {APART}"

    assert both({}, {"to": [{"cidr": "198.51.100.0/24"}], "ports": ["1-1000"]}) == [
        in_rule("cilium@1.19", 10, why, remedy)
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"http": {"paths": ["/v1/**"]}}),
        ({}, {"to": ["other.example.com"]}),
        ({}, {"ports": [8080]}),
        ({}, {"ports": ["80/UDP"]}),
        ({}, {"to": [{"cidr": "198.51.100.0/24"}]}),
        ({"from": {"app": "web"}}, {"from": {"app": "api"}}),
        ({"ports": ["8000-8010"]}, {"ports": ["8000-8010"], "http": GETS}),
    ],
)
def test_others_stand_beside_it(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert both(first, second) == []


def test_parts_of_one_rule_write_ports_alike_too() -> None:
    to = [
        {"host": "a.example.com", "ports": ["8000-8010"]},
        {"host": "b.example.com", "ports": [8005]},
    ]
    why = (
        "8000-8010/TCP overlaps with 8005/TCP in rule 'one', and the agent keeps requests to ports "
        "that all rules write alike (http-ports-overlap)"
    )
    remedy = f"write the same port in both rules, {APART}"

    assert refused("cilium", "1.19", to, http=GETS) == [in_rule("cilium@1.19", 10, why, remedy)]
    alone = [{"host": "a.example.com", "ports": ["8000-8010"]}]
    assert refused("cilium", "1.15", alone, http=GETS) == []


def test_requests_on_the_port_of_the_resolver_are_refused() -> None:
    why = (
        "its ports have 53/TCP, on which the agent looks at lookups, and no port has both "
        "(http-on-resolver-port)"
    )
    remedy = "take 53 out of the rule"

    assert refused("cilium", "1.19", HOST, ports=["50-60"], http=GETS) == [
        in_rule("cilium@1.19", 10, why, remedy)
    ]


def test_expressions_that_envoy_would_refuse_are_refused() -> None:
    path = f"/{'a' * 90}"
    why = (
        f"path {path} makes an expression of more than 100 steps, for which envoy refuses every "
        "rule of the pod (http-expression-too-long)"
    )
    remedy = "write a shorter one with /** at its end"
    many = [f"M{each:03}" for each in range(20)]
    too_many = (
        "20 methods make an expression of more than 100 steps, for which envoy refuses every rule "
        "of the pod (http-expression-too-long)"
    )

    assert refused("cilium", "1.19", HOST, ports=[80], http={"paths": [path]}) == [
        in_rule("cilium@1.19", 10, why, remedy)
    ]
    assert refused("cilium", "1.19", HOST, ports=[80], http={"methods": many}) == [
        in_rule("cilium@1.19", 10, too_many, "write fewer of them in one rule")
    ]


ORIGINATION = (
    "tls: originate has somebody go on by TLS for the pod, and {} passes connections on as they "
    "are (tls-origination)"
)
BY_PROXY = (
    "declare a proxy as the fallback of cluster 'here', which goes on by TLS, or leave http and "
    "tls out where every connection to the hosts may pass"
)


def test_no_engine_goes_on_by_tls() -> None:
    assert refused("cilium", "1.19", HOST, http=GETS, tls="originate") == [
        in_rule("cilium@1.19", 10, ORIGINATION.format("cilium"), BY_PROXY)
    ]
    assert refused("cilium", "1.19", HOST, http=GETS, tls="originate", fallback=PROXY) == []


REQUESTS = (
    "declare a proxy as the fallback of cluster 'here', which checks requests, use cilium for "
    "hosts that take requests in clear, or leave http out where every connection to the hosts may "
    "pass"
)


@pytest.mark.parametrize(
    ("engine", "version", "because"),
    [
        ("calico", "3.30", "methods and paths are for ingress alone on calico"),
        (
            "calico-enterprise",
            "3.23",
            "methods and paths are for ingress alone on calico-enterprise",
        ),
        ("kubernetes", "1.30", "NetworkPolicy judges connections"),
    ],
)
def test_other_engines_refuse_requests_and_never_open_the_whole_host(
    engine: str, version: str, because: str
) -> None:
    why = f"it lets GET of any path through, and {because} (http-not-expressible)"
    found = refused(engine, version, HOST, ports=[80], http=GETS)

    assert in_rule(f"{engine}@{version}", 10, why, REQUESTS) in found
    assert refused(engine, version, HOST, ports=[80], http=GETS, fallback=PROXY) == []


def test_a_host_that_an_engine_has_names_for_goes_to_the_proxy_with_its_requests() -> None:
    with_http: dict[str, Any] = {"name": "one", "to": HOST, "ports": [80], "http": GETS}
    rules = [with_http, {"name": "two", "to": HOST}]
    found = lowered(target(cluster("calico-enterprise", "3.23", fallback=PROXY), rules))

    assert [(each.rule, each.host) for each in found.delegated] == [("one", "api.example.com")]
    assert [(each.rule, each.text) for each in found.remarks if each.id == "http-delegated"] == [
        (
            "one",
            "which requests pass is for proxy egress-proxy/app=squid:3128 to check: GET of any path",
        )
    ]


def test_a_rule_without_http_has_no_fault() -> None:
    one = _on([{"name": "one", "to": HOST}])

    assert http_fault(one.rules[0], None) is None  # type: ignore[arg-type]
