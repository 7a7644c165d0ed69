"""The routes of one listener: which virtual host takes a name, and what that lets through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from transire.flows.host_set import HostSet, Wild, labels_of
from transire.flows.port_set import PortSet, Protocol
from transire.flows.request_set import Request, RequestSet
from transire.points.api.reading import PointDecision
from transire.points.envoy import facts
from transire.points.envoy.read.clusters import Way
from transire.points.envoy.read.routes import Action, Route, route
from transire.points.envoy.read.tree import Branch

_TABLE = ("name", "ignore_port_in_host_matching", "virtual_hosts")
_TABLE_NO_EFFECT = ("request_headers_to_remove", "response_headers_to_remove")
_EVERY_NAME = "*"
_WILD = "*."


@dataclass(frozen=True, kw_only=True)
class VirtualHost:
    """Names and the routes that they have, of which the first that takes a request decides."""

    domains: tuple[str, ...]
    routes: tuple[Route, ...]

    @property
    def audit(self) -> bool | None:
        """Whether everything that no rule has passes all the same; None if a part of it does."""
        audited = [each for each in self.routes if each.action is Action.AUDITED]
        if not audited:
            return False
        kinds = {each.tunnel for each in audited if each.takes_all}
        return True if len(audited) == len(kinds) == 2 else None  # noqa: PLR2004 - both kinds

    @cached_property
    def requests(self) -> RequestSet:
        """What the routes let through, whatever the name; in audit, what they would without."""
        explicit, bare = RequestSet.everything(), RequestSet.everything()
        found = []
        for each in self.routes:
            if each.action is Action.AUDITED:
                continue
            written = each.requests(each.authority.ports)
            if each.action is Action.PASSED:
                found.append(written & explicit & _way(each))
                if each.authority.bare and not each.tunnel:
                    usual = PortSet.of_port(Protocol.TCP, facts.USUAL_PORT[each.tls])
                    found.append(each.requests(usual) & bare & _way(each))
            explicit -= written
            if each.authority.bare:
                bare -= each.requests(PortSet.everything())
        return RequestSet.union(found)


def _way(taken: Route) -> RequestSet:
    """Tunnels, and requests that go on as those of the route do."""
    every = HostSet.everything(), PortSet.everything()
    return RequestSet.tunnel(*every) | RequestSet.plain(*every, tls=taken.tls)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The virtual hosts of a listener."""

    hosts: tuple[VirtualHost, ...]

    @cached_property
    def by_domain(self) -> Mapping[str, VirtualHost]:
        """The virtual host of each domain."""
        return {domain: each for each in self.hosts for domain in each.domains}

    def host_of(self, name: str) -> VirtualHost | None:
        """The virtual host that takes a name: the exact one, or that of the nearest domain."""
        found = self.by_domain.get(name)
        rest = name
        while found is None and "." in rest:
            rest = rest.partition(".")[2]
            found = self.by_domain.get(_WILD + rest)
        return found or self.by_domain.get(_EVERY_NAME)

    @property
    def audit(self) -> bool | None:
        """Whether everything passes; None if what passes depends on the name."""
        kinds = {each.audit for each in self.hosts}
        if not kinds:
            return False
        if len(kinds) > 1 or (kinds == {True} and _EVERY_NAME not in self.by_domain):
            return None
        return kinds.pop()

    def requests(self) -> RequestSet:
        """What is let through; in audit, what would be without."""
        parts = []
        for each in self.hosts:
            if each.requests:
                names = HostSet.union(self._names(each)) - facts.CAPABILITIES.never
                parts.append(each.requests & RequestSet.to(names))
        return RequestSet.union(parts)

    def _names(self, host: VirtualHost) -> Iterator[HostSet]:
        yield HostSet.exact(each for each in host.domains if not each.startswith(_EVERY_NAME))
        for domain in host.domains:
            if domain.startswith(_EVERY_NAME):
                nearer = self._nearer.get(domain, [])
                wild = [_below(each) for each in nearer if each.startswith(_EVERY_NAME)]
                exact = HostSet.exact(each for each in nearer if not each.startswith(_EVERY_NAME))
                yield _below(domain) - HostSet.union([exact, *wild])

    @cached_property
    def _nearer(self) -> Mapping[str, list[str]]:
        """By domain that stands for several names, the domains that are nearer to some of them."""
        found: dict[str, list[str]] = {}
        for domain in self.by_domain:
            rest = domain.removeprefix(_WILD)
            while "." in rest:
                rest = rest.partition(".")[2]
                if _WILD + rest in self.by_domain:
                    found.setdefault(_WILD + rest, []).append(domain)
            if domain != _EVERY_NAME:
                found.setdefault(_EVERY_NAME, []).append(domain)
        return found

    def decide(self, request: Request) -> PointDecision:
        """The verdict about one request, by the first route that takes it as it may be written."""
        host = self.host_of(request.host)
        if facts.REFUSED_LETTER in request.host:
            return PointDecision(allowed=False, rule="no name with an underscore is taken")
        if host is None:
            return PointDecision(allowed=False, rule="no virtual host has the name")
        rule = ""
        for written in _spellings(request):
            first = next((each for each in host.routes if each.takes(request, written)), None)
            if first is not None and first.action is Action.PASSED and first.tls == request.tls:
                return PointDecision(allowed=True, rule=first.name)
            rule = first.name if first is not None else rule
        return PointDecision(allowed=False, rule=rule or "no route takes it")


def _spellings(request: Request) -> Iterator[str]:
    """How the authority of a request may be written."""
    yield f"{request.host}:{request.port}"
    if not request.tunnel and request.port == facts.USUAL_PORT[request.tls]:
        yield request.host


def _below(domain: str) -> HostSet:
    if domain == _EVERY_NAME:
        return HostSet.everything()
    return HostSet.pattern([Wild.LABELS, domain.removeprefix("*")])


def table(tree: Branch, ways: Mapping[str, Way]) -> Table:
    """A route configuration; what is not modelled is noted."""
    fields = tree.typed(facts.ROUTES, _TABLE, _TABLE_NO_EFFECT) or {}
    ports = fields.get("ignore_port_in_host_matching")
    if ports is None or ports.value is not True:
        tree.note("a virtual host that compares the port with the name is not modelled")
    hosts = fields.get("virtual_hosts")
    found = tuple(_virtual_host(each, ways) for each in (hosts.items() if hosts else ()))
    _check_domains(found, tree)
    read = Table(hosts=found)
    if read.audit is None:
        tree.note("what passes in audit depends on the name")
    return read


def _virtual_host(tree: Branch, ways: Mapping[str, Way]) -> VirtualHost:
    fields = tree.fields(("name", "domains", "routes"))
    domains = [_domain(each) for each in (fields["domains"].items() if "domains" in fields else ())]
    routes = fields["routes"].items() if "routes" in fields else ()
    if not domains:
        tree.note("a virtual host without a domain is not modelled")
    known = (route(each, ways) for each in routes)
    return VirtualHost(
        domains=tuple(filter(None, domains)),
        routes=tuple(each for each in known if each is not None),
    )


def _domain(tree: Branch) -> str:
    """The domain in lower case; empty, noted, where it is of another form."""
    domain = tree.text().lower()
    try:
        if domain != _EVERY_NAME:
            labels_of(domain.removeprefix(_WILD))
    except ValueError:
        tree.note(f"the domain {domain!r} is of a form that is not modelled")
        return ""
    return domain


def _check_domains(hosts: Iterable[VirtualHost], tree: Branch) -> None:
    seen = set[str]()
    for domain in (domain for each in hosts for domain in each.domains):
        if domain in seen:
            tree.note(f"the domain {domain} stands twice, which Envoy refuses")
        seen.add(domain)
