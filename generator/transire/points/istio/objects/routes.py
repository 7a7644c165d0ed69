"""VirtualService: where requests and connections to a name are led.

It limits a name, and widens what an entry lets through where its own patterns are wider.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from transire.points.istio.objects.common import MESH, Common, read_export
from transire.points.istio.objects.host_rules import (
    EVERYTHING,
    holds,
    is_partial,
    wildcard_fault,
)
from transire.points.istio.objects.part import Part

_BEYOND_RE2 = re.compile(r"\(\?(?:<[=!]|[=!>])|\\[1-9]")


@dataclass(frozen=True, slots=True)
class TextMatch:
    """How a text has to be: `way` is exact, prefix or regex."""

    way: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a route ends: a host by its full name, and a port where one is written."""

    host: str
    subset: str
    port: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a route is for, whatever its kind; `gateways` empty are those of the whole object."""

    gateways: tuple[str, ...]
    port: int | None
    server_names: tuple[str, ...] = ()
    path: TextMatch | None = None
    method: TextMatch | None = None
    authority: TextMatch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Matches, any of which has to hold, and one destination; no match at all always holds."""

    matches: tuple[Match, ...]
    destination: Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualService(Common):
    """A VirtualService that was taken; its gateways are `mesh` or NAMESPACE/NAME."""

    hosts: tuple[str, ...]
    gateways: tuple[str, ...]
    export: tuple[str, ...]
    http: tuple[Route, ...]
    tls: tuple[Route, ...]
    tcp: tuple[Route, ...]

    def host_for(self, host: str) -> str | None:
        """The longest of its patterns that holds a host."""
        found = [each for each in self.hosts if holds(each, host)]
        return max(found, key=len, default=None)


_HTTP_UNMODELLED = (
    "redirect",
    "directResponse",
    "delegate",
    "rewrite",
    "fault",
    "mirror",
    "mirrors",
    "mirrorPercent",
    "mirrorPercentage",
    "mirror_percent",
    "corsPolicy",
    "headers",
)
_MATCH_UNMODELLED = (
    "scheme",
    "headers",
    "withoutHeaders",
    "queryParams",
    "ignoreUriCase",
    "sourceLabels",
    "sourceNamespace",
    "destinationSubnets",
    "sourceSubnet",
)


def read_virtual_service(spec: Part, common: Common) -> VirtualService:
    """A VirtualService, with what is wrong in it noted."""
    own = common.namespace
    hosts = spec.texts("hosts")
    gateways = tuple(_gateway(each, own) for each in spec.texts("gateways")) or (MESH,)
    for place, host in enumerate(hosts):
        if host == EVERYTHING and MESH in gateways:
            spec.fault("is '*', which sidecars do not take", "hosts", place)
        elif host != EVERYTHING and (fault := wildcard_fault(host)):
            spec.fault(fault, "hosts", place)
        elif is_partial(host):
            spec.unmodelled("a star as part of a label is not modelled", "hosts", place)
    if not hosts:
        spec.unmodelled("a VirtualService without hosts is not modelled", "hosts")
    http = tuple(_http(each, own) for each in spec.parts("http"))
    tls = tuple(_tls(each, own, hosts) for each in spec.parts("tls"))
    tcp = tuple(_tcp(each, own) for each in spec.parts("tcp"))
    if not (http or tls or tcp) and hosts:
        spec.fault("has no route")
    export = read_export(spec, own)
    spec.close()
    return VirtualService(
        ref=common.ref,
        created=common.created,
        unmodelled=common.unmodelled,
        hosts=tuple(_full(each, own) for each in hosts),
        gateways=gateways,
        export=export,
        http=http,
        tls=tls,
        tcp=tcp,
    )


def _gateway(text: str, namespace: str) -> str:
    return text if text == MESH or "/" in text else f"{namespace}/{text}"


def _full(host: str, namespace: str) -> str:
    """A name without dots is a Service of the namespace."""
    plain = "." in host or host.startswith("*")
    return host if plain else f"{host}.{namespace}.svc.cluster.local"


def _http(part: Part, namespace: str) -> Route:
    matches = tuple(_http_match(each, namespace) for each in part.parts("match"))
    destination = _destination(part, namespace, weights=True)
    part.close(plain=("name", "timeout", "retries"), unmodelled=_HTTP_UNMODELLED)
    return Route(matches=matches, destination=destination)


def _http_match(part: Part, namespace: str) -> Match:
    found = Match(
        gateways=_gateways(part, namespace),
        port=part.whole("port"),
        path=_text_match(part, "uri"),
        method=_text_match(part, "method"),
        authority=_text_match(part, "authority"),
    )
    part.close(plain=("name", "statPrefix"), unmodelled=_MATCH_UNMODELLED)
    return found


def _text_match(part: Part, key: str) -> TextMatch | None:
    below = part.part(key)
    if below is None:
        return None
    given = [way for way in ("exact", "prefix", "regex") if below.has(way)]
    if len(given) != 1:
        below.fault("has not exactly one of exact, prefix and regex")
        return None
    found = TextMatch(given[0], below.text(given[0]))
    if found.way == "regex" and not _is_re2(found.text):
        below.fault(f"{found.text[:80]!r} is no expression that RE2 reads", "regex")
    below.close()
    return found


def _is_re2(text: str) -> bool:
    if _BEYOND_RE2.search(text):
        return False
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _tls(part: Part, namespace: str, hosts: tuple[str, ...]) -> Route:
    parts = part.parts("match")
    if not parts:
        part.fault("is missing", "match")
    matches = []
    for each in parts:
        names = each.texts("sniHosts")
        if not names:
            each.fault("is missing or empty", "sniHosts")
        _check_names(each, names, hosts)
        port = each.whole("port")
        matches.append(Match(gateways=_gateways(each, namespace), port=port, server_names=names))
        each.close(unmodelled=_MATCH_UNMODELLED)
    destination = _destination(part, namespace, weights=True)
    part.close()
    return Route(matches=tuple(matches), destination=destination)


def _check_names(part: Part, names: tuple[str, ...], hosts: tuple[str, ...]) -> None:
    for place, name in enumerate(names):
        if name != EVERYTHING and (fault := wildcard_fault(name)):
            part.fault(fault, "sniHosts", place)
        elif not any(holds(host, name) for host in hosts):
            part.fault(f"{name!r} is in none of the hosts", "sniHosts", place)


def _tcp(part: Part, namespace: str) -> Route:
    matches = []
    for each in part.parts("match"):
        matches.append(Match(gateways=_gateways(each, namespace), port=each.whole("port")))
        each.close(unmodelled=_MATCH_UNMODELLED)
    destination = _destination(part, namespace, weights=True)
    part.close()
    return Route(matches=tuple(matches), destination=destination)


def _gateways(part: Part, namespace: str) -> tuple[str, ...]:
    return tuple(_gateway(each, namespace) for each in part.texts("gateways"))


def _destination(part: Part, namespace: str, *, weights: bool) -> Destination:
    routes = part.parts("route")
    if len(routes) > 1:
        part.unmodelled("several destinations of one route are not modelled", "route")
    found = Destination(host="", subset="", port=None)
    for route in routes[:1]:
        below = route.part("destination")
        if below is None:
            route.fault("is missing", "destination")
            continue
        if not below.text("host"):
            below.fault("is missing", "host")
        port = below.part("port")
        found = Destination(
            host=_full(below.text("host"), namespace),
            subset=below.text("subset"),
            port=port.whole("number") if port else None,
        )
        if port is not None:
            port.close()
        below.close()
        route.close(plain=("weight",) if weights else (), unmodelled=("headers",))
    if not routes and not any(part.has(key) for key in ("redirect", "directResponse", "delegate")):
        part.fault("is missing", "route")
    return found


def for_gateway(
    route: Route, gateway: str, port: int, default: Iterable[str]
) -> tuple[Match, ...] | None:
    """What of a route is for a gateway on a port: its matches, or None where nothing of it is."""
    if not route.matches:
        return () if gateway in default else None
    found = tuple(
        each
        for each in route.matches
        if gateway in (each.gateways or tuple(default)) and each.port in {None, port}
    )
    return found or None
