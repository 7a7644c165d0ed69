"""What is written for Envoy, in the real program: recorded requests, drawn ones, and new lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import needs
from support.draw.point_targets import NUMBERS, near_requests, point_targets
from support.lab import ENVOY, Answer, Lab, Plain, Running, Tunnel, laboratory
from support.points.recorded_proxies import Recorded
from support.shared_data import shared
from transire.flows.request_set import Request
from transire.model.engine import Release, Version
from transire.model.http import Http, Tls
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.envoy import point
from transire.points.envoy.facts import BOOTSTRAP, CA_FILE, FOLDER, METRICS_PORT, list_file
from transire.points.envoy.write.routes import denied_text

RELEASE = Release(engine="envoy", version=Version(major=1, minor=40))
FILE = shared("conformance/proxies.json")
CERTIFIED = (
    "*.test",
    "*.o.test",
    "*.v.o.test",
    "*.u.v.o.test",
    "*.w.o.test",
    "*.vv.o.test",
    "*.p.test",
)
OTHERWISE = {
    "addresses-025": "the first address has to refuse connections",
    "addresses-026": "the first address has to refuse connections",
    "addresses-027": "answers of the resolver have to change",
}


def in_lab(files: Mapping[str, str]) -> dict[str, str]:
    return {name: text.replace(FOLDER, "@DIR@") for name, text in files.items()}


@pytest.mark.skipif(FILE is None, reason=needs.VERDICTS)
@pytest.mark.parametrize(
    "raw", [False, pytest.param(True, marks=pytest.mark.slow("waits for time-outs"))]
)
def test_recorded_requests_come_to_the_same_in_the_real_program(*, raw: bool) -> None:
    assert FILE is not None
    recorded = Recorded.of(FILE, RELEASE)
    files = in_lab(point.ENVOY.write(recorded.target).files)
    if raw:
        files = {name: impatient(text) for name, text in files.items()}
    cases = {
        name: each
        for name, each in recorded.cases.items()
        if name not in OTHERWISE and (each["request"]["via"] == "raw") == raw
    }
    sent = {
        name: message
        for name, each in cases.items()
        if (message := recorded.message(each)) is not None
    }
    ports = sorted({each["request"]["port"] for each in cases.values()} - {53})
    with laboratory(ENVOY, ports=ports) as lab:
        lab.resolve(
            {
                each["request"]["host"]: each["request"]["resolved_ip"]
                for each in cases.values()
                if "resolved_ip" in each["request"]
            }
        )
        with lab.running(ENVOY, files, ready=listening(recorded.target)):
            answers = dict(zip(sent, lab.send(list(sent.values())), strict=True))

    assert len(sent) >= (16 if raw else 270)
    different = {
        name: (cases[name]["request"], cases[name]["meaning"], answer)
        for name, answer in answers.items()
        if cases[name]["real"]["envoy"]["verdict"]
        != ("allow" if reached(cases[name], answer, raw=raw) else "deny")
    }
    assert different == {}


def impatient(text: str) -> str:
    """The file where Envoy waits for less than a second, so that it ends what stays unfinished."""
    return text.replace('"10s"', '"0.3s"').replace('"3600s"', '"0.3s"')


def listening(target: PointTarget) -> list[int]:
    return [each.pods.port for each in target.listeners]


def reached(case: Mapping[str, Any], answer: Answer, *, raw: bool) -> bool:
    """Whether anything was reached; of bytes that hold several requests, the one in question."""
    wanted = (case["request"]["host"], case["request"]["port"])
    return wanted in answer.places if raw else bool(answer.places)


class Drawn:
    """Drawn targets, one after another in one laboratory."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def differences(self, target: PointTarget, requests: Sequence[Request]) -> list[str]:
        """The requests about which the real program and the reading differ."""
        listeners = tuple(replace(each, audit=False) for each in target.listeners)
        target = replace(target, listeners=listeners)
        written = point.ENVOY.write(target).files
        files = {**in_lab(written), "ca.pem": self.lab.certificate}
        files[BOOTSTRAP] = files[BOOTSTRAP].replace(CA_FILE, "@DIR@/ca.pem")
        reading = point.ENVOY.read(written, RELEASE)
        asked = [(each.pods, request) for each in listeners for request in requests]
        sent = [spellings(pods.port, request) for pods, request in asked]
        with self.lab.running(ENVOY, files, ready=listening(target)):
            answers = iter(self.lab.send([each for few in sent for each in few]))
        found = []
        for (pods, request), few in zip(asked, sent, strict=True):
            reached = True in [is_reached(request, next(answers)) for _ in few]
            if reached != reading.decide(pods.name, request).allowed:
                found.append(f"{pods.name}: {request} reached: {reached}")
        return found


def spellings(listener: int, request: Request) -> list[Tunnel | Plain]:
    """A request in each of the ways in which a pod may write it."""
    if request.method is None:
        return [Tunnel(listener, f"{request.host}:{request.port}", inside="text")]
    usual = {True: 443, False: 80}[request.tls]
    authorities = [f"{request.host}:{request.port}"]
    authorities += [request.host] if request.port == usual else []
    return [
        Plain(listener, f"http://{each}{request.path}?x=1", method=request.method)
        for each in authorities
    ]


def is_reached(request: Request, answer: Answer) -> bool:
    """Whether the origin saw the request at its place, and by TLS if that is meant."""
    return any(
        (each.name, each.port) == (request.host, request.port)
        and bool(each.server_name) == request.tls
        for each in answer.reached
    )


@pytest.fixture(scope="module")
def drawn() -> Iterator[Drawn]:
    with laboratory(ENVOY, ports=NUMBERS, certified=CERTIFIED) as lab:
        yield Drawn(lab)


REQUESTS = st.lists(
    near_requests().filter(lambda each: each.host.endswith(".test")), min_size=30, max_size=30
)


@given(target=point_targets(RELEASE), requests=REQUESTS)
@settings(max_examples=2)
def test_the_real_program_agrees_with_what_is_read(
    drawn: Drawn, target: PointTarget, requests: list[Request]
) -> None:
    assert drawn.differences(target, requests) == []


@pytest.mark.slow("many drawn targets")
@given(target=point_targets(RELEASE, most=8), requests=REQUESTS)
@settings(max_examples=30)
def test_the_real_program_agrees_with_what_is_read_over_many_targets(
    drawn: Drawn, target: PointTarget, requests: list[Request]
) -> None:
    assert drawn.differences(target, requests) == []


SHOP = Listener(
    pods=PodClass(name="shop", namespace="shop", port=20_001),
    rules=(
        PointRule(
            name="shop/api",
            hosts=(HostPattern.parse("api.o.test"),),
            ports=(PortRange.parse("80"),),
        ),
        PointRule(
            name="shop/by-tls",
            hosts=(HostPattern.parse("tls.o.test"), HostPattern.parse("elsewhere.one.test")),
            ports=(PortRange.parse("443"),),
            http=Http(methods=("GET",)),
            tls=Tls.ORIGINATE,
        ),
    ),
    team="checkout",
    file="values/teams/checkout.yaml",
)


FLUSHED = ("--file-flush-interval-msec", "20")


def logged(program: Running, last: str) -> list[dict[str, object]]:
    """The lines of the access log, once the last one is there."""
    for _ in range(100_000):
        lines = [line for line in program.log().splitlines() if line.startswith("{")]
        if any(f'"{last}"' in line for line in lines):
            return [json.loads(line) for line in lines]
    raise AssertionError(f"{last} was never logged")


def test_requests_go_on_by_tls_are_logged_and_refused_with_what_to_edit(drawn: Drawn) -> None:
    target = PointTarget(release=RELEASE, listeners=(SHOP,), resolvers=("127.0.0.1",))
    files = {**in_lab(point.ENVOY.write(target).files), "ca.pem": drawn.lab.certificate}
    files[BOOTSTRAP] = files[BOOTSTRAP].replace(CA_FILE, "@DIR@/ca.pem")
    with drawn.lab.running(
        ENVOY, files, ready=[20_001, METRICS_PORT], arguments=FLUSHED
    ) as program:
        by_tls, other_name, in_clear, refused, ready, metrics, admin = drawn.lab.send(
            [
                Plain(20_001, "http://tls.o.test/v1?secret=1", headers=("Proxy-Authorization: a",)),
                Plain(20_001, "http://elsewhere.one.test/v1"),
                Plain(20_001, "http://api.o.test/v1"),
                Plain(20_001, "http://evil.test/v1"),
                Plain(METRICS_PORT, "/ready", host_header="a"),
                Plain(METRICS_PORT, "/stats/prometheus", host_header="a"),
                Plain(METRICS_PORT, "/config_dump", host_header="a"),
            ]
        )
        now = replace(SHOP, rules=SHOP.rules[1:])
        lists = in_lab(point.ENVOY.write(replace(target, listeners=(now,))).files)
        program.replace({list_file("shop"): "{"})
        kept = drawn.lab.send([Plain(20_001, "http://api.o.test/v1")] * 5)
        program.replace({list_file("shop"): lists[list_file("shop")]})
        tries = 0
        while drawn.lab.send([Plain(20_001, "http://api.o.test/v1")])[0].places:
            tries += 1
            assert tries < 10_000, "the new list was never read"
        log = logged(program, "evil.test")

    assert [each.server_name for each in by_tls.reached] == ["tls.o.test"]
    assert {"proxy-authorization", "x-forwarded-proto", "x-request-id"}.isdisjoint(
        key.lower() for key in by_tls.reached[0].headers
    )
    assert [each.line for each in other_name.reached if each.line] == []
    assert other_name.status == 503
    assert in_clear.places == (("api.o.test", 80),)
    assert (refused.status, refused.body) == (403, denied_text(SHOP))
    assert "values/teams/checkout.yaml" in refused.body
    assert (ready.status, metrics.status, admin.status) == (200, 200, 404)
    assert all(each.places for each in kept)
    lines = {each["authority"]: each for each in log}
    assert lines["tls.o.test"].items() >= {
        "namespace": "shop", "team": "checkout", "rule": "shop/by-tls", "verdict": "allowed",
        "path": "/v1", "response_code": 200, "method": "GET",
    }.items()  # fmt: skip
    assert lines["evil.test"].items() >= {"rule": "denied", "verdict": "denied"}.items()
    assert "secret" not in str(log)


def test_a_hundred_thousand_names_fit_into_200_mebibytes(drawn: Drawn) -> None:
    hosts = tuple(HostPattern(f"h{each}.d{each % 100}.test") for each in range(100_000))
    wild = tuple(HostPattern(f"*.w{each}.test") for each in range(1_000))
    rule = PointRule(name="shop/all", hosts=(*hosts, *wild), ports=(PortRange.parse("80"),))
    target = PointTarget(
        release=RELEASE,
        listeners=(replace(SHOP, rules=(rule,)),),
        resolvers=("127.0.0.1",),
        ipv6=True,
    )
    files = in_lab(point.ENVOY.write(target).files)
    with drawn.lab.running(ENVOY, files, ready=[20_001, METRICS_PORT]):
        listed, wildcard, other, metrics = drawn.lab.send(
            [
                Plain(20_001, "http://h77777.d77.test/"),
                Plain(20_001, "http://a.w999.test/"),
                Plain(20_001, "http://h77777.d78.test/"),
                Plain(METRICS_PORT, "/stats/prometheus", host_header="a"),
            ]
        )
    sizes = dict(line.partition("{}")[::2] for line in metrics.body.splitlines() if line[:1] != "#")

    assert (listed.places, wildcard.places) == ((("h77777.d77.test", 80),), (("a.w999.test", 80),))
    assert other.status == 403
    assert int(sizes["envoy_server_memory_heap_size"]) < 200 << 20
