"""The real Squid does what we read of its configuration, and its log is read as it was meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.lab import SQUID as PROGRAM
from support.lab import Lab, Plain, Tunnel, laboratory
from support.lab import Request as Sent
from support.points.drawn_targets import NUMBERS, REQUESTS, targets
from transire.flowlogs.record import Flow, Outcome
from transire.flowlogs.registry import FORMATS, recognised
from transire.flows.request_set import Request
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.squid.facts import FILE
from transire.points.squid.point import SQUID

RELEASE = SQUID.releases.newest
drawn = settings(suppress_health_check=list(HealthCheck), deadline=None)
LISTS = st.lists(REQUESTS, min_size=20, max_size=40)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with laboratory(PROGRAM, ports=NUMBERS) as made:
        yield made


def sent(request: Request, port: int) -> Sent:
    if request.method is None:
        return Tunnel(port, f"{request.host}:{request.port}", inside="text")
    target = f"http://{request.host}:{request.port}{request.path}"
    return Plain(port, target, method=request.method)


def compare(lab: Lab, target: PointTarget, requests: Sequence[Request]) -> None:
    written = SQUID.write(target)
    reading = SQUID.read(written.files, target.release)
    ports = [each.pods.port for each in target.listeners]
    pairs = [(each.pods, request) for each in target.listeners for request in requests]

    with lab.running(PROGRAM, written.files, ready=ports):
        answers = lab.send([sent(request, pods.port) for pods, request in pairs])

    for (pods, request), answer in zip(pairs, answers, strict=True):
        audit = reading.guard(pods.name).audit
        allowed = request in reading.requests(pods.name) or audit
        reached = ((request.host, request.port),) if allowed else ()
        assert answer.places == reached, (pods.name, request, written.files[FILE])


@settings(drawn, max_examples=3)
@given(target=targets(RELEASE, most=2), requests=LISTS)
def test_the_real_squid_lets_through_what_is_read(
    lab: Lab, target: PointTarget, requests: list[Request]
) -> None:
    compare(lab, target, requests)


@pytest.mark.slow("forty starts of Squid")
@settings(drawn, max_examples=40)
@given(target=targets(RELEASE), requests=LISTS)
def test_the_real_squid_lets_through_what_is_read_of_many_lists(
    lab: Lab, target: PointTarget, requests: list[Request]
) -> None:
    compare(lab, target, requests)


def listener(name: str, port: int, *, audit: bool) -> Listener:
    rule = PointRule(
        name=f"{name}/api",
        hosts=(HostPattern.parse("api.one.test"),),
        ports=(PortRange.parse("80"), PortRange.parse("443")),
    )
    pods = PodClass(name=name, namespace=name, port=port)
    return Listener(pods=pods, rules=(rule,), audit=audit, team="payments")


def test_its_log_is_read_with_namespace_and_verdict(lab: Lab) -> None:
    listeners = (listener("shop", 20_001, audit=False), listener("lab", 20_002, audit=True))
    target = PointTarget(release=RELEASE, listeners=listeners, resolvers=("127.0.0.1",))
    requests: list[Sent] = [
        Tunnel(20_001, "api.one.test:443"),
        Plain(20_001, "http://api.one.test/v1?secret=1"),
        Tunnel(20_001, "other.one.test:443"),
        Tunnel(20_002, "api.one.test:443"),
        Tunnel(20_002, "other.one.test:443"),
        Plain(20_001, "ftp://api.one.test/"),
    ]

    with lab.running(PROGRAM, SQUID.write(target).files, ready=[20_001, 20_002]) as running:
        for request in requests:
            assert not lab.send([request])[0].problem
        lines = [line for line in running.log().splitlines() if line.startswith("{")]

    assert {recognised(line.encode()) for line in lines} == {FORMATS["squid-json"]}
    flows = [FORMATS["squid-json"].read(line.encode()) for line in lines]
    found = sorted(
        (each.source.namespace, each.names[0], each.port, each.outcome)
        for each in flows
        if isinstance(each, Flow)
    )
    assert found == [
        ("", "api.one.test", 21, Outcome.DENIED),
        ("lab", "api.one.test", 443, Outcome.PASSED),
        ("lab", "other.one.test", 443, Outcome.WOULD_BE_DENIED),
        ("shop", "api.one.test", 80, Outcome.PASSED),
        ("shop", "api.one.test", 443, Outcome.PASSED),
        ("shop", "other.one.test", 443, Outcome.DENIED),
    ]
    assert not any("secret" in line for line in lines)
    assert (
        sum('"team":"payments","rule":"shop/api","verdict":"allowed"' in line for line in lines)
        == 2
    )
