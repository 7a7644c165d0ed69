"""What Squid cannot have exactly is refused, with what would work."""

from __future__ import annotations

import pytest

from transire.model.engine import Release, Version
from transire.model.http import Http, PathPattern, Tls
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.squid.facts import FILE
from transire.points.squid.point import SQUID

RELEASE = SQUID.releases.newest
HTTP = Http(methods=("GET",))


def rule(host: str = "api.one.test", http: Http | None = None, tls: Tls | None = None) -> PointRule:
    return PointRule(
        name="shop/api",
        hosts=(HostPattern.parse(host),),
        ports=(PortRange.parse("80"),),
        http=http,
        tls=tls,
    )


def refused(target: PointTarget) -> list[str]:
    written = SQUID.write(target)
    assert not written.files
    return [str(each) for each in written.refusals]


def listener(number: int, *rules: PointRule, port: int | None = None) -> Listener:
    pods = PodClass(
        name=f"n{number}", namespace="shop", port=20_001 + number if port is None else port
    )
    return Listener(pods=pods, rules=rules)


def target(*rules: PointRule) -> PointTarget:
    return PointTarget(release=RELEASE, listeners=(listener(0, *rules),))


@pytest.mark.parametrize(
    ("refusable", "expected"),
    [
        (
            rule(http=HTTP, tls=Tls.ORIGINATE),
            (
                "shop/api: Squid does not go on by TLS with a request in clear (squid-originate)\n"
                "  help: generate envoy, or have pods speak TLS in a rule without http"
            ),
        ),
        (
            rule(http=Http(methods=("PURGE",))),
            (
                "shop/api: Squid takes PURGE for itself, and passes none on (squid-method)\n"
                "  help: leave PURGE out, or generate envoy"
            ),
        ),
        (
            rule(http=Http(paths=(PathPattern("/a%20b"),))),
            (
                "shop/api: Squid compares /a%20b after it has decoded it, and cannot tell an escape from what it stands for (squid-path)\n"
                "  help: write * for that segment, or generate envoy"
            ),
        ),
        (
            rule(http=Http(paths=(PathPattern("/" + 1_000 * "a"),))),
            (
                "shop/api: a path of 1001 characters may not fit into a line of Squid (squid-line)\n"
                "  help: write /** behind its beginning, or generate envoy"
            ),
        ),
        (
            rule("**"),
            (
                "shop/api: ** stands for every name of a kind, and Squid has no list of these (squid-host)\n"
                "  help: name the domains, as in **.example.com"
            ),
        ),
    ],
)
def test_a_rule_is_refused_with_what_would_work(refusable: PointRule, expected: str) -> None:
    assert refused(target(refusable)) == [expected]


def test_a_129th_class_of_pods_is_refused() -> None:
    listeners = tuple(listener(number, rule()) for number in range(129))
    whole = PointTarget(release=RELEASE, listeners=listeners)

    assert refused(whole) == [
        (
            "n128: Squid serves at most 128 ports, and there are 129 classes of pods (squid-ports)\n"
            "  help: generate envoy, which has no such limit, or have fewer namespaces and selectors behind one proxy"
        )
    ]
    assert SQUID.write(PointTarget(release=RELEASE, listeners=listeners[:128])).files


def test_what_squid_as_a_whole_cannot_have_is_refused() -> None:
    whole = PointTarget(
        release=Release(engine="squid", version=Version.parse("4.17")),
        listeners=(listener(0, rule(), port=0),),
        server_names=True,
        resolvers=("10.0.0.10:5353", "10.0.0.11:53", "fd00::1"),
    )

    assert refused(whole) == [
        (
            "squid.conf: version 4.17 of squid is not modelled: 5.7 is the first that was tried (squid-release)\n"
            f"  help: {SQUID.releases.remedy}"
        ),
        (
            "squid.conf: Squid compares TLS names only as the package squid-openssl, with a certificate of its own (squid-server-names)\n"
            "  help: generate envoy, or leave TLS names unchecked"
        ),
        (
            "squid.conf: Squid sends its questions to port 53 alone, and not to 10.0.0.10:5353 (squid-resolver)\n"
            "  help: name a resolver at port 53, or generate envoy"
        ),
        (
            "n0: Squid tells pods apart by the port that they come to, and this class has none (squid-port)\n"
            "  help: give each class of pods a port of its own"
        ),
    ]
    assert refused(PointTarget(release=RELEASE, listeners=())) == [
        (
            "squid.conf: Squid does not start without a port, and no pods use the proxy (squid-no-listener)\n"
            "  help: leave the proxy out where no rule needs it"
        )
    ]


def test_long_lists_are_cut_into_lines_of_2000_characters_that_add_up() -> None:
    hosts = tuple(HostPattern.parse(f"host-{number}.one.test") for number in range(2_000))
    many = PointRule(name="shop/many", hosts=hosts, ports=(PortRange.parse("443"),))
    text = SQUID.write(target(many)).files[FILE]

    lines = [line for line in text.splitlines() if line.startswith("acl l0r0e dstdomain -n ")]
    assert len(lines) > 15
    assert max(map(len, text.splitlines())) <= 2_000
    assert sum(line.count(".one.test") for line in lines) == 2_000


def test_what_cannot_be_seen_in_the_configuration_is_a_caveat() -> None:
    always = [
        "Squid takes PRI and PURGE for itself, and passes none on",
        "Squid compares the name of a tunnel, and not the TLS name or the host inside",
        "a tunnel that is open goes on when its host is removed from a list, until one of its ends closes it or the proxy restarts",
    ]
    http = Http(methods=("GET",), paths=(PathPattern("/v1/**"),))

    assert list(SQUID.write(target(rule())).caveats) == always
    assert list(SQUID.write(target(rule(http=http))).caveats) == [
        "Squid compares paths after it has decoded them: an escape counts as its character, %2F as a slash and %3F as the beginning of the query",
        "Squid refuses paths that are not normalised, where a rule has paths",
        "Squid takes a well-known method in lower case for the one in upper case",
        *always,
    ]
