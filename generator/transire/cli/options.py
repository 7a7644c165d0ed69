"""Options that several commands share, each with one meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from transire import api
from transire.cli import completion
from transire.cli.printing import say
from transire.model.ends import moment
from transire.model.problems import UsageError

_Command = TypeVar("_Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
"""A file that is there."""

STDIN = Path("-")
"""What stands for standard input in place of a file."""

GIVEN = click.Path(path_type=Path, exists=True, allow_dash=True)
"""A file or a folder that is there, or standard input."""

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
"""A folder that is there."""


def a_day_or_time(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> date | None:
    """A day, or a time with its offset from UTC."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value) if len(value) == len("2027-03-31") else moment(value)
    except ValueError as error:
        raise click.BadParameter(
            f"{value!r} is neither a day such as 2027-03-31 nor a time such as 2027-03-31T18:00:00Z"
        ) from error


def format_option(*names: str, what: str) -> Callable[[_Command], _Command]:
    """The option that chooses how something is printed; the first name is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(names),
        default=names[0],
        help=f"How {what} printed; default: {names[0]}.",
    )


base_option = click.option(
    "--base", metavar="REF", help="The target branch; default: where origin/HEAD points."
)
as_of_option = click.option(
    "--as-of",
    callback=a_day_or_time,
    metavar="DATE|TIME",
    help="The day, or the time with its offset from UTC, that ends are held against; default: now.",
)
helm_option = click.option(
    "--helm", type=click.Choice(["sdk", "cli"]), help="Which Helm renders; default: what is there."
)
no_cache_option = click.option(
    "--no-cache", is_flag=True, help="Prove everything anew, and keep nothing for the next run."
)


renew_cache_option = click.option(
    "--renew-cache", is_flag=True, help="Prove everything anew, and keep that for the next run."
)


def cache_for(*, no_cache: bool, renew: bool) -> api.Cache | None:
    """What earlier runs proved, unless it is not wanted; why there is none goes to people."""
    if no_cache and renew:
        raise UsageError("--no-cache keeps nothing for the next run, and --renew-cache does")
    if no_cache:
        return None
    opened = api.open_cache()
    if opened.cache is None and not opened.wanted:
        say(f"note: nothing is kept between runs: {opened.why}", err=True)
    return replace(opened.cache, renewed=renew) if opened.cache is not None else None


target_option = click.option(
    "--target",
    metavar="NAMESPACE.CLUSTER",
    shell_complete=completion.targets,
    help="One of our targets.",
)
teams_argument = click.argument(
    "teams", nargs=-1, metavar="[TEAM]...", shell_complete=completion.teams
)
namespace_option = click.option(
    "-n",
    "--namespace",
    default="",
    metavar="NAMESPACE",
    help="Where the objects of -f go that name no namespace.",
)
cluster_option = click.option(
    "--cluster",
    metavar="NAME|FILE",
    shell_complete=completion.clusters_or_files,
    help="A cluster of values/platform.yaml; or, with a dot or a slash, a file with what it holds.",
)


logs_argument = click.argument("logs", type=GIVEN, nargs=-1, required=True, metavar="FILE|DIR|-...")
lines_cluster_option = click.option(
    "--cluster",
    default="",
    metavar="NAME",
    shell_complete=completion.clusters,
    help="The cluster of which all lines are.",
)
log_format_option = click.option(
    "--log-format",
    default="",
    metavar="NAME",
    help="How every line is read; default: as what each looks like.",
)


days_option = click.option(
    "--days",
    type=click.IntRange(min=1),
    default=90,
    show_default=True,
    help="The time within which an entry has to be used.",
)
redact_option = click.option(
    "--redact", is_flag=True, help="Numbers in place of workloads and of hosts that no rule lists."
)


def team_option(use: str) -> Callable[[_Command], _Command]:
    """The option that names teams, and what that is for."""
    return click.option(
        "--team",
        "teams",
        multiple=True,
        metavar="TEAM",
        shell_complete=completion.teams,
        help=use,
    )


def files_option(*, required: bool = False) -> Callable[[_Command], _Command]:
    """The option with which manifests are given."""
    return click.option(
        "-f",
        "files",
        type=GIVEN,
        multiple=True,
        required=required,
        metavar="FILE|DIR|-",
        help="Manifests, a folder of them, or standard input; may be repeated.",
    )
