"""Options that several commands share, each with one meaning."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
"""A file that is there."""

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
"""A folder that is there."""


def _day(
    _context: click.Context, _parameter: click.Parameter, value: datetime | None
) -> date | None:
    return None if value is None else value.date()


base_option = click.option(
    "--base", metavar="REF", help="The target branch; default: where origin/HEAD points."
)
as_of_option = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    metavar="DATE",
    help="The day that dates are held against; default: today.",
)
helm_option = click.option(
    "--helm", type=click.Choice(["sdk", "cli"]), help="Which Helm renders; default: what is there."
)
