"""The commands: a thin shell over `api`, and the only place that prints and exits.

Results go to standard output, everything else to standard error. Exit codes: 0 clean or warnings
only, 1 findings of level error or files out of step, 2 usage, 3 cannot judge, 4 Helm or registry
failed.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

from transire.cli.options import FOLDER
from transire.cli.printing import say, tolerate_other_encodings
from transire.model.problems import ToolError

COMPLETION = "_TRANSIRE_COMPLETE"
"""The variable with which click's shell completion requests completions."""


_SELDOM = 100_000
"""Objects that may be made before cycles are looked for."""

_MODULES = {
    "add": "generate",
    "bundle": "bundle",
    "audit": "audit",
    "check": "check",
    "diff": "diff",
    "explain": "explain",
    "generate": "generate",
    "init": "generate",
    "lint": "lint",
    "publish": "publish",
    "render": "check",
    "report": "report",
    "rules": "rules",
    "who": "who",
}
"""Where each command lives; it is loaded when it is needed."""


class _Commands(click.Group):
    """The commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _MODULES:
            return None
        module = import_module(f"transire.cli.{_MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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


def main() -> NoReturn:
    """Run the command line and exit by the contract."""
    # Values and diagrams hold no cycles, so that looking for some after every few hundred of them
    # only takes time.
    gc.set_threshold(_SELDOM)
    tolerate_other_encodings()
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
        say(str(error), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader had enough, as in `transire render payments | head`; the interpreter must not
        # try to flush into the closed pipe once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
