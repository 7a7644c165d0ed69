"""The command that publishes: `publish`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from transire import api
from transire.cli.options import FILE, as_of_option, base_option, format_option
from transire.cli.printing import say


@click.command()
@click.option("--docker-config", type=FILE, metavar="FILE", help="Logins, in Docker's format.")
@click.option("--ca-file", "ca", type=FILE, metavar="FILE", help="The registry's own authority.")
@click.option("--plain-http", is_flag=True, help="The registry has no TLS.")
@click.option("--sign", default="", metavar="COMMAND", help="Run for each new digest.")
@click.option(
    "--put-back",
    multiple=True,
    metavar="CHART",
    help="Give a moved tag its published content back, such as teams/payments.",
)
@click.option("--remote", default="origin", metavar="NAME", help="The Git remote that gets tags.")
@click.option(
    "--branch",
    default="",
    metavar="NAME",
    help="Move this branch of the remote here when every chart is there.",
)
@click.option(
    "--changelog",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the changelog of every chart below DIR.",
)
@click.option("--dry-run", is_flag=True, help="Look only.")
@base_option
@as_of_option
@format_option("text", "json", what="what was published is")
@click.pass_obj
def publish(
    directory: Path,
    *,
    docker_config: Path | None,
    ca: Path | None,
    plain_http: bool,
    sign: str,
    put_back: tuple[str, ...],
    remote: str,
    branch: str,
    changelog: Path | None,
    dry_run: bool,
    base: str | None,
    as_of: date | None,
    form: str,
) -> None:
    """Pack every chart of the commit at hand and push what is new."""
    options = api.RegistryOptions(
        docker_config=docker_config,
        ca=ca,
        plain_http=plain_http,
        sign=api.sign_command(sign),
        put_back=frozenset(put_back),
    )
    show = api.PUBLISHED_FORMATS[form]
    root = api.find_root(directory)
    try:
        published = api.publish(
            root,
            options=options,
            remote=remote,
            branch=branch,
            base=base,
            as_of=as_of,
            dry_run=dry_run,
        )
    except api.Unfinished as unfinished:
        say(show(unfinished.published), form=form)
        raise
    except api.OtherContent as others:
        say(show(others.published), form=form)
        _write_changelogs(root, None if dry_run else changelog)
        raise
    say(show(published), form=form)
    _write_changelogs(root, None if dry_run else changelog)


def _write_changelogs(root: Path, folder: Path | None) -> None:
    if folder is not None:
        written = api.write_changelogs(root, folder)
        say(f"{len(written)} changelogs written below {folder}", err=True)
