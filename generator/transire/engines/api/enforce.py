"""Objects of audit mode as they would be if they were enforced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from transire.k8s.manifests import Manifest
from transire.model.engine import EngineName

_CILIUM = frozenset({"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"})
_STAGED = {
    "StagedNetworkPolicy": "NetworkPolicy",
    "StagedGlobalNetworkPolicy": "GlobalNetworkPolicy",
}


_DENY: Mapping[str, Any] = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumClusterwideNetworkPolicy",
    "metadata": {"name": "once-audit-ends"},
    "spec": {"endpointSelector": {}, "egress": [{}]},
}
"""What no audit of Cilium holds and every enforcement begins with: nothing else is allowed."""


def enforced(objects: Sequence[Manifest], engine: EngineName) -> tuple[Manifest, ...]:
    """What the objects for some pods in audit become when it ends.

    On Cilium that brings the deny layer, for whatever pods are asked about, even where audit has no
    object at all. On Calico it is there, staged like the rest.
    """
    found = [promoted(each) for each in objects]
    if engine is EngineName.CILIUM:
        found.append(Manifest(source="deny", index=len(found), body=_DENY))
    return tuple(found)


def promoted(manifest: Manifest) -> Manifest:
    """The object with what keeps it from denying taken away.

    Cilium: `enableDefaultDeny` goes, so that a policy with rules denies the rest. Calico: a staged
    kind becomes the kind that it stages. Anything else stays as it is.
    """
    kind = manifest.ref.kind
    if kind in _CILIUM:
        return _with(manifest, {**manifest.body, "spec": _without_default(manifest.body["spec"])})
    if kind in _STAGED:
        return _with(manifest, {**manifest.body, "kind": _STAGED[kind]})
    return manifest


def _with(manifest: Manifest, body: Mapping[str, Any]) -> Manifest:
    return Manifest(source=manifest.source, index=manifest.index, body=body)


def _without_default(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in spec.items() if key != "enableDefaultDeny"}
