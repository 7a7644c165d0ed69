"""Colours: on terminals that want them, at known places, and never in what programs read."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import ROOT
from support.policy_repository import PROGRAM, copy_example, run
from transire.cli.colour import painted

ESCAPE = "\x1b["
ERROR = "values/teams/shop.yaml:3:1: error: no ports are left (a-rule)"


def on_a_terminal(folder: Path, *words: str, **variables: str) -> str:
    """What the program prints where both its outputs are a terminal."""
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder,
        stdout=theirs,
        stderr=theirs,
        env={
            **environment,
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT / "generator"),
            **variables,
        },
    ) as program:
        program.wait()
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        return terminal.read(1 << 16).decode()


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("colour") / "policies")
    (root / "values/teams/broken.yaml").write_text("team: [\n", encoding="utf-8")
    return root


@pytest.mark.slow("whole runs of the program")
def test_a_finding_has_its_level_in_colour_on_a_terminal(spoilt: Path) -> None:
    shown = on_a_terminal(spoilt, "check")

    assert ": \x1b[31m\x1b[1merror\x1b[0m: " in shown
    assert "  \x1b[1mhelp\x1b[0m: " in shown


@pytest.mark.slow("whole runs of the program")
@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colour_gets_none(spoilt: Path, variables: dict[str, str]) -> None:
    shown = on_a_terminal(spoilt, "check", **variables)

    assert ": error: " in shown
    assert ESCAPE not in shown


@pytest.mark.slow("whole runs of the program")
def test_an_empty_no_color_is_none(spoilt: Path) -> None:
    assert ESCAPE in on_a_terminal(spoilt, "check", NO_COLOR="")


def test_what_is_no_terminal_gets_no_colour(spoilt: Path) -> None:
    ran = run(spoilt, "check")

    assert ": error: " in ran.out + ran.err
    assert ESCAPE not in ran.out + ran.err


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_forms_for_programs_have_no_colour_even_on_a_terminal(tmp_path: Path, form: str) -> None:
    (tmp_path / "policy.yaml").write_text("apiVersion: v1\nkind: A\n", encoding="utf-8")
    words = ("lint", "-f", "policy.yaml", "--engine", "cilium@1.19", "--format", form)

    assert ESCAPE not in on_a_terminal(tmp_path, *words)


@pytest.mark.slow("whole runs of the program")
def test_the_head_of_a_table_is_bold_and_no_code_is_shown(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "policies")
    shown = on_a_terminal(root, "generate", "ledger")

    assert "\x1b[1mteam    namespace  cluster" in shown
    assert r"\x1b" not in shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (ERROR, ERROR.replace("error", "\x1b[31m\x1b[1merror\x1b[0m")),
        (
            "allow: shop to a.example on 443/TCP",
            "\x1b[32m\x1b[1mallow\x1b[0m: shop to a.example on 443/TCP",
        ),
        ("  because: no rule", "  \x1b[1mbecause\x1b[0m: no rule"),
        (
            "  + opens: every pod to a.example",
            "  + \x1b[31m\x1b[1mopens\x1b[0m: every pod to a.example",
        ),
        ("shop on edge: wider, risk high", "shop on edge: wider, risk \x1b[31m\x1b[1mhigh\x1b[0m"),
        ("  low: prod is production", "  \x1b[32m\x1b[1mlow\x1b[0m: prod is production"),
        ("! 2 files are out of step", "\x1b[33m\x1b[1m!\x1b[0m 2 files are out of step"),
        ("    -  cidr: 10.0.0.0/8", "    \x1b[31m\x1b[1m-\x1b[0m  cidr: 10.0.0.0/8"),
        ("wrote values/error.yaml", "wrote values/error.yaml"),
        ("kind: note", "kind: note"),
    ],
)
def test_a_word_is_coloured_at_its_place_alone(line: str, shown: str) -> None:
    assert painted(line) == shown
