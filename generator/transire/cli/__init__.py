"""The commands: a thin shell over `api`, and the only place that prints and exits.

Results go to standard output, everything else to standard error. Exit codes: 0 clean or warnings
only, 1 findings of level error or files out of step, 2 usage, 3 cannot judge, 4 Helm or registry
failed.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

import click

from transire.cli import line
from transire.cli.completion import VARIABLE as COMPLETION
from transire.cli.options import FOLDER
from transire.cli.printing import say, tolerate_other_encodings
from transire.model.problems import DiskFailed, ToolError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_SELDOM = 100_000
"""Objects that may be made before cycles are looked for."""

_COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "add": (
            "generate",
            "Add HOSTs and ranges to a rule of TEAM's values file, keeping comments and order.",
        ),
        "advise": (
            "advise",
            "Show what to set in clusters so that names, caches and connections work, and why.",
        ),
        "audit": (
            "audit",
            "Show which entries were used, by flow logs: when last, by whom, and what was denied.",
        ),
        "backtest": (
            "backtest",
            "Show which flows of the past a change would block, and which it would let pass.",
        ),
        "bundle": (
            "bundle",
            "Print a bundle of FILE, in which a vendor publishes its addresses or names.",
        ),
        "cache": (
            "cache",
            "Show where proofs are kept between runs, and how many, or remove them.",
        ),
        "check": (
            "check",
            "Check values, guardrails and generated files of all teams, or of those named.",
        ),
        "docs": ("docs", "List the pages of the documentation, or print the one named PAGE."),
        "diff": ("diff", "Show what a change opens and what it closes, for a reviewer."),
        "doctor": (
            "doctor",
            "Find the cause of a symptom, with evidence, and the change that mends it.",
        ),
        "expiring": (
            "expiring",
            "Show what ends soon or has ended: rules, audits, exceptions, old bundles.",
        ),
        "explain": ("explain", "Say why a flow is allowed or denied, and what to know besides."),
        "generate": (
            "generate",
            "Write charts and GitOps objects for all teams, or for those named.",
        ),
        "handover": (
            "handover",
            "List what has to be configured elsewhere for a target, which policies leave to it.",
        ),
        "import": (
            "import_policies",
            "Write values that allow what policies written by hand do, and prove it.",
        ),
        "init": ("generate", "Scaffold a policy repository in DIRECTORY."),
        "learn": (
            "learn",
            "Propose rules for what flow logs show and no entry allows, as a patch.",
        ),
        "lint": ("lint", "Find traps in policies that people wrote by hand."),
        "merge": (
            "merge",
            "Show what all parts of a check found, which check --shard printed, as one check.",
        ),
        "needs": (
            "needs",
            "Show the hosts that workloads declare, and which of them no rule allows.",
        ),
        "observe": (
            "observe",
            "Show what to switch on for a cluster, so that logs hold what the other commands read.",
        ),
        "probe": (
            "probe",
            "Render what tries a namespace where it runs, or judge what that printed.",
        ),
        "publish": ("publish", "Pack every chart of the commit at hand and push what is new."),
        "render": ("check", "Print what Helm renders for TEAM, as a YAML stream."),
        "report": (
            "report",
            "Print the whole organisation at a glance: one HTML page, JSON or CSV.",
        ),
        "rules": ("rules", "List guardrails and rules of lint, or explain the one named ID."),
        "test": ("test", "Hold what tests/egress expects of connections against the policies."),
        "verify": (
            "verify",
            "Hold what a cluster has, from kubectl get, against the values of a revision.",
        ),
        "who": ("who", "Say who may reach HOST, over all teams: with rule, reason and end."),
    }
)
"""Each command with its module, which is loaded when it is needed, and its line of the help."""

_NAMES = MappingProxyType({"import": "import_policies"})
"""Names in Python of commands whose own is a word of the language."""


class _Commands(click.Group):
    """The commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"transire.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, _NAMES.get(cmd_name, cmd_name))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them whole, from the table, so that no command is loaded to be listed."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete their names from the table, and options as click does."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell needs it

        named = [each for each in self.list_commands(ctx) if each.startswith(incomplete)]
        found = [CompletionItem(each, help=_COMMANDS[each][1]) for each in named]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


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
        with commands.make_context("transire", sys.argv[1:]) as context, line.shown() as clock:
            _invoke(context, clock)
        sys.stdout.flush()
        sys.exit(0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except (click.Abort, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever presses it twice waits for the end
        sys.exit(130)
    except ToolError as error:
        say(str(error), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader had enough, as in `transire render payments | head`.
        _drop_output()
        sys.exit(0)
    except OSError as error:
        _drop_output()
        where = f" {error.filename}" if error.filename else ""
        say(f"cannot read or write{where}: {error.strerror or error}", err=True)
        sys.exit(DiskFailed.exit_code)


def _drop_output() -> None:
    """Where output cannot be written, the interpreter must not try to at its end once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _invoke(context: click.Context, clock: line.Clock) -> None:
    """Run the command; on a terminal, whatever counts is shown."""
    if not clock.runs:
        commands.invoke(context)
        return
    from transire import api  # noqa: PLC0415 - what is printed in no time needs none of it

    with api.followed(clock.follow):
        commands.invoke(context)
