"""Configuration of Squid that we did not write: what it lets through, and what is not modelled."""

from __future__ import annotations

import pytest

from transire.flows.host_set import HostSet, Wild
from transire.flows.port_set import PortSet, Protocol
from transire.flows.request_set import Request, RequestSet
from transire.model.problems import Unjudgeable
from transire.points.squid.point import SQUID
from transire.points.squid.read.reading import SquidReading

RELEASE = SQUID.releases.newest
START = """\
http_port 3128
acl plain proto HTTP
http_access deny !CONNECT !plain
"""
EVERYWHERE = HostSet.everything(), PortSet.everything()


def read(text: str, **files: str) -> SquidReading:
    reading = SQUID.read({"squid.conf": START + text, **files}, RELEASE)
    assert isinstance(reading, SquidReading)
    return reading


def https() -> PortSet:
    return PortSet.of_port(Protocol.TCP, 443)


def test_names_below_a_domain_have_the_domain_among_them() -> None:
    reading = read(
        "acl names dstdomain -n .one.test two.test\nacl tls port 443\n"
        "http_access allow CONNECT names tls\nhttp_access deny all\n"
    )
    hosts = HostSet.exact(["one.test", "two.test"]) | HostSet.pattern([Wild.LABELS, ".one.test"])

    assert reading.unmodelled == ()
    assert reading.listeners == ("3128",)
    assert reading.requests("3128") == RequestSet.tunnel(hosts, https())


def test_the_first_rule_that_matches_decides_and_the_end_is_the_opposite_of_the_last() -> None:
    reading = read(
        "acl names dstdomain -n .one.test\nacl bad dstdomain -n bad.one.test\n"
        "http_access deny bad\nhttp_access allow names\n"
    )

    assert Request(host="a.one.test", port=443) in reading.requests("3128")
    assert Request(host="bad.one.test", port=443) not in reading.requests("3128")
    assert Request(host="two.test", port=443) not in reading.requests("3128")
    reading = read("acl bad dstdomain -n bad.one.test\nhttp_access deny bad\n")
    assert reading.requests("3128") == RequestSet.union(
        [
            RequestSet.tunnel(
                HostSet.everything() - HostSet.exact(["bad.one.test"]), EVERYWHERE[1]
            ),
            RequestSet.plain(HostSet.everything() - HostSet.exact(["bad.one.test"]), EVERYWHERE[1]),
        ]
    )
    assert reading.decide("3128", Request(host="two.test", port=443)).allowed


def test_values_in_a_file_in_quotes_count() -> None:
    reading = read(
        'acl names dstdomain -n "/etc/squid/lists/names"\nhttp_access allow CONNECT names\n'
        "http_access deny all\n",
        **{"lists/names": "# ours\na.one.test\nb.one.test # the other\n"},
    )

    assert reading.requests("3128").hosts() == HostSet.exact(["a.one.test", "b.one.test"])


def test_https_in_clear_goes_on_by_tls() -> None:
    text = "http_port 3128\nacl tls proto HTTPS\nhttp_access allow tls\nhttp_access deny all\n"
    reading = SQUID.read({"squid.conf": text}, RELEASE)

    assert reading.requests("3128") == RequestSet.plain(*EVERYWHERE, tls=True)


def test_paths_are_compared_after_they_are_decoded_with_any_query() -> None:
    reading = read(
        "acl names dstdomain -n one.test\nacl items urlpath_regex ^/a[+]b([?].*)?$\n"
        "http_access allow !CONNECT names items\nhttp_access deny all\n"
    )
    found = reading.requests("3128")

    for path, allowed in (("/a+b", True), ("/a%2Bb", True), ("/a%2bb", True), ("/a+b%3Fx", True)):
        request = Request(host="one.test", port=80, method="GET", path=path)
        assert (request in found) == allowed == reading.decide("3128", request).allowed
    for path in ("/A+b", "/a+b/", "/x/a+b", "/ab"):
        request = Request(host="one.test", port=80, method="GET", path=path)
        assert request not in found
        assert not reading.decide("3128", request).allowed
    assert (
        Request(host="one.test", port=80, method="GET", path="/a%2Bb")
        in reading.guard("3128").aside
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("acl n dstdomain one.test", "n: without -n it also holds of what the reverse lookup of an address gives"),
        ("acl n dstdomain -n a.one.test .one.test", "n: Squid does not start with a.one.test before .one.test"),
        ("acl n dstdom_regex -n one", "n: names without ^ and $ are not modelled"),
        ("acl n dstdom_regex -n ^a.b$", "n: it is not built of labels"),
        ("acl n urlpath_regex ^/a$", "n: it depends on the query"),
        ("acl n urlpath_regex [\\d]", "n: the brackets of [\\d] are not modelled"),
        ("acl n urlpath_regex ^/a|/b", "n: alternatives of ^/a|/b as a whole are not modelled"),
        ("acl n urlpath_regex \\w", "n: an escape of \\w is not modelled"),
        ("acl n urlpath_regex -i ^/a", "n: -i is not modelled for urlpath_regex"),
        ("acl n urlpath_regex ^/a", "it lets paths through that are not normalised, such as /a/../b"),
        ("acl n src 10.0.0.0/8", "n: pods that are told apart by their addresses are not modelled"),
        ("acl n dst 198.51.100.0/24", "it lets names through by the addresses that they have"),
        ("acl n dst ::ffff:0:0/96", "n: Squid takes ::ffff:0:0/96 for a range of IPv4, ::ffff:0:0/96 for all of it"),
        ("acl n method GET CONNECT", "n: CONNECT beside other methods is not modelled"),
        ("acl n method get", "n: a method in lower case is not modelled"),
        ("acl n time MTWHF", "n: the kind time is not modelled"),
        ("acl n port 0-99999", "n: port 0 is not between 1 and 65535"),
        ("acl n proto FTP", "it may let requests by ftp and other schemes through"),
        ('acl n dstdomain -n "/etc/squid/none"', 'the file "/etc/squid/none" is not here'),
        ("acl n port 443\nacl n dstdomain -n one.test", "n is a list of another kind above"),
        ("acl n port 443 \\", "a line that goes on in the next one is not modelled"),
        ("acl n dstdomain -n " + "a" * 4_000, "Squid cuts lines of more than 4000 characters, and reads on in the rest"),
        ("acl all src 0.0.0.0/0\nacl n port 1", "another list of the name all, which Squid has, is not modelled"),
        ("include /etc/squid/conf.d/*\nacl n port 1", "include is not modelled"),
        ("http_port 3129 intercept\nacl n port 1", "a port with intercept is not modelled"),
        ("cache_peer a parent 1 0\nacl n port 1", "cache_peer is not modelled"),
        ("", "there is no list n above"),
    ],
)  # fmt: skip
def test_what_is_not_modelled_is_told_and_judged_by_nobody(text: str, why: str) -> None:
    first = "" if "proto FTP" not in text else None
    rest = f"{text}\nhttp_access allow n\nhttp_access deny all\n"
    start = START if first is not None else "http_port 3128\n"
    reading = SQUID.read({"squid.conf": start + rest}, RELEASE)

    assert why in [each.why for each in reading.unmodelled]
    if "intercept" not in text:
        with pytest.raises(Unjudgeable):
            reading.requests("3128")
        with pytest.raises(Unjudgeable):
            reading.decide("3128", Request(host="one.test", port=443))


def test_a_129th_port_and_a_file_that_is_not_there_are_not_modelled() -> None:
    ports = "".join(f"http_port {3_129 + number}\n" for number in range(128))
    reading = read(f"{ports}http_access deny all\n")

    assert [str(each) for each in reading.unmodelled] == [
        "squid.conf: line 131: Squid serves 128 ports, and not this one"
    ]
    assert [each.why for each in SQUID.read({}, RELEASE).unmodelled] == ["there is no squid.conf"]


def test_audit_is_a_last_rule_that_lets_everything_through() -> None:
    names = "acl names dstdomain -n one.test\nacl audit annotate_transaction verdict=would-deny\n"
    whole = read(f"{names}http_access allow names\nhttp_access allow audit\nhttp_access deny all\n")
    part = read(f"{names}http_access allow names audit\nhttp_access deny all\n")

    assert whole.guard("3128").audit
    assert whole.requests("3128").hosts() == HostSet.exact(["one.test"])
    assert not whole.decide("3128", Request(host="two.test", port=443)).allowed
    assert [each.why for each in part.unmodelled] == [
        "a rule whose verdict is would-deny does not let everything through"
    ]


def test_addresses_are_denied_by_each_rule_or_by_one_before_them() -> None:
    lists = (
        "acl names dstdomain -n one.test\nacl inside dst 10.0.0.0/8 fd00::/8\nacl tls port 443\n"
    )
    for rules in (
        "http_access deny inside\nhttp_access allow names",
        "http_access allow names !inside",
    ):
        guard = read(f"{lists}{rules}\nhttp_access deny all\n").guard("3128")
        assert list(map(str, guard.denied)) == ["10.0.0.0/8", "fd00::/8"]
    for rules, why in (
        (
            "http_access allow names !inside\nhttp_access allow names",
            "its rules deny different ranges",
        ),
        (
            "http_access deny inside tls\nhttp_access allow names",
            "it denies addresses to some requests alone",
        ),
    ):
        found = read(f"{lists}{rules}\nhttp_access deny all\n")
        assert [each.why for each in found.unmodelled] == [why]
