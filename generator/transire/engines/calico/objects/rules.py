"""Calico's objects as rules: what both the point and the symbolic meaning are read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from transire.engines.calico.objects.domains import Domain
from transire.engines.calico.objects.fields import Icmp, Ports
from transire.engines.calico.objects.selector import Labels, Selector
from transire.k8s.manifests import ObjectRef
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import Network


@dataclass(frozen=True, slots=True)
class Nets:
    """Address ranges, with their bounds as numbers for quick comparison."""

    networks: tuple[Network, ...] = ()
    bounds: tuple[tuple[int, int, int], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Compute the bounds once."""
        found = tuple(
            (each.version, int(each.network_address), int(each.broadcast_address))
            for each in self.networks
        )
        object.__setattr__(self, "bounds", found)

    def holds(self, version: int, number: int) -> bool:
        """Whether the address with this number is in one of the ranges."""
        return any(
            family == version and first <= number <= last for family, first, last in self.bounds
        )

    def __bool__(self) -> bool:
        return bool(self.networks)


NO_NETS = Nets()


class CalicoAction(StrEnum):
    """What a rule does with a packet that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"
    LOG = "Log"
    PASS = "Pass"  # noqa: S105 - an action, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One side of a rule; what is empty or None demands nothing.

    `members`: the address is one of an endpoint or set with such labels. `excluded`: it is none
    of such (only without `members`, which otherwise holds the exclusion).
    """

    nets: Nets = NO_NETS
    not_nets: Nets = NO_NETS
    ports: Ports | None = None
    not_ports: Ports | None = None
    members: Selector | None = None
    excluded: Selector | None = None
    domains: tuple[Domain, ...] = ()


ANYONE = Entity()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalicoRule:
    """All criteria together; `pointer` is the rule's place in its object.

    `family` is the only IP version that the rule is programmed for, if its nets or ipVersion name
    one. `entry`: the rule also requires something that is not modelled. `api_server`: the
    destination is the service of the cluster's API server, and its port is that of the endpoints.
    """

    pointer: str
    action: CalicoAction
    family: int | None = None
    protocol: int | None = None
    not_protocol: int | None = None
    icmp: Icmp | None = None
    not_icmp: Icmp | None = None
    source: Entity = ANYONE
    destination: Entity = ANYONE
    api_server: bool = False
    entry: Unmodelled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalicoPolicy:
    """A policy that governs egress; `selector` covers namespace and service account too.

    `key` orders policies inside their tier: order first, then the release's tie-break.
    """

    object: ObjectRef
    namespace: str = ""
    """The only namespace whose pods it may govern; empty for a global policy."""
    key: tuple[float, str]
    selector: Selector
    staged: bool = False
    rules: tuple[CalicoRule, ...] = ()

    def destination_selectors(self) -> Iterator[Selector]:
        """What its rules select, or leave out, as destinations."""
        for rule in self.rules:
            for each in (rule.destination.members, rule.destination.excluded):
                if each is not None:
                    yield each


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A tier with its policies in order; `passes` is its default action Pass.

    One that policies name and nobody created comes behind all that exist, and ends in deny.
    """

    name: str
    order: float
    passes: bool
    exists: bool = True
    policies: tuple[CalicoPolicy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressGroup:
    """A NetworkSet or GlobalNetworkSet; its domains count in Allow rules only."""

    object: ObjectRef
    labels: Labels
    nets: Nets = NO_NETS
    domains: tuple[Domain, ...] = ()
