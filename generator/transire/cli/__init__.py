"""The commands: a thin shell over `pipeline`, and the only place that prints and exits.

Answers go to standard output, everything else to standard error. Exit codes: 0 clean or warnings
only, 1 findings of level error or files out of step, 2 usage, 3 cannot judge, 4 Helm or registry
failed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from transire.cli.checking import check, explain, lint, render
from transire.cli.options import FOLDER
from transire.cli.publishing import publish
from transire.cli.reviewing import diff
from transire.cli.writing import add, generate, init
from transire.model.problems import ToolError

COMPLETION = "_TRANSIRE_COMPLETE"
"""The variable with which click's shell completion asks for words."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "directory",
    type=FOLDER,
    default=Path(),
    help="The policy repository; default: the one around the working directory.",
)
@click.version_option(package_name="transire")
@click.pass_context
def commands(context: click.Context, directory: Path) -> None:
    """Egress policies as code: values files in, versioned Helm charts out."""
    context.obj = directory


for _command in (add, check, diff, explain, generate, init, lint, publish, render):
    commands.add_command(_command)


def main() -> NoReturn:
    """Run the command line and exit by the contract."""
    try:
        if COMPLETION in os.environ:
            commands.main(prog_name="transire")
        # Not click's own `main`, which would end with 1, our code for findings, where the reader
        # of a pipe had enough.
        with commands.make_context("transire", sys.argv[1:]) as context:
            commands.invoke(context)
        sys.exit(0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except ToolError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader had enough, as in `transire render payments | head`; the interpreter must not
        # try to flush into the closed pipe once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
