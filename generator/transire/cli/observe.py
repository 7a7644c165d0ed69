"""The command that shows what to switch on: `observe`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import FILE, a_day_or_time, format_option, target_option
from transire.cli.printing import say


@click.command()
@click.option(
    "--cluster",
    default="",
    metavar="NAME",
    shell_complete=completion.clusters,
    help="The cluster; its namespaces in audit are logged.",
)
@target_option
@click.option(
    "--until",
    callback=a_day_or_time,
    metavar="DATE|TIME",
    help="When logs end that have no end of their own.",
)
@click.option(
    "--names",
    type=FILE,
    metavar="FILE",
    help="Names of metrics that a Prometheus has: those it lacks for alerts are listed.",
)
@format_option("text", "json", what="the settings are")
@click.pass_obj
def observe(
    directory: Path,
    *,
    cluster: str,
    target: str | None,
    until: date | None,
    names: Path | None,
    form: str,
) -> None:
    """Show what to switch on for a cluster, so that logs hold what the other commands read.

    Prints the settings of the engine and of the resolver, and what stays unseen. Nothing is
    applied. Ends with 1 where --names lacks a metric that an alert reads.
    """
    found = api.observe(
        api.find_root(directory),
        cluster=cluster,
        target=target or "",
        until=until,
        names=names,
    )
    say(api.OBSERVE_FORMATS[form](found), form=form)
    if found.absent:
        sys.exit(1)
