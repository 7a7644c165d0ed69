"""The command that reviews: `diff`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli.options import helm_option
from transire.cli.printing import say
from transire.model.problems import Rejected, Unjudgeable


@click.command()
@click.option(
    "--base",
    metavar="REF|DIR",
    help="What to start from; default: where the head left origin/HEAD.",
)
@click.option("--head", metavar="REF|DIR", help="Where it leads; default: the working tree.")
@helm_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 where something opens.")
@click.option("--format", "form", type=click.Choice(list(api.DIFF_FORMATS)), default="text")
@click.pass_obj
def diff(
    directory: Path,
    *,
    base: str | None,
    head: str | None,
    helm: api.HelmChoice | None,
    exit_code: bool,
    form: str,
) -> None:
    """Say what a change opens and what it closes, for a reviewer."""
    found = api.diff(api.find_root(directory), base=base, head=head, helm=helm)
    say(api.DIFF_FORMATS[form](found), form=form)
    if any(each.unjudged for each in found.targets):
        sys.exit(Unjudgeable.exit_code)
    if exit_code and found.change.opens:
        sys.exit(Rejected.exit_code)
