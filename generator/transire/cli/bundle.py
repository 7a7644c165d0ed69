"""The command that makes values of what vendors publish: `bundle`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import FILE
from transire.cli.printing import data, say


@click.command()
@click.argument("source", metavar="SOURCE", shell_complete=completion.vendors)
@click.argument("file", type=FILE)
@click.option("--name", required=True, metavar="NAME", help="What the bundle is called.")
@click.option(
    "--only",
    multiple=True,
    metavar="KEY=VALUE",
    help="A filter; may be repeated: of one key any will do, and all keys must hold.",
)
@click.option(
    "--owner", default="platform", metavar="TEXT", help="Who vetted it.", show_default=True
)
@click.option("--reason", default="", metavar="TEXT", help="What it is for.")
@click.option(
    "--date",
    "published",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day of the file, where it does not hold one.",
)
def bundle(
    source: str,
    file: Path,
    *,
    name: str,
    only: tuple[str, ...],
    owner: str,
    reason: str,
    published: datetime | None,
) -> None:
    """Print a bundle of FILE, in which a vendor publishes its addresses or names.

    SOURCE is the vendor: aws (ip-ranges.json), azure (service tags), cloudflare (its text lists),
    gcp (cloud.json), github (the meta endpoint) or microsoft365 (its endpoints). Nothing is
    fetched, and a file that is not whole is refused.

    Keys of filters: aws has region, service, network_border_group; azure has name, id, region,
    systemService; gcp has service, scope; github has service; microsoft365 has id, serviceArea,
    category, required. All have family: IPv4 or IPv6.
    """
    day = None if published is None else published.date()
    made = api.bundle(source, file, name=name, only=only, owner=owner, reason=reason, published=day)
    data(made.text)
    say(made.dated, err=True)
    say(f"keep it as {made.path}", err=True)
