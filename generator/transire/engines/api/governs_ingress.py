"""Whether a policy also decides what may come in.

A policy of ours speaks of egress only; one that governs ingress without a rule for it cuts pods off
from their callers, which no set of egress flows shows.

Sources: NetworkPolicySpec.policyTypes of the Kubernetes API, `types` in Calico's reference of
policies, `enableDefaultDeny` and the rule sections of Cilium's CRD.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest

_CILIUM = frozenset({"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"})
_CALICO = frozenset(
    {"NetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy", "StagedGlobalNetworkPolicy"}
)
_INCOMING = "Ingress"


def governs_ingress(manifest: Manifest) -> bool:
    """Whether the object decides about incoming connections, by what it says or leaves unsaid."""
    group, kind = group_of(manifest), manifest.ref.kind
    if group == "networking.k8s.io" and kind == "NetworkPolicy":
        # Without policyTypes a policy always governs ingress.
        return any(_INCOMING in (spec.get("policyTypes") or [_INCOMING]) for spec in _of(manifest))
    if group == "projectcalico.org" and kind in _CALICO:
        return any(_calico(spec) for spec in _of(manifest))
    if group == "cilium.io" and kind in _CILIUM:
        return any(_cilium(spec) for spec in _of(manifest))
    return False


def _of(manifest: Manifest) -> Iterator[Mapping[str, Any]]:
    specs = manifest.body.get("specs")
    for each in (manifest.body.get("spec"), *(specs if isinstance(specs, list) else ())):
        if isinstance(each, Mapping):
            yield each


def _calico(spec: Mapping[str, Any]) -> bool:
    """Without types it is ingress where there are such rules, and where there are none at all."""
    types = spec.get("types")
    return _INCOMING in types if types else bool(spec.get("ingress") or not spec.get("egress"))


def _cilium(spec: Mapping[str, Any]) -> bool:
    default = spec.get("enableDefaultDeny")
    asked = isinstance(default, Mapping) and default.get("ingress") is True
    return asked or spec.get("ingress") is not None or spec.get("ingressDeny") is not None
