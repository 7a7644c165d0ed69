"""The command that looks from the other end: `who`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import as_of_option, format_option
from transire.cli.printing import say


@click.command()
@click.argument("destination", metavar="HOST[:PORT]")
@click.option(
    "--cluster",
    metavar="NAME",
    shell_complete=completion.clusters,
    help="One cluster; default: all of them.",
)
@click.option(
    "--at",
    multiple=True,
    metavar="ADDRESS",
    help="An address that HOST has, so that ranges of rules are looked at; may be repeated.",
)
@as_of_option
@format_option("text", "json", what="the answer is")
@click.pass_obj
def who(
    directory: Path,
    *,
    destination: str,
    cluster: str | None,
    at: tuple[str, ...],
    as_of: date | None,
    form: str,
) -> None:
    """Say who may reach HOST, over all teams: with rule, reason and end.

    HOST may be a name, a pattern such as *.example.com, an address, a range,
    pod:NAMESPACE[/k=v,...] or entity:NAME; PORT is 443 or 53/UDP.
    """
    found = api.who(destination, root=api.find_root(directory), cluster=cluster, at=at, as_of=as_of)
    say(api.WHO_FORMATS[form](found), form=form)
