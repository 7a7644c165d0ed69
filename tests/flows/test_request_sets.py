"""Sets of tunnels and requests: what is in them, their laws, and how one reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings

from support.draw.flow_parts import Told
from support.draw.request_strategies import TOLD_REQUESTS, requests
from transire.flows.host_set import HostSet, Wild
from transire.flows.port_set import PortSet, Protocol
from transire.flows.request_set import Request, RequestSet, known_methods, normal_paths
from transire.flows.text_set import TextSet

API = HostSet.exact(["api.example.com"])
ON_443 = PortSet.of_port(Protocol.TCP, 443)
ON_80 = PortSet.of_port(Protocol.TCP, 80)
NOTHING, EVERYTHING = RequestSet.nothing(), RequestSet.everything()


def request(method: str, path: str, *, port: int = 80, tls: bool = False) -> Request:
    return Request(host="api.example.com", port=port, method=method, path=path, tls=tls)


def test_a_tunnel_is_no_request_and_a_request_no_tunnel() -> None:
    tunnel = RequestSet.tunnel(API, ON_443)

    assert Request(host="api.example.com", port=443) in tunnel
    assert request("GET", "/", port=443) not in tunnel
    assert Request(host="api.example.com", port=443) not in RequestSet.plain(API, ON_443)
    assert tunnel.is_disjoint(RequestSet.plain(API, ON_443))


def test_a_request_in_clear_is_not_the_one_that_goes_on_by_tls() -> None:
    clear, by_tls = RequestSet.plain(API, ON_443), RequestSet.plain(API, ON_443, tls=True)

    assert clear.is_disjoint(by_tls)
    assert by_tls.in_clear() == clear
    assert request("GET", "/", port=443, tls=True) in by_tls
    assert request("GET", "/", port=443, tls=True) not in clear


def test_no_method_and_no_path_let_nothing_through() -> None:
    assert RequestSet.plain(API, ON_80, methods=TextSet.nothing()) == NOTHING
    assert RequestSet.plain(API, ON_80, paths=TextSet.nothing()) == NOTHING
    assert RequestSet.plain(HostSet.nothing(), ON_80) == NOTHING
    assert RequestSet.tunnel(API, PortSet.nothing()) == NOTHING


def test_other_protocols_port_0_and_the_root_are_in_no_set() -> None:
    udp = PortSet.of_protocol(Protocol.UDP)

    assert RequestSet.tunnel(API, udp) == NOTHING
    assert RequestSet.tunnel(API, PortSet.of_port(Protocol.TCP, 0)) == NOTHING
    assert RequestSet.tunnel(HostSet.root(), ON_443) == NOTHING
    assert RequestSet.tunnel(API, PortSet.everything()).ports() == PortSet.of_port(
        Protocol.TCP, 1, 65535
    )


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v1/a%20b", "/...", "/.x/..y", "/a|b[c]"])
def test_normal_paths_are_those_left_after_normalisation(path: str) -> None:
    assert path in normal_paths()


@pytest.mark.parametrize(
    "path",
    [
        "", "v1", "*", "//", "/a//b", "/a/.", "/a/..", "/./a", "/../a", "/a/../b", "/a?b", "/a#b",
        "/a%2fb", "/a%2Fb", "/a%5c", "/a\\b", "/%41", "/%2e", "/%7E", "/%00", "/a%", "/a%2", "/é",
        "/a b",
    ],
)  # fmt: skip
def test_other_paths_are_in_no_set(path: str) -> None:
    assert path not in normal_paths()


def test_connect_and_what_is_no_token_are_no_methods() -> None:
    assert "GET" in known_methods()
    assert "get" in known_methods()
    for method in ("CONNECT", "", "A B", "GÉT", None):
        assert method not in known_methods()


def test_everything_is_every_tunnel_and_every_request() -> None:
    every = HostSet.everything(), PortSet.everything()
    parts = (
        RequestSet.tunnel(*every),
        RequestSet.plain(*every),
        RequestSet.plain(*every, tls=True),
    )

    assert RequestSet.union(parts) == EVERYTHING
    assert ~RequestSet.union(parts[:2]) == parts[2]
    assert EVERYTHING.tunnels() == parts[0]
    assert EVERYTHING.requests() == parts[1] | parts[2]


def test_paths_below_are_told_from_the_path_itself() -> None:
    below = RequestSet.plain(API, ON_80, paths=TextSet.matching("/v1/.*"))
    exact = RequestSet.plain(API, ON_80, paths=TextSet.of(["/v1"]))

    assert (exact - below) == exact
    assert request("GET", "/v1/") in below
    assert request("GET", "/v1") not in below


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (RequestSet.tunnel(API, ON_443), "CONNECT api.example.com:443"),
        (RequestSet.plain(API, ON_80), "GET http://api.example.com/"),
        (RequestSet.plain(API, ON_443), "GET http://api.example.com:443/"),
        (RequestSet.plain(API, ON_443, tls=True), "GET https://api.example.com/"),
        (
            RequestSet.plain(API, ON_80) - RequestSet.plain(API, ON_80, TextSet.of(["GET", "PUT"])),
            "HEAD http://api.example.com/",
        ),
        (
            RequestSet.plain(
                HostSet.pattern([Wild.LABEL, ".example.com"]),
                PortSet.of_port(Protocol.TCP, 8080),
                TextSet.of(["DELETE"]),
                TextSet.matching("/v1/items/[^/]+"),
            ),
            "DELETE http://a.example.com:8080/v1/items/a",
        ),
        (EVERYTHING, "CONNECT example.com:443"),
    ],
)
def test_an_example_reads_as_a_request(left: RequestSet, words: str) -> None:
    found = left.witness()

    assert found is not None
    assert found in left
    assert str(found) == words


def test_nothing_has_no_example() -> None:
    assert NOTHING.witness() is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": ".", "port": 80},
        {"host": "A.com", "port": 80},
        {"host": "a.com", "port": 0},
        {"host": "a.com", "port": 65536},
        {"host": "a.com", "port": 80, "method": "GET"},
        {"host": "a.com", "port": 80, "tls": True},
    ],
)
def test_what_is_no_request_is_not_built(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Request(**wrong)  # type: ignore[arg-type]


LAWS: Mapping[str, Callable[[RequestSet, RequestSet], bool]] = {
    "union commutes": lambda a, b: a | b == b | a,
    "union absorbs intersection": lambda a, b: a | (a & b) == a,
    "intersection absorbs union": lambda a, b: a & (a | b) == a,
    "the complement of a union is De Morgan's": lambda a, b: ~(a | b) == ~a & ~b,
    "the complement of the complement is the set": lambda a, _: ~~a == a,
    "what is subtracted and added back is there": lambda a, b: (a - b) | b == a | b,
    "a difference lacks what both have, and only that": lambda a, b: (a - b) | (a & b) == a,
    "a difference is what the complement has, too": lambda a, b: a - b == a & ~b,
    "inclusion is what difference says": lambda a, b: (a <= b) == (a - b).is_empty(),
    "tunnels and requests make up the set": lambda a, _: a.tunnels() | a.requests() == a,
    "sending nothing on by TLS twice is once": lambda a, _: a.in_clear().in_clear() == a.in_clear(),
}


@settings(max_examples=25)
@given(a=TOLD_REQUESTS, b=TOLD_REQUESTS)
def test_the_laws_hold(a: Told[RequestSet, Request], b: Told[RequestSet, Request]) -> None:
    assert [law for law, holds in LAWS.items() if not holds(a.set, b.set)] == []


@settings(max_examples=60)
@given(told=TOLD_REQUESTS, one=requests())
def test_a_set_holds_what_it_was_made_of(told: Told[RequestSet, Request], one: Request) -> None:
    assert (one in told.set) == told.holds(one)
    found = told.set.witness()
    assert found is None or (found in told.set and told.holds(found))
