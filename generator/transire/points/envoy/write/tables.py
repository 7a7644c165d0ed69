"""The routes of one listener: virtual hosts by name, each with every rule that its names may meet.

Of all virtual hosts the most specific domain alone decides, so each holds the routes of every
pattern that stands for any of its names; domains with equal routes are one virtual host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from transire.flows.patterns.globs import glob_matches
from transire.model.names import HostKind, HostPattern
from transire.points.api.target import Listener, PointRule
from transire.points.envoy.facts import ROUTES
from transire.points.envoy.write.authority import ANY_HOST, host_expression
from transire.points.envoy.write.json_lines import Lines, Opened, document
from transire.points.envoy.write.routes import last_routes, rule_routes

Cell = tuple[int, str]
"""The place of a rule in its listener, and the expression for its hosts."""

_EVERY_NAME = "*"
_ANY_DEPTH = "**"
_REMOVED = ("proxy-authorization", "proxy-connection", "x-forwarded-proto", "x-request-id")
"""Headers between a pod and its proxy, and those that Envoy adds by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The routes of a listener, as domains by the cells that they have in common."""

    listener: Listener
    groups: Mapping[tuple[Cell, ...], tuple[str, ...]]

    @classmethod
    def of(cls, listener: Listener) -> Table:
        """The table with as few virtual hosts as can be."""
        groups: dict[tuple[Cell, ...], list[str]] = {}
        for domain, cells in _domains(listener.rules):
            groups.setdefault(cells, []).append(domain)
        return cls(
            listener=listener,
            groups={cells: tuple(sorted(domains)) for cells, domains in groups.items()},
        )

    def rules(self, cells: Sequence[Cell]) -> list[tuple[PointRule, str]]:
        """The rules of a group, each with the expression for its hosts.

        Those that go on by TLS come first: what they take never goes on in clear.
        """
        found = [(self.listener.rules[place], host) for place, host in cells]
        return sorted(found, key=lambda each: each[0].tls is None)

    def __str__(self) -> str:
        """The file as Envoy reads it: JSON with a line for each name and each route."""
        hosts = sorted(self.groups.items(), key=lambda each: each[1])
        table = Opened(
            {
                "@type": ROUTES,
                "name": self.listener.pods.name,
                "ignore_port_in_host_matching": True,
                "request_headers_to_remove": _REMOVED,
                "virtual_hosts": Lines(self._virtual_host(*each) for each in hosts),
            }
        )
        return document([table])

    def _virtual_host(self, cells: tuple[Cell, ...], domains: tuple[str, ...]) -> Opened:
        own = [
            route
            for rule, host in self.rules(cells)
            for route in rule_routes(rule, host, self.listener)
        ]
        routes = Lines([*own, *last_routes(self.listener)])
        return Opened({"name": domains[0], "domains": Lines(domains), "routes": routes})


def _domains(rules: Sequence[PointRule]) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Every domain of a virtual host with what it has to hold, the one for all names included."""
    places: dict[HostPattern, list[int]] = {}
    for place, rule in enumerate(rules):
        for host in dict.fromkeys(rule.hosts):
            places.setdefault(host, []).append(place)
    ends: dict[str, list[HostPattern]] = {"": []}
    for each in places:
        if each.kind is not HostKind.EXACT:
            ends.setdefault(_literal_end(each), []).append(each)
    for each in places:
        if each.kind is HostKind.EXACT:
            found = {place for one in _with(each, ends) for place in places[one]}
            yield each.text, tuple((place, ANY_HOST) for place in sorted(found))
    for end in ends:
        near = [each for above in _above(end) for each in ends.get(above, ())]
        cells = {
            (place, host) for each in near for host in _in(each, end) for place in places[each]
        }
        yield f"*.{end}" if end else _EVERY_NAME, _without_covered(cells)


def _with(exact: HostPattern, ends: Mapping[str, Sequence[HostPattern]]) -> Iterator[HostPattern]:
    """A name, and the patterns that stand for it."""
    yield exact
    labels = exact.text.split(".")
    for end in _above(exact.parent):
        for each in ends.get(end, ()):
            parts = each.text.split(".")
            deep = parts[0] == _ANY_DEPTH
            fixed = parts[deep:]
            as_long = len(labels) > len(fixed) if deep else len(labels) == len(fixed)
            pairs = zip(reversed(fixed), reversed(labels), strict=False)
            if as_long and all(glob_matches(part, label) for part, label in pairs):
                yield each


def _without_covered(cells: set[Cell]) -> tuple[Cell, ...]:
    """The cells without those of a rule that takes every host of the domain anyhow."""
    whole = {place for place, host in cells if host == ANY_HOST}
    return tuple(sorted(each for each in cells if each[0] not in whole or each[1] == ANY_HOST))


def _literal_end(pattern: HostPattern) -> str:
    """The labels after the last wildcard."""
    labels = pattern.text.split(".")
    last = max(place for place, label in enumerate(labels) if "*" in label)
    return ".".join(labels[last + 1 :])


def _above(domain: str) -> Iterator[str]:
    """The domain and those above it, the root at the end."""
    while domain:
        yield domain
        domain = domain.partition(".")[2]
    yield ""


def _in(pattern: HostPattern, domain: str) -> Iterator[str]:
    """The expression for the pattern among the names below a domain that ends as it does."""
    labels = pattern.text.split(".")
    deep = labels[0] == _ANY_DEPTH
    fixed, below = labels[deep:], domain.split(".") if domain else []
    long_enough = deep or len(fixed) > len(below)
    pairs = zip(reversed(fixed), reversed(below), strict=False)
    if long_enough and all(glob_matches(part, label) for part, label in pairs):
        yield host_expression(pattern)
