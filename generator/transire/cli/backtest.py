"""The command that holds a change against history: `backtest`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli import progress
from transire.cli.options import (
    as_of_option,
    format_option,
    helm_option,
    lines_cluster_option,
    log_format_option,
    logs_argument,
    redact_option,
)
from transire.cli.printing import say


@click.command()
@logs_argument
@click.option(
    "--base",
    metavar="REF|DIR",
    help="What to start from; default: where the head left origin/HEAD.",
)
@click.option("--head", metavar="REF|DIR", help="Where it leads; default: the working tree.")
@lines_cluster_option
@log_format_option
@as_of_option
@redact_option
@helm_option
@format_option("text", "markdown", "json", what="the answer is")
@click.pass_obj
def backtest(
    directory: Path,
    *,
    logs: tuple[Path, ...],
    base: str | None,
    head: str | None,
    cluster: str,
    log_format: str,
    as_of: date | None,
    redact: bool,
    helm: api.HelmChoice | None,
    form: str,
) -> None:
    """Show which flows of the past a change would block, and which it would let pass.

    Ends with 1 where a flow that passed would be blocked, at once or when audit ends, and with 3
    where some could not be judged.
    """
    with progress.of_bytes() as watch:
        found = api.backtest(
            api.find_root(directory),
            logs,
            base=base,
            head=head,
            cluster=cluster,
            format_=log_format,
            as_of=as_of,
            helm=helm,
            watch=watch,
        )
    say(api.BACKTEST_FORMATS[form](api.redacted(found) if redact else found), form=form)
    code = api.backtest_exit_code(found)
    if code:
        sys.exit(code)
