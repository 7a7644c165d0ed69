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

    Without a version a verdict has to hold for every modelled release.

    Raises:
        UsageError: if an option is given, or the cluster is to have native definitions and the
            release has none.
    """
    if options:
        raise UsageError(
            f"{min(options)!r} is not an option that calico-enterprise's verdicts depend on"
        )
    if release.version is not None:
        dialects = ENTERPRISE[release.version.line]
    else:
        dialects = tuple(dict.fromkeys(each for some in ENTERPRISE.values() for each in some))
    return read_calico(manifests, dialects, cluster, product=release.engine)
