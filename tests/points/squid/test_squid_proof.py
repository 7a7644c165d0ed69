"""What is written for Squid is what is meant, whoever changes a line of it is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.points.drawn_targets import REQUESTS, targets
from transire.flows.request_set import Request
from transire.model.http import Http, PathPattern
from transire.model.names import HostPattern
from transire.model.net import Network, PortRange
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.meaning import listener_requests
from transire.points.proof import differences, prove
from transire.points.squid.facts import FILE
from transire.points.squid.point import SQUID

RELEASE = SQUID.releases.newest
slowly = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@settings(slowly, max_examples=10)
@given(target=targets(RELEASE, most=2))
def test_what_is_written_is_what_is_meant(target: PointTarget) -> None:
    proof = prove(SQUID, target)

    assert [str(each) for each in proof.differences] == []
    assert proof.holds
    assert max(map(len, proof.written.files[FILE].splitlines())) <= 2_000


@settings(slowly, max_examples=15)
@given(target=targets(RELEASE, most=2), requests=st.lists(REQUESTS, min_size=1, max_size=20))
def test_one_request_and_all_of_them_are_judged_alike(
    target: PointTarget, requests: list[Request]
) -> None:
    reading = SQUID.read(SQUID.write(target).files, target.release)

    for listener in target.listeners:
        meant = listener_requests(listener)
        for request in requests:
            decision = reading.decide(listener.pods.name, request)
            assert decision.allowed == (request in meant), request
            assert not decision.allowed or decision.rule in {rule.name for rule in listener.rules}


RULE = PointRule(
    name="shop/api",
    hosts=tuple(
        map(HostPattern.parse, ("api.zero.test", "*.one.test", "**.two.test", "s3-*.three.test"))
    ),
    ports=(PortRange.parse("80"), PortRange.parse("8000-8010")),
    http=Http(methods=("GET", "HEAD"), paths=(PathPattern("/health"), PathPattern("/v1/**"))),
)
TUNNELS = PointRule(
    name="shop/tls", hosts=(HostPattern.parse("**.two.test"),), ports=(PortRange.parse("443"),)
)


BLOG = PointRule(
    name="blog/api",
    hosts=(HostPattern.parse("blog.test"),),
    ports=(PortRange.parse("443"),),
)
DENIED = (ip_network("10.0.0.0/8"),)


def target(*rules: PointRule, denied: tuple[Network, ...] = DENIED) -> PointTarget:
    """Pods with these rules, beside others."""
    shop = PodClass(name="shop", namespace="shop", port=20_001)
    blog = PodClass(name="blog", namespace="blog", port=20_002)
    listeners = Listener(pods=shop, rules=rules), Listener(pods=blog, rules=(BLOG,))
    return PointTarget(release=RELEASE, listeners=listeners, denied=denied)


EQUIVALENT = (
    "without !tunnel: http_access allow",
    "without -i",
    "without l1: http_access",
    "without http_access deny l",
    "without http_access deny all",
)
"""Methods and paths are none of tunnels; names are in lower case by then; what is for the last
listener alone comes after all others were denied; all is denied at the end.
"""


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """Every line about access left out, and every word of one; not what changes the log alone."""
    rows = text.splitlines()
    for number, row in enumerate(rows):
        words = row.split()
        if words[0] not in {"acl", "http_access", "http_port"} or "annotate_transaction" in words:
            continue
        yield f"without {row}", "\n".join(rows[:number] + rows[number + 1 :])
        for place in range(1, len(words)):
            if words[place].endswith(("t", "denied", "all")) and words[0] == "http_access":
                continue
            kept = " ".join(words[:place] + words[place + 1 :])
            yield (
                f"without {words[place]}: {row}",
                "\n".join([*rows[:number], kept, *rows[number + 1 :]]),
            )


@pytest.mark.slow("one proof for each word of a configuration")
def test_a_word_left_out_is_noticed() -> None:
    whole = target(replace(RULE, hosts=RULE.hosts[1:3]), TUNNELS)
    text = SQUID.write(whole).files[FILE]
    unnoticed = []
    for name, mutant in mutants(text):
        reading = SQUID.read({FILE: mutant}, RELEASE)
        same = not reading.unmodelled and not list(differences(reading, whole))
        if same and not name.startswith(EQUIVALENT):
            unnoticed.append(name)

    assert unnoticed == []


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        (
            "dstdomain -n .two.test",
            "dstdomain .two.test",
            "without -n it also holds of what the reverse lookup",
        ),
        (
            "l0r1p port 443",
            "l0r1p port 443 22",
            "shop lets CONNECT a.two.test:22 through, which is not meant",
        ),
        ("!l0r1a ", "", "shop lets CONNECT two.test:443 through, which is not meant"),
        ("labels3 !", "!", "shop lets GET http://one.test/v1/ through, which is not meant"),
        (
            "http_access deny !tunnel !plain\n",
            "",
            "it may let requests by ftp and other schemes through",
        ),
        ("!tunnel l0r0m", "l0r0m", ""),
        (" !unclear", "", "it lets paths through that are not normalised, such as /a/../b"),
        ("http_access deny all\n", "", ""),
        (
            "http_access deny l1 l1denied\nhttp_access deny all",
            "http_access deny plain",
            "blog lets CONNECT example.com:443 through",
        ),
        (" !blocked l0r1t", " l0r1t", "its rules deny different ranges"),
        ("10.0.0.0/8", "10.0.0.0/8 ::ffff:0:0/96", "Squid takes ::ffff:0:0/96 for a range of IPv4"),
        ("10.0.0.0/8", "10.0.0.0/9", "shop: it denies 10.0.0.0/9, and not 10.0.0.0/8"),
        ("name=shop", "name=other", "shop: there is no such listener"),
        ("http_port 20001", "http_port 20002", "shop: it listens on 20002, and not on 20001"),
        ("cache deny all", "cache_peer 10.0.0.1 parent 3128 0", "cache_peer is not modelled"),
    ],
)
def test_a_changed_configuration_differs(old: str, new: str, difference: str) -> None:
    whole = target(RULE, TUNNELS)
    text = SQUID.write(whole).files[FILE]
    reading = SQUID.read({FILE: text.replace(old, new, 1)}, RELEASE)

    assert old in text
    found = [*map(str, differences(reading, whole)), *map(str, reading.unmodelled)]
    assert (found == []) if not difference else any(difference in each for each in found), found
