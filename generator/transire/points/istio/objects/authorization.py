"""AuthorizationPolicy: who may ask a gateway or a waypoint for what.

Forms that are taken and refused are those of the definition and the webhook of Istio 1.30.3. Some
that are taken have no effect or hold for everything; both follow from what is read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.k8s.go_cidr import parse_address, parse_network
from transire.model.net import Network
from transire.points.istio.objects.common import DRY_RUN, Common
from transire.points.istio.objects.part import Part
from transire.points.istio.objects.policy_strings import template_fault

SNI = "connection.sni"
_SOURCES = ("source.namespace", "source.principal")
_PORT = "destination.port"
KEYS = (SNI, *_SOURCES, _PORT)
"""Conditions that are modelled."""
_OTHER_KEYS = (
    "source.ip",
    "remote.ip",
    "source.serviceAccount",
    "request.auth.principal",
    "request.auth.audiences",
    "request.auth.presenter",
    "destination.ip",
)
_OTHER_KEY_STARTS = ("request.headers[", "request.auth.claims[", "experimental.envoy.filters.")
_TARGETS = {
    ("", "Service"),
    ("core", "Service"),
    ("networking.istio.io", "ServiceEntry"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "GatewayClass"),
}
_MOST_TARGETS = 16
_MOST_PORT = 65_535
_HTTP = ("hosts", "methods", "paths")


class Action(StrEnum):
    """What a policy does where one of its rules holds."""

    ALLOW = "ALLOW"
    DENY = "DENY"
    AUDIT = "AUDIT"
    CUSTOM = "CUSTOM"


@dataclass(frozen=True, slots=True)
class Values:
    """Values of one field and those of its `not` twin; both empty means that nothing is asked."""

    some: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.some or self.none)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who sends; every field that is given has to hold."""

    principals: Values
    namespaces: Values
    accounts: Values
    """Service accounts, each NAMESPACE/NAME."""
    networks: tuple[tuple[Network, ...], tuple[Network, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What is asked for; every field that is given has to hold."""

    hosts: Values
    methods: Values
    paths: Values
    ports: Values

    @property
    def is_http(self) -> bool:
        """Whether it asks for what only HTTP has."""
        return any((self.hosts, self.methods, self.paths))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """A rule: some source, some operation and every condition; what is absent holds."""

    sources: tuple[Source, ...]
    operations: tuple[Operation, ...]
    conditions: tuple[tuple[str, Values], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRef:
    """What a policy is attached to, in its own namespace."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Common):
    """A policy that was taken; without `targets` and `selector` it is for all of its namespace."""

    action: Action
    rules: tuple[PolicyRule, ...]
    targets: tuple[TargetRef, ...]
    selector: Mapping[str, str] | None
    dry_run: bool

    @property
    def enforces(self) -> bool:
        """Whether it can change what is let through."""
        return not self.dry_run and self.action is not Action.AUDIT


def read_policy(spec: Part, common: Common, annotations: Mapping[str, str]) -> Policy:
    """A policy, with what is wrong in it noted."""
    action = Action(spec.choice("action", Action) or Action.ALLOW)
    targets = _targets(spec)
    selector = _selector(spec)
    if spec.has("selector") and targets:
        spec.fault("belongs to no policy that has targetRefs", "selector")
    parts = spec.parts("rules")
    if action is Action.DENY and not parts:
        spec.fault("is missing, so that DENY would never hold", "rules")
    if action is Action.CUSTOM:
        provider = spec.part("provider")
        if provider is None or not provider.text("name"):
            spec.fault("has no name, which CUSTOM needs", "provider")
        spec.unmodelled("an external authorizer is not modelled", "action")
    rules = tuple(_rule(each, common.namespace) for each in parts)
    if action is Action.DENY:
        _warn(parts, rules)
    dry_run = annotations.get(DRY_RUN, "")
    if dry_run.lower() not in {"", "true", "false", "t", "f", "1", "0"}:
        spec.notes.faults.append(f"/metadata/annotations/istio.io~1dry-run {dry_run!r} is no truth")
    spec.close()
    return Policy(
        ref=common.ref,
        created=common.created,
        unmodelled=common.unmodelled,
        action=action,
        rules=rules,
        targets=targets,
        selector=selector,
        dry_run=dry_run.lower() in {"true", "t", "1"},
    )


def _warn(parts: tuple[Part, ...], rules: tuple[PolicyRule, ...]) -> None:
    for part, rule in zip(parts, rules, strict=True):
        if any(each.is_http and not each.ports for each in rule.operations):
            part.warning("denies every TLS and TCP port, where methods, paths and hosts are unseen")


def _targets(spec: Part) -> tuple[TargetRef, ...]:
    parts = spec.parts("targetRefs")
    single = spec.part("targetRef")
    if single is not None and parts:
        spec.fault("belongs to no policy that has targetRefs", "targetRef")
    if len(parts) > _MOST_TARGETS:
        spec.fault(f"has {len(parts)} items, at most {_MOST_TARGETS} are taken", "targetRefs")
    found = []
    for part in (*parts, *((single,) if single else ())):
        group, kind, name = part.text("group"), part.text("kind"), part.text("name")
        if (group, kind) not in _TARGETS:
            part.fault(f"{kind or 'nothing'} of {group or 'the core group'} is no target")
        if not name:
            part.fault("is missing", "name")
        if part.text("namespace"):
            part.fault("is set, and a target lies in the policy's own namespace", "namespace")
        part.close()
        found.append(TargetRef(kind=kind, name=name))
    return tuple(found)


def _selector(spec: Part) -> dict[str, str] | None:
    part = spec.part("selector")
    if part is None:
        return None
    labels = part.table("matchLabels")
    for key, value in labels.items():
        if "*" in key or "*" in value:
            part.fault("has a star, which no selector takes", "matchLabels", key)
    part.close()
    return labels


def _rule(part: Part, namespace: str) -> PolicyRule:
    sources = tuple(_source(each, namespace) for each in part.parts("from"))
    operations = tuple(_operation(each) for each in part.parts("to"))
    conditions = tuple(_condition(each) for each in part.parts("when"))
    part.close()
    return PolicyRule(
        sources=tuple(each for each in sources if each),
        operations=tuple(each for each in operations if each),
        conditions=conditions,
    )


def _source(part: Part, namespace: str) -> Source | None:
    source = part.part("source")
    part.close()
    if source is None or not source.body:
        part.fault("is empty", "source")
        return None
    accounts = _values(source, "serviceAccounts", "notServiceAccounts")
    for each in (*accounts.some, *accounts.none):
        if "*" in each:
            source.fault(f"{each[:80]!r} has a star", "serviceAccounts")
    if accounts and any(
        source.has(key) for key in ("namespaces", "notNamespaces", "principals", "notPrincipals")
    ):
        source.fault("stands beside namespaces or principals", "serviceAccounts")
    found = Source(
        principals=_values(source, "principals", "notPrincipals"),
        namespaces=_values(source, "namespaces", "notNamespaces"),
        accounts=Values(
            tuple(_account(each, namespace) for each in accounts.some),
            tuple(_account(each, namespace) for each in accounts.none),
        ),
        networks=(_networks(source, "ipBlocks"), _networks(source, "notIpBlocks")),
    )
    source.close(
        unmodelled=(
            "requestPrincipals",
            "notRequestPrincipals",
            "remoteIpBlocks",
            "notRemoteIpBlocks",
        )
    )
    return found


def _account(text: str, namespace: str) -> str:
    return text if "/" in text else f"{namespace}/{text}"


def _networks(part: Part, key: str) -> tuple[Network, ...]:
    found = []
    for place, text in enumerate(part.texts(key)):
        address = parse_address(text)
        whole = parse_network(f"{text}/{address.max_prefixlen}" if address else text)
        if whole is None:
            part.fault(f"{text[:80]!r} is neither an address nor a range", key, place)
        else:
            found.append(whole[1])
    return tuple(found)


def _operation(part: Part) -> Operation | None:
    operation = part.part("operation")
    part.close()
    if operation is None or not operation.body:
        part.fault("is empty", "operation")
        return None
    found = Operation(
        hosts=_values(operation, "hosts", "notHosts"),
        methods=_values(operation, "methods", "notMethods"),
        paths=_values(operation, "paths", "notPaths"),
        ports=_values(operation, "ports", "notPorts"),
    )
    for each in (*found.paths.some, *found.paths.none):
        if fault := template_fault(each):
            operation.fault(fault, "paths")
    _ports(operation, found.ports)
    operation.close()
    return found


def _ports(part: Part, ports: Values) -> None:
    for each in (*ports.some, *ports.none):
        if not each.isdecimal() or not each.isascii() or not 0 < int(each) <= _MOST_PORT:
            part.fault(f"{each[:80]!r} is no port", "ports")


def _condition(part: Part) -> tuple[str, Values]:
    key = part.text("key")
    values = _values(part, "values", "notValues")
    if not values:
        part.fault(f"has neither values nor notValues for {key or 'no key'}")
    if key == _PORT:
        _ports(part, values)
    if key not in KEYS:
        if key in _OTHER_KEYS or key.startswith(_OTHER_KEY_STARTS):
            part.unmodelled(f"the condition {key} is not modelled", "key")
        else:
            part.fault(f"{key[:80]!r} is no condition that Istio knows", "key")
    part.close()
    return key, values


def _values(part: Part, some: str, none: str) -> Values:
    for key in (some, none):
        for place, each in enumerate(part.texts(key)):
            if not each:
                part.fault("is empty", key, place)
    return Values(part.texts(some), part.texts(none))


def http_operations(policy: Policy) -> Iterator[Operation]:
    """The operations that ask for what only HTTP has."""
    for rule in policy.rules:
        yield from (each for each in rule.operations if each.is_http)
