"""Commands that look: `check`, `render`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import (
    as_of_option,
    base_option,
    cache_for,
    format_option,
    helm_option,
    no_cache_option,
    renew_cache_option,
    target_option,
    teams_argument,
)
from transire.cli.printing import data, say
from transire.model.problems import Level, Rejected, UsageError


@click.command()
@teams_argument
@base_option
@as_of_option
@helm_option
@no_cache_option
@renew_cache_option
@click.option(
    "--shard",
    metavar="I/N",
    help="Check part I of N of the targets, for transire merge; needs --format json.",
)
@format_option("text", "github", "json", "junit", "sarif", what="findings are")
@click.pass_obj
def check(
    directory: Path,
    *,
    teams: tuple[str, ...],
    base: str | None,
    as_of: date | None,
    helm: api.HelmChoice | None,
    no_cache: bool,
    renew_cache: bool,
    shard: str | None,
    form: str,
) -> None:
    """Check values, guardrails and generated files of all teams, or of those named."""
    root = api.find_root(directory)
    if shard is not None and (teams or form != "json"):
        raise UsageError("--shard takes --format json and no teams; transire merge shows findings")
    cache = cache_for(no_cache=no_cache, renew=renew_cache)
    if shard is not None:
        part = api.check_shard(root, shard=shard, base=base, as_of=as_of, helm=helm, cache=cache)
        say(api.shard_json(part), form=form)
        if part.stopped is not None:
            say(part.stopped.message, err=True)
            sys.exit(part.stopped.code)
        problems = part.problems
    else:
        problems = api.check(root, teams=teams, base=base, as_of=as_of, helm=helm, cache=cache)
        say(api.findings_as(form, problems, root), form=form)
    if any(each.level is Level.ERROR for each in problems):
        sys.exit(Rejected.exit_code)


@click.command()
@click.argument("team", shell_complete=completion.charts)
@target_option
@helm_option
@click.pass_obj
def render(directory: Path, *, team: str, target: str | None, helm: api.HelmChoice | None) -> None:
    """Print what Helm renders for TEAM, as a YAML stream."""
    root = api.find_root(directory)
    for name, manifest in api.render(root, team=team, target=target, helm=helm):
        data(f"# target: {name}\n{manifest}\n")
