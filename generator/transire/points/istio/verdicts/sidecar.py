"""What a sidecar makes of a request, in the order in which it looks.

Addresses of entries first, then the Host of HTTP or the name of TLS, then entries that take a whole
port, and what is left goes where the mode of the namespace says. Measured on Istio 1.30.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from transire.model.problems import Unjudgeable
from transire.points.istio.objects.common import MESH
from transire.points.istio.objects.host_rules import is_partial
from transire.points.istio.objects.routes import Destination, VirtualService, for_gateway
from transire.points.istio.objects.service_entry import Protocol
from transire.points.istio.objects.sidecar import Mode, Sidecar
from transire.points.istio.verdicts.destination import ends_at
from transire.points.istio.verdicts.gateway import Arrival, through_gateway
from transire.points.istio.verdicts.http import (
    authority_and_path,
    host_rank,
    normalized,
    request_matches,
    without_port,
)
from transire.points.istio.verdicts.mesh import Listed, Mesh
from transire.points.istio.verdicts.request import (
    Answer,
    Kind,
    MeshRequest,
    Target,
    Way,
    denied,
    passed,
)

_FREE_PORT = 80
"""The port on which a route is for names that no entry has."""


def through_sidecar(mesh: Mesh, request: MeshRequest) -> Answer:
    """What becomes of a request whose connection the pod's sidecar gets, if it gets it.

    Raises:
        Unjudgeable: if that depends on what is not modelled.
    """
    dialled = Target(at=request.address, port=request.port)
    if request.kind is Kind.UDP:
        return passed("sidecars do not see UDP", dialled)
    if request.way is Way.NO_PROXY:
        return passed("no sidecar sees the connection", dialled)
    mesh.no_strangers(request.client.namespace)
    sidecar = mesh.sidecar(request.client)
    return _Sidecar(
        mesh=mesh,
        request=request,
        sidecar=sidecar,
        listed=mesh.listed(request.client.namespace, sidecar),
        routes=mesh.routes(request.client.namespace, sidecar),
    ).decide()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sidecar:
    mesh: Mesh
    request: MeshRequest
    sidecar: Sidecar | None
    listed: tuple[Listed, ...]
    routes: tuple[VirtualService, ...]

    @property
    def _port(self) -> tuple[Listed, ...]:
        return tuple(each for each in self.listed if each.port.number == self.request.port)

    def decide(self) -> Answer:
        port = self._port
        for each in port:
            each.entry.judged()
        self._captured(port)
        if any(is_partial(each.host) and each.port.protocol is not Protocol.HTTP for each in port):
            return self._otherwise("Envoy refuses the port, whose name has a star in a label")
        answer = self._by_address(port)
        if answer is None and self.request.kind is Kind.HTTP:
            answer = self._http(port)
        if answer is None and self.request.kind is Kind.TLS:
            answer = self._tls(port)
        if answer is None:
            answer = self._whole_port(port)
        return answer or self._otherwise("no entry has it")

    def _captured(self, port: tuple[Listed, ...]) -> None:
        """Automatic addresses beside names are measured for TCP alone."""
        if self.mesh.config.dns_capture and any(
            each.entry.automatic and each.port.protocol is not Protocol.TCP for each in port
        ):
            why = "automatic addresses of entries for TLS and HTTP are not modelled"
            raise Unjudgeable("proxy metadata", "DNS_CAPTURE", why)

    def _otherwise(self, reason: str) -> Answer:
        if self.mesh.mode(self.sidecar) is Mode.REGISTRY_ONLY:
            return denied(f"{reason}, and the mode is REGISTRY_ONLY")
        dialled = Target(at=self.request.address, port=self.request.port)
        return passed(f"{reason}, and the mode is ALLOW_ANY", dialled)

    def _by_address(self, port: tuple[Listed, ...]) -> Answer | None:
        """Entries with addresses take them whole, whatever name is sent."""
        for each in port:
            if each.port.protocol in {Protocol.HTTP, Protocol.UDP}:
                continue
            own = self.mesh.config.dns_capture and (
                each.entry.automatic.get(each.host) == self.request.address
            )
            if own or any(self.request.address in net for net in each.entry.addresses):
                return self._ends_at(each, self.request.server_name or "")
        return None

    def _whole_port(self, port: tuple[Listed, ...]) -> Answer | None:
        """An entry of TCP without addresses takes all that is left of its port."""
        for each in port:
            automatic = self.mesh.config.dns_capture and each.entry.automatic
            if each.entry.addresses or automatic:
                continue
            if each.port.protocol is Protocol.SNIFFED and self.request.kind is Kind.HTTP:
                why = "HTTP on a port without a protocol is not modelled"
                raise Unjudgeable(str(each.entry.ref), "/spec/ports", why)
            if each.port.protocol in {Protocol.TCP, Protocol.SNIFFED}:
                self._no_tcp_route(each)
                return self._ends_at(each, self.request.server_name or "")
        return None

    def _no_tcp_route(self, listed: Listed) -> None:
        for each in self.routes:
            if each.tcp and each.host_for(listed.host):
                raise Unjudgeable(str(each.ref), "/spec/tcp", "routes of TCP are not modelled")

    def _http(self, port: tuple[Listed, ...]) -> Answer | None:
        web = [each for each in port if each.port.protocol is Protocol.HTTP]
        if not web:
            return None
        for each in web:
            self._plain_http(each)
        sent = authority_and_path(self.request)
        if sent is None:
            return denied("proxies of a mesh take neither CONNECT nor *")
        authority, path = sent
        host = without_port(authority)
        held: list[tuple[int, Listed | VirtualService]] = [
            *_ranked(((each.host, each) for each in web), host),
            *_ranked(self._free(web), host),
        ]
        if not held:
            return self._otherwise("no entry has the Host")
        found = max(held, key=lambda each: each[0])[1]
        if isinstance(found, VirtualService):
            return self._led(found, authority, path)
        if found.host != found.host.lower():
            return denied(f"{found.entry.ref} has a host in upper case, which HTTP never finds")
        route = self._route_for(found.host)
        if route is None:
            return self._ends_at(found, authority)
        return self._led(route, authority, path)

    def _plain_http(self, listed: Listed) -> None:
        if is_partial(listed.host):
            why = "HTTP for a name with a star in a label is not modelled"
            raise Unjudgeable(str(listed.entry.ref), "/spec/hosts", why)

    def _free(self, web: list[Listed]) -> Iterator[tuple[str, VirtualService]]:
        """Names of routes that no entry has, which sidecars serve on port 80."""
        if self.request.port != _FREE_PORT:
            return
        known = {each.host for each in self.listed}
        for route in self.routes:
            if route.http:
                for name in route.hosts:
                    if name not in known and not any(
                        name.startswith("*") and each.host.endswith(name[1:]) for each in web
                    ):
                        yield name, route

    def _route_for(self, host: str) -> VirtualService | None:
        """The route that is for a host: of the longest pattern, and of those the oldest."""
        found = [(len(each.host_for(host) or ""), each) for each in self.routes if each.http]
        fitting = [each for each in found if each[0]]
        return max(fitting, key=lambda each: each[0])[1] if fitting else None

    def _led(self, route: VirtualService, authority: str, path: str) -> Answer:
        route.judged()
        plain = normalized(path, self.mesh.config.normalization)
        for each in route.http:
            matches = for_gateway(each, MESH, self.request.port, route.gateways)
            if matches is None:
                continue
            if not matches or any(
                request_matches(match, authority=authority, method=self.request.method, path=plain)
                for match in matches
            ):
                return self._to(each.destination, authority, path, str(route.ref))
        return denied(f"no match of {route.ref} is for it")

    def _tls(self, port: tuple[Listed, ...]) -> Answer | None:
        """Names of TLS: those that routes list in the place of a host, or the host itself."""
        asked = self.request.server_name
        if asked is None:
            return None
        held: list[tuple[int, Listed, Destination | None, str]] = []
        for each in port:
            if each.port.protocol is Protocol.TLS and not each.entry.addresses:
                for name, destination, whose in self._names_of(each):
                    rank = host_rank(name, asked.lower(), names=True)
                    if rank is not None:
                        held.append((rank, each, destination, whose))
        if not held:
            return None
        _, listed, destination, whose = max(held, key=lambda each: each[0])
        if destination is None:
            return self._ends_at(listed, asked)
        return self._to(destination, asked, "", whose)

    def _names_of(self, listed: Listed) -> Iterator[tuple[str, Destination | None, str]]:
        led = False
        for route in self.routes:
            if not route.tls or route.host_for(listed.host) is None:
                continue
            route.judged()
            for each in route.tls:
                for match in for_gateway(each, MESH, self.request.port, route.gateways) or ():
                    led = True
                    for name in match.server_names:
                        yield name, each.destination, str(route.ref)
        if not led:
            yield listed.host, None, ""

    def _to(self, destination: Destination, host: str, path: str, whose: str) -> Answer:
        """Where a route leads: to a host of an entry, or to a gateway of the mesh."""
        found = [each for each in self.listed if each.host == destination.host]
        wanted = destination.port or (
            found[0].port.number if len(found) == 1 else self.request.port
        )
        for each in found:
            if each.port.number == wanted:
                each.entry.judged()
                return self._ends_at(each, host)
        namespace = self.request.client.namespace
        service = self.mesh.service(destination.host, namespace, self.sidecar)
        if service is None or wanted not in service.ports:
            return denied(f"{whose} leads to {destination.host}, which the namespace does not know")
        policy = self.mesh.traffic(
            service.host, client=namespace, owner=service.namespace, subset=destination.subset
        )
        if policy is None:
            why = f"the subset {destination.subset} that no rule for this namespace has"
            return denied(f"{whose} leads to {why}")
        return through_gateway(
            self.mesh,
            Arrival(
                request=self.request,
                service=service,
                port=service.ports[wanted],
                tls=policy.at(wanted),
                authority=host,
                path=path,
            ),
        )

    def _ends_at(self, listed: Listed, host: str) -> Answer:
        return ends_at(self.mesh, listed, self.request, host, self.request.client.namespace)


_Found = TypeVar("_Found")


def _ranked(named: Iterable[tuple[str, _Found]], host: str) -> Iterator[tuple[int, _Found]]:
    """What has a name that a host is, and how closely."""
    for name, found in named:
        rank = host_rank(name, host)
        if rank is not None:
            yield rank, found
