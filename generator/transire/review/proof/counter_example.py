"""Whether what was rendered allows exactly what was meant, with a counter-example if not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from transire.engines.registry import engine_of
from transire.flows.address_set import AddressSet
from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.meaning.meaning import Spelling, meaning, meant_products
from transire.meaning.target import Approximated, Lowered, Target
from transire.model.engine import Traits
from transire.model.intent import Approximation, Mode
from transire.review.proof.by_rule import Allowed, within_consent


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterExample:
    """One flow on which the objects and the values disagree.

    `allowed` is true where the objects allow it although the values do not; otherwise the values
    allow it and the objects do not.
    """

    allowed: bool
    flow: Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is to be proved for one target.

    `lowered` is what the engine made of the target, `baseline` what it made of the rules for
    everyone. `got` is what the objects allow, in audit what they would allow once enforced;
    `as_rendered` is what they allow now; `world` holds every flow that can exist on the cluster.
    The flows are those of the pods of the target's namespace, and do not name it.
    `baseline_only` is for a namespace that is enrolled without a team.
    """

    target: Target
    lowered: Lowered
    baseline: Lowered
    got: Allowed
    as_rendered: Allowed
    world: FlowSet
    baseline_only: bool = False


def counter_example(claim: Claim) -> CounterExample | None:
    """A flow that disproves the claim, or None: then it is proved.

    Exact rules must be allowed exactly; approximated ones exactly as reported, which must be a part
    of what was written (narrow) or cover it (widen). In audit, nothing may be blocked.
    """
    target = as_judged(claim.target)
    scope = claim.world - _impossible()
    traits = _traits(target)
    approximated = list(_approximations(claim))
    alone = claim.baseline_only
    left = frozenset(_delegations(claim))

    def meant_by(some: list[_Sourced]) -> FlowSet:
        spelled = _spelled(some)
        return meaning(target, traits, spelled, delegated=left, baseline_only=alone).allowed & scope

    if target.mode is Mode.ENFORCE and within_consent(each for _, each in approximated):
        spelled = _spelled(approximated)
        products = meant_products(target, traits, spelled, delegated=left, baseline_only=alone)
        if claim.got.is_surely(products, scope):
            return None
    expected = meant_by(approximated)
    pairs = [(claim.got.flows & scope, expected)]
    if target.mode is Mode.AUDIT:
        pairs.append((claim.as_rendered.flows & scope, scope))
    for got, meant in pairs:
        if got != meant:
            pods = PodSet.in_namespace(target.namespace)
            return difference(got.restrict(source=pods), meant.restrict(source=pods))
    return _beyond_consent(target, approximated, expected, meant_by)


@cache
def _impossible() -> FlowSet:
    """ICMP of one IP family to addresses of the other, which no packet is.

    Some engines have a rule for each family, and others leave it to the address.
    """
    families = ((Protocol.ICMP, AddressSet.family(6)), (Protocol.ICMPv6, AddressSet.family(4)))
    return FlowSet.union(
        FlowSet.reach(
            source=PodSet.everything(),
            peer=Peer.everything(),
            ports=PortSet.of_protocol(protocol),
            addresses=addresses,
        )
        for protocol, addresses in families
    )


def difference(got: FlowSet, meant: FlowSet) -> CounterExample | None:
    """A flow of one set and not of the other, or None where they are equal."""
    if got == meant:
        return None
    more = (got - meant).witness()
    if more is not None:
        return CounterExample(allowed=True, flow=more)
    less = (meant - got).witness()
    return None if less is None else CounterExample(allowed=False, flow=less)


def as_judged(target: Target) -> Target:
    """The target as it would be enforced: in audit, names and requests are not restricted."""
    if target.mode is Mode.ENFORCE:
        return target
    dns = replace(target.cluster.dns, restrict=False)
    return replace(
        target,
        cluster=replace(target.cluster, dns=dns, server_names=False),
        rules=tuple(each.for_connections for each in target.rules),
        everyone=tuple(each.for_connections for each in target.everyone),
    )


def _traits(target: Target) -> Traits:
    return engine_of(target.cluster.release).traits(target.cluster)


_Sourced = tuple[str, Approximated]
"""The source of the rule that an approximation is about, and the approximation."""


def _beyond_consent(
    target: Target,
    approximated: list[_Sourced],
    expected: FlowSet,
    meant_by: Callable[[list[_Sourced]], FlowSet],
) -> CounterExample | None:
    """A flow by which one kind of approximation alone goes beyond what was consented to.

    `expected` is what all of them together come to, and `meant_by` gives what some do.
    """
    if not approximated:
        return None
    exact = meant_by([])
    for how in Approximation:
        only = [each for each in approximated if each[1].how is how]
        if not only:
            continue
        near = expected
        if len(only) < len(approximated):
            near = meant_by(only)
        beyond = (near - exact) if how is Approximation.NARROW else (exact - near)
        witness = beyond.restrict(source=PodSet.in_namespace(target.namespace)).witness()
        if witness is not None:
            return CounterExample(allowed=how is Approximation.NARROW, flow=witness)
    return None


def _approximations(claim: Claim) -> Iterator[_Sourced]:
    """Every approximation with the source of its rule.

    A team's rule and one for everyone may have the same name; each comes from a lowering of its
    own.
    """
    target = claim.target
    for lowered, rules in ((claim.lowered, target.rules), (claim.baseline, target.everyone)):
        sources = {rule.name: rule.source for rule in rules}
        for each in lowered.approximated:
            if each.rule in sources:  # a rule for everyone may hold in other namespaces alone
                yield sources[each.rule], each


def _delegations(claim: Claim) -> Iterator[tuple[str, str]]:
    """The source of the rule and the host of every delegation."""
    target = claim.target
    for lowered, rules in ((claim.lowered, target.rules), (claim.baseline, target.everyone)):
        sources = {rule.name: rule.source for rule in rules}
        for each in lowered.delegated:
            if each.rule in sources:
                yield sources[each.rule], each.host


def _spelled(approximated: list[_Sourced]) -> Spelling:
    return {(source, each.written): each.became for source, each in approximated}
