"""The command that takes policies over: `import`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli import completion
from transire.cli.options import files_option, format_option, helm_option, namespace_option
from transire.cli.printing import data, say


@click.command("import")
@files_option(required=True)
@click.option(
    "--engine",
    required=True,
    metavar="NAME[@VERSION]",
    help="What enforces the policies, by its name in values/platform.yaml.",
)
@click.option(
    "--cluster",
    default="",
    metavar="NAME",
    shell_complete=completion.clusters,
    help="The cluster that has them; default: the only one of the engine.",
)
@click.option(
    "--team",
    default="",
    metavar="TEAM",
    shell_complete=completion.teams,
    help="The team that gets the namespaces; default: one team for each.",
)
@click.option(
    "--team-label",
    default="",
    metavar="KEY",
    help="The label of namespaces, or of policies, that names their team.",
)
@namespace_option
@click.option("--write", is_flag=True, help="Write the files in place of printing a patch.")
@helm_option
@format_option("text", "json", what="the answer is")
@click.pass_obj
def import_policies(
    directory: Path,
    *,
    files: tuple[Path, ...],
    engine: str,
    cluster: str,
    team: str,
    team_label: str,
    namespace: str,
    write: bool,
    helm: api.HelmChoice | None,
    form: str,
) -> None:
    """Write values that allow what policies written by hand do, and prove it.

    Prints a patch, and on standard error what differs and what no values hold. Ends with 1 where
    anything does, and with 3 where something could not be judged.
    """
    found = api.import_policies(
        directory,
        files,
        engine=engine,
        cluster=cluster,
        team=team,
        team_label=team_label,
        namespace=namespace,
        write=write,
        helm=helm,
    )
    if form == "json":
        say(api.IMPORT_FORMATS[form](found), form=form)
    else:
        if write:
            say("".join(f"wrote {each.path}\n" for each in found.edits))
        elif found.patch:
            data(found.patch)
        say(api.IMPORT_FORMATS[form](found), err=True)
    code = api.import_exit_code(found)
    if code:
        sys.exit(code)
