"""What Calico shows of itself in a cluster: settings stand in FelixConfigurations."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from transire.engines.api.diagnosis import (
    Diagnosis,
    Setting,
    no_cap,
    no_options,
    no_status,
    spec_settings,
)
from transire.k8s.manifests import Manifest


def _settings(manifest: Manifest) -> Iterator[Setting]:
    if manifest.ref.kind == "FelixConfiguration":
        yield from spec_settings(manifest)


def _staged(manifest: Manifest) -> bool:
    return manifest.ref.kind.startswith("Staged")


DIAGNOSIS = Diagnosis(
    images=frozenset({"node", "cnx-node", "calico-node"}),
    settings=_settings,
    options=no_options,
    cluster_name="",
    keeps=("dnsExtraTTL",),
    cap="",
    usual_cap=no_cap,
    audits=(),
    disables=(),
    refuses_with=("", ""),
    staged=_staged,
    refused=no_status,
    see_lookups="",
    entities=MappingProxyType({}),
    mended=(),
    most_patterns=1000,
)
