"""What rules of ingress make of one request, where a sidecar looks into it.

Verdicts are about egress; this is what to know besides. Felix ignores `http`, so that without the
sidecar such a rule lets the whole connection in. Policies of more than one tier, and what is not
known of a rule, give no result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transire.engines.calico.facts import ENFORCED
from transire.engines.calico.objects.http_match import takes
from transire.engines.calico.objects.object_validation import policy_tier
from transire.engines.calico.objects.releases import Dialect
from transire.engines.calico.objects.rule_compiler import compile_rule, policy_selector
from transire.engines.calico.objects.rules import CalicoAction, CalicoRule
from transire.engines.calico.objects.selector import Labels, Selector
from transire.engines.calico.objects.selector_grammar import IntricateSelectorError, SelectorError
from transire.engines.calico.verdicts.endpoint import Endpoint
from transire.engines.calico.verdicts.matching import matches_after, matches_before
from transire.engines.calico.verdicts.stored import StoredObject
from transire.flows.port_set import Protocol
from transire.k8s.manifests import ObjectRef, Tree
from transire.queries.query import Caveat, HttpRequest

INGRESS_REQUESTS = "ingress-requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressRule:
    """One rule of ingress with what it has about requests, None where that is nothing."""

    rule: CalicoRule
    http: Tree | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressPolicy:
    """A policy that governs ingress, with its rules in order."""

    object: ObjectRef
    tier: str
    order: tuple[float, str]
    selector: Selector
    rules: tuple[IngressRule, ...]
    resolved: bool
    """Whether paths are resolved before they are compared, as from 3.32 on."""

    @property
    def looks(self) -> bool:
        """Whether any rule has something about requests."""
        return any(each.http is not None for each in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressVerdict:
    """Whether the request gets in by the sidecar, and by which rule; None where none decides."""

    allowed: bool
    policy: IngressPolicy
    pointer: str = ""


def ingress_policies(stored: Iterable[StoredObject], dialect: Dialect) -> tuple[IngressPolicy, ...]:
    """The policies without fault that govern ingress, in order; none where none has `http`."""
    found = [
        policy
        for each in stored
        if each.object.kind in ENFORCED
        if not (each.decoded.misfits or each.fault(dialect) or each.failure(dialect))
        if (policy := _policy(each, dialect)) is not None
    ]
    if not any(each.looks for each in found):
        return ()
    return tuple(sorted(found, key=lambda each: each.order))


def _policy(each: StoredObject, dialect: Dialect) -> IngressPolicy | None:
    spec, types = each.spec, each.spec.get("types", [])
    if not ("Ingress" in types if types else spec.get("ingress") or not spec.get("egress")):
        return None
    try:
        selector = policy_selector(spec, each.namespace)
        rules = [
            IngressRule(rule=compiled, http=rule.get("http"))
            for place, rule in enumerate(spec.get("ingress", ()))
            if (compiled := _compiled(rule, place, each)) is not None
        ]
    except (SelectorError, IntricateSelectorError):
        return None
    return IngressPolicy(
        object=each.object,
        tier=policy_tier(spec),
        order=(float(spec.get("order", "inf")), each.object.name),
        selector=selector,
        rules=tuple(rules),
        resolved=dialect.has_native,
    )


def _compiled(rule: Tree, place: int, each: StoredObject) -> CalicoRule | None:
    at = f"/spec/ingress/{place}"
    return compile_rule(rule, at, namespace=each.namespace, of=each.object)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request from a pod to a port of another."""

    source: Endpoint
    to: Endpoint
    port: int
    request: HttpRequest


def governing(policies: Iterable[IngressPolicy], pod: Labels) -> tuple[IngressPolicy, ...]:
    """Those that are sure to select the pod; none where none of them has `http`."""
    found = tuple(each for each in policies if each.selector.holds(pod))
    return found if any(each.looks for each in found) else ()


def judged(policies: Sequence[IngressPolicy], attempt: Attempt) -> IngressVerdict | None:
    """What the policies that govern a pod make of a request, by the first rule that fits."""
    if len({each.tier for each in policies}) != 1:
        return None
    for policy in policies:
        for each in policy.rules:
            fits = _fits(each, attempt, resolved=policy.resolved)
            action = each.rule.action
            if fits is None or (fits and action is CalicoAction.PASS):
                return None
            if fits and action in {CalicoAction.ALLOW, CalicoAction.DENY}:
                allowed = action is CalicoAction.ALLOW
                return IngressVerdict(allowed=allowed, policy=policy, pointer=each.rule.pointer)
    return IngressVerdict(allowed=False, policy=policies[0])


def _fits(each: IngressRule, attempt: Attempt, *, resolved: bool) -> bool | None:
    first = matches_before(each.rule, attempt.source, Protocol.TCP, attempt.port)
    second = matches_after(each.rule, attempt.to, Protocol.TCP, attempt.port)
    if first is False or second is False:
        return False
    method, path = attempt.request.method, attempt.request.path
    if each.http is not None and not takes(each.http, method, path, resolved=resolved):
        return False
    return True if first and second else None


def note(
    policies: Sequence[IngressPolicy], verdict: IngressVerdict | None, request: HttpRequest | None
) -> Caveat:
    """What to know of a pod whose ingress is by requests, beside a verdict about egress."""
    looking = next(each for each in policies if each.looks)
    text = f"{looking.object} has rules for requests that reach the pod, at which its sidecar looks"
    if request is not None and verdict is not None:
        done = "lets" if verdict.allowed else "does not let"
        by = f" by {verdict.policy.object} at {verdict.pointer}" if verdict.pointer else ""
        text += f": that {done} {request} in{by}"
    return Caveat(
        id=INGRESS_REQUESTS,
        text=f"{text}; without the sidecar such a rule lets whole connections in, and the verdict "
        "is about egress alone",
    )
