"""How fast `audit` reads Hubble's lines, with how much memory, beside `hubble-audit2policy`.

`python bench/audit_logs.py [--lines N] [--write bench/results/audit-logs.md]`. Lines are written
from a seed to a folder that goes away. Memory is that of all processes together, twice a second:
what they share counts once (PSS of Linux). The other program, where it is on PATH, reads the first
lines alone, since it keeps all of them, and gives what both do: counts by workload, name and port.
"""

# ruff: noqa: INP001, T201 - a script, which prints

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from hubble_lines import lines
from scale.cost import cost

ROOT = Path(__file__).resolve().parent.parent
NAMESPACES = ("payments-prod", "ledger", "identity", "monitoring")
SEED = 1
OTHER = "hubble-audit2policy"
OTHER_LINES = 500_000


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a program took, in seconds and MiB, and how it ended."""

    what: str
    lines: int
    seconds: float
    cpu: float
    memory: float
    code: int

    @property
    def row(self) -> str:
        """The run as a row of a table."""
        return (
            f"| {self.what} | {self.lines:,} | {self.seconds:.1f} "
            f"| {self.lines / self.seconds:,.0f} | {self.lines / self.cpu:,.0f} "
            f"| {self.memory:.0f} |"
        )


def main() -> int:
    """Write the lines, run both programs, and show what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--write", type=Path, help="where the table goes, beside the terminal")
    parser.add_argument("--folder", type=Path, help="where the log is written and removed again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        log, part = Path(folder, "events.log"), Path(folder, "part.log")
        size = written(log, given.lines)
        runs = [measured("`transire audit`", audit(log), given.lines)]
        few = min(given.lines, OTHER_LINES)
        with log.open("rb") as whole, part.open("wb") as file:
            file.writelines(islice(whole, few))
        runs.append(measured("`transire audit`", audit(part), few))
        if shutil.which(OTHER):
            other = [OTHER, "--no-enrich", "--report-only", str(part)]
            runs.append(measured(f"`{OTHER}`", other, few))
        else:
            print(f"{OTHER} is not on PATH: pip install {OTHER}", file=sys.stderr)
    text = table(runs, size / given.lines)
    print(text)
    if given.write:
        given.write.parent.mkdir(parents=True, exist_ok=True)
        given.write.write_text(text, encoding="utf-8")
    return max(0 if each.code in {0, 3} else 1 for each in runs)


def written(path: Path, count: int) -> int:
    """The log; its size in bytes."""
    with path.open("wb", buffering=1 << 20) as file:
        file.writelines(lines(count, SEED, NAMESPACES))
    return path.stat().st_size


def audit(log: Path) -> list[str]:
    """The command line, over the example organisation."""
    program = str(Path(sys.executable).with_name("transire"))
    return [program, "-C", str(ROOT), "audit", str(log), "--days", "29"]


def measured(what: str, command: list[str], count: int) -> Run:
    """Run a program to its end."""
    took = cost(command, ROOT)
    return Run(
        what=what,
        lines=count,
        seconds=took.seconds,
        cpu=took.processor,
        memory=took.memory,
        code=took.code,
    )


def table(runs: list[Run], size: float) -> str:
    """The machine and its load, and the runs."""
    cores = len(os.sched_getaffinity(0))
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    head = (
        f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, "
        f"load at the end {load}; lines of {size:,.0f} bytes, seed {SEED}."
    )
    heads = "program", "lines", "seconds", "lines a second", "lines a second of CPU", "MiB"
    rows = [f"| {' | '.join(heads)} |", "|---|---|---|---|---|---|", *(each.row for each in runs)]
    return "\n".join(["# Reading Hubble's lines", "", head, "", *rows, ""])


if __name__ == "__main__":
    sys.exit(main())
