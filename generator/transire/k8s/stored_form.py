"""Objects as an API server keeps them, in one form: what it adds and leaves out is no difference.

Source: the defaults and the `omitempty` of `networking.k8s.io/v1` and of
`admissionregistration.k8s.io/v1`, and the pruning of nulls in custom resources, each held against
an API server by the end-to-end tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner
from transire.k8s.manifests import Manifest, Tree

_ADMISSION = "admissionregistration.k8s.io"
_MATCHING: Tree = MappingProxyType(
    {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
)
_POLICY_LISTS = ("ingress", "egress")


def kept(manifest: Manifest) -> Manifest:
    """An object in the form in which it is compared with another, which is no form to be read.

    Of two that differ only in what a server adds or leaves out, the results are equal.
    """
    found = group_of(manifest), manifest.ref.kind
    spec = without(manifest.body, _is_null)
    if found == ("networking.k8s.io", "NetworkPolicy"):
        spec = with_spec(without(manifest.body, _is_nothing), _network_policy)
    elif found[0] == _ADMISSION:
        spec = with_spec(without(manifest.body, _is_nothing), _admission)
    elif spec.get("specs") == []:
        spec = {key: value for key, value in spec.items() if key != "specs"}
    return manifest.with_body(spec)


def without(body: Tree, is_nothing: Callable[[object], bool]) -> dict[str, Any]:
    """A tree without the keys whose values are nothing; items of lists stay, whatever they are."""
    return {key: _inside(value, is_nothing) for key, value in body.items() if not is_nothing(value)}


def _inside(value: object, is_nothing: Callable[[object], bool]) -> object:
    if isinstance(value, Mapping):
        return without(value, is_nothing)
    if isinstance(value, list | tuple):
        return [_inside(each, is_nothing) for each in value]
    return value


def with_spec(body: Tree, change: Callable[[Tree], Tree]) -> dict[str, Any]:
    """A body whose spec is changed, where it has one."""
    spec = body.get("spec")
    return {**body, "spec": change(spec)} if isinstance(spec, Mapping) else dict(body)


def _is_null(value: object) -> bool:
    return value is None


def _is_nothing(value: object) -> bool:
    return value is None or value == []


def _network_policy(spec: Tree) -> Tree:
    """With the directions and the protocols that the server fills in."""
    types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]
    lists = {key: _with_protocols(spec[key]) for key in _POLICY_LISTS if key in spec}
    return {**spec, **lists, "policyTypes": types}


def _with_protocols(rules: object) -> object:
    if not isinstance(rules, list):
        return rules
    return [_rule_with_protocols(each) for each in rules]


def _rule_with_protocols(rule: object) -> object:
    ports = rule.get("ports") if isinstance(rule, Mapping) else None
    if not isinstance(rule, Mapping) or not isinstance(ports, list):
        return rule
    filled = [{"protocol": "TCP", **each} if isinstance(each, Mapping) else each for each in ports]
    return {**rule, "ports": filled}


def _admission(spec: Tree) -> Tree:
    """With how requests are matched, and what becomes of those that cannot be judged."""
    filled = {
        key: {**_MATCHING, **inner(spec, key)}
        for key in ("matchConstraints", "matchResources")
        if key in spec
    }
    return {**spec, **filled}
