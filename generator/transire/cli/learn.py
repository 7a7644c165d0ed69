"""The command that proposes rules: `learn`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli import progress
from transire.cli.options import (
    format_option,
    lines_cluster_option,
    log_format_option,
    logs_argument,
    redact_option,
    team_option,
)
from transire.cli.printing import data, say


@click.command()
@logs_argument
@team_option("Propose rules for it alone.")
@lines_cluster_option
@log_format_option
@click.option(
    "--wildcards",
    is_flag=True,
    help="Propose a wildcard for several names right below one domain.",
)
@click.option("--write", is_flag=True, help="Write the files in place of printing a patch.")
@redact_option
@format_option("text", "json", what="the answer is")
@click.pass_obj
def learn(
    directory: Path,
    *,
    logs: tuple[Path, ...],
    teams: tuple[str, ...],
    cluster: str,
    log_format: str,
    wildcards: bool,
    write: bool,
    redact: bool,
    form: str,
) -> None:
    """Propose rules for what flow logs show and no entry allows, as a patch.

    Each host has its evidence beside it. Ends with 1 where a proposal does not fit into its file.
    """
    with progress.of_bytes() as watch:
        found = api.learn(
            api.find_root(directory),
            logs,
            teams=teams,
            cluster=cluster,
            format_=log_format,
            wildcards=wildcards,
            write=write,
            watch=watch,
        )
    found = api.redacted(found) if redact else found
    if form == "json":
        say(found.to_json(), form=form)
    else:
        say(found.notes, err=True)
        if write:
            say("".join(f"wrote {path}\n" for path in sorted(found.edits)))
        elif found.patch:
            data(found.patch)
        say("".join(f"{each}\n" for each in found.problems), err=True)
    code = api.learn_exit_code(found)
    if code:
        sys.exit(code)
