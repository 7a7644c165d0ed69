"""What AuthorizationPolicies let pods of one namespace have, as sets of hosts and requests.

A `Box` is what one rule lets through on one port. What depends on more than the namespace of a pod,
such as its service account, is judged by nobody here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

from transire.flows.host_set import HostSet, Wild
from transire.flows.text_set import TextSet
from transire.model.problems import Unjudgeable
from transire.points.istio.objects.authorization import (
    SNI,
    Action,
    Operation,
    Policy,
    PolicyRule,
    Source,
    Values,
)
from transire.points.istio.objects.policy_strings import any_fits, path_set, text_set


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Requests that one rule lets through: all combinations of its parts.

    `names` are those of TLS, None where the rule asks for none; `hosts` those of HTTP.
    """

    names: HostSet | None
    hosts: HostSet
    methods: TextSet
    paths: TextSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Pods of a namespace on one port of an entry: over HTTP, with the port in Host or without."""

    namespace: str
    port: int
    http: bool
    with_port: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """What policies allow and what they deny; without any that allows, all is allowed."""

    allowed: tuple[Box, ...]
    denied: tuple[Box, ...]


def everything() -> Box:
    """The box that holds every request."""
    present = TextSet.present()
    return Box(names=None, hosts=HostSet.everything(), methods=present, paths=present)


def boxes_of(policies: Iterable[Policy], asking: Asking) -> Boxes:
    """What policies let a namespace have on a port.

    Raises:
        Unjudgeable: if one holds what is not modelled, or tells pods of a namespace apart.
    """
    enforced = [each for each in policies if each.enforces]
    for each in enforced:
        each.judged()
    allowing = [each for each in enforced if each.action is Action.ALLOW]
    denying = [each for each in enforced if each.action is Action.DENY]
    allowed = tuple(box for each in allowing for box in _boxes(each, asking, deny=False))
    return Boxes(
        allowed=allowed if allowing else (everything(),),
        denied=tuple(box for each in denying for box in _boxes(each, asking, deny=True)),
    )


def _boxes(policy: Policy, asking: Asking, *, deny: bool) -> Iterator[Box]:
    for rule in policy.rules:
        if not rule.sources or any(_is_from(policy, each, asking) for each in rule.sources):
            yield from _of_rule(policy, rule, asking, deny=deny)


def _is_from(policy: Policy, source: Source, asking: Asking) -> bool:
    if source.principals or source.accounts or any(source.networks):
        why = "which pods of a namespace a source is for is not modelled as a set"
        raise Unjudgeable(str(policy.ref), "/spec/rules", why)
    return _has(source.namespaces, asking.namespace)


def _has(values: Values, text: str) -> bool:
    some = not values.some or any_fits(values.some, text)
    return some and not any_fits(values.none, text)


def _of_rule(policy: Policy, rule: PolicyRule, asking: Asking, *, deny: bool) -> Iterator[Box]:
    if not all(_holds(policy, key, values, asking) for key, values in rule.conditions):
        return
    named = [_hosts(policy, values, asking) for key, values in rule.conditions if key == SNI]
    names = reduce(HostSet.__and__, named) if named else None
    if asking.http and names is not None:
        return
    whole = everything()
    if not rule.operations:
        yield Box(names=names, hosts=whole.hosts, methods=whole.methods, paths=whole.paths)
    for each in rule.operations:
        if _has(each.ports, str(asking.port)) and (asking.http or deny or not each.is_http):
            yield _of_operation(policy, each, asking, names)


def _holds(policy: Policy, key: str, values: Values, asking: Asking) -> bool:
    """Whether a condition holds for the pods; names of TLS are a set, and not looked at here."""
    if key == SNI:
        return True
    if key == "destination.port":
        return _has(values, str(asking.port))
    if key == "source.namespace":
        return _has(values, asking.namespace)
    why = f"the condition {key} is not modelled as a set"
    raise Unjudgeable(str(policy.ref), "/spec/rules", why)


def _of_operation(
    policy: Policy, operation: Operation, asking: Asking, names: HostSet | None
) -> Box:
    whole = everything()
    if not asking.http:
        return Box(names=names, hosts=whole.hosts, methods=whole.methods, paths=whole.paths)
    return Box(
        names=names,
        hosts=_hosts(policy, operation.hosts, asking),
        methods=_texts(operation.methods),
        paths=_texts(operation.paths, paths=True),
    )


def _texts(values: Values, *, paths: bool = False) -> TextSet:
    make = path_set if paths else text_set
    some = TextSet.union(map(make, values.some)) if values.some else TextSet.present()
    return some - TextSet.union(map(make, values.none))


def _hosts(policy: Policy, values: Values, asking: Asking) -> HostSet:
    if values.none:
        raise Unjudgeable(str(policy.ref), "/spec/rules", "hosts that a rule leaves out")
    if not values.some:
        return HostSet.everything()
    return HostSet.union(_host(policy, each.lower(), asking) for each in values.some)


def _host(policy: Policy, value: str, asking: Asking) -> HostSet:
    """The names that a value stands for; a port behind it counts where Host has one."""
    if value == "*":
        return HostSet.everything()
    name, colon, port = value.partition(":")
    if (bool(colon) != asking.with_port) or (colon and port not in {"*", str(asking.port)}):
        return HostSet.nothing()
    try:
        if name.startswith("*."):
            return HostSet.pattern([Wild.LABELS, name[1:]])
        if "*" not in name:
            return HostSet.exact([name])
    except ValueError:
        pass
    raise Unjudgeable(
        str(policy.ref), "/spec/rules", f"the host {value!r} is not modelled as a set"
    )
