"""The command that hands over what policies do not decide: `handover`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import files_option, format_option
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
    metavar="istio-ambient|istio-gateway|istio-sidecar|linkerd",
    help="Print objects of a mesh in place of the list, proved to mean what the values do.",
)
@files_option()
@format_option("text", "json", what="the list is")
@click.pass_obj
def handover(
    directory: Path,
    *,
    target: str,
    everything: bool,
    mesh: str | None,
    files: tuple[Path, ...],
    form: str,
) -> None:
    """List what has to be configured elsewhere for a target, which policies leave to it.

    Hosts, ports, methods and paths by rule, for a proxy, an API gateway or a filter in a mesh that
    is configured by hand. Nothing here proves what is configured there. With --as, -f holds
    objects of a mesh against the values, and ends with 1 where they differ.
    """
    if mesh is not None:
        if everything or form != "text":
            raise UsageError("--as is about objects; leave --all and --format out")
        _mesh(directory, target, mesh, files)
        return
    if files:
        raise UsageError("-f are objects of a mesh; name it with --as")
    found = api.handover(target, root=api.find_root(directory), everything=everything)
    say(api.HANDOVER_FORMATS[form](found), form=form)


def _mesh(directory: Path, target: str, mesh: str, files: tuple[Path, ...]) -> None:
    """Print the objects of a mesh, or hold those of files against the values."""
    root = api.find_root(directory)
    if not files:
        say(api.handover_mesh(target, mesh, root=root).text.removesuffix("\n"))
        return
    found = api.mesh_differences(target, mesh, files, root=root)
    say(found.text)
    sys.exit(api.mesh_exit_code(found))
