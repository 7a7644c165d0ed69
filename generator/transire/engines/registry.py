"""Every engine by name: a new engine is one folder and one entry here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from transire.engines.api.engine import Engine
from transire.engines.api.policy_kinds import CONVERTED, POLICY_KINDS, PolicyKinds
from transire.engines.api.reading import Reading
from transire.engines.calico.engine import CALICO, ENTERPRISE
from transire.engines.cilium.engine import ENGINE as CILIUM
from transire.engines.kubernetes.engine import ENGINE as KUBERNETES
from transire.k8s.manifests import Manifest
from transire.model.engine import Release
from transire.model.intent import Cluster
from transire.model.problems import UsageError
from transire.queries.declared_cluster import declared_state

ENGINES: Mapping[str, Engine] = MappingProxyType(
    {each.name: each for each in (CILIUM, CALICO, ENTERPRISE, KUBERNETES)}
)


def engine_of(release: Release) -> Engine:
    """The engine of a release.

    Raises:
        UsageError: if there is none of that name.
    """
    return engine_named(release.engine)


def engine_named(name: str) -> Engine:
    """The engine of that name.

    Raises:
        UsageError: if there is none.
    """
    engine = ENGINES.get(name)
    if engine is None:
        raise UsageError(f"there is no engine {name!r}; the engines are {', '.join(ENGINES)}")
    return engine


def sequence_groups() -> frozenset[str]:
    """API groups whose own client takes a document that is a sequence of objects."""
    return frozenset(group for each in ENGINES.values() for group in each.sequences)


def tiered(release: Release) -> bool:
    """Whether policies of the release live in a tier of their own."""
    return engine_of(release).capabilities.tier.has(release)


def tier_maker(tier: str) -> Engine | None:
    """The engine that makes a tier of that name itself, if one does."""
    return next((each for each in ENGINES.values() if tier in each.reserved_tiers), None)


def policy_kinds() -> Mapping[str, PolicyKinds]:
    """Kinds of network policy by API group: of every engine here, and of those not modelled."""
    apis = (api for engine in ENGINES.values() for api in engine.view.apis)
    return {**POLICY_KINDS, **{kinds.group: kinds for api in apis for kinds in api.kinds}}


def widening_kinds() -> frozenset[tuple[str, str]]:
    """Groups with kinds, or `*`, of network policy that lets pods reach more, whoever reads it."""
    return frozenset(
        (*CONVERTED, *(pair for kinds in policy_kinds().values() for pair in kinds.widening))
    )


def read_objects(objects: Iterable[Manifest], cluster: Cluster) -> Reading:
    """Objects as the cluster's engine reads them, whatever addresses pods have.

    Raises:
        NotModelled: if the cluster's release is not modelled.
        Unjudgeable: if a flag of the cluster's agent is not modelled.
    """
    engine = engine_of(cluster.release)
    state, options = declared_state(cluster), engine.options(cluster)
    return engine.reading(tuple(objects), cluster.release, state, options)
