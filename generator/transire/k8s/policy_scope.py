"""What a NetworkPolicy governs at a glance.

Source: `policyTypes` and the namespace of NetworkPolicy in the Kubernetes API.
"""

from __future__ import annotations

from collections.abc import Mapping

from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner, items, plain
from transire.k8s.manifests import Manifest

_GROUP, _KIND = "networking.k8s.io", "NetworkPolicy"
_INGRESS = "Ingress"


def governs_ingress(manifest: Manifest) -> bool:
    """Whether it decides about incoming connections: always, where it has no `policyTypes`."""
    spec = manifest.body.get("spec")
    return is_networkpolicy(manifest) and (
        isinstance(spec, Mapping) and _INGRESS in (spec.get("policyTypes") or [_INGRESS])
    )


def own_namespace(manifest: Manifest) -> frozenset[str] | None:
    """The namespace outside of which it governs no pod; None for anything else."""
    if not is_networkpolicy(manifest) or not isinstance(manifest.body.get("spec"), Mapping):
        return None
    return frozenset({manifest.ref.namespace}) if manifest.ref.namespace else None


def denies(manifest: Manifest) -> bool:
    """Whether it is about egress, so that the pods that it selects are denied the rest."""
    spec = manifest.body.get("spec")
    if not is_networkpolicy(manifest) or not isinstance(spec, Mapping):
        return False
    return "Egress" in (spec.get("policyTypes") or (["Egress"] if spec.get("egress") else []))


def selects_all(manifest: Manifest) -> bool:
    """Whether it selects every pod of its namespace."""
    spec = manifest.body.get("spec")
    return (
        is_networkpolicy(manifest) and isinstance(spec, Mapping) and spec.get("podSelector") == {}
    )


def is_networkpolicy(manifest: Manifest) -> bool:
    """Whether it is a NetworkPolicy of Kubernetes."""
    return group_of(manifest) == _GROUP and manifest.ref.kind == _KIND


def without_rule(manifest: Manifest, pointer: str) -> Manifest | None:
    """The policy without one egress rule, by its pointer; the pods that it selects stay denied.

    None where that could let more through. Rules only add, so that it never does here.
    """
    section, _, place = pointer.rpartition("/")
    if not is_networkpolicy(manifest) or section != "/spec/egress":
        return None
    body = plain(manifest.body)
    rules = items(body["spec"], "egress")
    if not place.isdigit() or int(place) >= len(rules):
        return None
    types = [*(["Ingress"] if governs_ingress(manifest) else []), "Egress"]
    left = [each for at, each in enumerate(rules) if at != int(place)]
    spec = {**body["spec"], "egress": left, "policyTypes": types}
    return manifest.with_body({**body, "spec": spec})


def without_egress(manifest: Manifest) -> Manifest | None:
    """The policy with its ingress alone; None where it has none."""
    if not governs_ingress(manifest):
        return None
    if not denies(manifest) and not inner(manifest.body, "spec").get("egress"):
        return manifest
    body = plain(manifest.body)
    spec = {key: value for key, value in body["spec"].items() if key != "egress"}
    return manifest.with_body({**body, "spec": {**spec, "policyTypes": ["Ingress"]}})
