"""Gateway and DestinationRule of Istio, Gateway of the Gateway API, and Service.

Of a DestinationRule only TLS counts here, of a Service its ports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.points.istio.objects.common import Common, read_export
from transire.points.istio.objects.host_rules import (
    EVERYTHING,
    is_partial,
    wildcard_fault,
)
from transire.points.istio.objects.part import Part

WAYPOINT_CLASS = "istio-waypoint"
WAYPOINT_FOR = "istio.io/waypoint-for"
_SERVED = ("service", "all")


class TlsMode(StrEnum):
    """How a proxy treats TLS towards a destination, or a gateway that of its clients."""

    DISABLE = "DISABLE"
    SIMPLE = "SIMPLE"
    MUTUAL = "MUTUAL"
    ISTIO_MUTUAL = "ISTIO_MUTUAL"
    PASSTHROUGH = "PASSTHROUGH"
    AUTO_PASSTHROUGH = "AUTO_PASSTHROUGH"
    OPTIONAL_MUTUAL = "OPTIONAL_MUTUAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A port of a gateway and the hosts that it has there; `mode` is None without TLS."""

    port: int
    protocol: str
    hosts: tuple[str, ...]
    mode: TlsMode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway(Common):
    """A Gateway of Istio that was taken; `selector` says which pods it is for."""

    selector: Mapping[str, str]
    servers: tuple[Server, ...]

    @property
    def name(self) -> str:
        """NAMESPACE/NAME, as routes have it."""
        return f"{self.ref.namespace}/{self.ref.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint(Common):
    """A Gateway of the Gateway API that is a waypoint.

    `services`: it serves names, and not pods alone. `strangers`: entries of other namespaces may
    use it.
    """

    services: bool
    strangers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """TLS that a proxy starts towards a destination."""

    mode: TlsMode
    server_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficPolicy:
    """TLS for every port, and for some alone."""

    tls: Tls | None = None
    ports: Mapping[int, Tls | None] | None = None

    def at(self, port: int) -> Tls | None:
        """What holds for a port: settings of the port replace those of all."""
        return (self.ports or {}).get(port, self.tls)


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationRule(Common):
    """A DestinationRule that was taken."""

    host: str
    export: tuple[str, ...]
    policy: TrafficPolicy
    subsets: Mapping[str, TrafficPolicy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Common):
    """A Service, whose ports lead to ports of its pods."""

    selector: Mapping[str, str]
    ports: Mapping[int, int]

    @property
    def host(self) -> str:
        """Its full name."""
        return f"{self.ref.name}.{self.ref.namespace}.svc.cluster.local"


def read_gateway(spec: Part, common: Common) -> Gateway:
    """A Gateway of Istio, with what is wrong in it noted."""
    servers = tuple(_server(each) for each in spec.parts("servers"))
    if not servers:
        spec.fault("is missing", "servers")
    selector = spec.table("selector")
    spec.close()
    return Gateway(
        ref=common.ref,
        created=common.created,
        unmodelled=common.unmodelled,
        selector=selector,
        servers=servers,
    )


def _server(part: Part) -> Server:
    port = part.part("port")
    number, protocol = 0, ""
    if port is None:
        part.fault("is missing", "port")
    else:
        number, protocol = port.whole("number") or 0, port.text("protocol").upper()
        if not port.text("name"):
            port.fault("is missing", "name")
        port.close(unmodelled=("targetPort",))
    hosts = part.texts("hosts")
    if not hosts:
        part.fault("is missing", "hosts")
    for place, host in enumerate(hosts):
        if "/" in host:
            part.unmodelled("a host of some namespaces alone is not modelled", "hosts", place)
        elif host != EVERYTHING and (fault := wildcard_fault(host)):
            part.fault(fault, "hosts", place)
        elif is_partial(host):
            part.fault(f"{host!r} has a star as part of a label", "hosts", place)
    mode = _server_mode(part, protocol)
    part.close(unmodelled=("bind", "defaultEndpoint"), plain=("name",))
    return Server(port=number, protocol=protocol, hosts=hosts, mode=mode)


def _server_mode(part: Part, protocol: str) -> TlsMode | None:
    tls = part.part("tls")
    if tls is None:
        if protocol in {"TLS", "HTTPS"}:
            part.fault(f"is missing, and {protocol} needs it", "tls")
        return None
    if protocol not in {"TLS", "HTTPS"}:
        tls.unmodelled(f"tls beside {protocol or 'no protocol'} is not modelled")
    mode = TlsMode(tls.choice("mode", TlsMode) or TlsMode.PASSTHROUGH)
    if mode not in {TlsMode.PASSTHROUGH, TlsMode.ISTIO_MUTUAL}:
        tls.unmodelled(f"{mode} at a gateway is not modelled", "mode")
    rest = [key for key in tls.body if key != "mode"]
    tls.close(unmodelled=rest)
    return mode


def read_waypoint(spec: Part, common: Common, labels: Mapping[str, str]) -> Waypoint:
    """A waypoint; that a Gateway of the Gateway API is one, its class says."""
    strangers = False
    for listener in spec.parts("listeners"):
        routes = listener.part("allowedRoutes")
        namespaces = routes.part("namespaces") if routes else None
        whose = namespaces.text("from") if namespaces else "Same"
        if whose == "Selector":
            listener.unmodelled("routes of selected namespaces are not modelled", "allowedRoutes")
        strangers = strangers or whose == "All"
    return Waypoint(
        ref=common.ref,
        created=common.created,
        unmodelled=common.unmodelled,
        services=labels.get(WAYPOINT_FOR, _SERVED[0]) in _SERVED,
        strangers=strangers,
    )


def read_destination_rule(spec: Part, common: Common) -> DestinationRule:
    """A DestinationRule, with what is wrong in it noted."""
    host = spec.text("host")
    if not host:
        spec.fault("is missing", "host")
    subsets = {}
    for part in spec.parts("subsets"):
        subsets[part.text("name")] = _traffic_policy(part.part("trafficPolicy"))
        part.close(unmodelled=("labels",))
    policy = _traffic_policy(spec.part("trafficPolicy"))
    export = read_export(spec, common.namespace)
    spec.close(unmodelled=("workloadSelector",))
    full = host if "." in host else f"{host}.{common.namespace}.svc.cluster.local"
    return DestinationRule(
        ref=common.ref,
        created=common.created,
        unmodelled=common.unmodelled,
        host=full,
        export=export,
        policy=policy,
        subsets=subsets,
    )


_PLAIN = ("loadBalancer", "connectionPool", "outlierDetection", "retryBudget")


def _traffic_policy(part: Part | None) -> TrafficPolicy:
    if part is None:
        return TrafficPolicy()
    ports: dict[int, Tls | None] = {}
    for each in part.parts("portLevelSettings"):
        port = each.part("port")
        number = port.whole("number") if port else None
        if port is not None:
            port.close()
        if number is None:
            each.fault("is missing", "port")
        else:
            ports[number] = _tls(each.part("tls"))
        each.close(plain=_PLAIN)
    found = TrafficPolicy(tls=_tls(part.part("tls")), ports=ports)
    part.close(plain=_PLAIN, unmodelled=("tunnel", "proxyProtocol"))
    return found


def _tls(part: Part | None) -> Tls | None:
    if part is None:
        return None
    mode = TlsMode(part.choice("mode", TlsMode) or TlsMode.DISABLE)
    if mode is TlsMode.MUTUAL:
        part.unmodelled("a client certificate of one's own is not modelled", "mode")
    if part.flag("insecureSkipVerify"):
        if any(part.has(key) for key in ("caCertificates", "credentialName", "subjectAltNames")):
            part.fault("is true beside what would be verified", "insecureSkipVerify")
        part.unmodelled("an origin that nobody verifies is not modelled", "insecureSkipVerify")
    found = Tls(mode=mode, server_name=part.text("sni"))
    part.close(
        unmodelled=(
            "caCertificates",
            "caCrl",
            "clientCertificate",
            "credentialName",
            "privateKey",
            "subjectAltNames",
        )
    )
    return found


def read_service(spec: Part, common: Common) -> Service:
    """A Service; without `targetPort` its ports are those of the pods."""
    ports = {}
    for part in spec.parts("ports"):
        number = part.whole("port") or 0
        target = part.body.get("targetPort")
        ports[number] = target if isinstance(target, int) else number
        if isinstance(target, str):
            part.unmodelled("a port by its name is not modelled", "targetPort")
    return Service(
        ref=common.ref,
        created=common.created,
        unmodelled=common.unmodelled,
        selector=spec.table("selector"),
        ports=ports,
    )
