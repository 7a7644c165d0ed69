"""What people meant: the whole organisation as frozen values.

Everything is sorted and without repetition, so that equal meanings are equal values and give
equal bytes. A `Position` is where something was written and takes no part in comparison.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from transire.model.bundle_source import BundleSource
from transire.model.choices import (
    Approximation,
    DnsProfile,
    GitOps,
    InCluster,
    Mode,
)
from transire.model.claims import TeamClaims
from transire.model.destinations import (
    NOWHERE,
    AddressRange,
    Destination,
    Entity,
    EntityKind,
    Host,
    KnownNetwork,
    Labels,
    Pods,
)
from transire.model.ends import End
from transire.model.engine import Definitions, Release
from transire.model.fallback import ProxyFallback, SetFallback
from transire.model.guardrail import Guardrails
from transire.model.net import Network, PortRange
from transire.model.observation import Monitoring, Observe
from transire.model.owners import Codeowners
from transire.model.probe import ProbeSettings
from transire.model.problems import Position
from transire.model.publish import ArgoCdSync, Publish
from transire.model.rule import Rule
from transire.model.scoped import Place
from transire.model.waiver import Waiver

__all__ = (
    "NOWHERE",
    "AddressRange",
    "Approximation",
    "Destination",
    "DnsProfile",
    "Entity",
    "EntityKind",
    "GitOps",
    "Host",
    "InCluster",
    "KnownNetwork",
    "Labels",
    "Mode",
    "Pods",
    "ProxyFallback",
    "Rule",
    "SetFallback",
    "Waiver",
)

FAMILIES = ("IPv4", "IPv6")
"""The IP families, as Kubernetes names them."""


def _at() -> Position:
    return field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One namespace of a team on one cluster, and whether it is enforced there."""

    namespace: str
    cluster: str
    mode: Mode
    until: End | None = None
    at: Position = _at()


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """What one team may reach, and where that is published."""

    name: str
    contact: str
    path: str
    publications: tuple[Publication, ...]
    rules: tuple[Rule, ...]
    at: Position = _at()
    contact_at: Position = _at()

    def __repr__(self) -> str:
        return f"<Team {self.name} publications={len(self.publications)} rules={len(self.rules)}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A vetted set that any team may name; `source` is None where people chose what is in it."""

    name: str
    owner: str
    reason: str
    hosts: tuple[Host, ...]
    path: str
    ranges: tuple[AddressRange, ...] = ()
    source: BundleSource | None = None
    at: Position = _at()

    def __repr__(self) -> str:
        return f"<Bundle {self.name} hosts={len(self.hosts)} ranges={len(self.ranges)}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """Where DNS queries go: pods by labels, or addresses, on a port; for profile `custom`."""

    namespace: str = ""
    labels: Labels = ()
    addresses: tuple[Network, ...] = ()
    port: int = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns:
    """How a cluster resolves names.

    `addresses` are the resolver's own where the profile needs them (node-local, cloud);
    `search` holds search domains of the nodes beside those of the cluster domain;
    `restrict` limits the names that a pod may query to what its rules name.
    """

    profile: DnsProfile
    restrict: bool = False
    addresses: tuple[Network, ...] = ()
    search: tuple[str, ...] = ()
    resolver: Resolver | None = None
    at: Position = _at()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterNetwork:
    """The cluster's own address ranges; `families` holds `IPv4`, `IPv6` or both.

    `declared` is false where the file does not give the pod, service and node ranges.
    `families_assumed` is true where nothing gives the families, which are then both.
    """

    pod_cidrs: tuple[Network, ...] = ()
    service_cidrs: tuple[Network, ...] = ()
    node_cidrs: tuple[Network, ...] = ()
    domain: str = "cluster.local"
    families: tuple[str, ...] = FAMILIES
    families_assumed: bool = False

    @property
    def declared(self) -> bool:
        """Whether pod, service and node ranges are all known."""
        return bool(self.pod_cidrs and self.service_cidrs and self.node_cidrs)

    @property
    def own(self) -> tuple[Network, ...]:
        """Every range that belongs to the cluster."""
        return (*self.pod_cidrs, *self.service_cidrs, *self.node_cidrs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """A cluster among others whose pods reach each other: its name there, and the others'."""

    name: str
    clusters: tuple[str, ...]
    at: Position = _at()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One cluster: its engine in a version, its environment, and all that lowering needs.

    `policy_writers` are service accounts, `NAMESPACE/NAME`, that may write egress policies beside
    the publishing ones where an admission policy keeps everybody else from it.
    `networks` are those of the platform that the cluster has. `server_names_optional` lets a rule
    turn server names off, and takes hosts that cannot be written as one.
    """

    name: str
    release: Release
    environment: str
    dns: Dns
    gitops: GitOps
    network: ClusterNetwork = field(default_factory=ClusterNetwork)
    server_names: bool = False
    server_names_optional: bool = False
    agent: Labels = ()
    definitions: Definitions | None = None
    approximate: frozenset[Approximation] = frozenset()
    fallback: ProxyFallback | SetFallback | None = None
    policy_writers: tuple[str, ...] = ()
    networks: tuple[KnownNetwork, ...] = ()
    mesh: Mesh | None = None
    at: Position = _at()
    policy_writers_at: Position = _at()

    def __repr__(self) -> str:
        return f"<Cluster {self.name}: {self.release}>"

    def place(self, namespace: str = "") -> Place:
        """The namespace on this cluster; without one, all that are enrolled there."""
        return Place(namespace=namespace, cluster=self.name, environment=self.environment)


def with_networks(cluster: Cluster, networks: tuple[KnownNetwork, ...]) -> Cluster:
    """The cluster with those of the networks that it has."""
    return replace(cluster, networks=tuple(each for each in networks if each.is_on(cluster.name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """The Calico tier that holds every policy of ours."""

    name: str = "egress"
    order: int = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What the platform team decides for everybody.

    `organisation` is a name for people, or empty.
    `until` is when the default mode ends, where it does, and `admission_at` the place
    of the admission policy. `argocd_sync` is None where the file does not state it.
    `teams` is what each may claim, and None where that is not limited. `observe` and `monitoring`
    are None where nothing is generated for them, `probe` where the platform has none.
    """

    path: str
    mode: Mode
    ports: tuple[PortRange, ...]
    in_cluster: InCluster
    clusters: tuple[Cluster, ...]
    publish: Publish = Publish()
    tier: Tier = Tier()
    enrol: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    networks: tuple[KnownNetwork, ...] = ()
    teams: tuple[TeamClaims, ...] | None = None
    everyone: tuple[Rule, ...] = ()
    guardrails: Guardrails = field(default_factory=Guardrails)
    admission: bool = False
    argocd_sync: ArgoCdSync | None = None
    codeowners: Codeowners | None = None
    organisation: str = ""
    observe: Observe | None = None
    monitoring: Monitoring | None = None
    probe: ProbeSettings | None = None
    until: End | None = None
    admission_at: Position = _at()

    def __repr__(self) -> str:
        return f"<Platform clusters={len(self.clusters)}>"

    def cluster(self, name: str) -> Cluster:
        """The cluster of that name.

        Raises:
            KeyError: if the platform has none.
        """
        for each in self.clusters:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Everything that the values files hold.

    `others` names the teams that are left out where only some were requested.
    """

    platform: Platform
    teams: tuple[Team, ...]
    bundles: tuple[Bundle, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    others: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"<Organisation teams={len(self.teams)} clusters={len(self.platform.clusters)}>"
