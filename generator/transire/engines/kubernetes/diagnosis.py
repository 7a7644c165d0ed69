"""What enforcers of NetworkPolicy show of themselves in a cluster.

EKS: the ConfigMap `amazon-vpc-cni` turns the controller on, the agent's argument the enforcement.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from transire.engines.api.diagnosis import (
    Diagnosis,
    Setting,
    argument_settings,
    data_settings,
    never_staged,
    no_cap,
    no_options,
    no_status,
)
from transire.k8s.manifests import Manifest

_CONFIG, _AGENT = "amazon-vpc-cni", "aws-node"


def _settings(manifest: Manifest) -> Iterator[Setting]:
    kind, name = manifest.ref.kind, manifest.ref.name
    if kind == "ConfigMap" and name == _CONFIG:
        yield from data_settings(manifest)
    elif kind == "DaemonSet" and name == _AGENT:
        yield from argument_settings(manifest)


DIAGNOSIS = Diagnosis(
    images=frozenset({"aws-network-policy-agent"}),
    settings=_settings,
    options=no_options,
    cluster_name="",
    keeps=(),
    cap="",
    usual_cap=no_cap,
    audits=(),
    disables=(
        ("enable-network-policy-controller", "false"),
        ("enable-network-policy", "false"),
    ),
    refuses_with=("", ""),
    staged=never_staged,
    refused=no_status,
    see_lookups="",
    entities=MappingProxyType({}),
    mended=(),
    most_patterns=1000,
)
