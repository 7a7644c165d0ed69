"""The command that looks at what runs: `verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli import completion, progress
from transire.cli.options import files_option, format_option, helm_option, redact_option
from transire.cli.printing import data, say


@click.command()
@files_option()
@click.option(
    "--target",
    default="",
    metavar="NAMESPACE.CLUSTER",
    shell_complete=completion.targets,
    help="The one namespace to look at.",
)
@click.option(
    "--cluster",
    default="",
    metavar="NAME",
    shell_complete=completion.clusters,
    help="The cluster, all of whose namespaces are looked at.",
)
@click.option(
    "--at",
    metavar="REF|DIR",
    help="The revision that counts; default: the one that releases in the input pin, else HEAD.",
)
@click.option(
    "--release",
    default="",
    metavar="VERSION",
    help="Show what the live objects come to on this version of the engine.",
)
@click.option(
    "--resources",
    is_flag=True,
    help="Print what to get of the cluster, a resource for kubectl on each line, and end.",
)
@redact_option
@helm_option
@format_option("text", "json", "prometheus", what="the answer is")
@click.pass_obj
def verify(
    directory: Path,
    *,
    files: tuple[Path, ...],
    target: str,
    cluster: str,
    at: str | None,
    release: str,
    resources: bool,
    redact: bool,
    helm: api.HelmChoice | None,
    form: str,
) -> None:
    """Hold what a cluster has, from kubectl get, against the values of a revision.

    Ends with 1 where it holds anything else, and with 3 where a namespace could not be judged.
    What a scheduled job needs of a cluster, --resources lists.
    """
    root = api.find_root(directory)
    if resources:
        data("".join(f"{each}\n" for each in api.verify_resources(root, cluster)))
        return
    if not files:
        raise click.UsageError("give what the cluster holds with -f, or - for standard input")
    with progress.of_things("namespaces") as watch:
        found = api.verify(
            root,
            files,
            target=target,
            cluster=cluster,
            at=at,
            release=release,
            helm=helm,
            watch=watch,
        )
    say(api.VERIFY_FORMATS[form](api.redacted(found) if redact else found), form=form)
    code = api.verify_exit_code(found)
    if code:
        sys.exit(code)
