"""The one value through which rooms reach an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from transire.engines.api.admission import Admission
from transire.engines.api.advice import Advise
from transire.engines.api.allowances import Allowing
from transire.engines.api.capabilities import Capabilities, Revocation
from transire.engines.api.chart_schema import ChartSchema
from transire.engines.api.diagnosis import Diagnosis
from transire.engines.api.health import Health
from transire.engines.api.kinds import Kinds
from transire.engines.api.observation import Observation
from transire.engines.api.policy_view import PolicyView
from transire.engines.api.reading import Reader, Reading
from transire.engines.api.releases import Releases
from transire.k8s.manifests import Manifest
from transire.meaning.target import Baseline, Lowered, Target
from transire.model.engine import Release, Traits, Version
from transire.model.intent import Cluster
from transire.model.names import HostPattern
from transire.queries.cluster_state import ClusterState


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyScope:
    """What a policy object of the engine governs, read from its text alone.

    Only what is sure is included: a policy that lists its namespaces in another way may govern any.
    """

    ingress: Callable[[Manifest], bool]
    """Whether the object also decides about incoming connections."""
    namespaces: Callable[[Manifest], frozenset[str] | None]
    """Namespaces outside of which it governs no pod; None where it lists none by name."""
    narrowed: Callable[[Manifest], Manifest]
    """The object as it is to pods of the namespaces that it lists: without the list."""
    is_policy: Callable[[Manifest], bool]
    """Whether the engine enforces the object as a policy; a staged one is none."""
    denies: Callable[[Manifest], bool]
    """Whether the pods that a policy selects are denied what no policy allows."""
    selects_all: Callable[[Manifest], bool]
    """Whether a policy selects every pod of the namespaces that it governs, and no node."""
    without_rule: Callable[[Manifest, str], Manifest | None]
    """The object without the egress rule that a JSON pointer names, and denying the rest as before.

    None where it could let more through without it, and where there is no such rule.
    """
    without_egress: Callable[[Manifest], Manifest | None]
    """What is left of a policy for incoming connections; None where nothing is."""
    elsewhere: Callable[[Manifest, Sequence[str]], tuple[Manifest, ...]]
    """A cluster-wide policy whose egress holds in all namespaces but some: objects in its place.

    Nothing for an object that is not such a policy, or of a form that this cannot be written into.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What one engine is and does; no part has a default, so that none can be forgotten.

    `lower` and `lower_baseline` give values of `charts/egress-policy` and `charts/egress-baseline`
    and raise `Rejected` with every problem at once. `view` is how lint sees the engine's policies.
    `allowances` takes policies apart, for whoever writes values in their place.
    `as_read` gives what a release makes of a host of the values once its rule accepts that it is
    widened or narrowed; the host itself where it is exact, or delegated.
    `admission`: what the baseline's admission policy reserves on its clusters, and who else writes.
    `kept` gives an object in one form for comparison, whatever a server added or left out, and
    whichever of its APIs shows it. `enforced` gives what the objects for some pods in audit become
    when it ends.
    `applied_by_server`: whether the API server of a cluster can apply policies itself.
    `reserved_tiers` are tiers that the engine makes itself. `package` is the folder of the
    engine's family, where its part of the charts' schemas lies. `sequences` are API groups whose
    own client takes a document that is a sequence of objects. `family_flags` are the flags of the
    agent that turn an IP family on or off, by family. `revocation`: what becomes of connections
    that policies stop allowing. `diagnosis` is what the engine shows of itself in a cluster.
    `observation`: what it shows of its work, and how that is set. `advise`: what to set besides so
    that names, caches and connections work.
    """

    name: str
    title: str
    releases: Releases
    capabilities: Capabilities
    traits: Callable[[Cluster], Traits]
    kinds: Callable[[Release], Kinds]
    lower: Callable[[Target], Lowered]
    lower_baseline: Callable[[Baseline], Lowered]
    as_read: Callable[[HostPattern, Release], tuple[HostPattern, ...]]
    read: Reader
    allowances: Allowing
    view: PolicyView
    scope: PolicyScope
    kept: Callable[[Manifest], Manifest]
    enforced: Callable[[Sequence[Manifest]], tuple[Manifest, ...]]
    health: Health
    admission: Admission
    applied_by_server: Callable[[Release], bool]
    package: str
    sequences: frozenset[str]
    reserved_tiers: frozenset[str]
    family_flags: Mapping[str, str]
    revocation: Revocation
    observation: Observation
    advise: Advise
    diagnosis: Diagnosis

    def __post_init__(self) -> None:
        if self.releases.engine != self.name:
            raise ValueError(f"{self.name} has the releases of {self.releases.engine}")
        for line in self.releases.lines:
            self._check_admission(
                Release(engine=self.name, version=Version(major=line[0], minor=line[1]))
            )

        for kinds in (kinds for api in self.view.apis for kinds in api.kinds):
            if not kinds.is_listed:
                raise ValueError(
                    f"{self.name} reads {kinds.group}, which POLICY_KINDS does not list, so other "
                    "engines would pass its policies over"
                )

    def _check_admission(self, release: Release) -> None:
        """Refuse an engine whose own kinds everybody may write in spite of its admission policy."""
        kinds = self.kinds(release)
        tier = (kinds.tier,) if kinds.tier else ()
        for each in (*kinds.team, *kinds.baseline, *tier):
            if not self.admission.has(each.group, each.resource):
                raise ValueError(f"{self.name} does not reserve {each.resource}.{each.group}")

    def chart_schema(self) -> ChartSchema:
        """What the engine's family adds to the charts' schemas."""
        return ChartSchema.of_package(self.package)

    def family_options(self, cluster: Cluster) -> Mapping[str, str]:
        """The flags that follow from the IP families of a cluster, where these are known."""
        network = cluster.network
        if network.families_assumed:
            return {}
        return {
            flag: "true" if family in network.families else "false"
            for family, flag in self.family_flags.items()
        }

    def options(self, cluster: Cluster) -> Mapping[str, str]:
        """All flags under which the agent of a cluster reads objects."""
        return {**self.family_options(cluster), **dict(cluster.agent)}

    def reading(
        self,
        manifests: Sequence[Manifest],
        release: Release,
        cluster: ClusterState,
        options: Mapping[str, str],
    ) -> Reading:
        """The objects as a release of the engine reads them, all applied together.

        Raises:
            NotModelled: if the release is not modelled.
            UsageError: if an option is given that the engine does not have.
            Unjudgeable: if a flag of the agent is not modelled.
        """
        self.releases.check(release)
        return self.read(manifests, release, cluster, options)

    def __repr__(self) -> str:
        return f"Engine({self.name!r})"


def exactly(pattern: HostPattern, release: Release) -> tuple[HostPattern, ...]:
    """The host itself: no release reads another."""
    del release
    return (pattern,)


def always_applied(release: Release) -> bool:
    """True: the API server applies the policies of every release itself."""
    del release
    return True
