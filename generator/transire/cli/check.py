"""Commands that look: `check`, `render`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli.options import as_of_option, base_option, helm_option
from transire.cli.printing import data, say
from transire.model.problems import Level, Rejected


@click.command()
@click.argument("teams", nargs=-1, metavar="[TEAM]...")
@base_option
@as_of_option
@helm_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(api.REPORTERS)),
    default="text",
    help="How findings are printed.",
)
@click.pass_obj
def check(
    directory: Path,
    *,
    teams: tuple[str, ...],
    base: str | None,
    as_of: date | None,
    helm: api.HelmChoice | None,
    form: str,
) -> None:
    """Check values, guardrails and generated files of all teams, or of those named."""
    root = api.find_root(directory)
    problems = api.check(root, teams=teams, base=base, as_of=as_of, helm=helm)
    say(api.findings_as(form, problems, root), form=form)
    if any(each.level is Level.ERROR for each in problems):
        sys.exit(Rejected.exit_code)


@click.command()
@click.argument("team")
@click.option("--target", metavar="NAMESPACE.CLUSTER", help="One target; default: all of them.")
@helm_option
@click.pass_obj
def render(directory: Path, *, team: str, target: str | None, helm: api.HelmChoice | None) -> None:
    """Print what Helm renders for TEAM, as a YAML stream."""
    root = api.find_root(directory)
    for name, manifest in api.render(root, team=team, target=target, helm=helm):
        data(f"# target: {name}\n{manifest}\n")
