"""Draw what a rule has for single requests: methods, paths, the way on, and ports for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from transire.model.destinations import Destination, Host
from transire.model.http import Http, PathPattern, Tls
from transire.model.net import PortRange
from transire.values.egress_rules import canonical

METHODS = ("DELETE", "GET", "HEAD", "M-SEARCH", "POST")
PATHS = ("/", "/*", "/**", "/v1", "/v1/", "/v1/*/info", "/v1/items/*", "/v1.0/**", "/a+b/$x/**")
IN_CLEAR = ("80", "8080", "8000-8010")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """`http`, `tls` and the ports that they may stand beside; nothing where there is no `http`."""

    http: Http | None = None
    tls: Tls | None = None
    ports: tuple[PortRange, ...] = ()


@st.composite
def https(draw: st.DrawFn) -> Http:
    """Some methods, some paths, or both."""
    methods = draw(st.sets(st.sampled_from(METHODS), max_size=3))
    fewest = 0 if methods else 1
    paths = draw(st.sets(st.sampled_from(PATHS), min_size=fewest, max_size=3))
    return Http(methods=tuple(sorted(methods)), paths=tuple(sorted(map(PathPattern.parse, paths))))


@st.composite
def requests(draw: st.DrawFn) -> Requests:
    """Mostly nothing, since most rules are for connections."""
    if draw(st.integers(0, 3)):
        return Requests()
    tls = draw(st.none() | st.just(Tls.ORIGINATE))
    ports = st.sampled_from(("443", *IN_CLEAR) if tls else IN_CLEAR)
    chosen = draw(st.sets(ports, min_size=1, max_size=2))
    return Requests(http=draw(https()), tls=tls, ports=tuple(sorted(map(PortRange.parse, chosen))))


@st.composite
def requests_to(
    draw: st.DrawFn, reached: tuple[Destination, ...], ports: tuple[PortRange, ...]
) -> dict[str, Any]:
    """What a rule with these destinations and ports has for requests, or for connections."""
    asked = Requests()
    if all(isinstance(each, Host) and not each.bundle for each in reached):
        asked = draw(requests())
    if asked.http is not None:
        ports = asked.ports
        reached = tuple(canonical(replace(each, ports=()) for each in reached))
    unused = all(each.ports for each in reached)
    return {
        "destinations": reached,
        "ports": () if unused else ports,
        "http": asked.http,
        "tls": asked.tls,
    }
