"""The command that looks at policies written by hand: `lint`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli.options import cluster_option, files_option, format_option, namespace_option
from transire.cli.printing import say


@click.command()
@files_option(required=True)
@click.option("--engine", metavar="NAME[@VERSION]", help="Who enforces them.")
@namespace_option
@cluster_option
@format_option("text", "github", "json", "junit", "sarif", what="findings are")
@click.pass_obj
def lint(
    directory: Path,
    *,
    files: tuple[Path, ...],
    engine: str | None,
    namespace: str,
    cluster: str | None,
    form: str,
) -> None:
    """Find traps in policies that people wrote by hand."""
    if engine is None and api.cluster_name(cluster) is None:
        raise click.UsageError("name --engine NAME[@VERSION], or --cluster NAME")
    findings = api.lint(files, engine, namespace=namespace, cluster=cluster, root=directory)
    say(api.LINT_FORMATS[form](findings), form=form)
    code = api.lint_exit_code(findings)
    if code:
        sys.exit(code)
