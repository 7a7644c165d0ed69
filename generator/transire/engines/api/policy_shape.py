"""Policies of every API in one shape, as far as lint needs it.

The shape is for comparing policies with one another. It is not their meaning: what an engine makes
of content rules, groups and services is only named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.manifests import Manifest, ObjectRef, Tree
from transire.model.net import Network, contains, overlaps

DNS_UDP = PortSet.of_port(Protocol.UDP, 53)
DNS_TCP = PortSet.of_port(Protocol.TCP, 53)
MOST_PARTS = 6
"""How often selectors may look at part of a label before sets of pods grow too large."""

_FAMILIES = frozenset({4, 6})


class Action(StrEnum):
    """What a rule does with what it matches."""

    ALLOW = "allows"
    DENY = "denies"
    PASS = "passes on"  # noqa: S105 - an action, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFacts:
    """A tier: its order, and whether what no rule of it matches is passed on instead of denied."""

    order: float
    passes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An address range without its exceptions, and where it is written."""

    at: str
    cidr: Network
    excepts: tuple[Network, ...] = ()

    def holds(self, network: Network) -> bool:
        """Whether every address of the network is in it."""
        inside = contains(self.cidr, network)
        return inside and not any(contains(each, network) for each in self.excepts)

    def covers(self, other: Block) -> bool:
        """Whether every address of the other is in it."""
        return contains(self.cidr, other.cidr) and all(
            any(contains(hole, each) for hole in other.excepts)
            for each in self.excepts
            if overlaps(each, other.cidr)
        )

    @property
    def is_whole(self) -> bool:
        """Whether it is every address of its family."""
        return self.cidr.prefixlen == 0 and not self.excepts


@dataclass(frozen=True, slots=True, kw_only=True)
class PodPeer:
    """Pods as a destination, and where their selector is written.

    `values` are those that it wants labels to have. `implied`: the pods are those of the
    policy's own namespace because no other is written; `possible` is false where nothing could
    carry the labels that are wanted.
    """

    at: str
    pods: PodSet
    values: frozenset[str] = frozenset()
    implied: bool = False
    possible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HostName:
    """A host as written, in lower case and without a trailing dot."""

    at: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPort:
    """A port that is given by its name."""

    at: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPort:
    """A port as it is written, whatever it means, and the number that it is, if it is one.

    `end` is the last port of the range, where a field of its own at `end_at` gives that.
    """

    at: str
    value: object
    number: int | None = None
    end: int | None = None
    end_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One item of a policy's egress.

    `anywhere`: it names no destination and so means each. `nothing`: it matches none. `narrowed`:
    it also looks at something else, such as content or the source. `entities` are destinations
    that the engine knows by a name of its own; with `everything` one of them is each destination,
    with `world` each outside the cluster, with `api_server` the only one is the API server.
    `groups` are ranges that another object holds. `content` names what a narrowed rule lets
    through, for people.
    """

    at: str
    tree: Tree
    ports: PortSet
    action: Action = Action.ALLOW
    anywhere: bool = False
    nothing: bool = False
    narrowed: bool = False
    blocks: tuple[Block, ...] = ()
    pods: tuple[PodPeer, ...] = ()
    hosts: tuple[HostName, ...] = ()
    entities: tuple[str, ...] = ()
    everything: bool = False
    world: bool = False
    api_server: bool = False
    groups: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    content: str = ""
    named: tuple[NamedPort, ...] = ()

    @property
    def every_port(self) -> bool:
        """Whether it leaves ports and protocols open."""
        return self.ports == PortSet.everything()

    @property
    def families(self) -> frozenset[int]:
        """The families of which it matches every address outside."""
        if self.nothing:
            return frozenset()
        if self.anywhere or self.everything or self.world:
            return _FAMILIES
        return frozenset(each.cidr.version for each in self.blocks if each.is_whole)

    def covers_peers(self, other: Rule) -> bool:
        """Whether every destination of the other rule is surely one of its own."""
        if self.anywhere or self.everything or other.nothing:
            return True
        if self.nothing or other.anywhere:
            return False
        pods = PodSet.union(each.pods for each in self.pods)
        mine = {each.text for each in self.hosts}
        return (
            all(self.world or any(own.covers(each) for own in self.blocks) for each in other.blocks)
            and all(self.world or each.text in mine for each in other.hosts)
            and (self.world or set(other.groups) <= set(self.groups))
            and all(each.pods and each.pods <= pods for each in other.pods)
            and set(other.entities) <= set(self.entities)
            and set(other.others) <= set(self.others)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What one object, or one of its specs, states about the egress of some pods.

    `subject` is empty where it selects no pod that could exist; with `others` it may select what is
    no pod. `pins` are labels of which all of its pods have one known value. `enforces`: what no
    rule allows is denied. `in_force` is false for objects that are refused or only staged. `parts`
    counts how often its selector looks at part of a label. `tier` and `order` are empty where
    policies add up in any order; `namespace` is empty for a policy of the whole cluster.
    """

    manifest: Manifest
    at: str
    tree: Tree
    namespace: str
    subject: PodSet
    subject_at: str
    pins: Mapping[str, str]
    enforces: bool
    in_force: bool
    rules: tuple[Rule, ...]
    others: bool = False
    parts: int = 0
    tier: str = ""
    order: tuple[float, str] = (0, "")

    @property
    def ref(self) -> ObjectRef:
        """The object's name."""
        return self.manifest.ref

    @property
    def confines(self) -> bool:
        """Whether it denies its pods something: no rule of it lets everything through."""
        return self.enforces and not any(
            (each.anywhere or each.everything) and each.every_port and not each.narrowed
            for each in self.rules
            if each.action is not Action.DENY
        )

    @property
    def allows(self) -> tuple[Rule, ...]:
        """The rules that let something through."""
        return tuple(
            each for each in self.rules if each.action is Action.ALLOW and not each.nothing
        )

    @property
    def denies(self) -> tuple[Rule, ...]:
        """The rules that drop something."""
        return tuple(each for each in self.rules if each.action is Action.DENY and not each.nothing)
