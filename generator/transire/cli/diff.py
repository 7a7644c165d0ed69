"""The command that reviews: `diff`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli.options import FILE, as_of_option, format_option, helm_option
from transire.cli.printing import say
from transire.model.problems import Rejected, Unjudgeable


@click.command()
@click.option(
    "--base",
    metavar="REF|DIR",
    help="What to start from; default: where the head left origin/HEAD.",
)
@click.option("--head", metavar="REF|DIR", help="Where it leads; default: the working tree.")
@as_of_option
@helm_option
@click.option(
    "--exit-code",
    is_flag=True,
    help="Exit with 1 where something opens, or the head cannot be merged as it is.",
)
@click.option(
    "--backtest",
    type=FILE,
    metavar="FILE",
    help="Show the sentence of this, which backtest --format json gave for the same change.",
)
@click.option("--brief", is_flag=True, help="Leave out reasons and the differences of objects.")
@format_option("text", "markdown", "html", "json", what="the change is")
@click.pass_obj
def diff(
    directory: Path,
    *,
    base: str | None,
    head: str | None,
    as_of: date | None,
    helm: api.HelmChoice | None,
    exit_code: bool,
    brief: bool,
    backtest: Path | None,
    form: str,
) -> None:
    """Show what a change opens and what it closes, for a reviewer."""
    found = api.diff(
        api.find_root(directory), base=base, head=head, as_of=as_of, helm=helm, backtest=backtest
    )
    say(api.DIFF_FORMATS[form](found.briefly() if brief else found), form=form)
    if any(each.unjudged for each in found.targets):
        sys.exit(Unjudgeable.exit_code)
    if exit_code and (found.opens or not found.is_ready):
        sys.exit(Rejected.exit_code)
