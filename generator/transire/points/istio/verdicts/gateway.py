"""What an egress gateway makes of a connection.

A server of a Gateway takes it, a route leads it on, policies that select the gateway's pods let it
through, and it ends at an entry that is exported to the gateway. Measured on Istio 1.30.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from transire.model.problems import Unjudgeable
from transire.points.istio.objects.authorization import Policy
from transire.points.istio.objects.gateways import Gateway, Server, Service, Tls, TlsMode
from transire.points.istio.objects.host_rules import EVERYTHING
from transire.points.istio.objects.routes import Destination, VirtualService, for_gateway
from transire.points.istio.objects.service_entry import Resolution
from transire.points.istio.verdicts.destination import ends_at
from transire.points.istio.verdicts.http import (
    authority_and_path,
    host_rank,
    normalized,
    request_matches,
    without_port,
)
from transire.points.istio.verdicts.mesh import Listed, Mesh
from transire.points.istio.verdicts.policies import Asked, Http, refused_by
from transire.points.istio.verdicts.request import (
    Answer,
    Kind,
    MeshRequest,
    Way,
    denied,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A connection as it reaches the pods of a Service: on a port of theirs.

    `tls` is the mesh's own TLS around it; `authority` and `path` are those of the request.
    """

    request: MeshRequest
    service: Service
    port: int
    tls: Tls | None
    authority: str
    path: str

    @property
    def has_identity(self) -> bool:
        """Whether the client shows a certificate of the mesh."""
        return self.tls is not None and self.tls.mode is TlsMode.ISTIO_MUTUAL

    @property
    def outer_name(self) -> str | None:
        """The name that the gateway sees on the outermost TLS."""
        if self.tls is not None:
            return self.tls.server_name or self.service.host
        return self.request.server_name if self.request.kind is Kind.TLS else None


def straight_to_gateway(mesh: Mesh, request: MeshRequest) -> Answer:
    """What becomes of a connection that a pod opens to a gateway by itself.

    Raises:
        Unjudgeable: if that depends on what is not modelled.
    """
    for service in mesh.objects.services:
        if request.port in service.ports.values():
            service.judged()
            mutual = request.way is Way.MUTUAL_TLS
            tls = Tls(mode=TlsMode.ISTIO_MUTUAL, server_name=request.outer_name or "")
            sent = authority_and_path(request) or ("", "")
            arrival = Arrival(
                request=request,
                service=service,
                port=request.port,
                tls=tls if mutual else None,
                authority=sent[0],
                path=sent[1],
            )
            return through_gateway(mesh, arrival)
    return denied("no gateway listens there")


def through_gateway(mesh: Mesh, arrival: Arrival) -> Answer:
    """What the pods of a Service make of a connection, as an egress gateway.

    Raises:
        Unjudgeable: if that depends on what is not modelled.
    """
    mesh.no_strangers(arrival.service.namespace)
    found = _Gateway(mesh=mesh, arrival=arrival).server()
    if found is None:
        return denied("no server of a Gateway is for it")
    return _Gateway(mesh=mesh, arrival=arrival).at(*found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gateway:
    mesh: Mesh
    arrival: Arrival

    @property
    def _own(self) -> str:
        return self.arrival.service.namespace

    def server(self) -> tuple[Gateway, Server] | None:
        """The server that takes the connection: by the name on TLS, or the only one of HTTP."""
        held: list[tuple[int, Gateway, Server]] = []
        for gateway in self.mesh.objects.gateways:
            if not gateway.selector.items() <= self.arrival.service.selector.items():
                continue
            for server in gateway.servers:
                if self.arrival.service.ports.get(server.port) != self.arrival.port:
                    continue
                gateway.judged()
                rank = self._rank(server)
                if rank is not None:
                    held.append((rank, gateway, server))
        if not held:
            return None
        _, gateway, server = max(held, key=lambda each: each[0])
        return gateway, server

    def _rank(self, server: Server) -> int | None:
        name = self.arrival.outer_name
        if server.mode is None:
            return 0 if name is None else None
        if name is None:
            return None
        if server.mode is TlsMode.ISTIO_MUTUAL and not self.arrival.has_identity:
            return None
        return _best(server.hosts, name.lower())

    def at(self, gateway: Gateway, server: Server) -> Answer:
        """What becomes of it at a server."""
        if server.mode is None or server.protocol == "HTTPS":
            return self._http(gateway, server)
        refused = refused_by(self._policies(), self._asked(None))
        if refused is not None:
            return refused
        inner = server.mode is TlsMode.PASSTHROUGH
        name = (self.arrival.outer_name or "").lower()
        held: list[tuple[int, Destination]] = []
        for route in self._routes(gateway):
            listed = route.tls if inner else route.tcp
            for each in listed:
                for match in for_gateway(each, gateway.name, server.port, route.gateways) or ():
                    rank = _best(match.server_names, name) if inner else 0
                    if rank is not None:
                        held.append((rank, each.destination))
        if not held:
            return denied(f"no route leads it on from {gateway.name}")
        return self._to(max(held, key=lambda each: each[0])[1], self.arrival.authority)

    def _http(self, gateway: Gateway, server: Server) -> Answer:
        if self.arrival.request.kind is not Kind.HTTP:
            return denied("the server takes HTTP alone")
        authority = self.arrival.authority
        host = without_port(authority)
        if _best(server.hosts, host, names=False) is None:
            return denied(f"no server of {gateway.name} has the Host")
        path = normalized(self.arrival.path, self.mesh.config.normalization)
        method = self.arrival.request.method
        asked = Http(host=authority, method=method, path=path)
        refused = refused_by(self._policies(), self._asked(asked))
        if refused is not None:
            return refused
        for route in self._routes(gateway):
            if _best(route.hosts, host, names=False) is None:
                continue
            for each in route.http:
                matches = for_gateway(each, gateway.name, server.port, route.gateways)
                if matches is None:
                    continue
                if not matches or any(
                    request_matches(match, authority=authority, method=method, path=path)
                    for match in matches
                ):
                    return self._to(each.destination, authority)
        return denied(f"no route leads it on from {gateway.name}")

    def _routes(self, gateway: Gateway) -> Iterator[VirtualService]:
        for each in self.mesh.exported_routes(self._own):
            if gateway.name in each.gateways:
                each.judged()
                yield each

    def _policies(self) -> Iterator[Policy]:
        labels = self.arrival.service.selector
        for each in self.mesh.objects.policies:
            near = each.namespace in {self._own, self.mesh.config.root} and not each.targets
            if near and (each.selector or {}).items() <= labels.items():
                yield each

    def _asked(self, http: Http | None) -> Asked:
        client = self.arrival.request.client
        identity = (client.namespace, client.account) if self.arrival.has_identity else None
        return Asked(
            identity=identity,
            address=client.address,
            port=self.arrival.port,
            server_name=self.arrival.outer_name or "",
            http=http,
        )

    def _to(self, destination: Destination, host: str) -> Answer:
        found = [
            each for each in self.mesh.listed(self._own, None) if each.host == destination.host
        ]
        wanted = destination.port or (found[0].port.number if len(found) == 1 else None)
        for each in found:
            if each.port.number == wanted:
                return self._ends_at(each, host)
        return denied(f"the gateway does not know {destination.host} on port {wanted}")

    def _ends_at(self, listed: Listed, host: str) -> Answer:
        listed.entry.judged()
        if listed.entry.resolution is Resolution.NONE:
            return denied(f"a gateway finds no address for {listed.host}")
        if listed.entry.resolution is Resolution.DYNAMIC_DNS:
            why = "what a gateway makes of DYNAMIC_DNS changes from one connection to the next"
            raise Unjudgeable(str(listed.entry.ref), "/spec/resolution", why)
        found = ends_at(self.mesh, listed, self.arrival.request, host, self._own)
        return replace(found, gateway=True)


def _best(patterns: Iterable[str], name: str, *, names: bool = True) -> int | None:
    """How closely the closest of some patterns is a name; `*` is any, and the farthest."""
    ranks = [0 if each == EVERYTHING else host_rank(each, name, names=names) for each in patterns]
    return max((each for each in ranks if each is not None), default=None)
