"""Logs as files and as bytes, read to their end."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path

from support.flowlogs import HUBBLE_DENIED
from transire.flowlogs.lines import STDIN, sources
from transire.flowlogs.reading import read
from transire.flowlogs.record import Record
from transire.flowlogs.registry import FORMATS
from transire.flowlogs.tally import Coverage, Tally

HUBBLE = json.dumps(HUBBLE_DENIED)


def reading(
    *paths: Path, stdin: bytes = b"", format_: str | None = None
) -> tuple[list[Record], Coverage]:
    """The records of some paths, and what was read of them."""
    tally = Tally()
    chosen = FORMATS[format_] if format_ else None
    found = list(read(sources(list(paths)), tally, stdin=io.BytesIO(stdin), format_=chosen))
    return found, tally.coverage()


def of_bytes(content: bytes, format_: str | None = None) -> tuple[list[Record], Coverage]:
    """The records of standard input."""
    return reading(STDIN, stdin=content, format_=format_)


def numbered(count: int) -> list[str]:
    """So many different flows."""
    return [HUBBLE.replace("49822", str(number)) for number in range(count)]


def text(lines: Iterable[str]) -> bytes:
    """The lines as a file has them."""
    return "".join(f"{line}\n" for line in lines).encode()
