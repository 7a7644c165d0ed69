"""Everything in the values that has an end, and who is to know of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from transire.meaning.target import targets_without_team
from transire.model.ends import End
from transire.model.intent import Bundle, Organisation
from transire.model.problems import Position


class Ends(StrEnum):
    """What it is that ends."""

    RULE = "rule"
    MODE = "mode"
    EXCEPTION = "exception"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One entry with its end; `team` is empty for the platform's own.

    `entry` is the name of the rule or of the bundle, or the namespace. `cluster` is empty unless it
    is about one. `days` counts to its last day. `soon` is true where that lies within the period of
    the guardrail `expires-soon`, and `past` where it has ended. `owners` are who is to know:
    contacts, owners of bundles, who reviews for the platform, and for an exception who approved it;
    `guardrail` is the one that an exception is from.
    """

    what: Ends
    team: str
    entry: str
    cluster: str
    until: End
    days: int
    soon: bool
    past: bool = False
    owners: tuple[str, ...] = ()
    reason: str = ""
    guardrail: str = ""
    at: Position = field(default=Position(path=""), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dated:
    """What ends, before it is known when that is from now."""

    what: Ends
    team: str
    entry: str
    until: End | None
    cluster: str = ""
    owners: tuple[str, ...] = ()
    reason: str = ""
    guardrail: str = ""
    at: Position


def endings(organisation: Organisation, as_of: datetime) -> tuple[Ending, ...]:
    """Every end of rules, modes and exceptions, the first one first."""
    return _in_order(organisation, as_of, _dated(organisation))


def bundle_ends(organisation: Organisation, as_of: datetime) -> tuple[Ending, ...]:
    """The last days on which bundles are as young as the platform demands, the first one first."""
    age = organisation.platform.guardrails.bundle_max_age
    if age is None:
        return ()
    bundles = (_bundle(each, age) for each in organisation.bundles)
    return _in_order(organisation, as_of, bundles)


def _in_order(
    organisation: Organisation, as_of: datetime, dated: Iterator[_Dated]
) -> tuple[Ending, ...]:
    guardrails = organisation.platform.guardrails
    found = [
        Ending(
            what=each.what,
            team=each.team,
            entry=each.entry,
            cluster=each.cluster,
            until=each.until,
            days=each.until.days(as_of),
            soon=guardrails.soon(each.until, as_of),
            past=each.until.passed(as_of),
            owners=each.owners,
            reason=each.reason,
            guardrail=each.guardrail,
            at=each.until.at if each.until.at.path else each.at,
        )
        for each in dated
        if each.until is not None
    ]
    return tuple(
        sorted(found, key=lambda each: (each.until, each.team, each.entry, each.cluster, each.what))
    )


def _bundle(bundle: Bundle, age: int) -> _Dated:
    source = bundle.source
    last = None
    if source is not None:
        last = End.on(source.day + timedelta(days=age), source.day_at)
    return _Dated(
        what=Ends.BUNDLE,
        team="",
        entry=bundle.name,
        until=last,
        owners=(bundle.owner,),
        reason=bundle.reason,
        at=bundle.at if last is None else last.at,
    )


def _dated(organisation: Organisation) -> Iterator[_Dated]:
    platform = organisation.platform
    people = () if platform.codeowners is None else platform.codeowners.platform
    owners = {each.name: (each.contact,) for each in organisation.teams}
    for team in organisation.teams:
        for rule in team.rules:
            yield _Dated(
                what=Ends.RULE,
                team=team.name,
                entry=rule.name,
                until=rule.expires,
                owners=owners[team.name],
                reason=rule.reason,
                at=rule.at,
            )
        for published in team.publications:
            yield _Dated(
                what=Ends.MODE,
                team=team.name,
                entry=published.namespace,
                cluster=published.cluster,
                until=published.until,
                owners=owners[team.name],
                at=published.at,
            )
    yield from _of_platform(organisation, people)
    for waiver in organisation.waivers:
        yield _Dated(
            what=Ends.EXCEPTION,
            team=waiver.team,
            entry=waiver.entry,
            until=waiver.until,
            owners=(*owners.get(waiver.team, people), waiver.approved_by),
            reason=waiver.reason,
            guardrail=waiver.rule,
            at=waiver.at,
        )


def _of_platform(organisation: Organisation, people: tuple[str, ...]) -> Iterator[_Dated]:
    """Rules for everyone, and the mode of namespaces that are enrolled without a team."""
    platform = organisation.platform
    for rule in platform.everyone:
        yield _Dated(
            what=Ends.RULE,
            team="",
            entry=rule.name,
            until=rule.expires,
            owners=people,
            reason=rule.reason,
            at=rule.at,
        )
    for cluster in platform.clusters:
        for target in targets_without_team(organisation, cluster):
            yield _Dated(
                what=Ends.MODE,
                team="",
                entry=target.namespace,
                cluster=cluster.name,
                until=platform.until,
                owners=people,
                at=cluster.at if platform.until is None else platform.until.at,
            )
