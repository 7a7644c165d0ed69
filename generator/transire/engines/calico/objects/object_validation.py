"""What Calico refuses in whole objects: policies, sets and tiers.

Source: `libcalico-go/lib/validator/v3` and `libcalico-go/lib/names` of Calico.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from transire.engines.calico.objects import definitions
from transire.engines.calico.objects.domains import domain_fault
from transire.engines.calico.objects.fields import read_net
from transire.engines.calico.objects.releases import DEFAULT, Dialect, TieBreak
from transire.engines.calico.objects.rule_validation import rule_fault, selector_fault
from transire.engines.calico.objects.selector import NAMESPACE
from transire.k8s.manifests import ObjectRef, Tree
from transire.k8s.metadata_rules import is_subdomain, metadata_fault, name_fault
from transire.k8s.networkpolicy import spec_fault as kubernetes_spec_fault
from transire.model.names import MAX_LABEL

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_TIERED = re.compile(rf"(?:{_LABEL}\.)?{_LABEL}")
_DERIVED = re.compile(rf"(?:knp|ossg)\.default\.{_LABEL}(?:\.{_LABEL})*")
_TIER = re.compile(_LABEL)


def object_fault(kind: str, body: Tree, dialect: Dialect) -> str:
    """The first fault of a decoded object of this kind, or the empty string.

    With native definitions only they and the API server's rules on metadata count, else Calico's
    validator and, since 3.32, the definition of what is stored.
    """
    if dialect.native:
        return native_fault(kind, body, dialect)
    return _validator_fault(kind, body, dialect) or _stored_fault(kind, body, dialect)


def native_fault(kind: str, body: Tree, dialect: Dialect, *, needs_spec: bool = True) -> str:
    """The first fault by definitions alone; those of Calico's storage require no spec."""
    meta, spec = body.get("metadata", {}), body.get("spec")
    fault = name_fault(meta, namespaced="Global" not in kind and kind != "Tier")
    fault = fault or metadata_fault(meta)
    if not fault and spec is None and needs_spec:
        return "/spec is missing"
    return fault or (_defined_fault(kind, body, dialect) if dialect.stored_schema else "")


def _stored_fault(kind: str, body: Tree, dialect: Dialect) -> str:
    """The first fault of what would be stored: types and tier filled in, an empty action left."""
    if not dialect.stored_schema:
        return ""
    spec = body.get("spec", {})
    if not spec.get("stagedAction", "Set"):
        spec = {**spec, "stagedAction": "Set"}
    if kind == "Tier" and "order" not in spec:
        spec = {**spec, "order": DEFAULT.order}
    return _defined_fault(kind, {**body, "spec": spec}, dialect)


def _defined_fault(kind: str, body: Tree, dialect: Dialect) -> str:
    spec = body.get("spec", {})
    match kind:
        case "Tier":
            return definitions.tier_fault(body.get("metadata", {}).get("name", ""), spec, dialect)
        case "NetworkSet" | "GlobalNetworkSet":
            return definitions.set_fault(spec)
        case "HostEndpoint":
            return _host_endpoint_fault(spec)
        case "StagedKubernetesNetworkPolicy":
            return ""
        case _:
            return definitions.policy_fault(kind, spec, dialect)


def _validator_fault(kind: str, body: Tree, dialect: Dialect) -> str:
    meta, spec = body.get("metadata", {}), body.get("spec", {})
    name, wide = meta.get("name", ""), "Global" in kind
    fault = name_fault(meta, namespaced=not wide and kind != "Tier") or metadata_fault(meta)
    if fault:
        return fault
    match kind:
        case "Tier":
            return _tier_fault(name, spec, dialect)
        case "NetworkSet" | "GlobalNetworkSet":
            return _set_fault(meta, spec)
        case "HostEndpoint":
            return _host_endpoint_fault(spec)
        case "StagedKubernetesNetworkPolicy":
            return _staged_fault(spec, kind) or kubernetes_spec_fault(spec)
        case _:
            return _policy_fault(kind, name, spec, dialect)


def policy_tier(spec: Tree) -> str:
    """The tier that a policy names, or the default one."""
    return str(spec.get("tier") or DEFAULT.name)


def tie_break(of: ObjectRef, namespace: str, tier: str, dialect: Dialect) -> str:
    """What orders two policies of equal order, compared byte by byte."""
    if dialect.tie_break is TieBreak.NAME:
        return f"{of.name}/{namespace}/{of.kind}"
    full = of.name if "." in of.name else f"{tier}.{of.name}"
    return f"{namespace}/{full}" if namespace else full


def tier_fault(spec: Tree, tiers: Collection[str]) -> str:
    """The fault of a policy whose tier is none of those that exist."""
    tier = policy_tier(spec)
    return "" if tier in tiers else f"/spec/tier {tier!r} does not exist"


def _policy_fault(kind: str, name: str, spec: Tree, dialect: Dialect) -> str:
    return (
        _staged_fault(spec, kind)
        or _policy_name_fault(name, spec, dialect, wide="Global" in kind)
        or _policy_spec_fault(spec, dialect, wide="Global" in kind)
    )


def _staged_fault(spec: Tree, kind: str) -> str:
    action = spec.get("stagedAction") or "Set"
    if kind.startswith("Staged") and action not in definitions.STAGED_ACTIONS:
        return f"/spec/stagedAction {action!r} is none of Set, Delete, Learn and Ignore"
    rest = [
        key
        for key, value in spec.items()
        if (value or key == "order") and key not in {"tier", "types", "stagedAction"}
    ]
    if kind.startswith("Staged") and action == "Delete" and rest:
        return f"/spec/{rest[0]} is given although stagedAction is Delete"
    return ""


def _policy_name_fault(name: str, spec: Tree, dialect: Dialect, *, wide: bool) -> str:
    if _TIERED.fullmatch(name) is None and (wide or _DERIVED.fullmatch(name) is None):
        return f"/metadata/name {name!r} is not one DNS label, or two joined by a dot"
    tier = policy_tier(spec)
    if spec.get("tier") and not is_subdomain(tier):
        return f"/spec/tier {tier[:60]!r} is not a DNS name in lower case"
    if not dialect.prefixed_names or _DERIVED.fullmatch(name) is not None:
        return ""
    if name.startswith(f"{tier}.") or ("." not in name and tier == DEFAULT.name):
        return ""
    prefix, dot, _ = name.partition(".")
    if dot:
        return f"/metadata/name {name!r} begins with {prefix}, but its tier is {tier}"
    return f"/metadata/name {name!r} does not begin with its tier, as in {tier}.{name}"


def _policy_spec_fault(spec: Tree, dialect: Dialect, *, wide: bool) -> str:
    fault = ""
    for key in ("selector", "serviceAccountSelector", "namespaceSelector"):
        fault = fault or selector_fault(spec.get(key, ""), f"/spec/{key}", dialect)
    fault = fault or definitions.types_fault(spec.get("types", []))
    for direction in ("ingress", "egress"):
        for place, rule in enumerate(spec.get(direction, ())):
            fault = fault or rule_fault(
                rule,
                f"/spec/{direction}/{place}",
                egress=direction == "egress",
                named=wide,
                dialect=dialect,
            )
    hints = definitions.hints_fault(spec.get("performanceHints", []))
    return fault or hints or definitions.host_fault(spec)


def _host_endpoint_fault(spec: Tree) -> str:
    if not spec.get("node"):
        return "/spec/node is missing"
    if not spec.get("interfaceName") and not spec.get("expectedIPs"):
        return "/spec/interfaceName and expectedIPs are missing, one of which is needed"
    return ""


def _set_fault(meta: Tree, spec: Tree) -> str:
    if NAMESPACE in meta.get("labels", {}):
        return f"/metadata/labels hold {NAMESPACE}, which Calico sets itself"
    for place, text in enumerate(spec.get("nets", ())):
        if text and read_net(text) is None:
            return f"/spec/nets/{place} {text!r} is neither a range nor an address"
    for place, text in enumerate(spec.get("allowedEgressDomains", ())):
        fault = domain_fault(text.removesuffix("."))
        if fault:
            return f"/spec/allowedEgressDomains/{place} {text[:80]!r} {fault}"
    return ""


def _tier_fault(name: str, spec: Tree, dialect: Dialect) -> str:
    if len(name) > MAX_LABEL or _TIER.fullmatch(name) is None:
        return f"/metadata/name {name[:80]!r} is not one DNS label, as a tier's name must be"
    action = spec.get("defaultAction", "Deny")
    if action not in {"Deny", "Pass"}:
        return f"/spec/defaultAction {action!r} is neither Deny nor Pass"
    for tier in dialect.tiers:
        if tier.name == name and spec.get("order", DEFAULT.order) != tier.order:
            return f"/spec/order of the tier {name} must be {tier.order:.0f}"
        if tier.name == name and not dialect.prefixed_names and (action == "Pass") != tier.passes:
            wanted = "Pass" if tier.passes else "Deny"
            return f"/spec/defaultAction of the tier {name} must be {wanted}"
    return ""
