"""Which program this is: a digest of its own code and of what else is installed with it."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from transire.cache.place import NotKept

PROGRAM = Path(__file__).parents[1]

_COMPILED = "__pycache__"
_INSTALLED = ".dist-info"
_OUTSIDE = re.compile(rb"^(?:\.\.|/).*\n?", re.MULTILINE)
"""The lines about scripts, which hold where they were installed."""


@cache
def program_digest() -> str:
    """A digest of every byte of the program, of each package beside it, and of Python.

    Of packages it is what their installer recorded of every file, so that the same ones in another
    folder give the same.

    Raises:
        NotKept: if the files of the program cannot be read.
    """
    digest = hashlib.sha256(f"{sys.version}\n{sys.platform} {os.uname().machine}\n".encode())
    try:
        own, others = [*_own(str(PROGRAM))], [*_packages()]
    except OSError as error:
        raise NotKept(f"the files of the program cannot be read: {error}") from error
    if not own:
        raise NotKept(f"{PROGRAM} is no folder with the program")
    for name, content in (*own, *others):
        digest.update(f"{len(name.encode())} {name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _own(folder: str) -> Iterator[tuple[str, bytes]]:
    """The files of the program, by their place in it, in an order that follows from names."""
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each != _COMPILED)
        for each in sorted(files):
            path = f"{where}/{each}"
            yield path.removeprefix(folder), Path(path).read_bytes()


def _packages() -> Iterator[tuple[str, bytes]]:
    """The records of what is installed on Python's path."""
    for folder in dict.fromkeys(map(Path, sys.path)):
        for each in sorted(folder.glob(f"*{_INSTALLED}")):
            record = each / "RECORD"
            content = record.read_bytes() if record.is_file() else b""
            yield each.name, _OUTSIDE.sub(b"", content)
