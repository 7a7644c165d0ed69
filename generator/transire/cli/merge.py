"""The command that puts the parts of a check together: `merge`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli.options import format_option
from transire.cli.printing import say
from transire.model.problems import Level, Rejected


@click.command()
@click.argument(
    "reports",
    type=click.Path(path_type=Path, exists=True),
    nargs=-1,
    required=True,
    metavar="FILE|DIR...",
)
@format_option("text", "github", "json", "junit", "sarif", what="findings are")
@click.pass_obj
def merge(directory: Path, *, reports: tuple[Path, ...], form: str) -> None:
    """Show what all parts of a check found, which check --shard printed, as one check."""
    root = api.find_root(directory)
    merged = api.merge(reports)
    if merged.stopped is not None:
        say(merged.stopped.message, err=True)
        sys.exit(merged.stopped.code)
    say(api.findings_as(form, merged.problems, root), form=form)
    if any(each.level is Level.ERROR for each in merged.problems):
        sys.exit(Rejected.exit_code)
