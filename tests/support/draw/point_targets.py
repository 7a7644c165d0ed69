"""Draw targets of a point whose hosts overlap in every way, and requests that meet them."""

from __future__ import annotations

from ipaddress import ip_network

from hypothesis import strategies as st

from support.draw.request_strategies import HTTPS, METHODS, PATHS
from transire.flows.request_set import Request
from transire.model.engine import Release
from transire.model.http import Tls
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget

PATTERNS = (
    "api.o.test", "u.v.o.test", "a-b.o.test", "x.test", "*.o.test", "*.v.o.test", "**.o.test",
    "**.v.o.test", "**.test", "ap*.o.test", "*-b.o.test", "a*b.o.test", "*.*.o.test",
    "u*.v*.o.test", "**.v*.o.test", "api.*.test",
)  # fmt: skip
HOSTS = (
    "api.o.test", "u.v.o.test", "a-b.o.test", "x.test", "o.test", "v.o.test", "apx.o.test",
    "ab.o.test", "w.u.v.o.test", "y.w.o.test", "up.vv.o.test", "z.vv.o.test", "api.p.test",
    "test", "other.example",
)  # fmt: skip
PORTS = ("80", "443", "8080", "8000-8090")
NUMBERS = (80, 443, 8080, 8091)


@st.composite
def rules(draw: st.DrawFn, place: int) -> PointRule:
    """One rule."""
    http = draw(st.none() | HTTPS)
    tls = draw(st.sampled_from([None, Tls.ORIGINATE])) if http else None
    hosts = draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3, unique=True))
    ports = draw(st.lists(st.sampled_from(PORTS), min_size=1, max_size=2, unique=True))
    return PointRule(
        name=f"shop/r{place}",
        hosts=tuple(map(HostPattern.parse, hosts)),
        ports=tuple(map(PortRange.parse, ports)),
        http=http,
        tls=tls,
    )


@st.composite
def point_targets(draw: st.DrawFn, release: Release, most: int = 4) -> PointTarget:
    """A target with one or two listeners."""
    listeners = [
        Listener(
            pods=PodClass(name=name, namespace=name, port=20_001 + place),
            rules=tuple(draw(rules(each)) for each in range(draw(st.integers(0, most)))),
            audit=draw(st.booleans()),
            team="shop-team",
            file=f"values/teams/{name}.yaml",
        )
        for place, name in enumerate(draw(st.sampled_from([["shop"], ["blog", "shop"]])))
    ]
    return PointTarget(
        release=release,
        listeners=tuple(listeners),
        denied=(ip_network("10.0.0.0/8"), ip_network("fc00::/7")),
        resolvers=("127.0.0.1",),
    )


@st.composite
def near_requests(draw: st.DrawFn) -> Request:
    """One request whose host, port, method and path are near those of drawn rules."""
    host, port = draw(st.sampled_from(HOSTS)), draw(st.sampled_from(NUMBERS))
    if draw(st.booleans()):
        return Request(host=host, port=port)
    return Request(
        host=host,
        port=port,
        method=draw(st.sampled_from((*METHODS, "OTHER"))),
        path=draw(PATHS),
        tls=draw(st.booleans()),
    )
