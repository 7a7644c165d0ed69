"""The command that gives verdicts: `explain`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click

from transire import api
from transire.cli.options import (
    STDIN,
    cluster_option,
    files_option,
    helm_option,
    namespace_option,
)
from transire.cli.printing import stream
from transire.model.engine import Definitions
from transire.model.problems import Unjudgeable


@click.command()
@click.option("--from", "source", metavar="NAMESPACE[/k=v,...]", help="The pod that connects.")
@click.option("--to", "destination", metavar="DEST", help="Where: host:port, ip:port, pod:, dns:.")
@click.option("--target", metavar="NAMESPACE.CLUSTER", help="One of our own targets.")
@files_option()
@click.option("--engine", metavar="NAME[@VERSION]", help="Who judges the files.")
@namespace_option
@cluster_option
@click.option(
    "--definitions",
    type=click.Choice([str(each) for each in Definitions]),
    help="How the engine's API is served; api-server is assumed.",
)
@click.option("--queries", type=click.File("rb"), metavar="FILE|-", help="JSON lines.")
@click.option("--format", "form", type=click.Choice(list(api.VERDICT_FORMATS)), default="text")
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
    namespace: str,
    cluster: Path | None,
    definitions: str | None,
    queries: BinaryIO | None,
    form: str,
    helm: api.HelmChoice | None,
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
    if queries is not None and queries.name == "<stdin>" and STDIN in files:
        raise click.UsageError("standard input is either the manifests or the queries")
    workers = api.sharing(queries)

    def subject() -> api.Subject:
        if target is None:
            return api.subject_of_files(files, engine or "", namespace)
        return api.subject_of_target(api.find_root(directory), target, helm)

    about = api.made_apart(subject, workers)
    served = None if definitions is None else Definitions(definitions)
    if queries is None:
        one = api.single_query(source or "", destination or "")
        lines = api.Explainer.of(about, api.cluster_of(cluster, about, served), form).to([one])
    else:
        explainer = api.Explainer.of(about, api.cluster_of(cluster, about, served), form)
        lines = explainer.to_file(queries, queries.name, workers)
    unjudged = False
    for text, unclear in lines:
        unjudged |= unclear
        stream(text, form=form)
    if unjudged:
        sys.exit(Unjudgeable.exit_code)
