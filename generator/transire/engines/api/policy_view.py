"""What lint requires of an engine: its policies in the common shape, its fields, its spellings.

A `PolicyApi` is one API of objects as lint reads and corrects them, a `PolicyView` the APIs that
one engine reads. Every part is abstract or without a default, so that an engine which forgets one
fails when it is made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transire.engines.api.policy_kinds import PolicyKinds
from transire.engines.api.policy_shape import (
    Block,
    HostName,
    PodPeer,
    Policy,
    Rule,
    TierFacts,
    WrittenPort,
)
from transire.k8s.admission import Refused
from transire.k8s.manifests import Manifest, Tree
from transire.model.engine import Release
from transire.model.net import Network

Edit = Callable[[dict[str, Any]], object]
"""A change of a whole object in place; whoever runs it offers nothing where it raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressGap:
    """An object that does not govern egress though it seems to.

    `field` is the list of directions to which egress has to be added, `weak` that it is less
    certain to be a mistake.
    """

    at: str
    field: str
    message: str
    weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyList:
    """A list without items that opens more than it seems to; `edit` takes its item away."""

    at: str
    message: str
    help: str = "name what is meant, or leave the whole item out"
    edit: Edit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceChoice:
    """A selector of namespaces by some label, and the label that each namespace surely has."""

    at: str
    sure_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerItem:
    """An item of a list of destinations: whether it selects namespaces alone, or pods alone."""

    at: str
    only_namespaces: bool
    only_pods: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed:
    """Destinations that another object fills, and whoever may write that.

    `kind` and `group` are the object's, `namespace` and `name` name it, or are empty where a
    selector chooses among such objects; `fits` is whether it chooses one with such labels.
    """

    at: str
    what: str
    group: str
    kind: str
    name: str = ""
    namespace: str = ""
    fits: Callable[[Mapping[str, str]], bool] = bool


class Corrections(ABC):
    """How one API spells what a rule proposes.

    Edits get the whole object and JSON pointers into it. They may take the places for what a valid
    object has there, and raise what Python raises where that is something else.
    """

    @property
    @abstractmethod
    def leave_out_with(self) -> str:
        """The field that leaves addresses out of a range."""

    @property
    @abstractmethod
    def deny_alone(self) -> str:
        """How to deny some destinations and leave the rest alone."""

    @property
    @abstractmethod
    def namespace_with(self) -> str:
        """How a selector of pods names their namespace."""

    @abstractmethod
    def leave_out(
        self, body: dict[str, Any], at: str, block: Block, holes: Sequence[Network]
    ) -> None:
        """Leave addresses out of a range of the rule at a pointer."""

    @abstractmethod
    def also_deny(self, body: dict[str, Any], at: str, network: str) -> None:
        """Deny a whole address family beside that which the rule at a pointer denies."""

    @abstractmethod
    def port_range(self, first: str, last: str) -> str:
        """How a range of ports is written."""

    @abstractmethod
    def write_port_range(self, body: dict[str, Any], at: str, first: str, last: str) -> None:
        """Write a range in place of the port at a pointer."""


class PolicyApi(ABC):
    """One API of policies, and of what belongs to them, as lint reads and corrects its objects.

    Trees are objects without what the API server drops.
    """

    @property
    @abstractmethod
    def title(self) -> str:
        """Whose fields it has, such as `the Kubernetes NetworkPolicy`."""

    @property
    @abstractmethod
    def kinds(self) -> tuple[PolicyKinds, ...]:
        """Its kinds, by group."""

    @property
    @abstractmethod
    def distinctive_fields(self) -> frozenset[str]:
        """Its fields in plain words by which people know it, wherever they stand.

        Names of several words are distinctive by themselves, where no other API has the same.
        """

    @property
    @abstractmethod
    def corrections(self) -> Corrections:
        """How it spells what a rule proposes."""

    @property
    @abstractmethod
    def names_ports_outside(self) -> bool:
        """Whether a port's name counts outside the cluster, as the number that pods give it."""

    @property
    @abstractmethod
    def labels_name_namespaces(self) -> bool:
        """Whether a selector of pods may name their namespace, as a label of theirs."""

    @property
    @abstractmethod
    def denies_the_rest(self) -> str:
        """Why a policy denies what none of its rules matches, as a clause."""

    @property
    @abstractmethod
    def learns_from_dns_rules(self) -> bool:
        """Whether addresses of hosts are learned only where a rule about DNS shows responses."""

    @abstractmethod
    def has(self, manifest: Manifest) -> bool:
        """Whether the object is one of this API."""

    @abstractmethod
    def policies(
        self, manifest: Manifest, tree: Tree, namespace: str, release: Release, *, in_force: bool
    ) -> Iterable[Policy]:
        """The policies of one object, none where the engine would refuse it.

        Raises:
            Unjudgeable: if it holds what is not modelled, or cannot be followed.
        """

    @abstractmethod
    def hosts(self, manifest: Manifest, tree: Tree) -> Iterable[HostName]:
        """The hosts in an object that is no policy."""

    @abstractmethod
    def host_labels(self, host: str, release: Release) -> tuple[str, ...]:
        """What a host as `HostName` has it stands for, label by label; none where hosts are none.

        In a label `*` stands for any characters of one label, a label `**` for one or more labels.
        """

    @abstractmethod
    def ports(self, manifest: Manifest, tree: Tree) -> Iterable[WrittenPort]:
        """Every port that an object writes, in both directions."""

    @abstractmethod
    def fields(self, kind: str, way: Sequence[str], release: Release) -> tuple[str, ...]:
        """The fields that a kind has where keys lead from the top, places in lists left out.

        The schema that the engine judges with is the source; empty where it knows nothing.
        """

    @abstractmethod
    def where_else(self, kind: str, way: Sequence[str], release: Release) -> str:
        """In which releases or kinds, or with which sibling, the API has a field that is not there.

        For people, such as `Cilium 1.16 and newer`; empty where it has it nowhere.
        """

    @abstractmethod
    def remainder(self, manifest: Manifest, tree: Tree, way: Sequence[str]) -> str:
        """What is left of an object that is no policy without a field, as a clause, or empty."""

    @abstractmethod
    def egress_gap(self, manifest: Manifest, tree: Tree) -> EgressGap | None:
        """Why an object does not govern egress though it seems to, or None."""

    @abstractmethod
    def empty_lists(self, rule: Rule, release: Release) -> Iterable[EmptyList]:
        """The empty lists of a rule that open more than they seem to."""

    @abstractmethod
    def namespaces_by(self, rule: Rule, label: str) -> Iterable[NamespaceChoice]:
        """Where a rule chooses namespaces by a label."""

    @abstractmethod
    def borrowed(self, rule: Rule) -> Iterable[Borrowed]:
        """The destinations of a rule that another object fills."""

    @abstractmethod
    def peer_items(self, policy: Policy, rule: Rule) -> Iterable[PeerItem]:
        """The items of the lists whose items each are a destination, in their order."""

    @abstractmethod
    def mistaken_labels(self, rule: Rule, peer: PodPeer) -> Mapping[str, str]:
        """Label keys of a destination that no pod has, and what was meant; none where all may be.

        An engine has such where it writes labels in a way of its own.
        """

    @property
    @abstractmethod
    def whole_namespaces(self) -> str:
        """What an item that selects namespaces alone means."""


Tiers = Callable[[Iterable[tuple[Manifest, Tree]], Release], Mapping[str, TierFacts]]
"""Each tier that is known, from the objects of the input and the release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    """What lint requires of one engine.

    `apis` are those whose objects it reads. `shared_groups` are API groups of which it enforces
    some kinds, or is about to. `denies`: a policy can deny something that another allows.
    `ranges_cover_pods`: an address range also means pods, nodes and services. `tiers` is empty
    where policies add up. `waits`: whether an object is refused only because one that it needs
    is not given. `needed_flag`: the flag of the agent without which the release passes over an
    object of another API, or the empty string where no flag makes it read the object.
    """

    apis: tuple[PolicyApi, ...]
    shared_groups: frozenset[str]
    denies: bool
    ranges_cover_pods: bool
    tiers: Tiers
    waits: Callable[[Refused], bool]
    needed_flag: Callable[[Release, Manifest], str]

    def __post_init__(self) -> None:
        if not self.apis:
            raise ValueError("an engine without an API has no policies")

    @property
    def groups(self) -> frozenset[str]:
        """The API groups that are not for other engines alone."""
        return self.shared_groups | {kinds.group for each in self.apis for kinds in each.kinds}

    def api_of(self, manifest: Manifest) -> PolicyApi | None:
        """The API of an object, None where the engine does not read it."""
        return next((each for each in self.apis if each.has(manifest)), None)


def no_tiers(objects: Iterable[tuple[Manifest, Tree]], release: Release) -> Mapping[str, TierFacts]:
    """None: all policies add up."""
    del objects, release
    return {}


def never_waits(refused: Refused) -> bool:
    """False: no object needs another."""
    del refused
    return False


def no_flag(release: Release, manifest: Manifest) -> str:
    """The empty string: no flag of an agent decides which kinds are read."""
    del release, manifest
    return ""
