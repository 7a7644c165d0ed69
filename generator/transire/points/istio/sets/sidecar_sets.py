"""What sidecars let a namespace have: by the closest host of an entry on each port.

Only what leads a name to itself is a set of names. An entry that opens addresses, or leads a name
elsewhere, is judged by nobody here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transire.flows.host_set import HostSet, Wild
from transire.flows.port_set import PortSet, Protocol
from transire.flows.request_set import RequestSet
from transire.flows.text_set import TextSet
from transire.model.problems import Unjudgeable
from transire.points.istio.objects.common import MESH, NOBODY, PRIVATE
from transire.points.istio.objects.host_rules import is_partial, is_wildcard
from transire.points.istio.objects.routes import Match, TextMatch, VirtualService, for_gateway
from transire.points.istio.objects.service_entry import Protocol as Carried
from transire.points.istio.objects.service_entry import Resolution
from transire.points.istio.objects.sidecar import Sidecar
from transire.points.istio.verdicts.destination import origination
from transire.points.istio.verdicts.http import expression_set
from transire.points.istio.verdicts.mesh import Listed, Mesh
from transire.points.istio.verdicts.request import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What sidecars of a namespace see."""

    mesh: Mesh
    namespace: str
    sidecar: Sidecar | None
    listed: tuple[Listed, ...]
    routes: tuple[VirtualService, ...]

    def port(self, number: int) -> tuple[Listed, ...]:
        """The hosts on a port."""
        return tuple(each for each in self.listed if each.port.number == number)


def view_of(mesh: Mesh, namespace: str) -> View:
    """What sidecars of a namespace see, whatever the labels of their pods.

    Raises:
        Unjudgeable: if that depends on the labels, or on what is not modelled.
    """
    mesh.no_strangers(namespace)
    for each in mesh.objects.sidecars:
        if each.namespace in {namespace, mesh.config.root} and each.selector:
            why = "a Sidecar for some pods of a namespace is not modelled as a set"
            raise Unjudgeable(str(each.ref), "/spec/workloadSelector", why)
    sidecar = mesh.sidecar(Client(namespace=namespace))
    _is_guarded(mesh, sidecar, namespace)
    listed = mesh.listed(namespace, sidecar)
    for seen in listed:
        seen.entry.judged()
        if is_partial(seen.host):
            why = "a star as part of a label is not modelled as a set"
            raise Unjudgeable(str(seen.entry.ref), "/spec/hosts", why)
    return View(
        mesh=mesh,
        namespace=namespace,
        sidecar=sidecar,
        listed=listed,
        routes=mesh.routes(namespace, sidecar),
    )


def _is_guarded(mesh: Mesh, sidecar: Sidecar | None, namespace: str) -> None:
    """Make sure that entries of other teams count for nothing, whatever they export."""
    own = {PRIVATE, NOBODY, namespace, mesh.config.root}
    if sidecar is None or any(listed not in own for listed, _ in sidecar.hosts):
        why = "no Sidecar keeps the entries of other namespaces out"
        raise Unjudgeable("namespace", namespace, why)


def sidecar_requests(mesh: Mesh, namespace: str) -> RequestSet:
    """Everything that pods of a namespace may have by way of their sidecars.

    Raises:
        Unjudgeable: if that depends on what is not modelled.
    """
    view = view_of(mesh, namespace)
    free = {name for route in view.routes for name in route.hosts if route.http}
    known = {each.host for each in view.listed}
    for name in sorted(free - known):
        raise Unjudgeable("VirtualService", name, "a route for a host that no entry has")
    return RequestSet.union(_of_listed(view, each) for each in view.listed)


def _of_listed(view: View, listed: Listed) -> RequestSet:
    if listed.entry.addresses or listed.port.protocol in {Carried.TCP, Carried.SNIFFED}:
        why = f"port {listed.port.number} of {listed.host} opens addresses, and no name"
        raise Unjudgeable(str(listed.entry.ref), "/spec", why)
    if listed.port.protocol is Carried.UDP:
        return RequestSet.nothing()
    names = _own_names(view, listed)
    if listed.port.protocol is Carried.TLS:
        return _tunnels(view, listed, names)
    return _clear(view, listed, names)


def _own_names(view: View, listed: Listed) -> HostSet:
    """The names that an entry has: those of no closer host on the same port."""
    found = names_of(listed.host)
    for each in view.port(listed.port.number):
        same = each.port.protocol is listed.port.protocol
        if same and each.host != listed.host and len(each.host) >= len(listed.host) - 1:
            closer = names_of(each.host)
            found = found - closer if closer <= names_of(listed.host) else found
    return found


def names_of(host: str) -> HostSet:
    """The names that a host of an entry stands for.

    Raises:
        Unjudgeable: if it is no plain name.
    """
    lower = host.lower()
    if lower != host:
        raise Unjudgeable("ServiceEntry", host, "a host in upper case is not modelled as a set")
    try:
        if is_wildcard(host):
            return HostSet.pattern([Wild.LABELS, lower[1:]])
        return HostSet.exact([lower])
    except ValueError:
        raise Unjudgeable("ServiceEntry", host, "the host is not modelled as a set") from None


def _tunnels(view: View, listed: Listed, names: HostSet) -> RequestSet:
    for each in view.routes:
        if each.tls and each.host_for(listed.host):
            raise Unjudgeable(str(each.ref), "/spec/tls", "routes of TLS are not modelled as sets")
    _leads_there(listed)
    return RequestSet.tunnel(names, _port(listed.port.target))


def _clear(view: View, listed: Listed, names: HostSet) -> RequestSet:
    _leads_there(listed)
    if is_wildcard(listed.host):
        why = "where a Host with another port leads below a wildcard is not modelled"
        raise Unjudgeable(str(listed.entry.ref), "/spec/hosts", why)
    tls = origination(view.mesh, listed, view.namespace, clear=True)
    ports = _port(listed.port.target)
    routes = [each for each in view.routes if each.http and each.host_for(listed.host)]
    if not routes:
        return RequestSet.plain(names, ports, tls=tls)
    if len(routes) > 1:
        raise Unjudgeable(str(routes[0].ref), "/spec/hosts", "two routes are for one host")
    routes[0].judged()
    return RequestSet.union(
        RequestSet.plain(names, ports, _text(each.method), _text(each.path), tls=tls)
        for each in _matches(routes[0], listed)
    )


def _matches(route: VirtualService, listed: Listed) -> Iterator[Match]:
    for each in route.http:
        matches = for_gateway(each, MESH, listed.port.number, route.gateways)
        if matches is None:
            continue
        same = each.destination.host == listed.host
        if not same or each.destination.port not in {None, listed.port.number}:
            why = "a route to another host is not modelled as a set"
            raise Unjudgeable(str(route.ref), "/spec/http", why)
        if not matches:
            yield Match(gateways=(), port=None)
            return
        for match in matches:
            if match.authority is not None:
                why = "a match of the authority is not modelled as a set"
                raise Unjudgeable(str(route.ref), "/spec/http", why)
            yield match


def _text(match: TextMatch | None) -> TextSet | None:
    if match is None:
        return None
    if match.way == "exact":
        return TextSet.of([match.text])
    if match.way == "prefix":
        return TextSet.starting(match.text)
    if match.text.startswith("(?i)"):
        raise Unjudgeable("regular expression", match.text, "it is modelled for hosts alone")
    return expression_set(match.text)


def _leads_there(listed: Listed) -> None:
    """Make sure that a name leads to itself."""
    wanted = Resolution.DYNAMIC_DNS if is_wildcard(listed.host) else Resolution.DNS
    if listed.entry.resolution is not wanted or listed.entry.endpoints:
        why = f"where {listed.entry.resolution} leads {listed.host} is not modelled as a set"
        raise Unjudgeable(str(listed.entry.ref), "/spec/resolution", why)


def _port(number: int) -> PortSet:
    return PortSet.of_port(Protocol.TCP, number)


def sidecar_namespaces(mesh: Mesh) -> tuple[str, ...]:
    """The namespaces that have a Sidecar of their own, sorted."""
    return tuple(sorted({each.namespace for each in mesh.objects.sidecars}))


def hosts_seen(listed: Iterable[Listed]) -> tuple[str, ...]:
    """The hosts of entries, each once, sorted."""
    return tuple(sorted({each.host for each in listed}))
