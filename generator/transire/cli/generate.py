"""Commands that write: `init`, `generate`, `add`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from transire import api
from transire.cli import completion
from transire.cli.options import (
    as_of_option,
    base_option,
    cache_for,
    helm_option,
    no_cache_option,
    renew_cache_option,
    teams_argument,
)
from transire.cli.printing import head, say
from transire.model.problems import Problem

_HEAD = ("team", "namespace", "cluster", "engine", "mode", "hosts", "version", "look at next")
_NUMBERS = frozenset({"hosts"})


@click.command()
@click.argument("directory", type=click.Path(path_type=Path), default=Path())
@click.option("--upgrade", is_flag=True, help="Renew charts, action and jobs of one that is there.")
@click.option("--bare", is_flag=True, help="Without the example organisation.")
@click.option(
    "--forge",
    "forges",
    multiple=True,
    type=click.Choice(["github", "gitlab", "none"]),
    help="Whose pipelines are written; left out, those of GitHub and GitLab.",
)
def init(directory: Path, *, upgrade: bool, bare: bool, forges: tuple[str, ...]) -> None:
    """Scaffold a policy repository in DIRECTORY."""
    chosen = forges or ("github", "gitlab")
    started = api.init(directory, upgrade_charts=upgrade, bare=bare, forges=chosen)
    if started.difference:
        say(started.difference)
    for path in started.written:
        say(f"wrote {path}", err=True)
    _show(started.problems)
    if upgrade:
        say("next: transire generate", err=True)
        return
    say("next: edit values/platform.yaml and values/teams/, then transire generate", err=True)


@click.command()
@teams_argument
@base_option
@as_of_option
@helm_option
@no_cache_option
@renew_cache_option
@click.pass_obj
def generate(
    directory: Path,
    *,
    teams: tuple[str, ...],
    base: str | None,
    as_of: date | None,
    helm: api.HelmChoice | None,
    no_cache: bool,
    renew_cache: bool,
) -> None:
    """Write charts and GitOps objects for all teams, or for those named."""
    root, cache = api.find_root(directory), cache_for(no_cache=no_cache, renew=renew_cache)
    generated = api.generate(root, teams=teams, base=base, as_of=as_of, helm=helm, cache=cache)
    _show(generated.problems)
    _table(generated.rows)
    if generated.new:
        say(f"versions are compared with nothing: {generated.new}", err=True)
    say(
        f"{len(generated.written)} files written, {len(generated.removed)} removed, "
        f"{generated.rendered} targets rendered by {generated.helm}",
        err=True,
    )


@click.command()
@click.argument("team", shell_complete=completion.teams)
@click.argument("hosts", nargs=-1, metavar="[HOST]...")
@click.option("--cidr", "cidrs", multiple=True, metavar="RANGE", help="A range of addresses.")
@click.option("--rule", default="", metavar="NAME", help="The rule that gets them.")
@click.option("--reason", default="", metavar="TEXT", help="Why; a new rule needs one.")
@click.option("--ticket", default="", metavar="ID", help="The approval.")
@click.option("--ports", default="", metavar="443,...", help="Ports of a new rule.")
@click.option(
    "--from",
    "source",
    default="",
    metavar="NAMESPACE[/k=v,...][@SERVICEACCOUNT]",
    help="Pods of a new rule; k=v,... or @SERVICEACCOUNT alone are of every namespace.",
)
@click.option(
    "--namespace", "namespaces", multiple=True, metavar="NAME", help="Where a new rule holds."
)
@click.option(
    "--cluster", "clusters", multiple=True, metavar="NAME", help="Where a new rule holds."
)
@click.option(
    "--environment", "environments", multiple=True, metavar="NAME", help="Where a new rule holds."
)
@click.option("--expires", default="", metavar="DAY", help="The last day of a new rule.")
@click.pass_obj
def add(directory: Path, /, *, team: str, ports: str, **given: Any) -> None:  # noqa: ANN401 - options
    """Add HOSTs and ranges to a rule of TEAM's values file, keeping comments and order."""
    wanted = tuple(each.strip() for each in ports.split(",") if each.strip())
    added = api.add(api.find_root(directory), team=team, ports=wanted, **given)
    for host in added.present:
        say(f"{host} is already in {added.rule}", err=True)
    for host in added.added:
        say(f"added {host} to {added.rule} in {added.path}", err=True)
    _show(added.problems)
    for step in added.next:
        say(f"next: {step}", err=True)


def _show(problems: Sequence[Problem]) -> None:
    for each in problems:
        say(str(each), err=True)


def _table(rows: Sequence[api.TargetRow]) -> None:
    """Columns as wide as what they hold; the last one ends where it ends."""
    cells = [_HEAD, *(_cells(each) for each in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD) - 1)]
    first, *rest = (_row(row, widths) for row in cells)
    head(first)
    for line in rest:
        say(line)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    shown = [
        each.rjust(width) if name in _NUMBERS else each.ljust(width)
        for name, each, width in zip(_HEAD, cells, widths, strict=False)
    ]
    return "  ".join([*shown, cells[-1]]).rstrip()


def _cells(row: api.TargetRow) -> tuple[str, ...]:
    return (
        row.team,
        row.namespace,
        row.cluster,
        row.engine,
        row.mode,
        str(row.hosts),
        row.version,
        row.next,
    )
