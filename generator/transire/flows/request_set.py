"""Exact sets of what pods want of a proxy or a mesh: tunnels, and single requests in clear.

A tunnel carries whatever its two ends make of it (`CONNECT`, or a connection by TLS). A request in
clear has a method and a path, and whoever passes it on does so in clear or by TLS.

Paths are those that are left after normalisation, without the query (RFC 3986, 6.2.2): no dot
segments, no two slashes in a row, no escape of a character that needs none. Those with an escaped
slash, backslash or NUL are in no set, since programs differ on what they are, nor is the request
for a server as a whole (`OPTIONS *`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

from transire.flows.diagrams.axes import NO_KEY, PAST, Axis
from transire.flows.diagrams.diagram import Diagram, Graft, Intersection, Projection, node
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.diagrams.witness import METHODS, Picks, name_of, picks
from transire.flows.exact_set import ExactSet, judged
from transire.flows.host_set import HostSet, labels_of
from transire.flows.port_set import PortSet, Protocol
from transire.flows.text_set import TextSet

_TUNNEL, _CLEAR, _BY_TLS = 0, 1, 2
"""The values of the axis `WAY`."""

_USUAL = {False: ("http", 80), True: ("https", 443)}
_TUNNELS = "CONNECT"

_CHARS = r"""[!-"$&-.0->@-\[\]-~]"""
"""Every printable character of ASCII but `#`, `%`, `/`, `?` and the backslash."""
_ESCAPES = (
    "%(0[1-9A-Fa-f]|1[0-9A-Fa-f]|2[0-9A-Ca-c]|3[A-Fa-f]|40|5[BDEbde]|60|7[B-DFb-df]|[89A-Fa-f]"
    "[0-9A-Fa-f])"
)
"""Of characters that a path cannot have otherwise; none of a slash, a backslash or NUL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One tunnel to a host and port or, with a method, one request in clear for them.

    `path` is normalised and has no query. `tls` is true where whoever passes the request on goes on
    by TLS; a tunnel has neither.

    Raises:
        ValueError: if the host is not a name in lower case without a trailing dot, the port is not
            between 1 and 65535, or a tunnel has what only requests have.
    """

    host: str
    port: int
    method: str | None = None
    path: str | None = None
    tls: bool = False

    def __post_init__(self) -> None:
        if not labels_of(self.host):
            raise ValueError("the root of the DNS is no host")
        if not 0 < self.port < 1 << 16:
            raise ValueError(f"{self.port} is not a port between 1 and 65535")
        if (self.method is None) != (self.path is None):
            raise ValueError("a request has a method and a path")
        if self.tunnel and self.tls:
            raise ValueError("whoever passes a tunnel on adds no TLS to it")

    @property
    def tunnel(self) -> bool:
        """Whether it is a tunnel."""
        return self.method is None

    def __str__(self) -> str:
        """Such as `DELETE https://api.example.com/v1/items/7` or `CONNECT api.example.com:443`.

        The scheme is that by which the request reaches the origin.
        """
        if self.tunnel:
            return f"{_TUNNELS} {self.host}:{self.port}"
        scheme, usual = _USUAL[self.tls]
        port = "" if self.port == usual else f":{self.port}"
        return f"{self.method} {scheme}://{self.host}{port}{self.path}"


class RequestSet(ExactSet):
    """An exact set of tunnels and requests."""

    __slots__ = ()

    limit: ClassVar[int] = 200_000

    @classmethod
    def everything(cls) -> Self:
        """Every tunnel, and every request on both ways."""
        return cls(diagram=_everything())

    @classmethod
    def tunnel(cls, hosts: HostSet, ports: PortSet) -> Self:
        """Tunnels to these hosts, on those of the ports that are of TCP; port 0 is none."""
        return cls._to(hosts, ports, _TUNNEL, _absent())

    @classmethod
    def plain(
        cls,
        hosts: HostSet,
        ports: PortSet,
        methods: TextSet | None = None,
        paths: TextSet | None = None,
        *,
        tls: bool = False,
    ) -> Self:
        """Requests in clear for these hosts and ports, by method and normalised path.

        None leaves a part open. What is no method, or no path after normalisation, is left out, and
        so is `CONNECT`. `tls` holds those that go on by TLS.
        """
        way = _BY_TLS if tls else _CLEAR
        return cls._to(hosts, ports, way, _request(methods, paths))

    @classmethod
    def _to(cls, hosts: HostSet, ports: PortSet, way: int, rest: Diagram) -> Self:
        steps = [(each, rest if each == way else False) for each in range(PAST[Axis.WAY])]
        ways = node((Axis.WAY, NO_KEY), StepFunction(steps))
        on_ports = Graft(ways)((ports & _tcp()).diagram)
        return cls(diagram=judged(lambda: Graft(on_ports)(hosts.named().diagram)))

    @classmethod
    def to(cls, hosts: HostSet) -> Self:
        """Every tunnel to these hosts, and every request for them on both ways."""
        return cls(diagram=_to_hosts(hosts.named().diagram))

    def tunnels(self) -> Self:
        """The part that is tunnels."""
        return self & self.tunnel(HostSet.everything(), PortSet.everything())

    def requests(self) -> Self:
        """The part that is single requests."""
        return self - self.tunnel(HostSet.everything(), PortSet.everything())

    def in_clear(self) -> Self:
        """The same tunnels and requests where all requests go on in clear."""
        moved = Projection(self.limit, lambda each: each[0] != Axis.WAY)
        either = type(self)(diagram=judged(lambda: moved(self.requests().diagram)))
        every = HostSet.everything(), PortSet.everything()
        return self.tunnels() | (either & self.plain(*every))

    def hosts(self) -> HostSet:
        """The hosts of any tunnel or request in the set."""
        keeps = Projection(self.limit, lambda each: each[0] == Axis.HOST)
        return HostSet(diagram=judged(lambda: keeps(self.diagram))).named()

    def ports(self) -> PortSet:
        """The ports of any tunnel or request in the set, all of TCP."""
        keeps = Projection(self.limit, lambda each: each[0] in {Axis.PROTOCOL, Axis.PORT})
        return PortSet(diagram=judged(lambda: keeps(self.diagram))) & _tcp()

    def witness(self) -> Request | None:
        """One tunnel or request of the set, plain and always the same; None where it is empty."""
        likely = self & self._likely()
        found = judged(lambda: picks((likely or self).diagram))
        return None if found is None else _request_of(found)

    @classmethod
    def _likely(cls) -> Self:
        """Tunnels, and requests with well-known methods."""
        everywhere, methods = HostSet.everything(), TextSet.of(METHODS)
        ways = (
            cls.plain(everywhere, PortSet.everything(), methods, tls=tls) for tls in (False, True)
        )
        return cls.union([cls.tunnel(everywhere, PortSet.everything()), *ways])

    def __contains__(self, request: Request) -> bool:
        values = {
            Axis.PROTOCOL: Protocol.TCP,
            Axis.PORT: request.port,
            Axis.WAY: _TUNNEL if request.tunnel else _BY_TLS if request.tls else _CLEAR,
            Axis.METHOD: request.method,
            Axis.PATH: request.path,
        }
        labels: Sequence[str | None] = (*labels_of(request.host), None)
        at = self.diagram
        while not isinstance(at, bool):
            axis, key = at.variable
            value = labels[key - 1] if isinstance(key, int) else values[Axis(axis)]
            at = at.cells.at(value)  # type: ignore[arg-type]
        return at


@lru_cache(maxsize=1)
def _tcp() -> PortSet:
    return PortSet.of_port(Protocol.TCP, 1, (1 << 16) - 1)


@lru_cache(maxsize=1)
def _everything() -> Diagram:
    return _to_hosts(HostSet.everything().diagram)


@lru_cache(maxsize=256)
def _to_hosts(hosts: Diagram) -> Diagram:
    return judged(lambda: Graft(_any_request())(hosts))


@lru_cache(maxsize=1)
def _any_request() -> Diagram:
    """Tunnels, and requests on both ways, on every port."""
    request = _request(None, None)
    steps = [(_TUNNEL, _absent()), (_CLEAR, request)]
    return Graft(node((Axis.WAY, NO_KEY), StepFunction(steps)))(_tcp().diagram)


@lru_cache(maxsize=1)
def _absent() -> Diagram:
    return TextSet.absent().on(Axis.METHOD)


@lru_cache(maxsize=1_024)
def _request(methods: TextSet | None, paths: TextSet | None) -> Diagram:
    every_method, every_path = known_methods(), normal_paths()
    method = (every_method if methods is None else methods & every_method).on(Axis.METHOD)
    path = (every_path if paths is None else paths & every_path).on(Axis.PATH)
    return judged(lambda: Intersection(RequestSet.limit)(method, path))


@lru_cache(maxsize=1)
def known_methods() -> TextSet:
    """What may be the method of a request: every token (RFC 9110, 5.6.2) but `CONNECT`."""
    return TextSet.matching(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+") - TextSet.of([_TUNNELS])


@lru_cache(maxsize=1)
def normal_paths() -> TextSet:
    """The paths that are left after normalisation."""
    segment = f"({_CHARS}|{_ESCAPES})+"
    return TextSet.matching(f"/|(/{segment})+/?") - TextSet.matching(r"(.*)/[.][.]?(/.*)?")


def _request_of(values: Picks) -> Request:
    kinds = {axis: value for (axis, _), value in values.items()}
    way, port = kinds.get(Axis.WAY, _TUNNEL), kinds.get(Axis.PORT)
    host = name_of(values) or "example.com"
    method, path = kinds.get(Axis.METHOD), kinds.get(Axis.PATH)
    return Request(
        host=host,
        port=port if isinstance(port, int) else 443,
        method=method if isinstance(method, str) else None,
        path=path if isinstance(path, str) else None,
        tls=way == _BY_TLS,
    )
