"""The command that holds entries against logs: `audit`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli import progress
from transire.cli.options import (
    days_option,
    format_option,
    lines_cluster_option,
    log_format_option,
    logs_argument,
    redact_option,
    team_option,
)
from transire.cli.printing import say


@click.command()
@logs_argument
@team_option("Its entries alone.")
@lines_cluster_option
@log_format_option
@days_option
@click.option(
    "--fail-unused",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="End with 1 where an entry was not used in so many days.",
)
@redact_option
@format_option("text", "markdown", "json", what="the answer is")
@click.pass_obj
def audit(
    directory: Path,
    *,
    logs: tuple[Path, ...],
    teams: tuple[str, ...],
    cluster: str,
    log_format: str,
    days: int,
    fail_unused: int | None,
    redact: bool,
    form: str,
) -> None:
    """Show which entries were used, by flow logs: when last, by whom, and what was denied.

    Ends with 1 where --fail-unused names a time and an entry was not used in it, and with 3 where
    the logs are too thin to tell of some.
    """
    with progress.of_bytes() as watch:
        found = api.audit(
            api.find_root(directory),
            logs,
            teams=teams,
            cluster=cluster,
            format_=log_format,
            days=fail_unused or days,
            watch=watch,
        )
    say(api.AUDIT_FORMATS[form](api.redacted(found) if redact else found), form=form)
    code = api.audit_exit_code(found, fail=fail_unused is not None)
    if code:
        sys.exit(code)
