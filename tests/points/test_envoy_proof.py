"""What is written for Envoy is read back by who knows nothing of the writing, and is what is meant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from support import needs
from support.draw.point_targets import near_requests, point_targets
from support.points.recorded_proxies import Recorded
from support.points.recorded_requests import plain_cases
from support.shared_data import shared
from transire.flows.request_set import Request
from transire.model.engine import Release, Version
from transire.model.http import Http, PathPattern, Tls
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.envoy.facts import ADDRESSES, BOOTSTRAP, LISTENERS, list_file
from transire.points.envoy.point import ENVOY
from transire.points.meaning import listener_requests
from transire.points.proof import differences, prove

RELEASE = Release(engine="envoy", version=Version(major=1, minor=40))
FILE = shared("conformance/proxies.json")
LIST = list_file("shop")


def rule(
    name: str, hosts: str, ports: str = "443", http: Http | None = None, tls: Tls | None = None
) -> PointRule:
    return PointRule(
        name=f"shop/{name}",
        hosts=tuple(map(HostPattern.parse, hosts.split())),
        ports=tuple(map(PortRange.parse, ports.split())),
        http=http,
        tls=tls,
    )


SHOP = Listener(
    pods=PodClass(name="shop", namespace="shop", port=20001),
    rules=(
        rule("exact", "api.o.test", "443 8000-8010"),
        rule("one", "*.o.test s3-*.o.test"),
        rule("deep", "**.v.o.test", "80 8443"),
        rule("items", "api.o.test", "80", Http(methods=("GET",), paths=(PathPattern("/v1/**"),))),
        rule("tls", "tls.o.test", "443", Http(paths=(PathPattern("/a/*"),)), Tls.ORIGINATE),
    ),
)
TARGET = PointTarget(
    release=RELEASE,
    listeners=(SHOP,),
    denied=(ip_network("10.0.0.0/8"), ip_network("169.254.0.0/16")),
    resolvers=("10.96.0.10",),
)


@pytest.mark.skipif(FILE is None, reason=needs.VERDICTS)
def test_every_recorded_list_is_written_and_proved() -> None:
    assert FILE is not None

    proof = prove(ENVOY, Recorded.of(FILE, RELEASE).target)

    assert [str(each) for each in (*proof.differences, *proof.unmodelled)] == []
    assert proof.holds


CASES = [] if FILE is None else list(plain_cases(FILE))


@pytest.mark.skipif(FILE is None, reason=needs.VERDICTS)
def test_recorded_requests_are_read_as_the_real_program_took_them() -> None:
    assert FILE is not None
    recorded = Recorded.of(FILE, RELEASE)
    reading = ENVOY.read(ENVOY.write(recorded.target).files, RELEASE)
    different = []
    for each in CASES:
        case = recorded.cases[each.name]
        name = recorded.listener(case).pods.name
        allowed = reading.guard(name).audit or (
            each.request is not None and reading.decide(name, each.request).allowed
        )
        real = case["real"]["envoy"]
        if ("allow" if allowed else "deny") != real["verdict"] and each.meaning != "any":
            different.append((each.name, real))

    assert len(CASES) > 100
    assert different == []


@pytest.mark.skipif(FILE is None, reason=needs.VERDICTS)
def test_addresses_are_denied_by_the_first_that_a_name_has() -> None:
    assert FILE is not None
    recorded = Recorded.of(FILE, RELEASE)
    cases = [each for each in recorded.cases.values() if each["list"] == "addresses"]
    guard = ENVOY.read(ENVOY.write(recorded.target).files, RELEASE).guard("addresses-shop")
    # one of them is a first address that refused, and the next was of another family
    verdicts = {
        each["id"]: any(
            ip_address(each["request"].get("resolved_ip_first", each["request"]["resolved_ip"])[0])
            in network
            for network in guard.denied
        )
        for each in cases
        if each["request"].get("resolved_ip")
    }
    different = {
        each["id"]
        for each in cases
        if each["id"] in verdicts
        and ("deny" if verdicts[each["id"]] else "allow") != each["real"]["envoy"]["verdict"]
    }

    assert len(verdicts) == len(cases) == 27
    assert different == {"addresses-026", "addresses-027"}


@given(target=point_targets(RELEASE))
@settings(max_examples=3)
def test_what_is_drawn_is_proved(target: PointTarget) -> None:
    proof = prove(ENVOY, target)

    assert [str(each) for each in (*proof.differences, *proof.unmodelled)] == []
    assert proof.holds


@pytest.mark.slow("many drawn targets")
@given(target=point_targets(RELEASE, most=8))
@settings(max_examples=40)
def test_what_is_drawn_is_proved_over_many_targets(target: PointTarget) -> None:
    assert prove(ENVOY, target).holds


@given(target=point_targets(RELEASE), requests=st.lists(near_requests(), min_size=20, max_size=20))
@settings(max_examples=3)
def test_a_verdict_about_one_request_is_that_of_the_set(
    target: PointTarget, requests: list[Request]
) -> None:
    reading = ENVOY.read(ENVOY.write(target).files, RELEASE)
    for listener in target.listeners:
        allowed = reading.requests(listener.pods.name)
        verdicts = [reading.decide(listener.pods.name, each) for each in requests]

        assert [each.allowed for each in verdicts] == [each in allowed for each in requests]
        assert {each.rule for each in verdicts if each.allowed} <= {
            each.name for each in listener.rules
        }


def test_what_is_written_is_proved() -> None:
    assert prove(ENVOY, TARGET).holds
    audited = replace(TARGET, listeners=(replace(SHOP, audit=True),))
    assert prove(ENVOY, audited).holds
    assert prove(ENVOY, replace(TARGET, denied=())).holds
    assert prove(ENVOY, replace(TARGET, ipv6=True)).holds


def test_a_name_with_an_underscore_is_nobodys_and_no_difference() -> None:
    reading = ENVOY.read(ENVOY.write(TARGET).files, RELEASE)

    assert not reading.decide("shop", Request(host="_x.o.test", port=443)).allowed
    assert Request(host="_x.o.test", port=443) not in reading.requests("shop")
    assert Request(host="_x.o.test", port=443) in listener_requests(SHOP)


Tree = dict[Any, Any]
Step = str | int
Mutation = Callable[[Tree], object]


def _host(tree: Tree, name: str) -> Tree:
    hosts = tree["resources"][0]["virtual_hosts"]
    found: Tree = next(each for each in hosts if name in each["domains"])
    return found


def _regex(tree: Tree, name: str, place: int) -> Tree:
    headers = _host(tree, name)["routes"][place]["match"]["headers"]
    found: Tree = headers[0]["string_match"]["safe_regex"]
    return found


def _set(tree: Tree, *path: Step, to: object) -> None:
    *before, last = path
    for step in before:
        tree = tree[step]
    tree[last] = to


def _drop(tree: Tree, *path: Step) -> None:
    *before, last = path
    for step in before:
        tree = tree[step]
    del tree[last]


_MANAGER = ("resources", 0, "filter_chains", 0, "filters", 0, "typed_config")
_RANGES = (
    "resources", 0, "typed_config", "rules", "policies", "denied-address", "permissions", 0,
    "or_rules", "rules",
)  # fmt: skip

MUTATIONS: dict[str, tuple[str, Mutation]] = {
    "a domain more": (LIST, lambda tree: _host(tree, "api.o.test")["domains"].append("evil.test")),
    "a domain less": (LIST, lambda tree: _host(tree, "*.v.o.test")["domains"].remove("*.v.o.test")),
    "a domain wider": (LIST, lambda tree: _set(_host(tree, "*.v.o.test"), "domains", to=["*.z.test"])),
    "a domain twice": (LIST, lambda tree: _host(tree, "api.o.test")["domains"].append("*.o.test")),
    "a port more": (LIST, lambda tree: _set(_regex(tree, "api.o.test", 0), "regex", to="(?i)[^:]+(?::(?:443|22))")),
    "a depth less": (LIST, lambda tree: _set(_regex(tree, "*.o.test", 0), "regex", to="(?i)[^:]+(?::(?:443))")),
    "with case": (LIST, lambda tree: _set(_regex(tree, "api.o.test", 0), "regex", to="[^:]+(?::(?:443))")),
    "any authority": (LIST, lambda tree: _drop(_host(tree, "api.o.test"), "routes", 0, "match", "headers")),
    "no scheme": (LIST, lambda tree: _drop(_host(tree, "api.o.test"), "routes", 1, "match", "headers", 1)),
    "a wider path": (LIST, lambda tree: _set(
        next(
            each["match"] for each in _host(tree, "api.o.test")["routes"]
            if each["match"].get("prefix") == "/v1/"
        ),
        "prefix", to="/v",
    )),
    "a tunnel beside http": (LIST, lambda tree: _host(tree, "tls.o.test")["routes"].insert(
        0, _host(tree, "api.o.test")["routes"][0]
    )),
    "another order": (LIST, lambda tree: _host(tree, "api.o.test")["routes"].reverse()),
    "in clear": (LIST, lambda tree: _set(_host(tree, "tls.o.test"), "routes", 0, "route", "cluster", to="egress")),
    "to itself": (LIST, lambda tree: _set(_host(tree, "api.o.test"), "routes", 0, "route", "cluster", to="admin")),
    "an open end": (LIST, lambda tree: _set(
        _host(tree, "*"), "routes", 0,
        to={**_host(tree, "api.o.test")["routes"][0], "match": {"connect_matcher": {}}},
    )),
    "audited in part": (LIST, lambda tree: _set(_host(tree, "*"), "routes", 0, to={
        **_host(tree, "api.o.test")["routes"][0], "name": "would-deny", "match": {"connect_matcher": {}},
    })),
    "without the check": (LIST, lambda tree: _set(
        _host(tree, "api.o.test"), "routes", 0, "typed_per_filter_config",
        to=_host(tree, "*")["routes"][0]["typed_per_filter_config"],
    )),
    "a rewritten host": (LIST, lambda tree: _set(
        _host(tree, "api.o.test"), "routes", 1, "route", "host_rewrite_literal", to="evil.test"
    )),
    "ports in domains": (LIST, lambda tree: _drop(tree, "resources", 0, "ignore_port_in_host_matching")),
    "another name": (LIST, lambda tree: _set(tree, "resources", 0, "name", to="blog")),
    "another port": (LISTENERS, lambda tree: _set(
        tree, "resources", 0, "address", "socket_address", "port_value", to=20002
    )),
    "another listener": (LISTENERS, lambda tree: tree["resources"].append(
        {**tree["resources"][0], "name": "other"}
    )),
    "no listener": (LISTENERS, lambda tree: tree["resources"].clear()),
    "trailing dots": (LISTENERS, lambda tree: _drop(tree, *_MANAGER, "strip_trailing_host_dot")),
    "paths as they come": (LISTENERS, lambda tree: _set(tree, *_MANAGER, "normalize_path", to=False)),
    "escaped slashes": (LISTENERS, lambda tree: _set(
        tree, *_MANAGER, "path_with_escaped_slashes_action", to="KEEP_UNCHANGED"
    )),
    "a strange filter": (LISTENERS, lambda tree: tree["resources"][0]["filter_chains"][0]["filters"][0][
        "typed_config"]["http_filters"].insert(0, {"name": "envoy.filters.http.lua", "typed_config": {}})),
    "a strange field": (LISTENERS, lambda tree: _set(tree, *_MANAGER, "internal_address_config", to={})),
    "no check at all": (LISTENERS, lambda tree: _drop(tree, *_MANAGER, "http_filters", 1)),
    "no address kept": (LISTENERS, lambda tree: _drop(
        tree, *_MANAGER, "http_filters", 0, "typed_config", "save_upstream_address"
    )),
    "a range less": (ADDRESSES, lambda tree: _drop(tree, *_RANGES, 0)),
    "a check that allows": (ADDRESSES, lambda tree: _set(
        tree, "resources", 0, "typed_config", "rules", "action", to="ALLOW"
    )),
    "an open admin": (BOOTSTRAP, lambda tree: _set(
        tree, "admin", "address", "socket_address", "address", to="10.0.0.1"
    )),
    "TLS for any name": (BOOTSTRAP, lambda tree: _drop(
        tree, "static_resources", "clusters", 2, "typed_extension_protocol_options"
    )),
    "TLS for any authority": (BOOTSTRAP, lambda tree: _drop(
        tree, "static_resources", "clusters", 2, "transport_socket", "typed_config",
        "common_tls_context", "validation_context",
    )),
    "another runtime": (BOOTSTRAP, lambda tree: _set(tree, "layered_runtime", to={})),
    "metrics and more": (BOOTSTRAP, lambda tree: _set(
        tree, "static_resources", "listeners", 0, "filter_chains", 0, "filters", 0, "typed_config",
        "route_config", "virtual_hosts", 0, "routes", 0, "match", to={"prefix": "/"},
    )),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_whatever_is_changed_by_hand_is_found(name: str) -> None:
    file, change = MUTATIONS[name]
    files = dict(ENVOY.write(TARGET).files)
    tree = yaml.safe_load(files[file])
    change(tree)
    files[file] = json.dumps(tree)

    reading = ENVOY.read(files, RELEASE)
    found = [
        *map(str, differences(reading, TARGET, never=ENVOY.capabilities.never)),
        *map(str, reading.unmodelled),
    ]

    assert found != []


def test_a_file_that_is_missing_or_broken_is_found() -> None:
    files = dict(ENVOY.write(TARGET).files)

    def found(changed: dict[str, str]) -> Iterator[str]:
        return map(str, differences(ENVOY.read(changed, RELEASE), TARGET))

    for name in files:
        assert list(found({key: text for key, text in files.items() if key != name}))
        assert list(found({**files, name: '{"resources": [], "resources": []}'}))
        assert list(found({**files, name: "{"}))
