"""Policies as the agent keeps them: one rule for each item of an egress section.

Source: `pkg/policy/types/policyentry.go` and `pkg/policy/utils/parserules.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.fqdn import NamePattern
from transire.engines.cilium.objects.identity import Identity, IdentityKind
from transire.engines.cilium.objects.selectors import Labelled
from transire.k8s.manifests import ObjectRef
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import Network
from transire.queries.query import Caveat, Deciding


class Parser(IntEnum):
    """What a redirected connection is handed to; of two that match, the higher one wins.

    Source: the listener priorities of `pkg/policy/l4.go`, turned round.
    """

    NONE = 0
    LISTENER = 1
    DNS = 6
    TLS = 11
    OTHER = 16
    KAFKA = 21
    HTTP = 26


class Tier(IntEnum):
    """The order of evaluation; only ClusterNetworkPolicies are outside the middle one."""

    ADMIN = 0
    NORMAL = 1
    BASELINE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a rule stands: the object, its place in the input, and the pointer of the item."""

    object: ObjectRef
    manifest: int
    rule: str
    wording: str = field(init=False, repr=False, compare=False)
    """How a reason names the object."""
    deciding: Deciding = field(init=False, repr=False, compare=False)
    """What a verdict holds of it."""

    def __post_init__(self) -> None:
        """Prepare what every verdict repeats."""
        object.__setattr__(self, "wording", str(self.object))
        object.__setattr__(self, "deciding", Deciding(object=self.object, rule=self.rule))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Addresses in some networks and in none of the exceptions.

    `key` is what the agent compares ranges by: the text as written.
    """

    key: str
    networks: tuple[Network, ...] = field(compare=False)
    excepts: tuple[Network, ...] = field(default=(), compare=False)
    nodes: bool = field(default=False, compare=False)
    """Whether the addresses of nodes are meant too."""
    pods: bool = field(default=False, compare=False)
    """Whether the addresses of pods are meant too."""
    missing: str = field(default="", compare=False)
    """What may bring further addresses and is not given, if anything may."""
    anywhere: bool = field(default=False, compare=False)
    """Whether what is missing may be pods, too."""

    def covers(self, place: IdentityKind) -> bool:
        """Whether addresses of that place are meant at all, or may be."""
        if self.anywhere:
            return True
        meant = {
            IdentityKind.WORLD: True,
            IdentityKind.NODE: self.nodes,
            IdentityKind.POD: self.pods,
        }
        return meant.get(place, False)

    def selects(self, identity: Identity) -> bool:
        """Whether an identity has such an address."""
        address = identity.address
        if address is None or not self.covers(identity.place):
            return False
        inside = any(address in each for each in self.networks)
        return inside and not any(address in each for each in self.excepts)


def ranges_of(
    agent: Agent,
    key: str,
    networks: tuple[Network, ...],
    excepts: tuple[Network, ...] = (),
    *,
    missing: str = "",
) -> Ranges:
    """Ranges as the agent's flags have them mean nodes and pods."""
    return Ranges(
        key=key,
        networks=networks,
        excepts=excepts,
        nodes=agent.cidr_matches_nodes,
        pods=agent.cidr_matches_pods,
        missing=missing,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Addresses outside that the DNS proxy has seen for a matching name."""

    pattern: NamePattern


Selector = Labelled | Ranges | Named

EVERYONE = Labelled(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Ports of one protocol: a number or a range, all of them (0 alone), or a name."""

    protocol: int
    text: str
    """As written, which decides what rules share a place."""
    first: int = 0
    last: int = 0
    """As written: 0 where there is none; below `first` it counts for nothing but the place."""
    name: str = ""

    @property
    def is_every(self) -> bool:
        """Whether all ports of the protocol are meant."""
        return not (self.first or self.last or self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Whom connections are handed to."""

    parser: Parser
    name: str = ""
    """What distinguishes proxies of one parser: another protocol, or a custom listener."""
    rank: int = field(default=-1, compare=False)
    """Of two that match, the higher one wins; where none is given, the parser's."""

    def __post_init__(self) -> None:
        """Fill in the parser's rank."""
        if self.rank < 0:
            object.__setattr__(self, "rank", int(self.parser))

    def __str__(self) -> str:
        """The proxy as a message names it."""
        return self.name or self.parser.name


NO_PROXY = Proxy(parser=Parser.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class L7:
    """What a proxy has to look at."""

    proxy: Proxy
    names: tuple[NamePattern, ...] = ()
    """Names that may be queried."""
    server_names: tuple[NamePattern, ...] = ()
    http: tuple[Mapping[str, Any], ...] = ()
    has_rules: bool = False
    """Whether there is more to look at than server names."""
    contexts: Mapping[str, str] = field(default_factory=dict)
    """The secrets that a proxy takes part in TLS with, by the field that names them."""

    running: bool = True
    """Whether the agent has such a proxy at all; without, nothing gets through to it."""

    @property
    def hidden(self) -> str:
        """What has a part in it that no set of flows holds, or the empty string."""
        if self.contexts or self.parser is Parser.LISTENER:
            return "what a custom listener or TLS context lets through is not modelled"
        return (
            "" if self.running else "rules for a proxy that the agent does not run are not modelled"
        )

    @property
    def parser(self) -> Parser:
        """What reads the content."""
        return self.proxy.parser


@dataclass(frozen=True, slots=True, kw_only=True)
class PortGroup:
    """Ports with what is demanded of connections to them."""

    ports: tuple[Port, ...]
    l7: L7 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CiliumRule:
    """One item of an egress section, for the pods that `subject` selects.

    `peers` is None where the item selects nothing, and empty where it names no peer at all, which
    with ports means everyone. `groups` is None where it names no ports either.
    """

    origin: Origin
    subject: Labelled
    deny: bool = False
    default_deny: bool = True
    peers: tuple[Selector, ...] | None = None
    groups: tuple[PortGroup, ...] | None = None
    entry: Unmodelled | None = None
    """Something in it that is not modelled: no verdict about its subjects is given."""
    passes: bool = False
    """Whether it leaves the decision to the next tier."""
    tier: Tier = Tier.NORMAL
    priority: int = 0
    """Within the tier, the lower number first; policies of Cilium's own have none."""
    caveats: tuple[Caveat, ...] = ()
    """What to know of its object, beside every verdict about its subjects."""
