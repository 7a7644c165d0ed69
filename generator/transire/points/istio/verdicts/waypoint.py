"""What a waypoint makes of a connection that ambient mode brings to it.

It is for what the application dialled: an address that Istio has given to a host, and a port. The
entry alone is open to every identity of the mesh; policies on it and on the waypoint limit it.
Measured on Istio 1.30.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transire.model.problems import Unjudgeable
from transire.points.istio.objects.authorization import Policy, TargetRef
from transire.points.istio.objects.common import MESH
from transire.points.istio.objects.gateways import WAYPOINT_CLASS, Waypoint
from transire.points.istio.objects.host_rules import is_partial, is_wildcard
from transire.points.istio.objects.routes import VirtualService, for_gateway
from transire.points.istio.objects.service_entry import Protocol, Resolution, ServiceEntry
from transire.points.istio.verdicts.destination import ends_at
from transire.points.istio.verdicts.http import (
    authority_and_path,
    normalized,
    request_matches,
)
from transire.points.istio.verdicts.mesh import Listed, Mesh
from transire.points.istio.verdicts.policies import Asked, Http, refused_by
from transire.points.istio.verdicts.request import Answer, Kind, MeshRequest, denied

USE = "istio.io/use-waypoint"
USE_NAMESPACE = "istio.io/use-waypoint-namespace"
_NO_WAYPOINT = "none"


def waypoint_of(mesh: Mesh, entry: ServiceEntry) -> Waypoint | None:
    """The waypoint that serves an entry, where it has one."""
    labels = entry.labels
    if USE not in labels:
        labels = mesh.objects.namespaces.get(entry.namespace, {})
    name = labels.get(USE, _NO_WAYPOINT)
    namespace = labels.get(USE_NAMESPACE) or entry.namespace
    for each in mesh.objects.waypoints:
        if (each.ref.name, each.namespace) == (name, namespace) and each.services:
            return each if each.strangers or namespace == entry.namespace else None
    return None


def served(mesh: Mesh, waypoint: Waypoint) -> dict[str, ServiceEntry]:
    """The entries of a waypoint by host: of several for one host, the last is served."""
    return {
        host: entry
        for entry in mesh.objects.entries
        if waypoint_of(mesh, entry) is waypoint
        for host in entry.hosts
    }


def policies_at(mesh: Mesh, waypoint: Waypoint, entry: ServiceEntry) -> Iterator[Policy]:
    """The policies that are attached to an entry, its waypoint, or to all waypoints."""
    for each in mesh.objects.policies:
        for target in each.targets:
            if _attached(mesh, each, target, waypoint, entry):
                yield each
                break


def _attached(
    mesh: Mesh, policy: Policy, target: TargetRef, waypoint: Waypoint, entry: ServiceEntry
) -> bool:
    if target.kind == "ServiceEntry":
        return (policy.namespace, target.name) == (entry.namespace, entry.ref.name)
    if target.kind == "Gateway":
        return (policy.namespace, target.name) == (waypoint.namespace, waypoint.ref.name)
    if target.kind == "GatewayClass":
        return (policy.namespace, target.name) == (mesh.config.root, WAYPOINT_CLASS)
    return False


def through_waypoint(mesh: Mesh, request: MeshRequest) -> Answer:
    """What becomes of a connection with an identity of the mesh.

    Raises:
        Unjudgeable: if that depends on what is not modelled.
    """
    found = [
        (host, entry)
        for entry in mesh.objects.entries
        for host in entry.hosts
        if _has(entry, host, request)
    ]
    if not found:
        return denied("no entry has the address")
    host, entry = found[0]
    waypoint = waypoint_of(mesh, entry)
    if waypoint is None:
        return denied(f"no waypoint serves {entry.ref}")
    mesh.no_strangers(waypoint.namespace, entry.namespace)
    waypoint.judged()
    entry.judged()
    port = entry.port(request.port)
    if port is None:
        return denied(f"{entry.ref} has no port {request.port}")
    if served(mesh, waypoint).get(host) is not entry:
        return denied(f"another entry for {host} is served in the place of {entry.ref}")
    listed = Listed(host=host, port=port, entry=entry)
    return _Waypoint(mesh=mesh, waypoint=waypoint, listed=listed, request=request).decide()


def _has(entry: ServiceEntry, host: str, request: MeshRequest) -> bool:
    if entry.automatic.get(host) == request.address:
        return True
    if any(request.address in net for net in entry.addresses):
        entry.judged()
        if len(entry.hosts) > 1:
            why = "which of several hosts an address is for is not modelled"
            raise Unjudgeable(str(entry.ref), "/spec/addresses", why)
        return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waypoint:
    mesh: Mesh
    waypoint: Waypoint
    listed: Listed
    request: MeshRequest

    def decide(self) -> Answer:
        protocol = self.listed.port.protocol
        if protocol is Protocol.HTTP:
            return self._http()
        if protocol not in {Protocol.TLS, Protocol.TCP}:
            why = f"a port of {protocol} at a waypoint is not modelled"
            raise Unjudgeable(str(self.listed.entry.ref), "/spec/ports", why)
        refused = self._refused(None)
        if refused is not None:
            return refused
        for route in self._routes():
            if route.tls or route.tcp:
                why = "routes of TLS and TCP at a waypoint are not modelled"
                raise Unjudgeable(str(route.ref), "/spec", why)
        if not is_wildcard(self.listed.host):
            return self._ends_at(self.request.server_name or "")
        return self._tls_below()

    def _tls_below(self) -> Answer:
        """A wildcard over TLS: dead, or open to every name, which policies have to limit."""
        self._no_partial()
        if self.listed.entry.resolution is Resolution.NONE:
            return denied("a waypoint finds no address for a wildcard with NONE")
        if self.listed.entry.resolution is not Resolution.DYNAMIC_DNS:
            return self._ends_at(self.request.server_name or "")
        if not self.mesh.config.wildcard_tls:
            return denied("waypoints serve wildcards over TLS only where istiod is set to")
        if not self.request.server_name:
            return denied("without a name of TLS there is nothing to look up")
        return self._ends_at(self.request.server_name)

    def _http(self) -> Answer:
        sent = authority_and_path(self.request)
        if self.request.kind is not Kind.HTTP:
            return denied("the port takes HTTP alone")
        if sent is None:
            return denied("proxies of a mesh take neither CONNECT nor *")
        authority, path = sent
        plain = normalized(path, self.mesh.config.normalization)
        http = Http(host=authority, method=self.request.method, path=plain)
        refused = self._refused(http)
        if refused is not None:
            return refused
        if is_wildcard(self.listed.host):
            self._no_partial()
            if self.listed.entry.resolution is Resolution.NONE:
                return denied("a waypoint finds no address for a wildcard with NONE")
            if self.listed.entry.resolution is Resolution.DYNAMIC_DNS:
                below = self.listed.host[1:].lower()
                if not authority.lower().endswith(below) or len(authority) <= len(below):
                    return denied(f"the Host is not below {below[1:]}")
        for route in self._routes():
            if route.http:
                return self._led(route, http)
        return self._ends_at(authority)

    def _no_partial(self) -> None:
        if is_partial(self.listed.host):
            why = "a name with a star in a label at a waypoint is not modelled"
            raise Unjudgeable(str(self.listed.entry.ref), "/spec/hosts", why)

    def _led(self, route: VirtualService, http: Http) -> Answer:
        for each in route.http:
            matches = for_gateway(each, MESH, self.request.port, route.gateways)
            if matches is None:
                continue
            if not matches or any(
                request_matches(match, authority=http.host, method=http.method, path=http.path)
                for match in matches
            ):
                same = each.destination.host == self.listed.host
                if not same or each.destination.port not in {None, self.listed.port.number}:
                    why = "a route to another host at a waypoint is not modelled"
                    raise Unjudgeable(str(route.ref), "/spec/http", why)
                return self._ends_at(http.host)
        return denied(f"no match of {route.ref} is for it")

    def _routes(self) -> Iterator[VirtualService]:
        """The routes for the host, which count in the namespace of the entry alone."""
        for each in self.mesh.objects.routes:
            own = each.namespace == self.listed.entry.namespace
            if own and MESH in each.gateways and each.host_for(self.listed.host):
                each.judged()
                yield each

    def _refused(self, http: Http | None) -> Answer | None:
        client = self.request.client
        asked = Asked(
            identity=(client.namespace, client.account),
            address=client.address,
            port=self.listed.port.number,
            server_name=(self.request.server_name or "") if http is None else "",
            http=http,
        )
        attached = policies_at(self.mesh, self.waypoint, self.listed.entry)
        return refused_by(attached, asked)

    def _ends_at(self, host: str) -> Answer:
        if self.listed.entry.resolution is Resolution.NONE:
            why = "NONE for one name at a waypoint is not modelled"
            raise Unjudgeable(str(self.listed.entry.ref), "/spec/resolution", why)
        return ends_at(self.mesh, self.listed, self.request, host, self.waypoint.namespace)
