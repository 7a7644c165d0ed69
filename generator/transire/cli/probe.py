"""The command that tries a namespace where it runs: `probe`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import GIVEN, format_option
from transire.cli.printing import data, say


@click.command()
@click.option(
    "--target",
    default="",
    metavar="NAMESPACE.CLUSTER",
    shell_complete=completion.targets,
    help="The namespace to try.",
)
@click.option(
    "--form",
    "runs_as",
    type=click.Choice(["job", "argocd", "helm-test"]),
    default="job",
    show_default=True,
    help="What runs it: kubectl, a sync of Argo CD, or helm test.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="A name or an address to try besides; may be repeated.",
)
@click.option(
    "--proxy",
    default="",
    metavar="URL",
    help="The proxy that hosts are delegated to, as pods have it.",
)
@click.option(
    "--netassert",
    default="",
    metavar="KIND/NAME",
    help="Print tests for netassert from this workload, in place of a Job.",
)
@click.option(
    "--results",
    "outputs",
    type=GIVEN,
    multiple=True,
    metavar="FILE",
    help="What a probe or its control printed; judges it; may be repeated.",
)
@format_option("text", "tap", "junit", what="the judgement of --results is")
@click.pass_obj
def probe(
    directory: Path,
    *,
    target: str,
    runs_as: str,
    hosts: tuple[str, ...],
    proxy: str,
    netassert: str,
    outputs: tuple[Path, ...],
    form: str,
) -> None:
    """Render what tries a namespace where it runs, or judge what that printed.

    A probe connects to every host that the rules of its namespace list, and to canaries that it
    must not reach. Ends with 1 where something does not hold, and with 3 where it cannot be judged.
    """
    if bool(target) == bool(outputs):
        raise api.UsageError("give --target to render a probe, or --results to judge one")
    if outputs:
        found = api.probe_results(outputs)
        say(api.PROBE_FORMATS[form](found), form=form)
        sys.exit(api.probe_exit_code(found))
    made = api.probe(
        api.find_root(directory),
        target,
        form=runs_as,
        hosts=hosts,
        proxy=proxy,
        netassert=netassert,
    )
    data(made.text)
    for each in made.left:
        say(f"not tried: {each.what}: {each.why}", err=True)
