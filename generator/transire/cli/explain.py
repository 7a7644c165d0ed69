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
    format_option,
    helm_option,
    namespace_option,
    target_option,
)
from transire.cli.printing import stream
from transire.model.problems import Rejected, Unjudgeable


@click.command()
@click.option(
    "--from",
    "source",
    metavar="NAMESPACE[/k=v,...][@SERVICEACCOUNT]",
    help="The pod that connects.",
)
@click.option("--to", "destination", metavar="DEST", help="Where it leads; DEST is above.")
@click.option("--method", metavar="METHOD", help="The request that it carries; default: GET.")
@click.option("--path", metavar="PATH", help="The path of that request; default: /.")
@target_option
@files_option()
@click.option(
    "--engine",
    metavar="NAME[@VERSION]",
    help="Who judges -f; default: as --cluster NAME.",
)
@namespace_option
@cluster_option
@click.option(
    "--definitions",
    type=click.Choice(["api-server", "native"]),
    help="How the engine's API is served; api-server is assumed.",
)
@click.option(
    "--queries", type=click.File("rb"), metavar="FILE|-", help="Many questions, as JSON lines."
)
@format_option("text", "json", what="verdicts are")
@helm_option
@click.pass_obj
def explain(
    directory: Path,
    *,
    source: str | None,
    destination: str | None,
    method: str | None,
    path: str | None,
    target: str | None,
    files: tuple[Path, ...],
    engine: str | None,
    namespace: str,
    cluster: str | None,
    definitions: str | None,
    queries: BinaryIO | None,
    form: str,
    helm: api.HelmChoice | None,
) -> None:
    """Say why a flow is allowed or denied, and what to know besides.

    Judged are a target, everything on a cluster of values/platform.yaml, or manifests.

    DEST is host:port[/proto], ip:port[/proto], [v6]:port[/proto],
    pod:NAMESPACE/k=v,...:port[/proto], entity:NAME:port[/proto]
    or dns:name[@ip:port[/proto]]. With --method or --path the verdict is about one
    request in clear over that connection. Ends with 1 where a question has "expect"
    and another verdict.
    """
    if (queries is None) != (source is not None and destination is not None):
        raise click.UsageError("ask with --from and --to, or with --queries")
    if queries is not None and (method is not None or path is not None):
        raise click.UsageError("--method and --path stand beside --from and --to")
    if queries is not None and queries.name == "<stdin>" and STDIN in files:
        raise click.UsageError("standard input is either the manifests or the queries")
    wanted = api.About(
        root=directory,
        target=target,
        files=files,
        engine=engine,
        namespace=namespace,
        cluster=api.cluster_name(cluster),
    )
    workers = api.sharing(queries)
    about = api.made_apart(lambda: wanted.subject(helm), workers)
    served = api.definitions_named(definitions)
    state = api.cluster_of(api.cluster_file(cluster), about, served)
    explainer = api.Explainer.of(about, state, form)
    if queries is None:
        query = api.single_query(
            source or "", destination or "", method=method or "", path=path or ""
        )
        lines = explainer.to([query])
    else:
        lines = explainer.to_file(queries, queries.name, workers)
    unjudged = failed = False
    for each in lines:
        unjudged |= each.unjudged
        failed |= each.failed
        stream(each.text, form=form)
    if failed:
        sys.exit(Rejected.exit_code)
    if unjudged:
        sys.exit(Unjudgeable.exit_code)
