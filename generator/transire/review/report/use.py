"""When entries were last used, by logs that are held beside the values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from transire.model.intent import Destination, Rule


class Seen(StrEnum):
    """How it stands with an entry over all targets of its rule."""

    USED = "used"
    UNUSED = "unused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryUse:
    """One destination of one rule: how often it was used, when last, and by how many workloads."""

    seen: Seen
    count: int = 0
    last: date | None = None
    workloads: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    """Why it is unknown."""


EntryKey = tuple[str, str, Destination]
"""Team, rule and destination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """What logs saw of the entries of teams within `days` days; `coverage` is what was read."""

    days: int
    coverage: Sequence[str]
    entries: Mapping[EntryKey, EntryUse]

    def of(self, team: str, rule: Rule, destination: Destination) -> EntryUse | None:
        """The use of an entry; None of one that is not looked at, such as those for everyone."""
        return self.entries.get((team, rule.name, destination))

    def of_rule(self, team: str, rule: Rule) -> list[EntryUse]:
        """The uses of all entries of a rule that are looked at."""
        found = (self.of(team, rule, each) for each in rule.destinations)
        return [each for each in found if each is not None]


def together(uses: Sequence[EntryUse]) -> EntryUse:
    """The uses of one entry on several targets as one: unused is what is so on each of them."""
    days = [each.last for each in uses if each.last is not None]
    kinds = {each.seen for each in uses}
    seen = next(each for each in (Seen.USED, Seen.UNKNOWN, Seen.UNUSED) if each in kinds)
    return EntryUse(
        seen=seen,
        count=sum(each.count for each in uses),
        last=max(days, default=None),
        workloads=tuple(sorted({name for each in uses for name in each.workloads})),
        why=tuple(dict.fromkeys(why for each in uses for why in each.why if seen is Seen.UNKNOWN)),
    )
