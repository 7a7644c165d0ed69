"""What the definitions of `projectcalico.org/v3` refuse by themselves, whoever writes an object.

Native definitions are all that such a cluster checks. Calico's API server stores what it took under
definitions with the same schema since 3.32, so a cluster refuses there what they refuse, too.
Source: schema and CEL rules of the definitions of v3.32.1 and of the branch release-v3.33. Each
function gives the first fault as a sentence that begins with its JSON pointer, or the empty string.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from transire.engines.calico.objects.fields import ICMP, ICMPV6, NUMBERS, TCP
from transire.engines.calico.objects.releases import Dialect
from transire.k8s.manifests import Tree

ACTIONS = ("Allow", "Deny", "Log", "Pass")
STAGED_ACTIONS = ("Set", "Delete", "Learn", "Ignore")
HINT = "AssumeNeededOnEveryNode"
MAX_TYPE, MAX_CODE = 254, 255
_TYPES = ("Ingress", "Egress")
_MAX_RULES, _MAX_NETS, _MAX_PORTS, _MAX_HTTP = 1024, 256, 50, 20
_MAX_TEXT, _MAX_NAME = 1024, 253
_POLICY_SELECTORS = ("selector", "serviceAccountSelector", "namespaceSelector")


def policy_fault(kind: str, spec: Tree, dialect: Dialect) -> str:
    """The first fault in the spec of a policy, staged or not."""
    return next(_policy_faults(kind, spec, dialect), "")


def set_fault(spec: Tree) -> str:
    """The first fault in the spec of a NetworkSet or GlobalNetworkSet."""
    return _repeated(spec.get("nets", []), "/spec/nets")


def tier_fault(name: str, spec: Tree, dialect: Dialect) -> str:
    """The first fault of a tier; the orders of those that exist anyway are checked since 3.33."""
    action = spec.get("defaultAction", "Deny")
    if action not in {"Deny", "Pass"}:
        return f"/spec/defaultAction {action!r} is neither Deny nor Pass"
    for tier in dialect.tiers:
        if tier.name == name and (action == "Pass") != tier.passes:
            wanted = "Pass" if tier.passes else "Deny"
            return f"/spec/defaultAction of the tier {name} must be {wanted}"
        if tier.name == name and dialect.limits and spec.get("order") != tier.order:
            return f"/spec/order of the tier {name} must be {tier.order:.0f}"
    return ""


def host_fault(spec: Tree) -> str:
    """The first fault in what makes a policy one for hosts."""
    untracked, early = spec.get("doNotTrack", False), spec.get("preDNAT", False)
    if untracked and early:
        return "/spec/preDNAT and doNotTrack exclude each other"
    if early and (spec.get("egress") or "Egress" in spec.get("types", [])):
        return "/spec/preDNAT excludes egress"
    if (untracked or early) and not spec.get("applyOnForward", False):
        return "/spec/applyOnForward must be true beside preDNAT or doNotTrack"
    return ""


def types_fault(types: Sequence[str]) -> str:
    """The first fault of a policy's `types`."""
    for place, each in enumerate(types):
        if each not in _TYPES:
            return f"/spec/types/{place} {each!r} is neither Ingress nor Egress"
        if each in types[:place]:
            return f"/spec/types/{place} repeats {each}"
    return ""


def hints_fault(hints: Sequence[str]) -> str:
    """The first fault of a policy's `performanceHints`."""
    for place, each in enumerate(hints):
        if each != HINT or each in hints[:place]:
            return f"/spec/performanceHints/{place} {each!r} is not {HINT}, given once"
    return ""


def icmp_fault(rule: Tree, at: str) -> str:
    """The first fault in the ICMP types and codes of a rule."""
    for key in ("icmp", "notICMP"):
        tree = rule.get(key, {})
        for field, most in (("type", MAX_TYPE), ("code", MAX_CODE)):
            if not 0 <= tree.get(field, 0) <= most:
                return f"{at}/{key}/{field} {tree[field]} is not between 0 and {most}"
        if "code" in tree and "type" not in tree:
            return f"{at}/{key}/code is given without a type"
    return ""


def action_fault(rule: Tree, at: str) -> str:
    """The fault of a rule's action or IP version."""
    action = rule.get("action", "")
    if action not in ACTIONS:
        return f"{at}/action {action!r} is none of Allow, Deny, Log and Pass"
    version = rule.get("ipVersion")
    if version is not None and version not in {4, 6}:
        return f"{at}/ipVersion {version} is neither 4 nor 6"
    return ""


def _policy_faults(kind: str, spec: Tree, dialect: Dialect) -> Iterator[str]:
    if kind.startswith("Staged") and spec.get("stagedAction", "Set") not in STAGED_ACTIONS:
        action = spec["stagedAction"]
        yield f"/spec/stagedAction {action!r} is none of Set, Delete, Learn and Ignore"
    if dialect.native and spec.get("types") == []:
        yield "/spec/types is empty, where it holds a type or is left out"
    checks = [types_fault(spec.get("types", [])), host_fault(spec)]
    if dialect.limits:
        checks += [hints_fault(spec.get("performanceHints", []))]
        checks += [_global_fault(spec, "/spec", _POLICY_SELECTORS)]
        checks += [_text_fault(spec, "/spec", key, _MAX_TEXT) for key in _POLICY_SELECTORS]
    yield from filter(None, checks)
    for direction in ("ingress", "egress"):
        rules = spec.get(direction, [])
        if dialect.limits:
            yield from _too_many(rules, f"/spec/{direction}", _MAX_RULES)
        for place, rule in enumerate(rules):
            yield from _rule_faults(rule, f"/spec/{direction}/{place}", dialect)


def _rule_faults(rule: Tree, at: str, dialect: Dialect) -> Iterator[str]:
    yield from filter(None, (action_fault(rule, at), icmp_fault(rule, at), _http_fault(rule, at)))
    services = "services" in rule.get("destination", {})
    for key in ("ports", "notPorts"):
        if services and rule["destination"].get(key):
            yield f"{at}/destination/services exclude {key} beside them"
    if dialect.limits:
        yield from filter(None, (_icmp_protocol_fault(rule, at), _version_fault(rule, at)))
    for side in ("source", "destination"):
        yield from _entity_faults(rule.get(side, {}), f"{at}/{side}", dialect)


def _entity_faults(entity: Tree, at: str, dialect: Dialect) -> Iterator[str]:
    accounts = entity.get("serviceAccounts", {})
    checks = [
        _repeated(entity.get("nets", []), f"{at}/nets"),
        _repeated(accounts.get("names", []), f"{at}/serviceAccounts/names"),
    ]
    if dialect.limits:
        services = entity.get("services", {})
        checks += [
            _repeated(entity.get("notNets", []), f"{at}/notNets"),
            _global_fault(entity, at, ("selector",)),
            _services_fault(entity, at),
            _text_fault(services, f"{at}/services", "name", _MAX_NAME),
            _text_fault(services, f"{at}/services", "namespace", _MAX_NAME),
        ]
        for key in ("selector", "notSelector", "namespaceSelector"):
            checks += [_text_fault(entity, at, key, _MAX_TEXT)]
        for key, most in (("nets", _MAX_NETS), ("ports", _MAX_PORTS)):
            for name in (key, f"not{key.capitalize()}"):
                yield from _too_many(entity.get(name, []), f"{at}/{name}", most)
    yield from filter(None, checks)


def _http_fault(rule: Tree, at: str) -> str:
    http = rule.get("http")
    if http is None:
        return ""
    if rule.get("action") != "Allow":
        return f"{at}/http needs the action Allow"
    if rule.get("protocol", TCP) not in {"TCP", TCP}:
        return f"{at}/http needs the protocol TCP or none"
    for key in ("methods", "paths"):
        for fault in _too_many(http.get(key, []), f"{at}/http/{key}", _MAX_HTTP):
            return fault
    return ""


def _icmp_protocol_fault(rule: Tree, at: str) -> str:
    if "icmp" in rule and rule.get("protocol") not in {"ICMP", "ICMPv6", ICMP, ICMPV6}:
        return f"{at}/icmp needs the protocol ICMP or ICMPv6"
    return ""


def _version_fault(rule: Tree, at: str) -> str:
    version = rule.get("ipVersion")
    for name, family in (("ICMP", 4), ("ICMPv6", 6)):
        for key in ("protocol", "notProtocol"):
            if version not in {None, family} and rule.get(key) in {name, NUMBERS[name]}:
                return f"{at}/ipVersion {version} contradicts the protocol {name}"
    return ""


def _services_fault(entity: Tree, at: str) -> str:
    services = entity.get("services")
    if services is None:
        return ""
    if not services.get("name"):
        return f"{at}/services/name is missing"
    beside = ("selector", "notSelector", "namespaceSelector", "nets", "notNets")
    taken = [key for key in beside if entity.get(key)]
    taken += ["serviceAccounts"] if "serviceAccounts" in entity else []
    return f"{at}/services exclude {taken[0]} beside them" if taken else ""


def _global_fault(tree: Tree, at: str, keys: Sequence[str]) -> str:
    for key in keys:
        if "global(" in tree.get(key, ""):
            return f"{at}/{key} uses global(), which only a rule's namespaceSelector may"
    return ""


def _text_fault(tree: Tree, at: str, key: str, most: int) -> str:
    length = len(tree.get(key, ""))
    return f"{at}/{key} has {length} characters, at most {most} are taken" if length > most else ""


def _repeated(texts: Sequence[str], at: str) -> str:
    """The fault of a list that is a set by its definition."""
    seen: set[str] = set()
    for place, each in enumerate(texts):
        if each in seen:
            return f"{at}/{place} repeats {each!r}"
        seen.add(each)
    return ""


def _too_many(items: Sequence[Any], at: str, most: int) -> Iterator[str]:
    if len(items) > most:
        yield f"{at} holds {len(items)} items, at most {most} are taken"
