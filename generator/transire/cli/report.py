"""The command that shows everything at once: `report`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli import progress
from transire.cli.options import (
    GIVEN,
    as_of_option,
    days_option,
    format_option,
    lines_cluster_option,
    log_format_option,
    redact_option,
)
from transire.cli.printing import say


@click.command()
@format_option("html", "json", "csv", what="the report is")
@as_of_option
@click.option(
    "--logs",
    type=GIVEN,
    multiple=True,
    metavar="FILE|DIR|-",
    help="Show when entries were last used, by these logs, as audit takes them; may be repeated.",
)
@lines_cluster_option
@log_format_option
@days_option
@redact_option
@click.pass_obj
def report(
    directory: Path,
    *,
    form: str,
    as_of: date | None,
    logs: tuple[Path, ...],
    cluster: str,
    log_format: str,
    days: int,
    redact: bool,
) -> None:
    """Print the whole organisation at a glance: one HTML page, JSON or CSV."""
    with progress.of_bytes() as watch:
        found = api.report(
            api.find_root(directory),
            as_of=as_of,
            logs=logs,
            cluster=cluster,
            format_=log_format,
            days=days,
            redact=redact,
            watch=watch,
        )
    say(api.REPORT_FORMATS[form](found), form=form)
