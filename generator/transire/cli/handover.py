"""The command that hands over what policies do not decide: `handover`."""

from __future__ import annotations

from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import format_option
from transire.cli.printing import say
from transire.model.problems import UsageError


@click.command()
@click.argument("target", metavar="NAMESPACE.CLUSTER", shell_complete=completion.targets)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="List hosts that the policies decide about, too.",
)
@click.option(
    "--as",
    "mesh",
    metavar="istio-ambient|istio-gateway|istio-sidecar",
    help="Print objects of Istio 1.30 in place of the list, proved to mean what the values do.",
)
@format_option("text", "json", what="the list is")
@click.pass_obj
def handover(
    directory: Path, *, target: str, everything: bool, mesh: str | None, form: str
) -> None:
    """List what has to be configured elsewhere for a target, which policies leave to it.

    Hosts, ports, methods and paths by rule, for a proxy, an API gateway or a filter in a mesh that
    is configured by hand. Nothing here proves what is configured there.
    """
    if mesh is not None:
        if everything or form != "text":
            raise UsageError("--as prints objects; leave --all and --format out")
        say(api.handover_mesh(target, mesh, root=api.find_root(directory)).text.removesuffix("\n"))
        return
    found = api.handover(target, root=api.find_root(directory), everything=everything)
    say(api.HANDOVER_FORMATS[form](found), form=form)
