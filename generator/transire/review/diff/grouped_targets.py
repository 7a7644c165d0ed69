"""Targets that change in the same way, shown once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from transire.flows.flow import Flow
from transire.model.intent import Mode
from transire.review.diff.bases import Basis
from transire.review.diff.changes import (
    ChangeClass,
    Event,
    ObjectChange,
    SharedChange,
    Side,
    TargetChange,
)
from transire.review.diff.connections import restarts, sentence
from transire.review.diff.destinations import Destination
from transire.review.diff.explain_notation import destination_of, request_of
from transire.review.diff.grants import Grant, GrantKind
from transire.review.diff.risk_level import RiskLevel

_EVENTS = {
    Event.GOVERNED: "comes under policy: what no rule allows is dropped from now on",
    Event.RELEASED: "is governed no longer: every destination is open",
    Event.LEFT: "is in the values no longer, and nothing takes its policies away: they stay until "
    "somebody decommissions it, which opens what they close",
    Event.ENFORCED: "leaves audit: what no rule allows is dropped from now on",
    Event.AUDITED: "goes into audit: nothing is dropped any more",
    Event.HANDOVER: "is published by another release: nothing takes the old release away, and "
    "until somebody hands its policies over by hand they stay as they were last and the new "
    "release may be refused",
}
_UNCHECKED = {
    Event.AUDITED: "audit checks no TLS server names and no names that are queried; both are "
    "checked again once it ends, where rules and settings have it so",
    Event.ENFORCED: "TLS server names and names that are queried are checked from now on, where "
    "rules and settings have it so",
}
_IN_AUDIT = "comes under policy, in audit: nothing is dropped yet"
_BEGINS = {Event.GOVERNED, Event.ENFORCED}
"""Events before which nothing was dropped, so that nothing can be opened."""

_MOST_NAMED = 3
_NO_RULE = "no rule of the values is behind it"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRow:
    """One thing that opens or closes: `sign` is `+` or `-`, `effect` what that means here.

    `conditions` is how the destinations are reached, where not in every way. `rules` are those of
    the values behind it, and `risk` how closely to look at this row alone.
    """

    sign: str
    effect: str
    who: str
    destinations: tuple[Destination, ...]
    conditions: str
    ports: str
    example: str
    detail: bool
    rules: tuple[Basis, ...]
    risk: RiskLevel
    grant: Grant = field(compare=False, repr=False)

    @property
    def why(self) -> tuple[str, ...]:
        """The rules, with reason, ticket and end; that there is none, where none is behind it."""
        return tuple(each.text for each in self.rules) or (_NO_RULE,)

    @property
    def to(self) -> str:
        """All destinations and the conditions, in one line."""
        texts = (self.destination_text(each) for each in self.destinations)
        return " ".join(filter(None, (", ".join(texts), self.conditions)))

    def destination_text(self, each: Destination, shown: Callable[[str], str] = str) -> str:
        """One of the destinations, with the narrower ones that it takes the place of."""
        if not each.instead_of:
            return shown(each.shown)
        other = {"+": "instead of", "-": "leaves"}[self.sign]
        narrower = listed([shown(text) for text in each.instead_of], _MOST_NAMED)
        return f"{shown(each.shown)} ({other} {narrower})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Targets of one team with the same change; the first stands for all where they are alike.

    Where nothing opens, closes or is to be looked at, as after most changes of an engine's release,
    they are of any team.
    """

    targets: tuple[TargetChange, ...]

    @property
    def first(self) -> TargetChange:
        """The target that stands for all."""
        return self.targets[0]

    @property
    def title(self) -> str:
        """Whose targets they are."""
        teams = dict.fromkeys(each.side.team or "no team" for each in self.targets)
        return listed(list(teams), _MOST_NAMED)

    @property
    def places(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The namespaces, each with its clusters."""
        found: dict[str, list[str]] = {}
        for each in self.targets:
            found.setdefault(each.namespace, []).append(each.cluster)
        return tuple((namespace, tuple(clusters)) for namespace, clusters in found.items())

    @property
    def notes(self) -> tuple[str, ...]:
        """What happens to the namespaces as a whole, and other facts that are no rows."""
        first = self.first
        notes = [f"the namespace {_event(each, first.after)}" for each in first.events]
        if first.unchecked:
            notes += [_UNCHECKED[each] for each in first.events if each in _UNCHECKED]
        if first.pending and (first.gains or first.losses):
            notes.append("audit: what opens and closes counts once audit ends")
        if first.unjudged:
            notes.append(f"nobody knows what this does: {first.unjudged}")
        notes += _sides(first.before, first.after)
        notes += _audit(first.before, first.after)
        begun, ended = first.delegated
        notes += [f"{host} is delegated to {to} from now on" for host, to in begun]
        notes += [f"{host} is no longer delegated to {to}" for host, to in ended]
        notes += _exact_now(first.before, first.after)
        if sentence(first):
            notes.append(sentence(first))
        return tuple(notes)

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """What belongs to single targets: releases to hand over, and commands, with clusters."""
        found: dict[str, dict[str, None]] = {}
        for target in self.targets:
            for each in (*_handed_over(target), *restarts(target)):
                found.setdefault(each, {})[target.cluster] = None
        return tuple((", ".join(clusters), text) for text, clusters in found.items())

    @property
    def objects(self) -> tuple[tuple[str, ObjectChange], ...]:
        """The differences of objects with their clusters, those of several clusters once."""
        return _by_clusters((each.cluster, each.objects) for each in self.targets)

    @property
    def rows(self) -> tuple[GrantRow, ...]:
        """What opens and closes, new destinations before details."""
        first = self.first
        begins = not _BEGINS.isdisjoint(first.events)
        opened, closed = ("may reach", "may not reach") if begins else ("opens", "closes")
        rows = [_row("+", opened, each) for each in first.gains if not each.implied]
        rows += [_row("+", "the files open", each) for each in first.beyond if not each.implied]
        rows += [_row("-", closed, each) for each in first.losses if not each.implied]
        return tuple(sorted(rows, key=lambda each: each.detail))


def grouped(targets: Iterable[TargetChange]) -> tuple[Group, ...]:
    """The changes, those that read the same together, in the order of the first."""
    found: dict[tuple[object, ...], list[TargetChange]] = {}
    for each in targets:
        alone = Group(targets=(each,))
        reads = (
            "" if _is_quiet(each) else each.side.team, each.change, each.risk,
            each.side.environment, alone.notes, alone.rows, each.reasons, each.broken,
        )  # fmt: skip
        found.setdefault(reads, []).append(each)
    return tuple(Group(targets=tuple(each)) for each in found.values())


def _is_quiet(target: TargetChange) -> bool:
    """Whether nothing about it needs its team: no line, no reason and no object."""
    return target.change is ChangeClass.SAME and not (target.reasons or target.objects)


def shared_objects(changes: Iterable[SharedChange]) -> tuple[tuple[str, ObjectChange], ...]:
    """The objects that all namespaces have in common, those of several clusters once."""
    return _by_clusters((each.cluster, each.objects) for each in changes)


def _by_clusters(
    changes: Iterable[tuple[str, Iterable[ObjectChange]]],
) -> tuple[tuple[str, ObjectChange], ...]:
    found: dict[ObjectChange, dict[str, None]] = {}
    for cluster, objects in changes:
        for each in objects:
            found.setdefault(each, {})[cluster] = None
    return tuple((", ".join(clusters), each) for each, clusters in found.items())


def listed(texts: Sequence[str], most: int) -> str:
    """The first of the texts, and how many more there are."""
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {more} more" if more > 0 else "")


def _event(event: Event, after: Side | None) -> str:
    if event is Event.GOVERNED and after is not None and after.mode is Mode.AUDIT:
        return _IN_AUDIT
    return _EVENTS[event]


def _sides(before: Side | None, after: Side | None) -> list[str]:
    if before is None or after is None:
        return []
    notes = []
    if before.team != after.team:
        notes.append(f"the team was {before.team or 'nobody'}")
    if before.engine != after.engine:
        notes.append(f"the engine was {before.engine} and is {after.engine}")
    if before.environment != after.environment:
        notes.append(f"the environment was {before.environment}")
    return notes


def _audit(before: Side | None, after: Side | None) -> list[str]:
    """When an audit ends that begins, or that had another end."""
    if after is None or after.mode is not Mode.AUDIT:
        return []
    if before is None or before.mode is not Mode.AUDIT:
        return [f"audit ends {after.until}"] if after.until else []
    ends = [str(each.until or "never") for each in (before, after)]
    return [f"audit ended {ends[0]} and ends {ends[1]}"] if ends[0] != ends[1] else []


def _exact_now(before: Side | None, after: Side | None) -> list[str]:
    """What was widened or narrowed before, and is so no longer."""
    if before is None or after is None:
        return []
    return [f"no longer: {each}" for each in sorted(before.approximated - after.approximated)]


def _handed_over(target: TargetChange) -> Iterator[str]:
    before, after = target.before, target.after
    if Event.HANDOVER in target.events and before and after:
        yield f"{before.release} ({before.tool}) -> {after.release} ({after.tool})"


def _row(sign: str, effect: str, grant: Grant) -> GrantRow:
    detail = grant.kind is GrantKind.DETAIL
    passes = {"+": "more passes", "-": "less passes"}[sign]
    return GrantRow(
        sign=sign,
        effect=passes if detail else effect,
        who=grant.who,
        destinations=grant.destinations,
        conditions=grant.conditions,
        ports=grant.ports,
        example=_example(grant.example, detail=detail),
        detail=detail,
        rules=grant.rules,
        risk=grant.risk,
        grant=grant,
    )


def _example(flow: Flow, *, detail: bool) -> str:
    """The destination, or the request; with what the flow carries where that is the news."""
    parts = [request_of(flow) or destination_of(flow)]
    if not detail:
        return parts[0]
    if flow.queried is None and flow.host is not None and flow.server_name != flow.host:
        name = f"the TLS name {flow.server_name}" if flow.server_name else "no TLS name"
        parts.append(f"with {name}")
    return " ".join(parts)
