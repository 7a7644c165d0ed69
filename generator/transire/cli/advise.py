"""The command that advises about settings: `advise`."""

from __future__ import annotations

from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import files_option, format_option
from transire.cli.printing import say


@click.command()
@click.option(
    "--cluster",
    default="",
    metavar="NAME",
    shell_complete=completion.clusters,
    help="The cluster; default: all.",
)
@files_option()
@format_option("text", "markdown", "json", what="the advice is")
@click.pass_obj
def advise(directory: Path, *, cluster: str, files: tuple[Path, ...], form: str) -> None:
    """Show what to set in clusters so that names, caches and connections work, and why.

    Settings of agents are read from -f, else those of values/platform.yaml count; what is known of
    neither is shown as such.
    """
    found = api.advise(api.find_root(directory), cluster=cluster, files=files)
    say(api.ADVICE_FORMATS[form](found), form=form)
