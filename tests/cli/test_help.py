"""Help pages: quick, whole, and about every option."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from support.paths import ROOT
from support.policy_repository import run
from transire import api
from transire.cli import commands
from transire.commands.audit import USUAL_DAYS
from transire.model.engine import Definitions

CONTEXT = click.Context(commands, info_name="transire")
NAMES = commands.list_commands(CONTEXT)
SHOWN = """\
import sys
from transire.cli import main
sys.argv[0] = "transire"
try:
    main()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""
SHELL = {
    "transire",
    "transire.api",
    "transire.cli",
    "transire.cli.colour",
    "transire.cli.completion",
    "transire.cli.line",
    "transire.cli.options",
    "transire.cli.printing",
    "transire.model",
    "transire.model.ends",
    "transire.model.problems",
}
"""What every command line needs of the program: the shell around commands, and no room."""

FORMATS = {
    "advise": api.ADVICE_FORMATS,
    "audit": api.AUDIT_FORMATS,
    "backtest": api.BACKTEST_FORMATS,
    "check": api.REPORTERS,
    "diff": api.DIFF_FORMATS,
    "doctor": api.DOCTOR_FORMATS,
    "expiring": api.EXPIRING_FORMATS,
    "explain": api.VERDICT_FORMATS,
    "handover": api.HANDOVER_FORMATS,
    "import": api.IMPORT_FORMATS,
    "learn": api.LEARN_FORMATS,
    "lint": api.LINT_FORMATS,
    "merge": api.REPORTERS,
    "needs": api.NEEDS_FORMATS,
    "observe": api.OBSERVE_FORMATS,
    "publish": api.PUBLISHED_FORMATS,
    "report": api.REPORT_FORMATS,
    "rules": api.RULE_FORMATS,
    "test": api.TEST_FORMATS,
    "probe": api.PROBE_FORMATS,
    "verify": api.VERIFY_FORMATS,
    "who": api.WHO_FORMATS,
}
WITH_A_BAR = {"audit", "backtest", "learn", "report", "verify"}
MOST_MODULES = 60
"""Modules from outside that a help page may load beside those of click itself."""


def loaded(code: str, *words: str) -> set[str]:
    """The modules that a run loads."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "generator")},
    )
    return set(done.stderr.split())


def command_of(name: str) -> click.Command:
    command = commands.get_command(CONTEXT, name)
    assert command is not None
    return command


def ours(modules: set[str]) -> set[str]:
    return {each for each in modules if each.partition(".")[0] == "transire"}


def test_the_list_of_commands_loads_none_of_them() -> None:
    modules = loaded(SHOWN, "--help")
    of_click = loaded("import sys, click; print(*sys.modules, file=sys.stderr)")

    assert ours(modules) == SHELL
    assert len(modules - of_click - SHELL) < MOST_MODULES


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_loads_that_command_and_no_room(name: str) -> None:
    found = ours(loaded(SHOWN, name, "--help"))
    command = command_of(name).callback
    assert command is not None

    bar = {"transire.cli.progress"} if name in WITH_A_BAR else set()
    assert found == {*SHELL, *bar, command.__module__}


@pytest.mark.parametrize("name", NAMES)
def test_the_list_has_the_first_sentence_of_each_command_whole(name: str) -> None:
    first = command_of(name).get_short_help_str(limit=1000)
    listed = " ".join(run(ROOT, "--help").out.split())

    assert f"{name} {first.removesuffix('.')}." in listed


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_command_takes_every_form_that_there_is(name: str) -> None:
    [option] = [each for each in command_of(name).params if each.name == "form"]
    assert isinstance(option.type, click.Choice)

    assert set(option.type.choices) == set(FORMATS[name])
    assert option.default == option.type.choices[0]


def test_an_audit_is_over_as_many_days_by_option_and_by_call() -> None:
    [option] = [each for each in command_of("audit").params if each.name == "days"]

    assert option.default == USUAL_DAYS


def test_definitions_are_those_that_a_cluster_can_have() -> None:
    [option] = [each for each in command_of("explain").params if each.name == "definitions"]
    assert isinstance(option.type, click.Choice)

    assert list(option.type.choices) == [str(each) for each in Definitions]


def test_every_command_with_forms_is_in_the_table() -> None:
    with_forms = {name for name in NAMES if any(e.name == "form" for e in command_of(name).params)}

    assert with_forms == set(FORMATS)


def options() -> Iterator[tuple[str, click.Option]]:
    for name in NAMES:
        for each in command_of(name).params:
            if isinstance(each, click.Option):
                yield name, each


@pytest.mark.parametrize(("name", "option"), [pytest.param(*each, id="") for each in options()])
def test_every_option_has_help_that_ends_in_a_full_stop(name: str, option: click.Option) -> None:
    assert option.help, f"{name} {option.name}"
    assert option.help.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_a_help_page_is_whole_and_holds_no_mark_of_its_layout(name: str) -> None:
    page = run(ROOT, name, "--help").out

    assert "\\b" not in page
    assert "\b" not in page
    assert re.search(r"[a-z]\.\.\.\s", page) is None
    for option in command_of(name).params:
        if isinstance(option, click.Option):
            assert " ".join((option.help or "").split()) in " ".join(page.split())
