"""`expiring`: what of the values ends soon, and who is to know of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from transire.commands.arguments import StrPath, folder_at, several, when
from transire.commands.named_targets import check_teams
from transire.model.ends import instant
from transire.model.problems import UsageError
from transire.review.expiring.expiring import Expiring
from transire.review.expiring.expiring import expiring as chosen
from transire.values.load import load


def expiring(
    root: StrPath,
    *,
    days: int | None = None,
    teams: str | Iterable[str] = (),
    owners: str | Iterable[str] = (),
    as_of: date | None = None,
) -> Expiring:
    """Rules, audits, exceptions and bundles that end within some days, or have ended.

    Only the form of the values is looked at, so that an end that has passed is shown, too.

    Args:
        root: the policy repository.
        days: within how many days; without it, those of the guardrail `expires-soon`.
        teams: whose entries are meant; without any, and without owners, all.
        owners: contacts, owners of bundles, or who approved an exception.
        as_of: the day, or the moment, that ends are held against; without one, now.

    Raises:
        UsageError: if a team does not exist, or the days are fewer than none.
        Rejected: with every mistake in the form of the values.
    """
    if days is not None and days < 0:
        raise UsageError(f"days are {days}; write 0 or more")
    organisation = load(folder_at(root))
    names = several(teams)
    check_teams(names, (each.name for each in organisation.teams))
    return chosen(
        organisation, instant(when(as_of)), days=days, teams=names, owners=several(owners)
    )
