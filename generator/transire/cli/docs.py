"""The command that shows the documentation: `docs`."""

from __future__ import annotations

import click

from transire import api
from transire.cli.printing import say


@click.command()
@click.argument("page", required=False, metavar="[PAGE]")
def docs(*, page: str | None) -> None:
    """List the pages of the documentation, or print the one named PAGE."""
    found = api.docs(page)
    if page is not None:
        say(found[0].text.removesuffix("\n"))
        return
    width = max(len(each.name) for each in found)
    for each in found:
        say(f"{each.name.ljust(width)}  {each.title}")
