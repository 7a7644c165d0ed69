"""The command about what is kept between runs: `cache`."""

from __future__ import annotations

import click

from transire import api
from transire.cli.printing import say
from transire.model.problems import UsageError

_MIB = 1 << 20


@click.command()
@click.option("--clear", is_flag=True, help="Remove all that is kept.")
def cache(*, clear: bool) -> None:
    """Show where proofs are kept between runs, and how many, or remove them."""
    opened = api.open_cache()
    if opened.cache is None:
        raise UsageError(f"nothing is kept between runs: {opened.why}")
    if clear:
        gone = opened.cache.clear()
        say(f"{_counted(gone.entries)} removed from {opened.cache.folder}, {_size(gone.size)}")
        return
    usage = opened.cache.usage()
    say(
        f"{_counted(usage.entries)} in {opened.cache.folder}, {_size(usage.size)} of at most "
        f"{_size(opened.cache.most)}"
    )


def _counted(entries: int) -> str:
    return f"{entries} {'entry' if entries == 1 else 'entries'}"


def _size(size: int) -> str:
    return f"{size / _MIB:.1f} MiB"
