"""What Calico Enterprise objects allow: Calico's rules and domain names beside addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transire.engines.calico.objects.releases import ENTERPRISE
from transire.engines.calico.reading import CalicoReading, read_calico
from transire.k8s.manifests import Manifest
from transire.model.engine import Release
from transire.model.problems import UsageError
from transire.queries.cluster_state import EMPTY, ClusterState


def read(
    manifests: Sequence[Manifest],
    release: Release,
    cluster: ClusterState,
    options: Mapping[str, str] = EMPTY,
) -> CalicoReading:
    """Objects as this release of Calico Enterprise reads them.

    Raises:
        UsageError: if an option is given.
    """
    if options:
        raise UsageError(
            f"{min(options)!r} is not an option that calico-enterprise's verdicts depend on"
        )
    return read_calico(manifests, ENTERPRISE, cluster, product=release.engine)
