"""Draw what an enforcement point has to let through, and requests that come near."""

from __future__ import annotations

from ipaddress import ip_network

from hypothesis import strategies as st

from support.draw.request_strategies import HTTPS, METHODS, PATHS
from transire.flows.request_set import Request
from transire.model.engine import Release
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget

HOSTS = tuple(
    map(
        HostPattern.parse,
        (
            *("one.test", "api.one.test", "a.b.one.test", "*.one.test", "*.b.one.test"),
            *("**.one.test", "**.b.one.test", "**.test", "two.test", "*.two.test", "**.two.test"),
            *("a*.one.test", "*-x.one.test", "a*.*.one.test", "**.a*.two.test", "*.b*.two.test"),
        ),
    )
)
NAMES = (
    *("one.test", "api.one.test", "a.b.one.test", "b.one.test", "x.one.test", "c.a.b.one.test"),
    *("a-x.one.test", "-x.one.test", "ab.c.one.test", "two.test", "a.two.test", "x.a1.two.test"),
    *("x.bc.two.test", "oneone.test", "other.test", "_a.one.test", "1.two.test", "y.x.a.two.test"),
)
PORTS = ("80", "443", "8000-8010", "8005", "1024-65535", "1-65535")
NUMBERS = (80, 443, 1023, 8000, 8007, 65_535)
_DENIED = ((), ("10.0.0.0/8",), ("10.0.0.0/8", "192.168.0.0/16", "fd00::/8"))


def _sorted(values: st.SearchStrategy[set[str]]) -> st.SearchStrategy[tuple[str, ...]]:
    return values.map(sorted).map(tuple)


@st.composite
def rules(draw: st.DrawFn, namespace: str) -> tuple[PointRule, ...]:
    """Rules of one class of pods."""
    count = draw(st.integers(0, 3))
    return tuple(
        PointRule(
            name=f"{namespace}/r{number}",
            hosts=tuple(draw(st.lists(st.sampled_from(HOSTS), min_size=1, max_size=4))),
            ports=tuple(
                PortRange.parse(each)
                for each in draw(_sorted(st.sets(st.sampled_from(PORTS), min_size=1, max_size=2)))
            ),
            http=draw(st.none() | HTTPS),
        )
        for number in range(count)
    )


@st.composite
def targets(draw: st.DrawFn, release: Release, most: int = 3) -> PointTarget:
    """A point with up to `most` classes of pods, on ports from 20001."""
    listeners = []
    for number in range(draw(st.integers(1, most))):
        name = f"n{number}"
        pods = PodClass(name=name, namespace=name, port=20_001 + number)
        audit = draw(st.integers(0, 3)) == 0
        listeners.append(Listener(pods=pods, rules=draw(rules(name)), audit=audit))
    return PointTarget(
        release=release,
        listeners=tuple(listeners),
        denied=tuple(map(ip_network, draw(st.sampled_from(_DENIED)))),
        resolvers=("127.0.0.1",),
    )


REQUESTS = st.one_of(
    st.builds(Request, host=st.sampled_from(NAMES), port=st.sampled_from(NUMBERS)),
    st.builds(
        Request,
        host=st.sampled_from(NAMES),
        port=st.sampled_from(NUMBERS),
        method=st.sampled_from((*METHODS, "OTHER")),
        path=PATHS,
    ),
)
"""Tunnels and requests in clear."""
