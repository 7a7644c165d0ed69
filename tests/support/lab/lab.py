"""The laboratory as tests see it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import msgspec
import pytest

from support import needs
from support.lab import messages
from support.lab.messages import Answer, Arrival, Finished, Reply, Request, StartError
from support.lab.programs import Program
from support.paths import ROOT

_NETWORK_OF_ITS_OWN = (
    "unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Running:
    """A program that runs in the laboratory."""

    lab: Lab
    name: str

    def replace(self, files: Mapping[str, str]) -> None:
        """Put new files in the place of old ones, each at once."""
        self.lab.do(messages.Replace(self.name, dict(files)))

    def signal(self, name: str) -> None:
        """Send a signal, such as `HUP`."""
        self.lab.do(messages.Signal(self.name, name))

    def log(self) -> str:
        """What it printed so far, and its files that end in .log."""
        return self.lab.do(messages.Log(self.name)).text


@dataclass(frozen=True, slots=True)
class Lab:
    """One network with an origin and a resolver; `certificate` is the origin's, as PEM."""

    process: subprocess.Popen[str]
    certificate: str

    @contextmanager
    def running(
        self,
        program: Program,
        files: Mapping[str, str],
        *,
        ready: Sequence[int],
        arguments: Sequence[str] = (),
    ) -> Iterator[Running]:
        """Start a program and wait until it listens on all ports of `ready`.

        Raises StartError with its log. One of each program runs at a time.
        """
        words = (program.executable(), *program.start, *arguments)
        self.do(messages.Start(program.name, words, dict(files), tuple(ready)))
        try:
            yield Running(self, program.name)
        finally:
            self.do(messages.Stop(program.name))

    def run(
        self, program: Program, files: Mapping[str, str], arguments: Sequence[str] | None = None
    ) -> Finished:
        """Run a program to its end; without arguments it checks its configuration."""
        words = (program.executable(), *(program.check if arguments is None else arguments))
        finished = self.do(messages.Run(words, dict(files))).finished
        assert finished is not None
        return finished

    def send(self, requests: Sequence[Request]) -> tuple[Answer, ...]:
        """Send requests, several at a time; the answers are in the same order."""
        return self.do(messages.Send(tuple(requests))).answers

    def resolve(self, names: Mapping[str, Sequence[str]], *, back: str = "") -> None:
        """Have these names resolve to these addresses from now on, and every address to `back`."""
        given = {name: list(addresses) for name, addresses in names.items()}
        self.do(messages.Resolve(given, back))

    def questions(self) -> tuple[str, ...]:
        """The names that the resolver was asked since the last call."""
        return self.do(messages.Questions()).names

    def unclaimed(self) -> tuple[Arrival, ...]:
        """Connections that reached the origin without any request, since the last call."""
        return self.do(messages.Unclaimed()).arrivals

    def do(self, command: messages.Command) -> Reply:
        """Have the process inside do something; raises StartError or AssertionError."""
        stdin, stdout = _pipes(self.process)
        stdin.write(msgspec.json.encode(command).decode() + "\n")
        stdin.flush()
        line = stdout.readline()
        assert line, "the laboratory has ended"
        reply = msgspec.json.decode(line, type=Reply)
        if reply.failed.startswith(StartError.__name__):
            raise StartError(reply.failed)
        assert not reply.failed, reply.failed
        return reply


@contextmanager
def laboratory(
    *programs: Program,
    ports: Sequence[int] = messages.DEFAULT_PORTS,
    certified: Sequence[str] = ("api.one.test",),
) -> Iterator[Lab]:
    """A network of its own; the test is skipped where that or one of the programs is missing.

    The origin listens on `ports` of all addresses, and its certificate is for `certified`.
    """
    _need()
    for program in programs:
        program.executable()
    options = messages.Options(tuple(ports), tuple(certified))
    words = [sys.executable, "-m", "support.lab.inside", msgspec.json.encode(options).decode()]
    with subprocess.Popen(
        [*_NETWORK_OF_ITS_OWN, *words],
        cwd=ROOT / "tests", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        stdin, stdout = _pipes(process)
        try:
            hello = stdout.readline()
            assert hello, "the laboratory did not start"
            yield Lab(process, msgspec.json.decode(hello, type=messages.Hello).certificate)
        finally:
            stdin.close()
            process.wait()


def _need() -> None:
    for name, reason in (("unshare", needs.UNSHARE), ("openssl", needs.OPENSSL)):
        needs.program(name, "", reason)
    tried = subprocess.run([*_NETWORK_OF_ITS_OWN, "true"], check=False, capture_output=True)
    if tried.returncode:
        pytest.skip(needs.NAMESPACES)


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout
