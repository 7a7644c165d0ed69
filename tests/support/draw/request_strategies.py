"""Draw sets of requests and single requests, with a plain oracle for each set."""

from __future__ import annotations

from hypothesis import strategies as st

from support.draw.flow_parts import Told, told
from transire.flows.host_set import HostSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.request_set import Request, RequestSet
from transire.meaning.http_sets import lets_through, method_set, path_set
from transire.model.http import Http, PathPattern

NAMES = ("a.com", "b.com", "x.a.com")
PORTS = (80, 443, 8080)
METHODS = ("GET", "PUT", "M-X")
SEGMENTS = ("a", "b", "v1.0", "a+b")
PATHS = st.lists(st.sampled_from(SEGMENTS), max_size=3).flatmap(
    lambda parts: st.sampled_from(["/" + "/".join(parts), "/".join(["", *parts, ""])])
)
"""Normalised paths."""
PATTERNS = st.lists(st.sampled_from((*SEGMENTS, "*")), max_size=3).flatmap(
    lambda parts: st.sampled_from([[*parts], [*parts, ""], [*parts, "**"]])
)
HTTPS = st.builds(
    lambda methods, paths: Http(
        methods=tuple(sorted(methods)),
        paths=tuple(sorted({PathPattern("/" + "/".join(each)) for each in paths})),
    ),
    st.sets(st.sampled_from(METHODS), max_size=2),
    st.lists(PATTERNS.filter(lambda parts: parts[:1] != [""] or len(parts) == 1), max_size=2),
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """One tunnel or one request."""
    host, port = draw(st.sampled_from(NAMES)), draw(st.sampled_from(PORTS))
    if draw(st.booleans()):
        return Request(host=host, port=port)
    method, tls = draw(st.sampled_from((*METHODS, "OTHER"))), draw(st.booleans())
    return Request(host=host, port=port, method=method, path=draw(PATHS), tls=tls)


@st.composite
def _leaves(draw: st.DrawFn) -> Told[RequestSet, Request]:
    names, ports = draw(st.sets(st.sampled_from(NAMES))), draw(st.sets(st.sampled_from(PORTS)))
    hosts = HostSet.exact(sorted(names))
    on = PortSet.union(PortSet.of_port(Protocol.TCP, port) for port in sorted(ports))

    def reaches(request: Request) -> bool:
        return request.host in names and request.port in ports

    if draw(st.booleans()):
        return Told(
            set=RequestSet.tunnel(hosts, on), holds=lambda each: each.tunnel and reaches(each)
        )
    http, tls = draw(HTTPS), draw(st.booleans())
    found = RequestSet.plain(hosts, on, method_set(http), path_set(http), tls=tls)

    def holds(request: Request) -> bool:
        return (
            reaches(request)
            and request.method is not None
            and request.path is not None
            and request.tls == tls
            and lets_through(http, request.method, request.path)
        )

    return Told(set=found, holds=holds)


TOLD_REQUESTS = told(_leaves(), most=3)
