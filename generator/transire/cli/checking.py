"""Commands that look: `check`, `render`, `explain`, `lint`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TextIO

import click

from transire import pipeline
from transire.cli.options import FILE, as_of_option, base_option, helm_option
from transire.model.problems import Level, Rejected, Unjudgeable
from transire.model.query import Query, Verdict


@click.command()
@click.argument("teams", nargs=-1, metavar="[TEAM]...")
@base_option
@as_of_option
@helm_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(pipeline.REPORTERS)),
    default="text",
    help="How findings are printed.",
)
@click.pass_obj
def check(
    directory: Path,
    *,
    teams: tuple[str, ...],
    base: str | None,
    as_of: date | None,
    helm: pipeline.HelmChoice | None,
    form: str,
) -> None:
    """Check values, guardrails and generated files of all teams, or of those named."""
    root = pipeline.find_root(directory)
    problems = pipeline.check(root, teams=teams, base=base, as_of=as_of, helm=helm)
    click.echo(pipeline.REPORTERS[form](problems), nl=False)
    if any(each.level is Level.ERROR for each in problems):
        sys.exit(Rejected.exit_code)


@click.command()
@click.argument("team")
@click.option("--target", metavar="NAMESPACE.CLUSTER", help="One target; default: all of them.")
@helm_option
@click.pass_obj
def render(
    directory: Path, *, team: str, target: str | None, helm: pipeline.HelmChoice | None
) -> None:
    """Print what Helm renders for TEAM, as a YAML stream."""
    root = pipeline.find_root(directory)
    for name, manifest in pipeline.render(root, team=team, target=target, helm=helm):
        click.echo(f"# target: {name}\n{manifest}")


@click.command()
@click.option("--from", "source", metavar="NAMESPACE[/k=v,...]", help="The pod that connects.")
@click.option("--to", "destination", metavar="DEST", help="Where: host:port, ip:port, pod:, dns:.")
@click.option("--target", metavar="NAMESPACE.CLUSTER", help="One of our own targets.")
@click.option(
    "-f", "files", type=FILE, multiple=True, metavar="FILE", help="Any manifests; may be repeated."
)
@click.option("--engine", metavar="NAME[@VERSION]", help="Who judges the files.")
@click.option("--cluster", type=FILE, metavar="FILE", help="What the cluster holds, as JSON.")
@click.option("--queries", type=click.File(encoding="utf-8"), metavar="FILE|-", help="JSON lines.")
@click.option("--format", "form", type=click.Choice(list(pipeline.VERDICT_FORMATS)), default="text")
@helm_option
@click.pass_obj
def explain(
    directory: Path,
    *,
    source: str | None,
    destination: str | None,
    target: str | None,
    files: tuple[Path, ...],
    engine: str | None,
    cluster: Path | None,
    queries: TextIO | None,
    form: str,
    helm: pipeline.HelmChoice | None,
) -> None:
    r"""Say why a flow is allowed or denied, and what to know besides.

    \b
    DEST is host:port[/proto], ip:port[/proto], [v6]:port[/proto],
    pod:NAMESPACE/k=v,...:port[/proto] or dns:name[@ip:port[/proto]].
    """
    if (target is None) == (not files) or (engine is None) == bool(files):
        raise click.UsageError("name either --target, or -f FILE with --engine NAME[@VERSION]")
    if (queries is None) != (source is not None and destination is not None):
        raise click.UsageError("ask with --from and --to, or with --queries")
    if target is not None:
        subject = pipeline.subject_of_target(pipeline.find_root(directory), target, helm)
    else:
        subject = pipeline.subject_of_files(files, engine or "")
    asked: Iterable[Query] = (
        [pipeline.single_query(source or "", destination or "")]
        if queries is None
        else pipeline.many_queries(queries, queries.name)
    )
    show, unjudged = pipeline.VERDICT_FORMATS[form], False
    for each in pipeline.explain(subject, pipeline.cluster_of(cluster), asked):
        unjudged |= each.decision.verdict is Verdict.UNJUDGEABLE
        reading = each.reading
        said = show(each.query, each.decision, reading.refused, reading.pruned, each.caveats)
        print(said)
    sys.stdout.flush()
    if unjudged:
        sys.exit(Unjudgeable.exit_code)


@click.command()
@click.option(
    "-f", "files", type=FILE, multiple=True, required=True, metavar="FILE", help="Manifests."
)
@click.option("--engine", required=True, metavar="NAME[@VERSION]", help="Who enforces them.")
@click.option("--format", "form", type=click.Choice(list(pipeline.LINT_FORMATS)), default="text")
def lint(*, files: tuple[Path, ...], engine: str, form: str) -> None:
    """Find traps in policies that people wrote by hand."""
    findings = pipeline.lint(files, engine)
    click.echo(pipeline.LINT_FORMATS[form](findings), nl=False)
    code = pipeline.lint_exit_code(findings)
    if code:
        sys.exit(code)
