"""One rule: what workloads may reach, and the parts of it by ports."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property

from transire.model.choices import Approximation
from transire.model.destinations import (
    NOWHERE,
    AddressRange,
    Destination,
    Entity,
    Host,
    Pods,
)
from transire.model.ends import End
from transire.model.fallback import ProxyFallback
from transire.model.http import Http, Tls
from transire.model.net import PortRange, merge_ports
from transire.model.pod_selector import EVERY_POD, PodSelector
from transire.model.problems import Position
from transire.model.scoped import Scoped
from transire.model.written_port import Repeated, WrittenPort


def _at() -> Position:
    return field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Rule(Scoped):
    """One thing that workloads may reach, with who requested it, why and until when.

    There is at least one destination; hosts of bundles are already among them. `ports` are those of
    destinations without ports of their own, and empty where there is none of these; `listed` are
    its own destinations, and `written_ports` the items of all lists of ports, both as written;
    `repeated` are names that its lists have twice. `source` is the key path that provenance names,
    `PATH#RULE`. `apart` marks one of several `parts`, and `way` is the destination that is a
    way to a proxy, if one is. `sources` are the pods that it is for: those
    that any of these selects, sorted. With `http` it is for single requests alone, which `tls`
    sends on; None where the rule has no such key.
    """

    name: str
    reason: str
    destinations: tuple[Destination, ...]
    ports: tuple[PortRange, ...]
    source: str
    sources: tuple[PodSelector, ...] = EVERY_POD
    ticket: str = ""
    expires: End | None = None
    bundles: tuple[str, ...] = ()
    server_names: bool = True
    http: Http | None = None
    tls: Tls | None = None
    approximate: frozenset[Approximation] = frozenset()
    apart: bool = field(default=False, compare=False, repr=False)
    way: Destination | None = field(default=None, compare=False, repr=False)
    listed: tuple[Destination, ...] = field(default=(), compare=False, repr=False)
    written_ports: tuple[WrittenPort, ...] = field(default=(), compare=False, repr=False)
    repeated: tuple[Repeated, ...] = field(default=(), compare=False, repr=False)
    at: Position = _at()
    keys_at: tuple[tuple[str, Position], ...] = field(default=(), compare=False, repr=False)

    def __repr__(self) -> str:
        return f"<Rule {self.source}>"

    def __post_init__(self) -> None:
        if not self.destinations or not all(each.ports or self.ports for each in self.destinations):
            raise ValueError(f"rule {self.name!r} needs at least one destination and one port")
        if not self.sources:
            raise ValueError(f"rule {self.name!r} needs a source")
        if self.tls is not None and self.http is None:
            raise ValueError(f"rule {self.name!r} has tls without http")

    @cached_property
    def parts(self) -> tuple[Rule, ...]:
        """The rule by ports: rules whose destinations have no ports of their own, sorted by ports.

        The rule itself where no destination has some. What the way to a proxy carries is for the
        proxy to check, so that its part has no `http`.
        """
        if not any(each.ports for each in self.destinations):
            return (self,)
        groups: dict[tuple[tuple[PortRange, ...], bool], list[Destination]] = {}
        for each in self.destinations:
            checked = self.http is not None and each is not self.way
            key = merge_ports(each.ports or self.ports), checked
            groups.setdefault(key, []).append(replace(each, ports=()))
        return tuple(
            replace(
                self,
                destinations=tuple(dict.fromkeys(groups[ports, checked])),
                ports=ports,
                http=self.http if checked else None,
                tls=self.tls if checked else None,
                apart=len(groups) > 1,
            )
            for ports, checked in sorted(groups)
        )

    def through(self, proxy: ProxyFallback, hosts: AbstractSet[str]) -> Rule:
        """The rule with the way to a proxy in place of these of its hosts."""
        rest = tuple(
            each
            for each in self.destinations
            if not (isinstance(each, Host) and each.pattern.text in hosts)
        )
        if len(rest) == len(self.destinations):
            return self
        way = proxy.destination
        return replace(self, destinations=(*rest, way), way=way)

    @property
    def for_connections(self) -> Rule:
        """The rule for whole connections to its hosts, whatever they carry."""
        return self if self.http is None else replace(self, http=None, tls=None)

    def at_key(self, key: str) -> Position:
        """Where the value of a key of the rule stands; the rule itself where it has none."""
        return dict(self.keys_at).get(key, self.at)

    @cached_property
    def hosts(self) -> tuple[Host, ...]:
        """The destinations that are names."""
        return tuple(each for each in self.destinations if isinstance(each, Host))

    @cached_property
    def ranges(self) -> tuple[AddressRange, ...]:
        """The destinations that are address ranges outside the cluster."""
        return tuple(each for each in self.destinations if isinstance(each, AddressRange))

    @cached_property
    def pods(self) -> tuple[Pods, ...]:
        """The destinations that are pods."""
        return tuple(each for each in self.destinations if isinstance(each, Pods))

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """The destinations that are parts of the cluster."""
        return tuple(each for each in self.destinations if isinstance(each, Entity))
