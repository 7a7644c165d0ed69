"""The command that looks for declared hosts: `needs`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import files_option, format_option, namespace_option
from transire.cli.printing import say


@click.command()
@files_option(required=True)
@click.option(
    "--cluster",
    default="",
    metavar="NAME",
    shell_complete=completion.clusters,
    help="The cluster whose targets count.",
)
@namespace_option
@format_option("text", "json", what="the answer is")
@click.pass_obj
def needs(
    directory: Path, *, files: tuple[Path, ...], cluster: str, namespace: str, form: str
) -> None:
    """Show the hosts that workloads declare, and which of them no rule allows.

    Variables, arguments, annotations and ConfigMaps are read; Secrets are not, and no value is
    printed. Ends with 1 where a declared host is missing.
    """
    found = api.needs(api.find_root(directory), files, cluster=cluster, namespace=namespace)
    say(api.NEEDS_FORMATS[form](found), form=form)
    if found.missing:
        sys.exit(1)
