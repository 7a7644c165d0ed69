"""What is written for Envoy, what it refuses, and what people have to know of it."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_network

import pytest

from transire.model.engine import Release, Version
from transire.model.http import Http, PathPattern
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.model.problems import NotModelled
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.envoy.facts import (
    BOOTSTRAP,
    LISTENERS,
    METRICS_LISTENER,
    MOST_LISTENERS,
    list_file,
)
from transire.points.envoy.point import ENVOY

RELEASE = Release(engine="envoy", version=Version(major=1, minor=40))
PODS = PodClass(name="shop", namespace="shop", port=20001)


def rule(hosts: str, ports: str = "443", http: Http | None = None) -> PointRule:
    return PointRule(
        name="shop/api",
        hosts=tuple(map(HostPattern.parse, hosts.split())),
        ports=tuple(map(PortRange.parse, ports.split())),
        http=http,
    )


def target(*rules: PointRule, pods: PodClass = PODS) -> PointTarget:
    return PointTarget(release=RELEASE, listeners=(Listener(pods=pods, rules=rules),))


def routes(point_target: PointTarget) -> dict[str, list[tuple[str, str]]]:
    """Of each virtual host by its domains: the expressions of its routes, and what they take."""
    text = ENVOY.write(point_target).files[list_file("shop")]
    found = {}
    for host in json.loads(text)["resources"][0]["virtual_hosts"]:
        found[" ".join(host["domains"])] = [
            (
                next(iter(each["match"])),
                each["match"]["headers"][0]["string_match"]["safe_regex"]["regex"],
            )
            for each in host["routes"]
            if "route" in each
        ]
    return found


def test_domains_with_equal_routes_are_one_virtual_host() -> None:
    written = routes(target(rule("b.o.test a.o.test **.deep.test *.single.test *.other.test")))

    assert written == {
        "*": [],
        "*.deep.test a.o.test b.o.test": [
            ("connect_matcher", "(?i)[^:]+(?::(?:443))"),
            ("prefix", "(?i)[^:]+(?::(?:443))"),
        ],
        "*.other.test *.single.test": [
            ("connect_matcher", r"(?i)[^.:]+(?:\.[^.:]+){2}(?::(?:443))"),
            ("prefix", r"(?i)[^.:]+(?:\.[^.:]+){2}(?::(?:443))"),
        ],
    }


def test_every_virtual_host_has_the_routes_of_every_pattern_for_its_names() -> None:
    found = target(
        replace(rule("api.o.test", "22"), name="shop/a"),
        replace(rule("*.o.test", "80"), name="shop/b"),
        replace(rule("**.o.test ap*.o.test", "8000-8010"), name="shop/c"),
    )
    written = routes(found)

    assert [regex for kind, regex in written["api.o.test"] if kind == "prefix"] == [
        "(?i)[^:]+(?::(?:22))",
        "(?i)[^:]+(?::(?:80))?",
        "(?i)[^:]+(?::(?:800[0-9]|8010))",
    ]
    assert [regex for kind, regex in written["*.o.test"] if kind == "prefix"] == [
        r"(?i)[^.:]+(?:\.[^.:]+){2}(?::(?:80))?",
        "(?i)[^:]+(?::(?:800[0-9]|8010))",
    ]


def test_a_rule_with_http_has_no_tunnel() -> None:
    http = Http(methods=("GET", "HEAD"), paths=(PathPattern("/v1/**"), PathPattern("/x")))

    assert [kind for kind, _ in routes(target(rule("api.o.test", "80", http)))["api.o.test"]] == [
        "prefix",
        "path",
    ]


def test_a_change_of_a_list_changes_no_listener_and_one_line() -> None:
    before = ENVOY.write(target(rule("a.o.test b.o.test"))).files
    after = ENVOY.write(target(rule("a.o.test b.o.test c.o.test"))).files
    changed = {name for name, text in after.items() if text != before[name]}
    lines = [set(files[list_file("shop")].splitlines()) for files in (before, after)]

    assert changed == {list_file("shop")}
    assert lines[1] - lines[0] == {'"b.o.test",', '"c.o.test"'}


@pytest.mark.slow("many hosts")
def test_a_hundred_thousand_names_are_a_few_virtual_hosts_and_twenty_bytes_each() -> None:
    names = " ".join(f"h{each}.d{each % 100}.test" for each in range(100_000))
    text = ENVOY.write(target(rule(f"{names} *.other.test"))).files[list_file("shop")]
    hosts = json.loads(text)["resources"][0]["virtual_hosts"]

    assert [len(each["domains"]) for each in hosts] == [1, 1, 100_000]
    assert len(text) < 2_000_000


def test_the_log_never_has_a_query() -> None:
    files = ENVOY.write(target(rule("a.o.test"))).files
    manager = json.loads(files[LISTENERS])["resources"][0]["filter_chains"][0]["filters"][0]
    log = manager["typed_config"]["access_log"][0]["typed_config"]["log_format"]["json_format"]

    assert log["path"] == "%PATH(NQ)%"
    assert {each for each in log.values() if "PATH" in each} == {"%PATH(NQ)%"}
    assert "%REQ(REFERER)%" not in log.values()


def test_the_admin_interface_is_on_the_machine_itself() -> None:
    bootstrap = ENVOY.write(target(rule("a.o.test"))).files[BOOTSTRAP]
    admin = bootstrap.partition("\nadmin:")[2].partition('\n"dynamic_resources"')[0]

    assert '"127.0.0.1"' in admin


def refused(point_target: PointTarget) -> list[str]:
    written = ENVOY.write(point_target)

    assert not written.files
    return [str(each) for each in written.refusals]


def test_names_with_an_underscore_are_refused() -> None:
    assert refused(target(rule("ok.o.test a_b.o.test *._tcp.o.test"))) == [
        (
            "shop/api: envoy ends every request for a name with an underscore, so nobody would reach "
            "a_b.o.test (envoy-underscore)\n  help: name the host without an underscore where it has "
            "such a name, or open its addresses instead"
        ),
        (
            "shop/api: envoy ends every request for a name with an underscore, so nobody would reach "
            "*._tcp.o.test (envoy-underscore)\n  help: name the host without an underscore where it "
            "has such a name, or open its addresses instead"
        ),
    ]


def test_server_names_of_the_proxy_are_refused() -> None:
    assert refused(replace(target(rule("a.o.test")), server_names=True)) == [
        (
            "server names: what is written for envoy does not compare the TLS name inside of a tunnel "
            "(envoy-server-names)\n  help: leave server names of the proxy out; the name of a tunnel "
            "is compared anyhow"
        )
    ]


def test_ports_that_are_in_clear_alone_are_refused() -> None:
    assert refused(replace(target(rule("a.o.test")), clear_ports=(80,))) == [
        (
            "clear ports: an egress proxy takes tunnels and requests in clear on every port of its "
            "rules (envoy-clear-ports)\n  help: leave the ports in clear out: a request names what "
            "it is by itself"
        )
    ]


def test_a_listener_needs_a_name_and_a_port_of_its_own() -> None:
    assert refused(target(pods=replace(PODS, port=0))) == [
        (
            "shop: no port cannot be the port of its listener (envoy-port)\n  help: give it a port of "
            "its own other than 9901 and 9902"
        )
    ]
    assert refused(target(pods=replace(PODS, port=9901, name=METRICS_LISTENER))) == [
        (
            "metrics: 9901 cannot be the port of its listener (envoy-port)\n  help: give it a port of "
            "its own other than 9901 and 9902"
        ),
        (
            "metrics: metrics is the listener for probes and metrics, on 9902 (envoy-name)\n  help: "
            "give the class of pods another name"
        ),
    ]


def test_more_listeners_than_one_configmap_holds_are_refused() -> None:
    listeners = tuple(
        Listener(pods=PodClass(name=f"n{each}", namespace=f"n{each}", port=20_000 + each), rules=())
        for each in range(MOST_LISTENERS + 1)
    )
    most = replace(target(), listeners=listeners[:-1])

    assert len(ENVOY.write(most).files[LISTENERS]) < 1 << 20
    assert refused(replace(target(), listeners=listeners)) == [
        (
            "n300: 301 classes of pods are more than 300, whose listeners fit into one ConfigMap "
            "(envoy-listeners)\n  help: write fewer rules for some pods of a namespace alone, or enrol "
            "fewer namespaces on the cluster"
        )
    ]


def test_what_cannot_be_seen_in_the_files_is_a_caveat() -> None:
    exact = target(rule("a.o.test"))
    guarded = replace(target(rule("*.o.test")), denied=(ip_network("10.0.0.0/8"),))
    lasting = (
        "a tunnel that is open goes on when its host is removed from a list, until one of its ends "
        "closes it or the proxy restarts"
    )

    assert ENVOY.write(exact).caveats == (lasting,)
    assert ENVOY.write(guarded).caveats == (
        (
            "envoy ends every request for a name with an underscore, also where a wildcard stands for "
            "it"
        ),
        (
            "envoy compares the first address of a name with the denied ranges, and may connect to the "
            "next: the policy of the proxy's own pods has to leave the ranges out"
        ),
        lasting,
    )


def test_a_release_that_is_not_modelled_is_refused() -> None:
    other = Release(engine="envoy", version=Version(major=1, minor=30))

    with pytest.raises(NotModelled, match=r"version 1\.30 of envoy is not modelled"):
        ENVOY.write(replace(target(), release=other))
    with pytest.raises(NotModelled, match=r"version 1\.30 of envoy is not modelled"):
        ENVOY.read({}, other)


def test_lint_finds_what_is_not_modelled_and_what_is_open() -> None:
    files = dict(ENVOY.write(target(rule("a.o.test"))).files)
    files[BOOTSTRAP] += '"layered_runtime": {}\n'
    audited = replace(target(rule("a.o.test")), denied=(ip_network("10.0.0.0/8"),))
    audited = replace(audited, listeners=(replace(audited.listeners[0], audit=True),))

    assert [str(each) for each in ENVOY.lint(files, RELEASE)] == [
        (
            "envoy.yaml: error: /layered_runtime: the field layered_runtime is not modelled "
            "(envoy-not-modelled)\n  help: remove it, or judge by hand what it lets through: nothing "
            "here is proved of any listener"
        ),
        (
            "listeners.json: warning: listener shop compares no address, so a name may lead "
            "into the cluster (envoy-any-address)\n  help: deny private, metadata, node and service "
            "ranges with a check of upstream addresses after a forward proxy that keeps them"
        ),
    ]
    assert [str(each) for each in ENVOY.lint(ENVOY.write(audited).files, RELEASE)] == [
        (
            "listeners.json: note: listener shop lets everything through, and logs what it "
            "would deny (envoy-audit)\n  help: end the audit once its log has no would-deny that is "
            "wanted"
        )
    ]
