"""The command that looks for the cause of a symptom: `doctor`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from transire import api
from transire.cli.options import GIVEN, files_option, format_option, target_option
from transire.cli.printing import say


@click.command()
@target_option
@files_option()
@click.option("--engine", metavar="NAME[@VERSION]", help="Who enforces -f.")
@click.option(
    "-n", "--namespace", default="", metavar="NAMESPACE", help="Where the symptom is, with -f."
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path, exists=True),
    metavar="DIR",
    help="What kubectl get prints of the cluster: a folder of files, or one file.",
)
@click.option(
    "--logs",
    type=GIVEN,
    multiple=True,
    metavar="FILE|DIR|-",
    help="Flow logs, and logs of proxies and resolvers; may be repeated.",
)
@click.option("--symptom", default="", metavar="TEXT", help="What somebody sees, in words.")
@format_option("text", "json", what="the answer is")
@click.pass_obj
def doctor(
    directory: Path,
    *,
    target: str | None,
    files: tuple[Path, ...],
    engine: str | None,
    namespace: str,
    snapshot: Path | None,
    logs: tuple[Path, ...],
    symptom: str,
    form: str,
) -> None:
    """Find the cause of a symptom, with evidence, and the change that mends it.

    Read are the policies of a cluster, or one of our targets, a snapshot of the cluster, the
    settings of its agents, and flow logs, as far as each is given. Secrets are never read. What
    could not be seen is listed with the command that shows it. Ends with 3 where nothing could be
    judged.
    """
    found = api.doctor(
        target=target,
        files=files,
        engine=engine,
        namespace=namespace,
        snapshot=snapshot,
        logs=logs,
        symptom=symptom,
        root=api.find_root(directory) if target is not None else directory,
    )
    say(api.DOCTOR_FORMATS[form](found), form=form)
    code = api.doctor_exit_code(found)
    if code:
        sys.exit(code)
