"""What Cilium's policies govern at a glance, and what they become when audit ends.

Sources: `endpointSelector`, `enableDefaultDeny` and the sections of rules in Cilium's custom
resource definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from transire.engines.api.engine import PolicyScope
from transire.engines.cilium.facts import CLUSTERWIDE, GROUP, POLICY
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import find, maps, plain
from transire.k8s.manifests import Manifest
from transire.k8s.policy_scope import denies as networkpolicy_denies
from transire.k8s.policy_scope import governs_ingress as networkpolicy_governs_ingress
from transire.k8s.policy_scope import is_networkpolicy, own_namespace
from transire.k8s.policy_scope import selects_all as networkpolicy_selects_all
from transire.k8s.policy_scope import without_egress as networkpolicy_without_egress
from transire.k8s.policy_scope import without_rule as networkpolicy_without_rule
from transire.model.names import is_dns_label

_NAMESPACE = "k8s:io.kubernetes.pod.namespace"
_DENY: Mapping[str, Any] = {
    "apiVersion": f"{GROUP}/v2",
    "kind": CLUSTERWIDE,
    "metadata": {"name": "once-audit-ends"},
    "spec": {"endpointSelector": {}, "egress": [{}]},
}
"""What no audit holds and every enforcement begins with: nothing else is allowed."""


def enforced(objects: Sequence[Manifest]) -> tuple[Manifest, ...]:
    """The objects without `enableDefaultDeny`, so that a policy with rules denies the rest.

    Enforcement brings the deny layer, for whatever pods are meant, even where audit has no object.
    """
    found = [_enforced(each) for each in objects]
    return (*found, Manifest(source="deny", index=len(found), body=_DENY))


def _enforced(manifest: Manifest) -> Manifest:
    written = manifest.body.get("spec")
    if not _is_policy(manifest) or not isinstance(written, Mapping):
        return manifest
    spec = {key: value for key, value in written.items() if key != "enableDefaultDeny"}
    return manifest.with_body({**manifest.body, "spec": spec})


def _is_policy(manifest: Manifest) -> bool:
    return group_of(manifest) == GROUP and manifest.ref.kind in {POLICY, CLUSTERWIDE}


def _governs_ingress(manifest: Manifest) -> bool:
    if _is_policy(manifest):
        return any(_of_spec(each) for each in _specs(manifest))
    return networkpolicy_governs_ingress(manifest)


def _specs(manifest: Manifest) -> Iterator[Mapping[str, Any]]:
    specs = manifest.body.get("specs")
    for each in (manifest.body.get("spec"), *(specs if isinstance(specs, list) else ())):
        if isinstance(each, Mapping):
            yield each


def _of_spec(spec: Mapping[str, Any]) -> bool:
    default = spec.get("enableDefaultDeny")
    demanded = isinstance(default, Mapping) and default.get("ingress") is True
    return demanded or spec.get("ingress") is not None or spec.get("ingressDeny") is not None


def _namespaces(manifest: Manifest) -> frozenset[str] | None:
    spec = manifest.body.get("spec")
    if group_of(manifest) != GROUP or manifest.ref.kind != CLUSTERWIDE:
        return own_namespace(manifest)
    if not isinstance(spec, Mapping) or manifest.body.get("specs") not in (None, []):
        return None
    match spec.get("endpointSelector"):
        case {
            "matchExpressions": [{"key": key, "operator": "In", "values": [*names], **more}, *_]
        } if key == _NAMESPACE and not more:
            return frozenset(names) if names and all(map(_is_namespace, names)) else None
    return None


def _is_namespace(name: object) -> bool:
    """Whether there can be such a namespace; an agent may refuse the whole list for another."""
    return isinstance(name, str) and is_dns_label(name)


def _narrowed(manifest: Manifest) -> Manifest:
    if group_of(manifest) != GROUP or manifest.ref.kind != CLUSTERWIDE:
        return manifest
    spec = manifest.body["spec"]
    rest = dict(spec["endpointSelector"])
    _, *others = rest.pop("matchExpressions")
    if others:
        rest["matchExpressions"] = others
    return manifest.with_body({**manifest.body, "spec": {**spec, "endpointSelector": rest}})


def _denies(manifest: Manifest) -> bool:
    """Each part has rules of egress, and none is set to leave the rest alone.

    Source: `enableDefaultDeny` and the defaults of `Rule.Sanitize`.
    """
    if not _is_policy(manifest):
        return networkpolicy_denies(manifest)
    specs = list(_specs(manifest))
    return bool(specs) and all(map(_spec_denies, specs))


def _spec_denies(spec: Mapping[str, Any]) -> bool:
    default = spec.get("enableDefaultDeny")
    declared = default.get("egress") if isinstance(default, Mapping) else None
    if declared is not None:
        return declared is True
    return bool(spec.get("egress") or spec.get("egressDeny"))


def _selects_all(manifest: Manifest) -> bool:
    if not _is_policy(manifest):
        return networkpolicy_selects_all(manifest)
    specs = list(_specs(_narrowed(manifest) if _namespaces(manifest) else manifest))
    return any(each.get("endpointSelector") == {} and "nodeSelector" not in each for each in specs)


_RULE = re.compile(r"(/specs?(?:/[0-9]+)?/egress)/([0-9]+)")
_LOOKS_IN = ("rules", "listener", "terminatingTLS", "originatingTLS", "serverNames")
"""What hands connections to a proxy, so that a rule takes something from others besides."""
_OF_EGRESS = ("egress", "egressDeny")


def _without_rule(manifest: Manifest, pointer: str) -> Manifest | None:
    """An empty rule stands in its place, which allows nothing and denies the rest.

    Rules add up, but for those that a proxy looks into and those that demand something of peers.
    """
    if not _is_policy(manifest):
        return networkpolicy_without_rule(manifest, pointer)
    match = _RULE.fullmatch(pointer)
    body = plain(manifest.body)
    rule = find(body, pointer)
    if match is None or not isinstance(rule, dict):
        return None
    ports = [each for _, each in maps(rule, "toPorts", "")]
    demands = any(key in each for each in ports for key in _LOOKS_IN)
    if demands or rule.get("authentication") or rule.get("toRequires"):
        return None
    find(body, match[1])[int(match[2])] = {}
    return manifest.with_body(body)


def _without_egress(manifest: Manifest) -> Manifest | None:
    """The policy with what its specs have of ingress; those without egress of pods as they are."""
    if not _is_policy(manifest):
        return networkpolicy_without_egress(manifest)
    kept = []
    for each in _specs(manifest):
        if not _has_egress(each):
            kept.append(each)
        elif _of_spec(each):
            kept.append(_ingress_of(each))
    return _with_specs(manifest, kept)


def _has_egress(spec: Mapping[str, Any]) -> bool:
    """Whether a spec is about what pods reach; one with a `nodeSelector` is about nodes."""
    default = spec.get("enableDefaultDeny")
    declared = isinstance(default, Mapping) and default.get("egress") is True
    written = declared or any(spec.get(key) is not None for key in _OF_EGRESS)
    return written and "nodeSelector" not in spec


def _with_specs(manifest: Manifest, specs: Sequence[Mapping[str, Any]]) -> Manifest | None:
    """The policy with other specs; the very same object where they are its own."""
    if not specs:
        return None
    if list(specs) == list(_specs(manifest)):
        return manifest
    body = {key: value for key, value in manifest.body.items() if key not in {"spec", "specs"}}
    written = {"spec": specs[0]} if len(specs) == 1 else {"specs": list(specs)}
    return manifest.with_body(plain({**body, **written}))


def _elsewhere(manifest: Manifest, namespaces: Sequence[str]) -> tuple[Manifest, ...]:
    """The policy with its egress apart, for pods of other namespaces."""
    if not _is_policy(manifest) or manifest.ref.kind != CLUSTERWIDE:
        return ()
    parts: list[Mapping[str, Any]] = []
    for each in _specs(manifest):
        if not _has_egress(each):
            parts.append(each)
            continue
        parts += [_ingress_of(each)] if _of_spec(each) else []
        parts.append(_egress_elsewhere(each, namespaces))
    found = _with_specs(manifest, parts)
    return () if found is None else (found,)


def _egress_elsewhere(spec: Mapping[str, Any], namespaces: Sequence[str]) -> dict[str, Any]:
    kept = {key: value for key, value in spec.items() if key not in {"ingress", "ingressDeny"}}
    default = kept.get("enableDefaultDeny")
    if isinstance(default, Mapping) and "ingress" in default:
        kept["enableDefaultDeny"] = {key: on for key, on in default.items() if key != "ingress"}
    if "endpointSelector" in kept:
        chosen = dict(kept["endpointSelector"] or {})
        beside = {"key": _NAMESPACE, "operator": "NotIn", "values": list(namespaces)}
        chosen["matchExpressions"] = [*(chosen.get("matchExpressions") or ()), beside]
        kept["endpointSelector"] = chosen
    return kept


def _ingress_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What a spec has of ingress; what is denied by default goes on as it does."""
    kept = {key: value for key, value in spec.items() if key not in _OF_EGRESS}
    default = kept.get("enableDefaultDeny")
    if isinstance(default, Mapping) and "egress" in default:
        kept["enableDefaultDeny"] = {key: on for key, on in default.items() if key != "egress"}
        if not kept["enableDefaultDeny"]:
            del kept["enableDefaultDeny"]
    return kept


def _enforces(manifest: Manifest) -> bool:
    return _is_policy(manifest) or is_networkpolicy(manifest)


SCOPE = PolicyScope(
    ingress=_governs_ingress,
    namespaces=_namespaces,
    narrowed=_narrowed,
    is_policy=_enforces,
    denies=_denies,
    selects_all=_selects_all,
    without_rule=_without_rule,
    without_egress=_without_egress,
    elsewhere=_elsewhere,
)
