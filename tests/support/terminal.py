"""Runs of the program whose standard error is a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import time
from pathlib import Path

PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
from transire.cli import main
main()
"""


def started(
    command: tuple[str, ...], term: str = "xterm", folder: Path | None = None
) -> tuple[subprocess.Popen[bytes], int]:
    """A run in a group of its own, and the other end of its terminal."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=there,
        cwd=folder,
        env={**os.environ, "TERM": term},
        start_new_session=True,
    )
    os.close(there)
    return process, here


def shown(here: int) -> str:
    """Everything until the run closes its terminal."""
    found = b""
    while True:
        try:
            piece = os.read(here, 65536)
        except OSError:  # so Linux ends a terminal whose other end is closed
            piece = b""
        if not piece:
            os.close(here)
            return found.decode()
        found += piece


def until(here: int, text: bytes) -> bytes:
    """What is shown until some text is there."""
    found = b""
    while text not in found:
        found += os.read(here, 4096)
    return found


def members(group: int) -> list[int]:
    """The processes of a group that are not over."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            state, _, owner = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(owner) == group and state != "Z":
            found.append(int(entry.name))
    return found


def until_nobody(group: int) -> bool:
    """Whether a group is empty before long."""
    for _ in range(200):
        if not members(group):
            return True
        time.sleep(0.05)
    return False
