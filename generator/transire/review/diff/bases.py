"""The rules of the values that a line of a diff rests on: each with its reason, ticket and end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from transire.engines.registry import engine_of
from transire.flows.flow_set import FlowSet
from transire.meaning.meaning import Spelling, meaning
from transire.meaning.target import Lowered, Target
from transire.model.ends import End
from transire.model.intent import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """A rule as its author justified it; `source` is its place, such as `values/...yaml#cards`."""

    name: str
    source: str
    reason: str
    ticket: str
    expires: End | None

    @property
    def text(self) -> str:
        """All of it in one line."""
        until = f"until {self.expires}" if self.expires else ""
        return "; ".join(filter(None, (f"{self.name}: {self.reason}", self.ticket, until)))


RuleFlows = Sequence[tuple[Basis, FlowSet]]
"""What each rule allows by itself, beyond what is allowed without any."""

Bases = Callable[[], RuleFlows]
"""The same, worked out only where there is a line to be justified."""


def bases_of(target: Target | None, lowered: Lowered) -> Bases:
    """What the rules of a target allow, in the widened or narrowed form that its engine has."""
    return lambda: () if target is None else tuple(_all(target, lowered))


def nothing_known() -> RuleFlows:
    """No rules: what only charts are known of."""
    return ()


def rests_on(flows: FlowSet, rules: RuleFlows) -> tuple[Basis, ...]:
    """The rules that allow some of the flows."""
    return tuple(basis for basis, allowed in rules if not flows.is_disjoint(allowed))


def _all(target: Target, lowered: Lowered) -> Iterable[tuple[Basis, FlowSet]]:
    traits = engine_of(target.cluster.release).traits(target.cluster)
    became = _became(target, lowered)
    bare = meaning(replace(target, rules=(), everyone=()), traits).allowed
    for own in (True, False):
        for rule in target.rules if own else target.everyone:
            alone = replace(target, rules=(rule,) if own else (), everyone=() if own else (rule,))
            yield _basis(rule), meaning(alone, traits, became).allowed - bare


def _became(target: Target, lowered: Lowered) -> Spelling:
    sources = {rule.name: rule.source for rule in (*target.everyone, *target.rules)}
    return {
        (sources[each.rule], each.written): each.became
        for each in lowered.approximated
        if each.rule in sources
    }


def _basis(rule: Rule) -> Basis:
    return Basis(
        name=rule.name,
        source=rule.source,
        reason=rule.reason,
        ticket=rule.ticket,
        expires=rule.expires,
    )
