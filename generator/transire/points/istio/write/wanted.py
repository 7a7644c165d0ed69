"""The rules of a namespace by host and port, as entries of a mesh need them, and what is refused.

A mesh tells by the port of an entry what a connection carries. So each port of a host is of TLS, of
bare TCP or of HTTP; a host also has what rules for domains around it allow, since the closest entry
alone counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from transire.model.http import Http, PathPattern
from transire.model.late_tls import LATE_TLS
from transire.model.names import HostKind, HostPattern
from transire.points.api.target import Listener, PointRule
from transire.points.api.written import PointRefusal
from transire.points.istio.facts import CLEAR_PORTS, MeshMode

_SSH = 22
_OPAQUE = frozenset({*LATE_TLS, _SSH})
"""Ports on which no name of TLS comes first."""
HTTP_PORT, TLS_PORT = 80, 443


class Carried(StrEnum):
    """What a port of an entry carries."""

    TLS = "TLS"
    TCP = "TCP"
    HTTP = "HTTP"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPort:
    """A port of a host: `target` is that of the origin, `requests` are empty for all of them."""

    number: int
    carried: Carried
    target: int
    requests: tuple[Http, ...] = ()
    originate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedHost:
    """A host, as Istio writes it, with its ports in order."""

    host: str
    ports: tuple[WantedPort, ...]

    @property
    def is_wildcard(self) -> bool:
        """Whether it is every name below a domain."""
        return self.host.startswith("*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one namespace may have, or why it cannot be written."""

    namespace: str
    audit: bool
    hosts: tuple[WantedHost, ...]
    refusals: tuple[PointRefusal, ...]


def wanted(listener: Listener, mode: MeshMode) -> Wanted:
    """The hosts of a listener, and every rule that the mode cannot have exactly."""
    refusals = [refusal for rule in listener.rules for refusal in _rule_refusals(rule, mode)]
    if listener.audit and mode is MeshMode.GATEWAY:
        refusals.append(
            PointRefusal(
                rule=listener.pods.name,
                id="istio-audit",
                why="an egress gateway stops what is not listed before any policy tries it",
                remedy="take the namespace out of audit, or use mode ambient",
            )
        )
    hosts: tuple[WantedHost, ...] = ()
    if not refusals:
        patterns = sorted({host for rule in listener.rules for host in rule.hosts})
        found = [_host(pattern, listener.rules, refusals) for pattern in patterns]
        hosts = tuple(found)
        refusals.extend(each for host in hosts for each in _host_refusals(host, listener, mode))
    return Wanted(
        namespace=listener.pods.namespace,
        audit=listener.audit,
        hosts=hosts,
        refusals=tuple(dict.fromkeys(refusals)),
    )


def _rule_refusals(rule: PointRule, mode: MeshMode) -> Iterator[PointRefusal]:
    for host in rule.hosts:
        yield from _pattern_refusals(rule, host, mode)
    for each in rule.ports:
        if each.first != each.last:
            yield PointRefusal(
                rule=rule.name,
                id="istio-port-range",
                why=f"an entry of Istio has single ports, and {each} is a range",
                remedy="list the ports, or leave the rule to the CNI policy",
            )
    if mode is MeshMode.GATEWAY:
        yield from _gateway_refusals(rule)
    if rule.http is None and mode is MeshMode.SIDECAR:
        for port in _numbers(rule):
            if port in _OPAQUE:
                yield PointRefusal(
                    rule=rule.name,
                    id="istio-tcp",
                    why=f"on port {port} no name of TLS comes first, and TCP to a name opens every "
                    "address of the port",
                    remedy="use mode ambient, or leave the rule to the CNI policy",
                )


def _pattern_refusals(rule: PointRule, host: HostPattern, mode: MeshMode) -> Iterator[PointRefusal]:
    if "_" in host.text:
        yield PointRefusal(
            rule=rule.name,
            id="istio-underscore",
            why=f"Istio takes no host with an underscore, such as {host}",
            remedy="leave the host to the CNI policy",
        )
    if host.kind in {HostKind.ONE_LABEL, HostKind.PARTIAL, HostKind.BARE}:
        yield PointRefusal(
            rule=rule.name,
            id="istio-one-label",
            why=f"Istio knows * as any depth, so that {host} cannot be exact",
            remedy="name the hosts, or write ** where any depth is meant",
        )
    elif host.kind is HostKind.ANY_DEPTH:
        yield from _wildcard_refusals(rule, host, mode)


def _wildcard_refusals(
    rule: PointRule, host: HostPattern, mode: MeshMode
) -> Iterator[PointRefusal]:
    if mode is MeshMode.GATEWAY:
        yield PointRefusal(
            rule=rule.name,
            id="istio-wildcard",
            why=f"an egress gateway leads {host} astray, whatever its entry is",
            remedy="name the hosts, or use mode ambient or sidecar",
        )
        return
    clear = [port for port in _numbers(rule) if _is_clear(rule, port)]
    if mode is MeshMode.AMBIENT and len(clear) < len(_numbers(rule)):
        yield PointRefusal(
            rule=rule.name,
            id="istio-wildcard",
            why=f"a waypoint serves no wildcard such as {host} over TLS unless istiod is set to",
            remedy="name the hosts, or use mode sidecar",
        )
    if mode is MeshMode.SIDECAR and clear:
        yield PointRefusal(
            rule=rule.name,
            id="istio-wildcard",
            why=f"where a Host below {host} with another port leads a sidecar was never measured",
            remedy="name the hosts, or use mode ambient",
        )
    usual = TLS_PORT if rule.tls else HTTP_PORT
    for port in clear:
        if mode is MeshMode.AMBIENT and port != usual:
            yield PointRefusal(
                rule=rule.name,
                id="istio-wildcard-port",
                why=f"a mesh leads requests for {host} to port {usual}, and not to {port}",
                remedy=f"write port {usual}, or name the hosts",
            )


def _gateway_refusals(rule: PointRule) -> Iterator[PointRefusal]:
    for port in _numbers(rule):
        if rule.http is not None or port != TLS_PORT:
            yield PointRefusal(
                rule=rule.name,
                id="istio-gateway-port",
                why=f"port {port}{' with http' if rule.http else ''} is not led through an egress "
                f"gateway, which has TLS on {TLS_PORT} alone",
                remedy="use mode ambient, or sidecar with the CNI policy beside it",
            )


def _numbers(rule: PointRule) -> tuple[int, ...]:
    return tuple(each.first for each in rule.ports if each.first == each.last)


def _is_clear(rule: PointRule, port: int) -> bool:
    return rule.http is not None or port in CLEAR_PORTS


def _covers(pattern: HostPattern, host: HostPattern) -> bool:
    if pattern == host:
        return True
    below = pattern.kind is HostKind.ANY_DEPTH and host.text != pattern.parent
    return below and host.text.endswith(f".{pattern.parent}")


def _host(
    pattern: HostPattern, rules: Iterable[PointRule], refusals: list[PointRefusal]
) -> WantedHost:
    ports: dict[int, WantedPort] = {}
    for rule in rules:
        if any(_covers(each, pattern) for each in rule.hosts):
            for number in _numbers(rule):
                port = _port(rule, number)
                before = ports.get(port.number)
                if before is None:
                    ports[port.number] = port
                elif _kind(before) == _kind(port):
                    ports[port.number] = _both(before, port)
                else:
                    refusals.append(_two_kinds(rule, pattern, port))
    host = pattern.text
    if pattern.kind is HostKind.ANY_DEPTH:
        host = f"*.{pattern.parent}"
    return WantedHost(host=host, ports=tuple(ports[each] for each in sorted(ports)))


def _kind(port: WantedPort) -> tuple[Carried, int, bool]:
    return port.carried, port.target, port.originate


def _port(rule: PointRule, number: int) -> WantedPort:
    if rule.tls is not None:
        return WantedPort(
            number=HTTP_PORT,
            carried=Carried.HTTP,
            target=number,
            requests=_requests(rule),
            originate=True,
        )
    if _is_clear(rule, number):
        return WantedPort(
            number=number, carried=Carried.HTTP, target=number, requests=_requests(rule)
        )
    carried = Carried.TCP if number in _OPAQUE else Carried.TLS
    return WantedPort(number=number, carried=carried, target=number)


def _requests(rule: PointRule) -> tuple[Http, ...]:
    return () if rule.http is None or rule.http == Http() else (rule.http,)


def _both(one: WantedPort, other: WantedPort) -> WantedPort:
    """The requests of both; where one has all, all."""
    both = tuple(dict.fromkeys((*one.requests, *other.requests)))
    return WantedPort(
        number=one.number,
        carried=one.carried,
        target=one.target,
        requests=both if one.requests and other.requests else (),
        originate=one.originate,
    )


def _two_kinds(rule: PointRule, pattern: HostPattern, port: WantedPort) -> PointRefusal:
    return PointRefusal(
        rule=rule.name,
        id="istio-two-kinds",
        why=f"port {port.number} of {pattern} would carry two kinds of connections in the mesh",
        remedy="let one rule alone have the port",
    )


def _host_refusals(host: WantedHost, listener: Listener, mode: MeshMode) -> Iterator[PointRefusal]:
    clear = [each for each in host.ports if each.carried is Carried.HTTP]
    if mode is MeshMode.AMBIENT and len(clear) > 1 and any(each.originate for each in clear):
        yield PointRefusal(
            rule=listener.pods.name,
            id="istio-originate-port",
            why=f"tls: originate for {host.host} stands beside another port in clear",
            remedy="let the host have one of them",
        )


def methods_and_paths(requests: Iterable[Http]) -> Iterator[tuple[str, PathPattern | None]]:
    """Each method with each path, empty and None for any."""
    for each in requests:
        for method in each.methods or ("",):
            for path in each.paths or (None,):
                yield method, path
