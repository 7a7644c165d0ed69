"""What an EgressNetwork and its routes let a namespace have, as the documentation has it.

What the documentation leaves open is judged by nobody: no network at all, or several, networks of
some addresses alone, routes without a port, routes of TCP and gRPC, and requests on which the
closest route and a wider one differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transire.flows.host_set import HostSet, Wild
from transire.flows.port_set import PortSet, Protocol
from transire.flows.request_set import Request, RequestSet
from transire.flows.text_set import TextSet
from transire.helm.reading import read_yaml
from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest
from transire.k8s.schema_check import Many, Shape, Text, Whole, check, some_fields
from transire.model.engine import Release
from transire.model.problems import Unjudgeable
from transire.points.api.reading import Guard, PointDecision, PointUnmodelled
from transire.points.linkerd.facts import GROUP, NETWORK

_GATEWAY_API = "gateway.networking.k8s.io"
_ROUTES = ("HTTPRoute", "TLSRoute")
_REFERENCE = {"group": Text(), "kind": Text(), "name": Text(shortest=1)}
_PORT = Whole(lowest=1, highest=65_535)
_BACKENDS = Many(item=some_fields("group", "kind", "name", **_REFERENCE))
_PATH = some_fields(
    "value", type=Text(choices=("Exact", "PathPrefix", "RegularExpression")), value=Text()
)
_MATCHES = Many(item=some_fields(method=Text(), path=_PATH))


def _route_shape(**rule: Shape) -> Shape:
    """A route as it is read: its port is always there, and so are its hosts."""
    parent = some_fields("group", "kind", "name", "port", **_REFERENCE, port=_PORT)
    return some_fields(
        "parentRefs",
        "hostnames",
        "rules",
        parentRefs=Many(item=parent, least=1),
        hostnames=Many(item=Text(shortest=1), least=1),
        rules=Many(item=some_fields(backendRefs=_BACKENDS, **rule)),
    )


_SHAPES: Mapping[str, Shape] = {
    NETWORK: some_fields("trafficPolicy", trafficPolicy=Text(choices=("Allow", "Deny"))),
    "HTTPRoute": _route_shape(matches=_MATCHES),
    "TLSRoute": _route_shape(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    manifest: Manifest
    port: int
    hosts: tuple[str, ...]
    rules: tuple[Mapping[str, Any], ...]

    @property
    def is_http(self) -> bool:
        return self.manifest.ref.kind == "HTTPRoute"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkerdReading:
    """What the networks of some files let pods of each namespace have."""

    manifests: tuple[Manifest, ...]
    unmodelled: tuple[PointUnmodelled, ...]

    @property
    def listeners(self) -> tuple[str, ...]:
        """The namespaces that have an EgressNetwork."""
        found = {each.ref.namespace for each in self.manifests if each.ref.kind == NETWORK}
        return tuple(sorted(found))

    def requests(self, listener: str) -> RequestSet:
        """What pods of a namespace may have; in audit, what they could have without.

        Raises:
            KeyError: if the namespace has no network.
            Unjudgeable: if it holds what is not modelled.
        """
        network = self._network(listener)
        for each in self.unmodelled:
            if each.listener in {"", listener}:
                raise Unjudgeable(each.file, each.key, each.why)
        routes = [each for one in self.manifests for each in _routes(one, network)]
        clear = {each.port for each in routes if each.is_http}
        web = [each for each in routes if each.is_http]
        tls = [each for each in routes if not each.is_http and each.port not in clear]
        tunnels = (
            RequestSet.tunnel(_names(host), _port(each.port))
            for each in tls
            if len(each.rules) == 1
            for host in each.hosts
        )
        return RequestSet.union([*tunnels, *(_in_clear(web, port) for port in sorted(clear))])

    def guard(self, listener: str) -> Guard:
        """That names of TLS count, and whether everything passes.

        Raises:
            KeyError: if the namespace has no network.
        """
        spec = self._network(listener).body.get("spec")
        closed = isinstance(spec, Mapping) and spec.get("trafficPolicy") == "Deny"
        return Guard(port=0, audit=not closed, server_names=True)

    def decide(self, listener: str, request: Request) -> PointDecision:
        """The verdict about one request, by the closest route that has its host.

        Raises:
            KeyError: if the namespace has no network.
            Unjudgeable: if it holds what is not modelled.
        """
        allowed = request in self.requests(listener)
        rule = "a route has it" if allowed else "no route has it, and the network denies"
        return PointDecision(allowed=allowed, rule=rule)

    def _network(self, namespace: str) -> Manifest:
        found = [
            each
            for each in self.manifests
            if (each.ref.kind, each.ref.namespace) == (NETWORK, namespace)
        ]
        if not found:
            raise KeyError(namespace)
        if len(found) > 1:
            raise Unjudgeable(str(found[1].ref), "/metadata/name", "a namespace has two networks")
        return found[0]


def read(files: Mapping[str, str], release: Release) -> LinkerdReading:
    """The networks and routes of files.

    Raises:
        Rejected: if a file holds no objects.
    """
    del release
    manifests: list[Manifest] = []
    for name in sorted(files):
        manifests += read_yaml(files[name], name, start=len(manifests))
    return read_manifests(manifests)


def read_manifests(manifests: Sequence[Manifest]) -> LinkerdReading:
    """The networks and routes among objects."""
    mine = tuple(each for each in manifests if group_of(each) in {GROUP, _GATEWAY_API})
    places = tuple(place for each in mine for place in _unmodelled(each))
    return LinkerdReading(manifests=mine, unmodelled=places)


def _unmodelled(manifest: Manifest) -> Iterator[PointUnmodelled]:
    """Fields and forms that are not modelled, and what no route may hold."""
    shape = _SHAPES.get(manifest.ref.kind)
    named = f"{manifest.ref.kind} {manifest.ref.name}"
    found = [("/kind", f"{named} is not modelled")]
    if shape is not None:
        checked = check(manifest.body.get("spec"), shape, "/spec")
        found = [(each, f"the field is not modelled in {named}") for each in checked.pruned]
        found += [(each.partition(" ")[0], f"{named}: {each}") for each in checked.faults]
    for key, why in found:
        yield PointUnmodelled(
            file=manifest.source, key=key, why=why, listener=manifest.ref.namespace
        )


def _routes(manifest: Manifest, network: Manifest) -> Iterator[_Route]:
    """The routes of a network: in its namespace, with rules that forward to it or to nobody."""
    same = manifest.ref.namespace == network.ref.namespace
    if not same or manifest.ref.kind not in _ROUTES:
        return
    spec = manifest.body["spec"]
    for parent in spec.get("parentRefs", ()):
        if _is(parent, network):
            rules = tuple(
                rule
                for rule in spec.get("rules", ())
                if all(_is(each, network) for each in rule.get("backendRefs", ()))
            )
            yield _Route(
                manifest=manifest, port=parent["port"], hosts=tuple(spec["hostnames"]), rules=rules
            )


def _is(reference: Mapping[str, Any], network: Manifest) -> bool:
    return (reference.get("group"), reference.get("kind"), reference.get("name")) == (
        GROUP,
        NETWORK,
        network.ref.name,
    )


def _in_clear(web: list[_Route], port: int) -> RequestSet:
    """Requests on a port: those that the closest routes have, which wider ones must not exceed."""
    by_host: dict[str, RequestSet] = {}
    for each in web:
        for host in each.hosts if each.port == port else ():
            found = RequestSet.union(
                request for rule in each.rules for request in _of_rule(rule, host, port)
            )
            by_host[host] = by_host.get(host, RequestSet.nothing()) | found
    whole = RequestSet.union(by_host.values())
    for host, own in by_host.items():
        if (whole & RequestSet.plain(_names(host), _port(port))) != own:
            closer = [each for each in by_host if each != host and _names(each) <= _names(host)]
            rest = _names(host) - HostSet.union(map(_names, closer))
            within = RequestSet.plain(rest, _port(port))
            if (whole & within) != (own & within):
                why = f"routes for {host} and around it differ on port {port}"
                raise Unjudgeable("HTTPRoute", host, why)
    return whole


def _of_rule(rule: Mapping[str, Any], host: str, port: int) -> Iterator[RequestSet]:
    where = _names(host), _port(port)
    matches: Sequence[Mapping[str, Any]] = rule.get("matches") or ({},)
    for match in matches:
        method = match.get("method")
        methods = None if method is None else TextSet.of([method])
        yield RequestSet.plain(*where, methods, _paths(match.get("path")))


def _paths(path: Mapping[str, Any] | None) -> TextSet | None:
    if path is None:
        return None
    way, text = path.get("type", "PathPrefix"), path["value"]
    if way == "Exact":
        return TextSet.of([text])
    if way == "RegularExpression":
        return TextSet.matching(text)
    stem = text.rstrip("/")
    return TextSet.of([stem or "/"]) | TextSet.starting(f"{stem}/")


def _names(host: str) -> HostSet:
    try:
        if host.startswith("*."):
            return HostSet.pattern([Wild.LABELS, host[1:]])
        return HostSet.exact([host])
    except ValueError:
        raise Unjudgeable("route", host, "it is no plain host") from None


def _port(number: int) -> PortSet:
    return PortSet.of_port(Protocol.TCP, number)
