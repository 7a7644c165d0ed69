"""The command that holds expectations against the policies: `test`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli.options import as_of_option, format_option, helm_option, teams_argument
from transire.cli.printing import say


@click.command()
@teams_argument
@as_of_option
@helm_option
@format_option("text", "json", "junit", "tap", what="results are")
@click.option(
    "--new",
    is_flag=True,
    help="Write tests/egress/TEAM.yaml from the rules of the one TEAM, or what it does not have.",
)
@click.pass_obj
def test(
    directory: Path,
    *,
    teams: tuple[str, ...],
    as_of: date | None,
    helm: api.HelmChoice | None,
    form: str,
    new: bool,
) -> None:
    """Hold what tests/egress expects of connections against the policies.

    Judged is what the values come to now, generated or not. With --new the expectations of a team
    are written from its rules. Ends with 1 where an expectation is not met, with 3 where one could
    not be judged.
    """
    if new:
        _write(directory, teams, as_of, helm)
        return
    found = api.test(api.find_root(directory), teams=teams, as_of=as_of, helm=helm)
    say(api.TEST_FORMATS[form](found), form=form)
    code = api.test_exit_code(found)
    if code:
        sys.exit(code)


def _write(
    directory: Path, teams: tuple[str, ...], as_of: date | None, helm: api.HelmChoice | None
) -> None:
    if len(teams) != 1:
        raise click.UsageError("--new is for one team: transire test --new TEAM")
    made = api.new_expectations(api.find_root(directory), team=teams[0], as_of=as_of, helm=helm)
    for note in made.notes:
        say(note, err=True)
    for outcome, count in made.left_out.items():
        say(f"left out, flows beside entries: {count} {outcome}", err=True)
    if made.added:
        say(f"{made.path}: {made.added} expectations written, {made.there} were there", err=True)
    else:
        say(f"{made.path}: nothing to write, {made.there} expectations are there", err=True)
