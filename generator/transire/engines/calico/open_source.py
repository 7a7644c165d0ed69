"""What Calico objects allow, by Calico's own rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transire.engines.calico.objects.releases import OPEN_SOURCE
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
    """Objects as this release of Calico reads them; without a version it is the newest modelled.

    Raises:
        UsageError: if an option is given, or the cluster is to have native definitions and the
            release has none.
    """
    line = max(OPEN_SOURCE) if release.version is None else release.version.line
    if options:
        raise UsageError(f"{min(options)!r} is not an option that calico's verdicts depend on")
    return read_calico(manifests, OPEN_SOURCE[line], cluster, product=release.engine)
