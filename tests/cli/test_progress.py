"""A bar on a terminal, silence in a pipe, and nothing that stays where a run is ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support import needs
from support.flowlogs import HUBBLE_DENIED
from support.paths import ROOT
from support.terminal import PROGRAM, shown, started, until_nobody
from transire.cli.progress import bar
from transire.pipeline.progress import Progress

AUDIT = (sys.executable, "-c", PROGRAM, "-C", str(ROOT), "audit")
CLUSTER = ("--cluster", "prod-eu", "--team", "payments", "--format", "json")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log large enough for several processes."""
    path = tmp_path_factory.mktemp("log") / "events.log"
    line = json.dumps(HUBBLE_DENIED)
    count = (66 << 20) // len(line)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(line.replace("49822", str(number)) + "\n")
    return path


@pytest.fixture(scope="module")
def endless(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that no machine has read before a test has ended the run."""
    path = tmp_path_factory.mktemp("endless") / "events.log"
    with path.open("wb") as file:
        for _ in range(8):
            file.write(log.read_bytes())
    return path


def on_a_terminal(log: Path, term: str = "xterm") -> tuple[subprocess.Popen[bytes], int]:
    """A run of `audit` whose standard error is a terminal, and the other end of that."""
    return started((*AUDIT, str(log), *CLUSTER), term=term)


def test_a_bar_is_as_long_as_what_is_done() -> None:
    assert bar(0, 100, str) == "[------------------------------]   0% of 100"
    assert bar(50, 100, str, "namespaces") == (
        "[###############---------------]  50% of 100 namespaces"
    )
    assert bar(130, 100, str) == "[##############################] 100% of 100"
    assert bar(70, 0, str) == "70"


def test_what_is_done_at_each_place_is_added_up() -> None:
    calls: list[tuple[int, int]] = []
    progress = Progress(2, 10, lambda done, total: calls.append((done, total)))
    progress.add(1, 4)
    progress.add(0, 3)

    assert calls == [(4, 10)]  # the second comes too soon


@pytest.mark.slow("a log of 69 MB is read")
def test_a_terminal_shows_a_bar_and_is_clean_at_the_end(log: Path) -> None:
    process, here = on_a_terminal(log)
    text = shown(here)
    answer = json.loads(process.communicate()[0])

    assert process.wait() in {0, 3}
    assert "% of 69" in text
    assert text.endswith("\r\x1b[K")
    assert answer["coverage"]["lines"] > 30_000


@pytest.mark.slow("a log of 69 MB is read")
def test_in_a_pipe_and_on_a_dumb_terminal_there_is_none(log: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.log"
    with log.open("rb") as file:
        few.write_bytes(b"".join(file.readlines(1 << 16)))
    process, here = on_a_terminal(few, term="dumb")
    piped = subprocess.run((*AUDIT, str(few), *CLUSTER), capture_output=True, check=False)

    assert shown(here) == ""
    assert process.communicate()[0]
    assert piped.stderr == b""


@pytest.mark.slow("a log of 69 MB is read")
@pytest.mark.skipif(sys.platform != "linux", reason=needs.PROC)
@pytest.mark.parametrize(
    ("how", "after"),
    [(signal.SIGINT, 1), (signal.SIGINT, 5), (signal.SIGTERM, 2), (signal.SIGKILL, 3)],
)
def test_a_run_that_is_ended_leaves_nothing(endless: Path, how: signal.Signals, after: int) -> None:
    process, here = on_a_terminal(endless)
    group = process.pid
    seen = b""
    while seen.count(b"\r") < after:
        seen += os.read(here, 4096)
    if how is signal.SIGINT:
        os.killpg(group, how)  # as a terminal does on Ctrl-C
    else:
        process.send_signal(how)
    text = shown(here)
    out = process.communicate()[0]
    code = process.returncode

    assert until_nobody(group)
    assert "Traceback" not in text
    assert out == b""
    assert code == (130 if how is signal.SIGINT else -how)
    assert sorted(endless.parent.iterdir()) == [endless]
    if how is signal.SIGINT:
        assert text.endswith("\r\x1b[K")
