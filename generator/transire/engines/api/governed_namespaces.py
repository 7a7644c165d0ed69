"""The namespaces whose pods a policy can govern, where it lists them by name.

Only what is sure is said, so that a policy for a thousand namespaces need not be read a thousand
times: a policy that says it in another way may govern any namespace.

Sources: namespaces of NetworkPolicy in the Kubernetes API; Cilium's label for a pod's namespace in
`endpointSelector`; the label `projectcalico.org/name` in Calico's `namespaceSelector`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest
from transire.model.names import is_dns_label

_CILIUM_NAMESPACE = "k8s:io.kubernetes.pod.namespace"
_CALICO_GLOBAL = frozenset({"GlobalNetworkPolicy", "StagedGlobalNetworkPolicy"})
_CALICO_NAMES = re.compile(r"projectcalico\.org/name in \{('[-a-z0-9.]+'(?:, '[-a-z0-9.]+')*)\}")


def governed_namespaces(manifest: Manifest) -> frozenset[str] | None:
    """Namespaces outside of which the object governs no pod; None where it lists none."""
    group, kind, spec = group_of(manifest), manifest.ref.kind, manifest.body.get("spec")
    if not isinstance(spec, Mapping) or manifest.body.get("specs") is not None:
        return None
    if group == "networking.k8s.io" and kind == "NetworkPolicy" and manifest.ref.namespace:
        return frozenset({manifest.ref.namespace})
    if group == "projectcalico.org" and kind in _CALICO_GLOBAL:
        return _of_calico(spec)
    if group == "cilium.io" and kind == "CiliumClusterwideNetworkPolicy":
        names = _of_cilium(spec)
        return None if names is None else frozenset(names)
    return None


def to_its_own(manifest: Manifest) -> Manifest:
    """The object as it is to pods of the namespaces that it lists by name: without the list.

    To each of them that is the same object, so it is read once for all. It must be one for which
    `governed_namespaces` has found some.
    """
    spec = manifest.body["spec"]
    if manifest.ref.kind in _CALICO_GLOBAL:
        narrow = {**spec, "namespaceSelector": "all()"}
    elif group_of(manifest) == "cilium.io":
        rest = dict(spec["endpointSelector"])
        del rest["matchExpressions"]
        narrow = {**spec, "endpointSelector": rest}
    else:
        return manifest
    body = {**manifest.body, "spec": narrow}
    return Manifest(source=manifest.source, index=manifest.index, body=body)


def _of_calico(spec: Mapping[str, Any]) -> frozenset[str] | None:
    found = _CALICO_NAMES.fullmatch(str(spec.get("namespaceSelector", "")))
    return None if found is None else frozenset(each[1:-1] for each in found[1].split(", "))


def _of_cilium(spec: Mapping[str, Any]) -> list[str] | None:
    match spec.get("endpointSelector"):
        case {"matchExpressions": [{"key": key, "operator": "In", "values": [*names], **more}]} if (
            key == _CILIUM_NAMESPACE and not more
        ):
            return names if names and all(map(_is_namespace, names)) else None
    return None


def _is_namespace(name: object) -> bool:
    """Whether there can be such a namespace; an agent may refuse the whole list for another."""
    return isinstance(name, str) and is_dns_label(name)
