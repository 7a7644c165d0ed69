"""Whether what was rendered allows exactly what was meant, with a counter-example if not."""

from __future__ import annotations

from dataclasses import dataclass, replace

from transire.model.flow import Flow
from transire.model.flows import FlowSet
from transire.model.intent import Approximation, Mode
from transire.model.meaning import meaning, world
from transire.model.selectors import PodSet
from transire.model.target import Approximated, Lowered, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterExample:
    """One flow on which the objects and the values disagree.

    `allowed` says that the objects allow it although the values do not; otherwise the values allow
    it and the objects do not.
    """

    allowed: bool
    flow: Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is to be proved for one target.

    `got` is what the objects allow, in audit what they would allow once enforced; `as_rendered`
    is what they allow now.
    """

    target: Target
    lowered: Lowered
    got: FlowSet
    as_rendered: FlowSet


def counter_example(claim: Claim) -> CounterExample | None:
    """A flow that disproves the claim, or None: then it is proved.

    Exact rules must be allowed exactly; approximated ones exactly as the report says, which must
    be a part of what was written (narrow) or cover it (widen). In audit, nothing may be blocked.
    """
    target = as_judged(claim.target)
    scope = world(target.cluster) & FlowSet.everything().restrict(
        source=PodSet.in_namespace(target.namespace)
    )
    wanted = meaning(target, _became(claim.lowered)).allowed & scope
    pairs = [(claim.got & scope, wanted)]
    if target.mode is Mode.AUDIT:
        pairs.append((claim.as_rendered & scope, scope))
    for got, meant in pairs:
        found = _differ(got, meant)
        if found is not None:
            return found
    return _kept_its_word(target, claim.lowered, scope)


def as_judged(target: Target) -> Target:
    """The target as it would be enforced: in audit, names and server names are not restricted."""
    if target.mode is Mode.ENFORCE:
        return target
    dns = replace(target.cluster.dns, restrict=False)
    return replace(target, cluster=replace(target.cluster, dns=dns, server_names=False))


def _differ(got: FlowSet, meant: FlowSet) -> CounterExample | None:
    if got == meant:
        return None
    more = (got - meant).witness()
    if more is not None:
        return CounterExample(allowed=True, flow=more)
    less = (meant - got).witness()
    return None if less is None else CounterExample(allowed=False, flow=less)


def _kept_its_word(target: Target, lowered: Lowered, scope: FlowSet) -> CounterExample | None:
    """Each approximation alone goes the way that was consented to."""
    exact = meaning(target).allowed & scope
    for how in Approximation:
        only = tuple(each for each in lowered.approximated if each.how is how)
        if not only:
            continue
        said = meaning(target, _spelled(only)).allowed & scope
        beyond = (said - exact) if how is Approximation.NARROW else (exact - said)
        witness = beyond.witness()
        if witness is not None:
            return CounterExample(allowed=how is Approximation.NARROW, flow=witness)
    return None


def _became(lowered: Lowered) -> dict[tuple[str, str], tuple[str, ...]]:
    return _spelled(lowered.approximated)


def _spelled(
    approximated: tuple[Approximated, ...],
) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(each.rule, each.written): each.became for each in approximated}
