"""What of the values ends within some days, or has ended, and words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from transire.meaning.endings import Ending, Ends, bundle_ends, endings
from transire.model.intent import Organisation

_THEN = {
    Ends.RULE: "then nothing can be published for it until somebody edits the entry",
    Ends.MODE: "then the values are refused until the mode is another one",
    Ends.EXCEPTION: "then what it lets pass is refused",
    Ends.BUNDLE: "then it is older than the platform demands",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """What ends within `days` of a moment, with what has ended before, the first one first."""

    as_of: datetime
    days: int
    endings: tuple[Ending, ...]

    @property
    def last(self) -> date:
        """The last day that is looked at."""
        return self.as_of.date() + timedelta(days=self.days)

    def __repr__(self) -> str:
        return f"<Expiring endings={len(self.endings)} until {self.last}>"


def expiring(
    organisation: Organisation,
    as_of: datetime,
    *,
    days: int | None = None,
    teams: Sequence[str] = (),
    owners: Sequence[str] = (),
) -> Expiring:
    """What ends within so many days, or within those of the guardrail `expires-soon`.

    Where teams or owners are named, what is theirs; one of both is enough.
    """
    within = organisation.platform.guardrails.expires_soon_days if days is None else days
    found = (*endings(organisation, as_of), *bundle_ends(organisation, as_of))
    chosen = [
        each
        for each in sorted(found, key=lambda each: each.until)
        if each.days <= within
        and (not (teams or owners) or each.team in teams or not set(owners).isdisjoint(each.owners))
    ]
    return Expiring(as_of=as_of, days=within, endings=tuple(chosen))


def title(ending: Ending) -> str:
    """What ends, such as `rule receipts of payments`."""
    whose = f" of {ending.team}" if ending.team else " for everyone"
    match ending.what:
        case Ends.RULE:
            return f"rule {ending.entry}{whose}"
        case Ends.MODE:
            return f"audit of namespace {ending.entry} on {ending.cluster}"
        case Ends.EXCEPTION:
            return f"exception from {ending.guardrail} for {ending.entry}{whose}"
        case Ends.BUNDLE:
            return f"bundle {ending.entry}"


def when(ending: Ending) -> str:
    """When it ends or has ended, and how many days that is from now."""
    verb = "ended" if ending.past else "ends"
    return f"{verb} {ending.until.when}, {_from_now(ending)}"


def _from_now(ending: Ending) -> str:
    if ending.days == 0:
        return "today"
    count = abs(ending.days)
    one = f"{count} day" if count == 1 else f"{count} days"
    return f"in {one}" if ending.days > 0 else f"{one} ago"


def then(ending: Ending) -> str:
    """What becomes of it at its end."""
    return _THEN[ending.what]
