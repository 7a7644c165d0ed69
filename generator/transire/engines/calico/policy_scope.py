"""What Calico's policies govern at a glance, and what they become when audit ends.

Sources: `types` and `namespaceSelector` in Calico's reference of policies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from transire.engines.api.engine import PolicyScope
from transire.engines.calico.facts import GROUP, STORAGE
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import find, plain
from transire.k8s.manifests import Manifest
from transire.k8s.policy_scope import denies as networkpolicy_denies
from transire.k8s.policy_scope import governs_ingress as networkpolicy_governs_ingress
from transire.k8s.policy_scope import is_networkpolicy, own_namespace
from transire.k8s.policy_scope import selects_all as networkpolicy_selects_all
from transire.k8s.policy_scope import without_egress as networkpolicy_without_egress
from transire.k8s.policy_scope import without_rule as networkpolicy_without_rule

_STAGED = {
    "StagedNetworkPolicy": "NetworkPolicy",
    "StagedGlobalNetworkPolicy": "GlobalNetworkPolicy",
}
_POLICIES = frozenset({*_STAGED, *_STAGED.values()})
_GLOBAL = frozenset({"GlobalNetworkPolicy", "StagedGlobalNetworkPolicy"})
_NAME = r"(?:'[-a-z0-9.]+'|\"[-a-z0-9.]+\")"
_NAMES = re.compile(
    r"\s*(?:projectcalico\.org/name|kubernetes\.io/metadata\.name)\s*"
    rf"(?:==\s*({_NAME})|(?<=\s)in\s*\{{\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*\}})\s*"
)
"""Namespaces by a label that holds their name: the agent's own, or that of the API server."""
_INGRESS = "Ingress"
_FORMS = frozenset({GROUP, STORAGE})
_PASS = {"action": "Pass"}


def enforced(objects: Sequence[Manifest]) -> tuple[Manifest, ...]:
    """Each staged policy as the kind that it stages, without what lets everything pass meanwhile.

    One whose `stagedAction` is not `Set` shows nothing of what it would do, and stays as it is.
    """
    return tuple(_enforced(each) for each in objects if not _passes(each))


def _passes(manifest: Manifest) -> bool:
    """Whether a policy passes everything on to the next tier: in audit the last one of ours does.

    Otherwise a tier ends in deny as soon as one policy in it is not staged.
    """
    spec = manifest.body.get("spec")
    is_policy = group_of(manifest) in _FORMS and manifest.ref.kind in _STAGED.values()
    if not is_policy or not isinstance(spec, Mapping):
        return False
    rules = spec.get("egress")
    return isinstance(rules, list) and [_without_ends(each) for each in rules] == [_PASS]


def _without_ends(rule: object) -> object:
    """A rule without ends that hold nothing, which servers write."""
    if not isinstance(rule, Mapping):
        return rule
    return {key: value for key, value in rule.items() if value != {}}


def _enforced(manifest: Manifest) -> Manifest:
    kind = _STAGED.get(manifest.ref.kind)
    spec = manifest.body.get("spec")
    action = spec.get("stagedAction", "Set") if isinstance(spec, Mapping) else "Set"
    if kind is None or group_of(manifest) not in _FORMS or action != "Set":
        return manifest
    return manifest.with_body({**manifest.body, "kind": kind})


def _governs_ingress(manifest: Manifest) -> bool:
    """Without types it is ingress where there are such rules, and where there are none at all."""
    if group_of(manifest) != GROUP or manifest.ref.kind not in _POLICIES:
        return networkpolicy_governs_ingress(manifest)
    spec = manifest.body.get("spec")
    if not isinstance(spec, Mapping):
        return False
    types = spec.get("types")
    return _INGRESS in types if types else bool(spec.get("ingress") or not spec.get("egress"))


def _namespaces(manifest: Manifest) -> frozenset[str] | None:
    spec: Any = manifest.body.get("spec")
    if group_of(manifest) not in _FORMS or manifest.ref.kind not in _GLOBAL:
        return own_namespace(manifest)
    if not isinstance(spec, Mapping):
        return None
    found = _NAMES.fullmatch(str(spec.get("namespaceSelector", "")))
    if found is None:
        return None
    return frozenset(re.findall(r"[-a-z0-9.]+", found[1] or found[2]))


def _narrowed(manifest: Manifest) -> Manifest:
    if group_of(manifest) not in _FORMS:
        return manifest
    spec = {**manifest.body["spec"], "namespaceSelector": "all()"}
    return manifest.with_body({**manifest.body, "spec": spec})


def _is_own(manifest: Manifest) -> bool:
    return group_of(manifest) == GROUP and manifest.ref.kind in _STAGED.values()


def _is_policy(manifest: Manifest) -> bool:
    return _is_own(manifest) or is_networkpolicy(manifest)


def _denies(manifest: Manifest) -> bool:
    """Its tier ends in deny for the pods that it selects, where it is about egress.

    With `doNotTrack` or `preDNAT` it selects host endpoints only.
    """
    if not _is_own(manifest):
        return networkpolicy_denies(manifest)
    spec = manifest.body.get("spec")
    if not isinstance(spec, Mapping) or spec.get("doNotTrack") or spec.get("preDNAT"):
        return False
    if _passes(manifest):
        return False
    types = spec.get("types")
    return "Egress" in types if types else bool(spec.get("egress"))


def _selects_all(manifest: Manifest) -> bool:
    if not _is_own(manifest):
        return networkpolicy_selects_all(manifest)
    spec = manifest.body.get("spec")
    if not isinstance(spec, Mapping):
        return False
    wide = {"", "all()"}
    return spec.get("selector", "") in wide and spec.get("serviceAccountSelector", "") in wide


_RULE = re.compile(r"/spec/egress/([0-9]+)")


def _without_rule(manifest: Manifest, pointer: str) -> Manifest | None:
    """What an Allow does not take, a later rule may deny or allow; other actions take from others.

    Only the pods that the policy selects can notice, and only by less.
    """
    if not _is_own(manifest):
        return networkpolicy_without_rule(manifest, pointer)
    match, body = _RULE.fullmatch(pointer), plain(manifest.body)
    rule = find(body, pointer)
    if match is None or not isinstance(rule, dict) or rule.get("action") != "Allow":
        return None
    ingress = _governs_ingress(manifest)
    del body["spec"]["egress"][int(match[1])]
    body["spec"]["types"] = [*([_INGRESS] if ingress else []), "Egress"]
    return manifest.with_body(body)


def _without_egress(manifest: Manifest) -> Manifest | None:
    if not _is_own(manifest):
        return networkpolicy_without_egress(manifest)
    if not _governs_ingress(manifest):
        return None
    if not _denies(manifest) and not manifest.body["spec"].get("egress"):
        return manifest
    spec = {key: value for key, value in plain(manifest.body)["spec"].items() if key != "egress"}
    return manifest.with_body({**manifest.body, "spec": {**spec, "types": [_INGRESS]}})


def _elsewhere(manifest: Manifest, namespaces: Sequence[str]) -> tuple[Manifest, ...]:
    """The policy with its egress apart, for pods of other namespaces and for nodes."""
    if not _is_own(manifest) or manifest.ref.kind not in _GLOBAL:
        return ()
    body = plain(manifest.body)
    spec = body["spec"]
    listed = ", ".join(f"'{each}'" for each in namespaces)
    beside = f"projectcalico.org/name not in {{{listed}}}"
    written = spec.get("namespaceSelector", "")
    if not isinstance(written, str) or spec.get("doNotTrack") or spec.get("preDNAT"):
        return ()
    both = f"({written}) && {beside}" if written.strip() else beside
    egress = {key: value for key, value in spec.items() if key != "ingress"}
    egress |= {"namespaceSelector": both, "types": ["Egress"]}
    ingress = _without_egress(manifest)
    if ingress is None:
        return (manifest.with_body({**body, "spec": egress}),)
    metadata = {**body["metadata"], "name": f"{manifest.ref.name}-egress"}
    apart = manifest.with_body({**body, "metadata": metadata, "spec": egress})
    return ingress, apart


SCOPE = PolicyScope(
    ingress=_governs_ingress,
    namespaces=_namespaces,
    narrowed=_narrowed,
    is_policy=_is_policy,
    denies=_denies,
    selects_all=_selects_all,
    without_rule=_without_rule,
    without_egress=_without_egress,
    elsewhere=_elsewhere,
)
