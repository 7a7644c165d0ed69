"""What an egress gateway lets a namespace have: every name that an object has, tried one by one.

Where all names are exact, nobody can have another: a sidecar has no chain for it, and a gateway no
server. So the names that objects hold are all that have to be tried, by the sidecar and by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from transire.flows.host_set import HostSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.request_set import RequestSet
from transire.model.problems import Unjudgeable
from transire.points.istio.objects.host_rules import is_wildcard
from transire.points.istio.objects.service_entry import Protocol as Carried
from transire.points.istio.objects.sidecar import Mode
from transire.points.istio.sets.sidecar_sets import View, hosts_seen, view_of
from transire.points.istio.verdicts.gateway import straight_to_gateway
from transire.points.istio.verdicts.mesh import Mesh
from transire.points.istio.verdicts.request import Answer, Client, Kind, MeshRequest, Way
from transire.points.istio.verdicts.sidecar import through_sidecar

_ANYWHERE = ip_address("192.0.2.1")
"""What an application dials, which decides about nothing here."""


def gateway_requests(mesh: Mesh, namespace: str) -> RequestSet:
    """Everything that pods of a namespace may have through an egress gateway.

    Raises:
        Unjudgeable: if a name is a wildcard, or that depends on what is not modelled.
    """
    view = view_of(mesh, namespace)
    _only_tls(view)
    if mesh.mode(view.sidecar) is not Mode.REGISTRY_ONLY:
        raise Unjudgeable("Sidecar", namespace, "what is not listed passes beside the gateway")
    found = RequestSet.union(
        _by_sidecar(view, name, port) for name in hosts_seen(view.listed) for port in _ports(view)
    )
    beside = RequestSet.union(_by_hand(mesh, namespace)) - found
    if beside:
        why = f"it lets {beside.witness()} through, to which no sidecar leads"
        raise Unjudgeable("egress gateway", namespace, why)
    return found


def _only_tls(view: View) -> None:
    for each in view.listed:
        if is_wildcard(each.host) or each.host != each.host.lower():
            raise Unjudgeable(str(each.entry.ref), "/spec/hosts", "it is no plain name")
        if each.port.protocol is not Carried.TLS or each.entry.addresses:
            why = f"a port of {each.port.protocol} is not modelled beside a gateway"
            raise Unjudgeable(str(each.entry.ref), "/spec/ports", why)
    for route in view.routes:
        for name in (
            name for each in route.tls for match in each.matches for name in match.server_names
        ):
            if is_wildcard(name):
                raise Unjudgeable(str(route.ref), "/spec/tls", f"{name} is a wildcard")


def _ports(view: View) -> tuple[int, ...]:
    return tuple(sorted({each.port.number for each in view.listed}))


def _by_sidecar(view: View, name: str, port: int) -> RequestSet:
    request = _request(view.namespace, name, port, Way.SIDECAR)
    return _reached(through_sidecar(view.mesh, request), name)


def _by_hand(mesh: Mesh, namespace: str) -> Iterator[RequestSet]:
    """What a pod has that opens a connection of the mesh to the gateway by itself."""
    for gateway in mesh.objects.gateways:
        gateway.judged()
        for server in gateway.servers:
            for name in server.hosts:
                if is_wildcard(name):
                    why = f"a server for {name} is not modelled as a set"
                    raise Unjudgeable(str(gateway.ref), "/spec/servers", why)
                for port in _pod_ports(mesh, server.port):
                    for way in (Way.MUTUAL_TLS, Way.GATEWAY):
                        request = _request(namespace, name, port, way)
                        yield _reached(straight_to_gateway(mesh, request), name)


def _pod_ports(mesh: Mesh, number: int) -> Iterator[int]:
    for service in mesh.objects.services:
        if number in service.ports:
            yield service.ports[number]


def _request(namespace: str, name: str, port: int, way: Way) -> MeshRequest:
    return MeshRequest(
        client=Client(namespace=namespace),
        way=way,
        kind=Kind.TLS,
        address=_ANYWHERE,
        port=port,
        server_name=name,
        outer_name=name if way is Way.MUTUAL_TLS else None,
    )


def _reached(answer: Answer, name: str) -> RequestSet:
    if not answer.allowed or answer.target is None:
        return RequestSet.nothing()
    if not answer.gateway:
        raise Unjudgeable("mesh", name, "it goes past the gateway")
    if answer.target.at != name or answer.target.tls:
        raise Unjudgeable("mesh", name, f"it leads to {answer.target.at}")
    ports = PortSet.of_port(Protocol.TCP, answer.target.port)
    return RequestSet.tunnel(HostSet.exact([name]), ports)
