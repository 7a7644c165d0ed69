"""The program run in processes of its own that need not load it: one process loads it and forks.

Loading the program takes longer than most runs. A run here has its own process, arguments, folder
and output, and ends as Python ends; it has only not to load modules again. A run whose environment
differs from the one that the program was loaded in starts afresh, for some of it is read at start;
variables of Git and of the cache may differ.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from support.paths import ROOT, TESTS
from support.workspace.disk_faults import Fault

PROGRAM = "from transire.cli import main; main()"

PATIENCE = 300
"""Seconds after which a run counts as stuck."""

_SERVER = """
import gc, json, os, pkgutil, signal, socket, sys
from importlib import import_module
import transire
from transire.cli import main

sys.path.append(sys.argv[2])

for module in pkgutil.walk_packages(transire.__path__, "transire."):
    import_module(module.name)
assert "helm_python" not in sys.modules, "its threads would not survive a fork"
gc.collect()
gc.freeze()
requests = socket.socket(fileno=int(sys.argv[1])).makefile("rw")
for line in requests:
    process = os.fork()
    if process == 0:
        break
    print(process, flush=True, file=requests)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True, file=requests)
else:
    sys.exit()

request = json.loads(line)
requests.close()
os.chdir(request["folder"])
for number, name in enumerate(("/dev/null", request["out"], request["err"])):
    opened = os.open(name, os.O_RDWR)
    os.dup2(opened, number)
    os.close(opened)
sys.argv[1:] = request["words"]
os.environ.clear()
os.environ.update(request["environment"])
if request["fault"]:
    import_module("support.workspace.disk_faults").install(*request["fault"])
main()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Forked:
    """Runs of the program that start where it is loaded."""

    connection: socket.socket

    @classmethod
    def start(cls, environment: dict[str, str]) -> Forked:
        """Load the program in this environment."""
        here, there = socket.socketpair()
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(there.fileno()), str(TESTS)],
            env=environment,
            pass_fds=[there.fileno()],
        )
        there.close()
        here.settimeout(PATIENCE)

        def end() -> None:
            here.close()
            server.wait()

        atexit.register(end)
        return cls(here)

    def run(
        self,
        folder: Path,
        *words: str,
        environment: dict[str, str],
        fault: tuple[str, int, str] | None = None,
    ) -> Ran:
        """One run, on a disk with that fault; it is killed when it is stuck."""
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            request = {
                "folder": str(folder),
                "words": words,
                "out": out.name,
                "err": err.name,
                "environment": environment,
                "fault": fault,
            }
            self.connection.sendall(f"{json.dumps(request)}\n".encode())
            process = self._number()
            try:
                code = self._number()
            except TimeoutError:
                os.kill(process, signal.SIGKILL)
                self._number()
                raise
            return Ran(code=code, out=_text(out.name), err=_text(err.name))

    def _number(self) -> int:
        """One line of an answer, of which there is never more than one under way but the next."""
        line = b""
        while not line.endswith(b"\n"):
            line += self.connection.recv(1)
        return int(line)


def _text(name: str) -> str:
    """As a pipe gives it to `subprocess` in text mode."""
    return Path(name).read_text(encoding="utf-8")


_OWN = {"PYTEST_CURRENT_TEST", "GOGC"}
"""What pytest says of the running test, and what the Helm SDK is given when it is loaded."""


def _environment() -> dict[str, str]:
    """The environment of this process for the program, without what is only this process's own."""
    kept = {name: each for name, each in os.environ.items() if name not in _OWN}
    return {**kept, "PYTHONPATH": str(ROOT / "generator"), "TRANSIRE_CACHE": "off"}


def _read_at_start(environment: dict[str, str]) -> dict[str, str]:
    """What a run may have read while it was loaded: all but what is read by Git, or when it begins."""
    later = ("GIT_", "TRANSIRE_CACHE")
    return {name: each for name, each in environment.items() if not name.startswith(later)}


_AT_FIRST = _environment()


@cache
def _forked() -> Forked:
    return Forked.start(_AT_FIRST)


def run(folder: Path, *words: str, **environment: str) -> Ran:
    """Run the program in `folder`, as a person would."""
    whole = {**_environment(), **environment}
    if sys.platform == "linux" and _read_at_start(whole) == _read_at_start(_AT_FIRST):
        return _forked().run(folder, *words, environment=whole)
    return run_afresh(folder, *words, environment=whole)


def run_on_disk(
    folder: Path, *words: str, fault: Fault, at: int, report: Path | None = None
) -> Ran:
    """The same on a disk that meets a fault at the change numbered `at`.

    `report` gets a byte for each change.
    """
    faulty = (str(fault), at, "" if report is None else str(report))
    return _forked().run(folder, *words, environment=_environment(), fault=faulty)


def run_afresh(folder: Path, *words: str, environment: dict[str, str]) -> Ran:
    """The same in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env=environment,
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)
