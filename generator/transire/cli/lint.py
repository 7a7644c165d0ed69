"""The command that looks at policies written by hand: `lint`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli.options import FILE
from transire.cli.printing import say


@click.command()
@click.option(
    "-f", "files", type=FILE, multiple=True, required=True, metavar="FILE", help="Manifests."
)
@click.option("--engine", required=True, metavar="NAME[@VERSION]", help="Who enforces them.")
@click.option("--format", "form", type=click.Choice(list(api.LINT_FORMATS)), default="text")
def lint(*, files: tuple[Path, ...], engine: str, form: str) -> None:
    """Find traps in policies that people wrote by hand."""
    findings = api.lint(files, engine)
    say(api.LINT_FORMATS[form](findings), form=form)
    code = api.lint_exit_code(findings)
    if code:
        sys.exit(code)
