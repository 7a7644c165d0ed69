"""The line at the bottom of a terminal, whichever verb takes long, and Ctrl-C beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from scale.organisation import write

from support import needs
from support.policy_repository import contents
from support.terminal import PROGRAM, shown, started, until, until_nobody
from transire.cli.line import Clock
from transire.pipeline.progress import Progress, counted, followed

_SOON = "from transire.cli import line\nline._FIRST = line._OFTEN = 0.01\n"
_HELD = """
from transire import api
def held(*_, **__):
    [counting]
    input()
    return ()
api.check = api.diff = held
"""
COUNTING = """from transire.pipeline.progress import Progress
    counts = Progress(2, 10, things="targets")
    counts.add(0, 5)"""
_SLOW = """
import time
from transire.pipeline import examine
found_in_team = examine.found_in_team
def slowly(*given):
    time.sleep(0.05)
    return found_in_team(*given)
examine.found_in_team = slowly
"""
TEAMS = 110
"""Enough for several processes."""


def held(counting: str, *words: str, term: str = "xterm") -> tuple[subprocess.Popen[bytes], int]:
    """A run that goes on until a line comes in."""
    code = _SOON + _HELD.replace("[counting]", counting) + PROGRAM
    return started((sys.executable, "-c", code, *words), term=term)


def test_a_line_shows_what_is_done_or_how_long_it_takes() -> None:
    clock = Clock(began=0.0)
    assert clock.text().endswith(" s")

    progress = Progress(2, 2_000, things="targets")
    clock.follow(progress)
    progress.add(0, 500)
    progress.add(1, 500)
    assert clock.text() == "[###############---------------]  50% of 2,000 targets"

    progress.add(1, 1_000)
    assert clock.text().endswith(" s")


def test_whoever_follows_sees_what_is_counted_and_nobody_else_does() -> None:
    seen: list[Progress] = []
    with followed(seen.append):
        for each in counted("abc", 3, "letters"):
            assert each
        Progress(1, 5, lambda _done, _total: None)
    Progress(1, 5)

    assert [(each.done, each.total, each.things) for each in seen] == [(3, 3, "letters")]


@pytest.mark.parametrize(
    ("counting", "text"), [("pass", b"0 s"), (COUNTING, b"[###############---------------]  50%")]
)
def test_a_verb_that_takes_long_shows_a_line_that_is_gone_before_it_prints(
    counting: str, text: bytes
) -> None:
    process, here = held(counting, "check", "--format", "json")
    until(here, text)
    out = process.communicate(b"\n")[0]

    assert shown(here).endswith("\r\x1b[K")
    assert process.returncode == 0
    assert out.startswith(b"{")


def test_a_dumb_terminal_and_a_pipe_have_no_line() -> None:
    process, here = held(COUNTING, "check", term="dumb")
    process.communicate(b"\n")
    code = _SOON + _HELD.replace("[counting]", COUNTING) + PROGRAM
    piped = subprocess.run(
        (sys.executable, "-c", code, "check"), input=b"\n", capture_output=True, check=False
    )

    assert shown(here) == ""
    assert (piped.returncode, piped.stderr) == (0, b"")


@pytest.mark.parametrize("verb", ["check", "diff"])
def test_ctrl_c_ends_a_verb_at_once_and_leaves_no_line(verb: str) -> None:
    process, here = held(COUNTING, verb)
    until(here, b"50%")
    process.send_signal(signal.SIGINT)

    assert process.communicate()[0] == b""
    assert process.returncode == 130
    assert shown(here).endswith("\r\x1b[K")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Values of so many teams that several processes share them, and nothing generated."""
    return write(tmp_path_factory.mktemp("many") / "policies", TEAMS)


@pytest.mark.slow("220 targets are read")
@pytest.mark.skipif(sys.platform != "linux", reason=needs.PROC)
@pytest.mark.parametrize("verb", ["check", "generate"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_of_many_targets_that_is_ended_leaves_nothing(
    many: Path, verb: str, how: signal.Signals
) -> None:
    before: Mapping[str, bytes] = contents(many)
    code = _SOON + _SLOW + PROGRAM
    process, here = started((sys.executable, "-c", code, verb, "--no-cache"), folder=many)
    seen = until(here, b" targets")
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does on Ctrl-C
    else:
        process.send_signal(how)
    text = seen.decode() + shown(here)
    out = process.communicate()[0]

    assert process.returncode == (130 if how is signal.SIGINT else -how)
    assert until_nobody(process.pid)
    assert "% of 220 targets" in text
    assert "Traceback" not in text
    assert out == b""
    assert contents(many) == before
    if how is signal.SIGINT:
        assert text.endswith("\r\x1b[K")
