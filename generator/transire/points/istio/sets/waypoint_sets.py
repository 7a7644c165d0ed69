"""What waypoints let a namespace have: by entry, port and policy.

Any pod of the mesh may use any waypoint, so those of every namespace count.
"""

from __future__ import annotations

from collections.abc import Iterable

from transire.flows.host_set import HostSet, Wild
from transire.flows.port_set import PortSet, Protocol
from transire.flows.request_set import RequestSet
from transire.model.problems import Unjudgeable
from transire.points.istio.objects.authorization import Action, Policy
from transire.points.istio.objects.gateways import Waypoint
from transire.points.istio.objects.host_rules import is_partial, is_wildcard
from transire.points.istio.objects.service_entry import Protocol as Carried
from transire.points.istio.objects.service_entry import Resolution, ServiceEntry
from transire.points.istio.sets.policy_sets import Asking, Box, Boxes, boxes_of
from transire.points.istio.verdicts.destination import origination
from transire.points.istio.verdicts.mesh import Listed, Mesh
from transire.points.istio.verdicts.waypoint import policies_at, served

_HTTP_PORT, _TLS_PORT = 80, 443


def waypoint_requests(mesh: Mesh, namespace: str) -> RequestSet:
    """Everything that pods of a namespace may have by way of a waypoint.

    Raises:
        Unjudgeable: if that depends on what is not modelled.
    """
    found = []
    for waypoint in mesh.objects.waypoints:
        mesh.no_strangers(waypoint.namespace)
        waypoint.judged()
        _is_closed(mesh, waypoint)
        for host, entry in served(mesh, waypoint).items():
            mesh.no_strangers(entry.namespace)
            entry.judged()
            policies = tuple(policies_at(mesh, waypoint, entry))
            found += [
                _of_port(mesh, Listed(host=host, port=port, entry=entry), policies, namespace)
                for port in entry.ports
            ]
    return RequestSet.union(found)


def opens(policy: Policy, namespace: str) -> bool:
    """Whether a policy on the waypoint of a namespace lets pods have all of it, as in audit."""
    gateways = any(each.kind == "Gateway" for each in policy.targets)
    plain = any(not rule.operations and not rule.conditions for rule in policy.rules)
    return policy.enforces and gateways and policy.namespace == namespace and plain


def _is_closed(mesh: Mesh, waypoint: Waypoint) -> None:
    """Make sure that a policy on the waypoint itself closes what no other policy is about."""
    for each in mesh.objects.policies:
        gateway = any(
            (target.kind, target.name) == ("Gateway", waypoint.ref.name) for target in each.targets
        )
        near = each.namespace == waypoint.namespace and gateway
        if near and each.enforces and each.action is Action.ALLOW:
            return
    why = "no policy on it closes it, so that a new entry is open to everybody"
    raise Unjudgeable(str(waypoint.ref), "/spec", why)


def _of_port(
    mesh: Mesh, listed: Listed, policies: tuple[Policy, ...], namespace: str
) -> RequestSet:
    _no_routes(mesh, listed)
    if listed.port.protocol is Carried.HTTP:
        return _clear(mesh, listed, policies, namespace)
    if listed.port.protocol not in {Carried.TLS, Carried.TCP}:
        why = f"a port of {listed.port.protocol} is not modelled"
        raise Unjudgeable(str(listed.entry.ref), "/spec/ports", why)
    asking = Asking(namespace=namespace, port=listed.port.number, http=False)
    return _tunnel(mesh, listed, boxes_of(policies, asking))


def _no_routes(mesh: Mesh, listed: Listed) -> None:
    for each in mesh.objects.routes:
        if each.namespace == listed.entry.namespace and each.host_for(listed.host):
            raise Unjudgeable(
                str(each.ref), "/spec", "routes at a waypoint are not modelled as sets"
            )


def _tunnel(mesh: Mesh, listed: Listed, boxes: Boxes) -> RequestSet:
    ports = _port(listed.port.target)
    if is_wildcard(listed.host):
        return _below_over_tls(mesh, listed, boxes, ports)
    _leads_to_host(listed)
    own = HostSet.exact([listed.host])
    usual = own if listed.port.protocol is Carried.TLS else None
    allowed = [each for each in boxes.allowed if not _is_denied(each, boxes.denied)]
    if not allowed:
        return RequestSet.nothing()
    if not any(each.names is None or (usual and usual <= each.names) for each in allowed):
        why = f"{listed.host} is reached by names of TLS that are not its own"
        raise Unjudgeable(str(listed.entry.ref), "/spec/hosts", why)
    return RequestSet.tunnel(own, ports)


def _is_denied(box: Box, denied: Iterable[Box]) -> bool:
    """Whether a box is denied as a whole; one that is denied in part is taken as allowed."""
    return any(
        each.names is None or (box.names is not None and box.names <= each.names) for each in denied
    )


def _below_over_tls(mesh: Mesh, listed: Listed, boxes: Boxes, ports: PortSet) -> RequestSet:
    resolution = listed.entry.resolution
    if resolution is Resolution.NONE:
        return RequestSet.nothing()
    if resolution is not Resolution.DYNAMIC_DNS or is_partial(listed.host):
        _not_modelled(listed)
    if not mesh.config.wildcard_tls:
        return RequestSet.nothing()
    names = HostSet.union(
        HostSet.everything() if each.names is None else each.names for each in boxes.allowed
    )
    if boxes.denied:
        _not_modelled(listed)
    return RequestSet.tunnel(names, ports)


def _clear(mesh: Mesh, listed: Listed, policies: tuple[Policy, ...], namespace: str) -> RequestSet:
    tls = origination(mesh, listed, namespace, clear=True)
    found = []
    for with_port in (False, True):
        asking = Asking(
            namespace=namespace, port=listed.port.number, http=True, with_port=with_port
        )
        boxes = boxes_of(policies, asking)
        if is_wildcard(listed.host):
            if not with_port:
                found.append(_below_in_clear(listed, boxes, tls=tls))
        else:
            found.append(_exact_in_clear(listed, boxes, tls=tls))
    usual = found[0] if listed.port.number == _HTTP_PORT else found[-1]
    if not RequestSet.union(found) <= usual:
        why = f"{listed.host} is reached in a spelling of Host that is not the usual one"
        raise Unjudgeable(str(listed.entry.ref), "/spec/hosts", why)
    return usual


def _exact_in_clear(listed: Listed, boxes: Boxes, *, tls: bool) -> RequestSet:
    """Requests for the host; what is let through for others ends there, too."""
    _leads_to_host(listed)
    own, ports = HostSet.exact([listed.host]), _port(listed.port.target)

    def at_host(chosen: Iterable[Box]) -> RequestSet:
        return RequestSet.union(
            RequestSet.plain(own, ports, each.methods, each.paths, tls=tls) for each in chosen
        )

    denied = at_host(each for each in boxes.denied if own <= each.hosts)
    allowed = at_host(each for each in boxes.allowed if own <= each.hosts) - denied
    if not at_host(each for each in boxes.allowed if each.hosts) <= allowed | denied:
        why = f"requests for other hosts end at {listed.host}"
        raise Unjudgeable(str(listed.entry.ref), "/spec/hosts", why)
    return allowed


def _below_in_clear(listed: Listed, boxes: Boxes, *, tls: bool) -> RequestSet:
    if listed.entry.resolution is Resolution.NONE:
        return RequestSet.nothing()
    if listed.entry.resolution is not Resolution.DYNAMIC_DNS or is_partial(listed.host):
        _not_modelled(listed)
    below = HostSet.pattern([Wild.LABELS, listed.host[1:].lower()])
    ports = _port(_TLS_PORT if tls else _HTTP_PORT)

    def all_of(chosen: Iterable[Box]) -> RequestSet:
        return RequestSet.union(
            RequestSet.plain(each.hosts & below, ports, each.methods, each.paths, tls=tls)
            for each in chosen
        )

    return all_of(boxes.allowed) - all_of(boxes.denied)


def _leads_to_host(listed: Listed) -> None:
    entry: ServiceEntry = listed.entry
    if entry.resolution is not Resolution.DNS or entry.endpoints:
        _not_modelled(listed)


def _not_modelled(listed: Listed) -> None:
    why = f"where {listed.entry.resolution} leads {listed.host} is not modelled as a set"
    raise Unjudgeable(str(listed.entry.ref), "/spec/resolution", why)


def _port(number: int) -> PortSet:
    return PortSet.of_port(Protocol.TCP, number)


def waypoint_namespaces(mesh: Mesh) -> tuple[str, ...]:
    """The namespaces that have a waypoint which serves names, sorted."""
    return tuple(sorted({each.namespace for each in mesh.objects.waypoints if each.services}))
