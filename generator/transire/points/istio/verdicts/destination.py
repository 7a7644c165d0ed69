"""Where a proxy connects to for a host that it knows."""

from __future__ import annotations

from transire.k8s.go_cidr import parse_address
from transire.model.problems import Unjudgeable
from transire.points.istio.objects.gateways import Tls, TlsMode, TrafficPolicy
from transire.points.istio.objects.service_entry import Resolution
from transire.points.istio.verdicts.http import port_of, without_port
from transire.points.istio.verdicts.mesh import Listed, Mesh
from transire.points.istio.verdicts.request import (
    Answer,
    Kind,
    MeshRequest,
    Target,
    denied,
    passed,
)

_PLAIN_PORT, _TLS_PORT = 80, 443
"""Where a proxy that looks a name up for itself connects, whatever the entry's port."""


def origination(mesh: Mesh, listed: Listed, client: str, *, clear: bool) -> bool:
    """Whether a proxy starts TLS by itself towards a host.

    Args:
        mesh: the mesh.
        listed: the host and port of the entry.
        client: the namespace of the proxy.
        clear: whether it has a request in clear, and not TLS of the application.

    Raises:
        Unjudgeable: if it does so in a way that is not modelled.
    """
    policy = mesh.traffic(listed.host, client=client, owner=listed.entry.namespace, subset="")
    tls = (policy or TrafficPolicy()).at(listed.port.number)
    if tls is None or tls.mode is TlsMode.DISABLE:
        return False
    if tls.mode is not TlsMode.SIMPLE or not clear:
        why = f"TLS of mode {tls.mode} towards {listed.host} is not modelled"
        raise Unjudgeable(str(listed.entry.ref), f"port {listed.port.number}", why)
    _verified(tls, listed)
    return True


def _verified(tls: Tls, listed: Listed) -> None:
    expected = {"", listed.host}
    if tls.server_name not in expected:
        why = f"TLS is for the name {tls.server_name!r}, and the host is {listed.host}"
        raise Unjudgeable(str(listed.entry.ref), f"port {listed.port.number}", why)


def ends_at(mesh: Mesh, listed: Listed, request: MeshRequest, host: str, client: str) -> Answer:
    """Where a request for a host ends that an entry lets through.

    Args:
        mesh: the mesh.
        listed: the host and port of the entry.
        request: the request.
        host: the Host or the name of TLS that was sent.
        client: the namespace of the proxy.
    """
    entry, tls = listed.entry, origination(mesh, listed, client, clear=request.kind is Kind.HTTP)
    reason = f"{entry.ref} has {listed.host} on port {listed.port.number}"
    if entry.resolution is Resolution.NONE:
        return passed(reason, Target(at=request.address, port=request.port, tls=tls))
    if entry.resolution is Resolution.DYNAMIC_DNS:
        return _looked_up(listed, request, host, tls=tls, reason=reason)
    if entry.resolution is Resolution.STATIC and not entry.endpoints:
        return denied(f"{entry.ref} has no endpoint, so that {listed.host} leads nowhere")
    at = entry.endpoints[0] if entry.endpoints else listed.host
    address = parse_address(at)
    return passed(
        reason, Target(at=address or at.lower().removesuffix("."), port=listed.port.target, tls=tls)
    )


def _looked_up(
    listed: Listed, request: MeshRequest, host: str, *, tls: bool, reason: str
) -> Answer:
    """The name that was sent, which is looked up."""
    name = without_port(host).removesuffix(".")
    if request.kind is not Kind.HTTP:
        return passed(reason, Target(at=name, port=listed.port.target))
    default = _TLS_PORT if tls else _PLAIN_PORT
    if port_of(host) not in {None, default, listed.port.number}:
        why = "where a Host with another port leads is not modelled"
        raise Unjudgeable(str(listed.entry.ref), "/spec/resolution", why)
    if port_of(host) == listed.port.number and listed.port.number != default:
        why = "where a Host with the port of the entry leads is not modelled"
        raise Unjudgeable(str(listed.entry.ref), "/spec/resolution", why)
    return passed(reason, Target(at=name, port=default, tls=tls))
