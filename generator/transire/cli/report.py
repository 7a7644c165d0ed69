"""The command that shows everything at once: `report`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli.options import as_of_option, format_option
from transire.cli.printing import say


@click.command()
@format_option("html", "json", "csv", what="the report is")
@as_of_option
@click.pass_obj
def report(directory: Path, *, form: str, as_of: date | None) -> None:
    """Print the whole organisation at a glance: one HTML page, JSON or CSV."""
    found = api.report(api.find_root(directory), as_of=as_of)
    say(api.REPORT_FORMATS[form](found), form=form)
