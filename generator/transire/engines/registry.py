"""Every engine by name: a new engine is one folder and one entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from transire.engines.api.reading import Reading
from transire.engines.api.releases import release_fault
from transire.engines.calico.enterprise import read as read_enterprise
from transire.engines.calico.lower.enterprise import lower as lower_enterprise
from transire.engines.calico.lower.enterprise import lower_baseline as lower_enterprise_baseline
from transire.engines.calico.lower.open_source import lower as lower_calico
from transire.engines.calico.lower.open_source import lower_baseline as lower_calico_baseline
from transire.engines.calico.open_source import read as read_calico
from transire.engines.calico.reading import CalicoReading
from transire.engines.cilium.lower.lower import lower as lower_cilium
from transire.engines.cilium.lower.lower import lower_baseline as lower_cilium_baseline
from transire.engines.cilium.reading import CiliumReading
from transire.engines.cilium.reading import read as read_cilium
from transire.engines.kubernetes.lower import lower as lower_kubernetes
from transire.engines.kubernetes.lower import lower_baseline as lower_kubernetes_baseline
from transire.engines.kubernetes.reading import KubernetesReading
from transire.engines.kubernetes.reading import read as read_kubernetes
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.source_pods import Sources
from transire.k8s.manifests import Manifest
from transire.k8s.unmodelled import Unmodelled
from transire.meaning.target import Baseline, Lowered, Target
from transire.model.engine import EngineName, Release
from transire.model.intent import Cluster
from transire.model.problems import UsageError
from transire.queries.cluster_state import ClusterState


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What one engine can do; both functions raise `Rejected` with every problem at once."""

    name: EngineName
    lower: Callable[[Target], Lowered]
    """Values of `charts/egress-policy` for one target."""
    lower_baseline: Callable[[Baseline], Lowered]
    """Values of `charts/egress-baseline` for one cluster."""
    read: Callable[[Sequence[Manifest], Release, ClusterState, Mapping[str, str]], Reading]
    """What objects mean to a release, in a cluster, under an agent's flags."""


def _read_networkpolicies(
    manifests: Sequence[Manifest],
    release: Release,
    cluster: ClusterState,
    options: Mapping[str, str],
) -> Reading:
    """NetworkPolicy means the same in every release of Kubernetes that is modelled."""
    fault = release_fault(release)
    if fault:
        raise UsageError(fault)
    return read_kubernetes(manifests, Release(engine=release.engine), cluster, options)


ENGINES: Mapping[EngineName, Engine] = MappingProxyType(
    {
        each.name: each
        for each in (
            Engine(
                name=EngineName.CILIUM,
                lower=lower_cilium,
                lower_baseline=lower_cilium_baseline,
                read=read_cilium,
            ),
            Engine(
                name=EngineName.CALICO,
                lower=lower_calico,
                lower_baseline=lower_calico_baseline,
                read=read_calico,
            ),
            Engine(
                name=EngineName.CALICO_ENTERPRISE,
                lower=lower_enterprise,
                lower_baseline=lower_enterprise_baseline,
                read=read_enterprise,
            ),
            Engine(
                name=EngineName.KUBERNETES,
                lower=lower_kubernetes,
                lower_baseline=lower_kubernetes_baseline,
                read=_read_networkpolicies,
            ),
        )
    }
)


def doubts_of(reading: Reading) -> tuple[Unmodelled, ...]:
    """The places in the objects that their engine's reader does not model.

    Cilium's reader keeps them with the rules and only speaks of those that a question meets.
    """
    match reading:
        case CalicoReading():
            return tuple(each.entry for each in reading.unmodelled)
        case KubernetesReading():
            return reading.unmodelled
        case _:
            return ()


def flows_of(reading: Reading, pods: PodSet | Sources, api_server_ports: PortSet) -> FlowSet:
    """Every flow that these pods are allowed.

    `api_server_ports` are those of the API server's endpoints, which Calico reaches by its
    service.

    Raises:
        Unjudgeable: if an object that concerns them holds what is not modelled.
        TypeError: if no engine of ours made the reading.
    """
    match reading:
        case CalicoReading():
            return reading.flows(pods, api_server_ports=api_server_ports)
        case CiliumReading() | KubernetesReading():
            return reading.flows(pods)
        case _:
            raise TypeError(f"{type(reading).__name__} has no flows")


def read_objects(objects: Iterable[Manifest], cluster: Cluster) -> Reading:
    """What the objects mean to the cluster's engine, whatever else the cluster holds.

    Raises:
        Unjudgeable: if an agent flag is not modelled.
        UsageError: if the engine's version is not modelled.
    """
    engine = ENGINES[cluster.release.engine]
    return engine.read(tuple(objects), cluster.release, ClusterState(), dict(cluster.agent))
