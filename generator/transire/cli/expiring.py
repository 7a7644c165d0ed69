"""The command that shows what ends soon: `expiring`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli.options import as_of_option, format_option, team_option
from transire.cli.printing import data, say


@click.command()
@click.option(
    "--days",
    type=click.IntRange(min=0),
    metavar="N",
    help="Within how many days; default: expiresSoonDays of the guardrails.",
)
@team_option("Show what is its own.")
@click.option(
    "--owner",
    "owners",
    multiple=True,
    metavar="CONTACT",
    help="Show what is theirs: a contact, an owner of a bundle, who approved an exception.",
)
@as_of_option
@format_option("text", "markdown", "json", "ics", what="the answer is")
@click.pass_obj
def expiring(
    directory: Path,
    *,
    days: int | None,
    teams: tuple[str, ...],
    owners: tuple[str, ...],
    as_of: date | None,
    form: str,
) -> None:
    """Show what ends soon or has ended: rules, audits, exceptions, old bundles."""
    found = api.expiring(
        api.find_root(directory), days=days, teams=teams, owners=owners, as_of=as_of
    )
    text = api.EXPIRING_FORMATS[form](found)
    if form == "ics":
        data(text)
    else:
        say(text, form=form)
