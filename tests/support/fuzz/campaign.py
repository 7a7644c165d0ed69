"""Targets one after another, each in a process of its own; what they did becomes a table."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.fuzz.targets import TARGETS
from support.paths import ROOT

FOUND = 77
"""What libFuzzer ends with where an input ends the target wrongly."""
_EXECUTIONS = re.compile(rb"stat::number_of_executed_units:\s+(\d+)")
_PROGRESS = re.compile(rb"^#(\d+)\s.*? cov: (\d+) ft: (\d+)", re.MULTILINE)
_HEAD = """\
| target | executions | seconds | edges | features | found | commit |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one run of a target did; `edges` and `features` are distinct, as libFuzzer counts."""

    target: str
    executions: int
    seconds: float
    edges: int
    features: int
    found: bool
    output: bytes

    @property
    def row(self) -> str:
        """Its line of the table, without the commit."""
        found = "an input" if self.found else "nothing"
        return (
            f"| `{self.target}` | {self.executions:,} | {self.seconds:,.0f} | {self.edges:,} | "
            f"{self.features:,} | {found} |"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Which targets run, for how long, and where what they find goes."""

    names: tuple[str, ...] = ()
    seconds: int = 600
    runs: int = 0
    planted: bool = False
    keep: str | None = None
    record: str | None = None

    def run(self) -> int:
        """Run them and print what they did; 1 where something is found, or planted and is not."""
        unknown = sorted(set(self.names) - TARGETS.keys())
        if unknown:
            sys.stderr.write(f"there is no target {unknown[0]!r}; they are {', '.join(TARGETS)}\n")
            return 2
        sys.stdout.write(_HEAD)
        done = [self._shown(each) for each in self._results()]
        return int(any(each.found is not self.planted for each in done))

    def _results(self) -> Iterator[Result]:
        names = self.names or tuple(TARGETS)
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            for name in names:
                yield one(
                    name,
                    Path(self.keep or folder) / name,
                    seconds=max(1, self.seconds // len(names)),
                    runs=self.runs,
                    planted=self.planted,
                )

    def _shown(self, result: Result) -> Result:
        line = f"{result.row} {_commit()} |\n"
        sys.stdout.write(line)
        sys.stdout.flush()
        if result.found and not self.planted:
            sys.stderr.write(_finding(result.output))
        if self.record:
            with Path(self.record).open("a") as table:
                table.write(line)
        return result


def one(name: str, folder: Path, *, seconds: int, runs: int = 0, planted: bool = False) -> Result:
    """Run one target until it finds something, or for so many seconds or executions."""
    arguments = [sys.executable, "-m", "support.fuzz.one", name, str(folder)]
    arguments += [f"-max_total_time={seconds}"] if seconds else []
    arguments += [f"-runs={runs}"] if runs else []
    arguments += ["planted"] if planted else []
    begun = time.monotonic()
    done = subprocess.run(arguments, check=False, capture_output=True, cwd=ROOT)
    if done.returncode not in {0, FOUND}:
        raise RuntimeError(f"{name} cannot be run: {done.stderr[-2000:].decode(errors='replace')}")
    return _result(
        name,
        done.stdout + done.stderr,
        seconds=time.monotonic() - begun,
        found=done.returncode == FOUND,
    )


def _result(name: str, output: bytes, *, seconds: float, found: bool) -> Result:
    _, edges, features = (_PROGRESS.findall(output) or [(b"0", b"0", b"0")])[-1]
    return Result(
        target=name,
        executions=int(_EXECUTIONS.findall(output)[-1]),
        seconds=seconds,
        edges=int(edges),
        features=int(features),
        found=found,
        output=output,
    )


def _finding(output: bytes) -> str:
    """The error and the file of the input, out of all that libFuzzer prints."""
    lines = output.decode("utf-8", "replace").splitlines()
    first = next((place for place, line in enumerate(lines) if "Uncaught Python" in line), 0)
    shown = [line for line in lines[first:] if not line.startswith(("INFO", "#", "stat::", "0x"))]
    return "\n".join([*shown, ""])


def _commit() -> str:
    words = ("git", "describe", "--always", "--dirty", "--abbrev=8")
    done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT)
    return done.stdout.strip()
