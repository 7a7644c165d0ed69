"""The program as it is, with every file counted that it opens below the working directory.

`python counted_files.py TO WORD...` runs `transire WORD...` and writes to TO how many files were
opened to be read, and how many to be written. Each forked process counts at a place of its own in
memory that all share.
"""

from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path

_PLACES = 256
"""Processes that may be forked, this one too."""

_WRITES = os.O_WRONLY | os.O_RDWR


def main() -> None:
    """Count, run the program, and write what was counted."""
    to, *words = sys.argv[1:]
    below = f"{Path.cwd()}{os.sep}"
    counts = memoryview(mmap.mmap(-1, 8 * 2 * _PLACES)).cast("Q")
    own, forked = 0, 0

    def opened(event: str, arguments: tuple[object, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        path, flags = os.fsdecode(arguments[0]), arguments[2]
        if not isinstance(flags, int) or flags & os.O_DIRECTORY:
            return
        if path.startswith(below) or not path.startswith(os.sep):
            counts[2 * own + bool(flags & _WRITES)] += 1

    def forks() -> None:
        nonlocal forked
        forked += 1

    def is_forked() -> None:
        nonlocal own
        own = forked

    from transire.cli import main as program  # noqa: PLC0415 - what it loads is not counted

    os.register_at_fork(before=forks, after_in_child=is_forked)
    sys.addaudithook(opened)
    sys.argv = ["transire", *words]
    try:
        program()
    finally:
        text = f"{sum(counts[::2])} {sum(counts[1::2])}\n"
        Path(to).write_text(text, encoding="utf-8")


main()
