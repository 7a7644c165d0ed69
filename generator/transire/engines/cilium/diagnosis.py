"""What Cilium shows of itself in a cluster.

Settings stand in the ConfigMap `cilium-config`, in CiliumNodeConfigs and in the agent's arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from transire.engines.api.diagnosis import (
    Diagnosis,
    Mended,
    Setting,
    Status,
    argument_settings,
    data_settings,
    false_condition,
    never_staged,
    spec_settings,
)
from transire.engines.cilium.facts import addresses_kept
from transire.k8s.manifests import Manifest

_CONFIG = "cilium-config"
_AGENT = "cilium"
_READ = (
    "enable-ipv4",
    "enable-ipv6",
    "enable-l7-proxy",
    "enable-policy",
    "policy-cidr-match-mode",
)
"""Settings that every modelled release has, and on which verdicts depend."""


def _settings(manifest: Manifest) -> Iterator[Setting]:
    kind, name = manifest.ref.kind, manifest.ref.name
    if kind == "ConfigMap" and name == _CONFIG:
        yield from data_settings(manifest)
    elif kind == "CiliumNodeConfig":
        yield from spec_settings(manifest, "defaults")
    elif kind == "DaemonSet" and name == _AGENT:
        yield from argument_settings(manifest)


def _options(settings: Mapping[str, str]) -> Mapping[str, str]:
    return {name: settings[name] for name in _READ if settings.get(name)}


def _refused(manifest: Manifest) -> Status | None:
    return false_condition(manifest, frozenset({"Valid"}))


DIAGNOSIS = Diagnosis(
    images=frozenset({"cilium", "cilium-agent"}),
    settings=_settings,
    options=_options,
    cluster_name="cluster-name",
    keeps=("tofqdns-min-ttl", "tofqdns-idle-connection-grace-period"),
    cap="tofqdns-endpoint-max-ip-per-hostname",
    usual_cap=addresses_kept,
    audits=(("policy-audit-mode", "true"),),
    disables=(("enable-policy", "never"),),
    refuses_with=("tofqdns-dns-reject-response-code", "nameError"),
    staged=never_staged,
    refused=_refused,
    see_lookups='rules: {dns: [{matchPattern: "*"}]} in the toPorts of the rule for port 53',
    entities=MappingProxyType(
        {
            "host": "the node itself",
            "remote-node": "another node",
            "kube-apiserver": "the API server (kube-apiserver)",
        }
    ),
    mended=(
        Mended(
            line=(1, 18),
            patch=9,
            what=(
                "addresses of names that several patterns match, or that are learnt again, can "
                "lose their identity and are dropped"
            ),
        ),
    ),
    most_patterns=200,
)
"""Patterns: from 200 distinct ones on Cilium advises against allocating identities ahead.

Faults of 1.18: cilium/cilium#42573, #42594, #42880 and #44714.
"""
