"""What rules of NetworkPolicy let pods reach, part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transire.engines.api.allowances import Allowance
from transire.engines.api.networkpolicy_allowances import networkpolicy_allowances
from transire.engines.kubernetes.reading import read
from transire.k8s.manifests import Manifest
from transire.model.engine import Release
from transire.queries.cluster_state import ClusterState


def allowances(
    manifests: Sequence[Manifest],
    release: Release,
    cluster: ClusterState,
    options: Mapping[str, str],
) -> tuple[Allowance, ...]:
    """What the rules that allow egress name, object by object."""
    policies = read(manifests, release, cluster, options).policies
    return tuple(each for policy in policies for each in networkpolicy_allowances(policy))
