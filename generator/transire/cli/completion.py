"""What a shell completes after TAB, beside commands and options: names of this repository."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from transire import api

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VARIABLE = "_TRANSIRE_COMPLETE"
"""The variable with which a shell requests completions."""


def _folder(context: click.Context) -> Path:
    """The folder of `-C`, which stands before the command."""
    found = context.find_root().params.get("directory")
    return found if isinstance(found, Path) else Path()


def _beginning(names: Iterable[str], word: str) -> list[str]:
    return [each for each in names if each.startswith(word)]


def teams(context: click.Context, _parameter: click.Parameter, word: str) -> list[str]:
    """The teams of the repository."""
    return _beginning(api.team_names(_folder(context)), word)


def charts(context: click.Context, _parameter: click.Parameter, word: str) -> list[str]:
    """The teams, and the charts of the platform."""
    return _beginning(api.chart_names(_folder(context)), word)


def targets(context: click.Context, _parameter: click.Parameter, word: str) -> list[str]:
    """The targets that are generated."""
    return _beginning(api.target_names(_folder(context)), word)


def clusters(context: click.Context, _parameter: click.Parameter, word: str) -> list[str]:
    """The clusters of the platform's file."""
    return _beginning(api.cluster_names(_folder(context)), word)


def vendors(_context: click.Context, _parameter: click.Parameter, word: str) -> list[str]:
    """Who publishes what a bundle is made of."""
    return _beginning(api.VENDORS, word)


def clusters_or_files(
    context: click.Context, _parameter: click.Parameter, word: str
) -> list[CompletionItem]:
    """The clusters of the platform's file; files where the word has a dot or a slash."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell needs it

    if api.cluster_name(word) is None:
        return [CompletionItem(word, type="file")]
    return [CompletionItem(each) for each in clusters(context, _parameter, word)]


def rules(_context: click.Context, _parameter: click.Parameter, word: str) -> list[CompletionItem]:
    """The ids of all rules, with their titles."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell needs it

    return [
        CompletionItem(each.id, help=each.title)
        for each in api.rules(every=True)
        if each.id.startswith(word)
    ]
