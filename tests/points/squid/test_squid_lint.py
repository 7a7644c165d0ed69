"""Findings about anybody's configuration of Squid."""

from __future__ import annotations

import pytest

from transire.model.engine import Release, Version
from transire.model.problems import NotModelled
from transire.points.squid.point import SQUID

RELEASE = SQUID.releases.newest
START = """\
http_port 3128
acl plain proto HTTP
acl inside dst 10.0.0.0/8
acl names dstdomain -n one.test
http_access deny !CONNECT !plain
"""
RULES = "http_access allow names !inside\nhttp_access deny all\n"


def lint(text: str) -> list[str]:
    return [str(each) for each in SQUID.lint({"squid.conf": START + text}, RELEASE)]


def test_sound_configuration_has_no_finding() -> None:
    assert lint(RULES) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"acl more dstdomain two.test\nhttp_access allow more !inside\n{RULES}",
            ("squid.conf:6:1: error: more also holds of an address whose reverse lookup gives the name, and whoever has an address decides about that (squid-reverse-lookup)\n"
            "  help: write acl more dstdomain -n"),
        ),
        (
            f"acl more dstdomain -n *.two.test\n{RULES}",
            ("squid.conf:6:1: error: *.two.test in more is a name with a star in it, which no request has (squid-star)\n"
            "  help: write .two.test for all names below, the parent among them"),
        ),
        (
            f"acl more dst ::ffff:0:0/96\n{RULES}",
            ("squid.conf:6:1: error: Squid takes ::ffff:0:0/96 in more for a range of IPv4, and ::ffff:0:0/96 for all of it (squid-mapped)\n"
            "  help: leave it out: an IPv4-mapped answer is compared as the IPv4 address"),
        ),
        (
            "http_access allow names !inside\n",
            ("squid.conf:6:1: warning: what no rule matches is denied, since the last rule does the opposite (squid-open-end)\n"
            "  help: end with http_access deny all"),
        ),
        (
            "http_access deny inside\nhttp_access deny names\n",
            ("squid.conf:7:1: error: what no rule matches is let through, since the last rule does the opposite (squid-open-end)\n"
            "  help: end with http_access deny all"),
        ),
        (
            "http_access allow names\nhttp_access deny all\n",
            ("squid.conf: warning: port 3128 compares no address, so a name may lead into the cluster (squid-any-address)\n"
            "  help: deny private, metadata, node and service ranges with a list of dst behind the names"),
        ),
        (
            "acl audit annotate_transaction verdict=would-deny\nhttp_access allow audit !inside\nhttp_access deny all\n",
            ("squid.conf: note: port 3128 lets everything through, and logs what it would deny (squid-audit)\n"
            "  help: end the audit once its log has no would-deny that is wanted"),
        ),
        (
            f"acl more dstdomain -n a.two.test .two.test\nhttp_access allow more !inside\n{RULES}",
            ("squid.conf:7:1: error: more: Squid does not start with a.two.test before .two.test (squid-not-modelled)\n"
            "  help: remove it, or judge by hand what it lets through: nothing here is proved of any port"),
        ),
        (
            f"acl more dstdomain -n {'a' * 4_000}\n{RULES}",
            ("squid.conf:6:1: error: Squid cuts lines of more than 4000 characters, and reads on in the rest (squid-not-modelled)\n"
            "  help: remove it, or judge by hand what it lets through: nothing here is proved of any port"),
        ),
    ],
)  # fmt: skip
def test_a_trap_is_found(text: str, expected: str) -> None:
    assert expected in lint(text)


def test_a_release_that_is_not_modelled_is_refused() -> None:
    old = Release(engine="squid", version=Version.parse("3.5"))
    with pytest.raises(NotModelled, match=r"version 3\.5 of squid is not modelled"):
        SQUID.lint({"squid.conf": START}, old)
