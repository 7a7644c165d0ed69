"""Lines of files, folders and streams, plain or packed by gzip or zstd, in constant memory.

A line that is longer than any flow's is passed over as a whole, and a packed file that unfolds to
far more than such logs do is given up: both are counted.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, cast

import zstandard

from transire.flowlogs.brackets import opens_document
from transire.model.problems import DiskFailed, UsageError

MAX_LINE = 16 << 20
"""Bytes of the longest line that is looked at: an export of 5,000 flows has about 8 million."""
MAX_RATIO = 200
"""Bytes out for a byte in; logs reach 10 to 40."""
_FREE = 4 << 20
"""Bytes that any file may unfold to, whatever its ratio."""
_PIECE = 1 << 18
STDIN = Path("-")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of a log, or a part of one, or standard input, whose path is `-`.

    A part holds the lines that begin from byte `begin` on and before byte `end`.
    """

    path: Path
    begin: int = 0
    end: int | None = None

    @property
    def shown(self) -> str:
        """How messages name it."""
        return "standard input" if self.path == STDIN else str(self.path)


class Line(NamedTuple):
    """A line without its end, by its number from 1; `fault` is why it is not to be read."""

    number: int
    content: bytes
    fault: str = ""


def sources(paths: list[Path]) -> list[Source]:
    """The files that are named, and all of those in folders that are, by path; each once.

    Raises:
        UsageError: if a path does not exist, or a folder holds no file.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path == STDIN:
            found[path] = None
        elif path.is_dir():
            files = sorted(e for e in path.rglob("*") if e.is_file() and not _hidden(e, path))
            if not files:
                raise UsageError(f"{path}: no file in this folder")
            found.update(dict.fromkeys(files))
        elif path.exists():
            found[path] = None
        else:
            raise UsageError(f"{path}: no such file or folder")
    return [Source(path=each) for each in found]


_UNFOLDED = 20
"""Bytes of a log for a byte of it packed, about."""


def unpacked_size(source: Source) -> int:
    """About how many bytes a source has; standard input counts as none.

    Raises:
        DiskFailed: if it cannot be read.
    """
    if source.path == STDIN:
        return 0
    try:
        size = source.path.stat().st_size
        with source.path.open("rb") as file:
            packed = file.read(len(_ZSTD)).startswith((_GZIP, _ZSTD))
    except OSError as error:
        raise DiskFailed(f"{source.shown}: {error.strerror or error}") from error
    return size * _UNFOLDED if packed else size


def parts(source: Source, size: int) -> list[Source]:
    """A plain file in parts of about so many bytes, in their order; what is packed is one part.

    Raises:
        DiskFailed: if it cannot be read.
    """
    if source.path == STDIN:
        return [source]
    try:
        whole = source.path.stat().st_size
        with source.path.open("rb") as file:
            packed = file.read(len(_ZSTD)).startswith((_GZIP, _ZSTD))
            file.seek(0)
            is_document = opens_document(_first(file))
    except OSError as error:
        raise DiskFailed(f"{source.shown}: {error.strerror or error}") from error
    if packed or is_document or whole < 2 * size:
        return [source]
    begins = range(0, whole - size, size)
    return [
        Source(path=source.path, begin=begin, end=begin + size if begin != begins[-1] else None)
        for begin in begins
    ]


def _first(file: BinaryIO) -> bytes:
    """The first line that is not empty, or the beginning of it."""
    while (line := file.readline(_PIECE)) and not line.strip():
        continue
    return line


def _hidden(path: Path, below: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(below).parts)


def lines(
    source: Source, stdin: BinaryIO, heard: Callable[[int], None] | None = None
) -> Iterator[Line]:
    """The lines of a source that are not empty, and its last; what ends it early has a fault.

    `heard` is called with the number of bytes that are read, packed as they are.

    Raises:
        DiskFailed: if it cannot be opened or read.
    """
    splitter = _Splitter()
    try:
        for piece in _pieces(source, stdin, heard):
            if isinstance(piece, str):
                yield Line(splitter.number + 1, b"", piece)
                return
            yield from splitter.lines_of(piece)
    except OSError as error:
        raise DiskFailed(f"{source.shown}: {error.strerror or error}") from error
    yield from splitter.rest()


class _Splitter:
    """Puts lines together from pieces, as many of them as a line comes in."""

    def __init__(self) -> None:
        self.number = 0
        """That of the last line that has ended."""
        self._size = 0
        self._pieces: list[bytes] = []

    def lines_of(self, piece: bytes) -> list[Line]:
        """Those that end in a piece and are not empty; what it begins is kept for the next one."""
        first, *more = piece.split(b"\n")
        self._add(first)
        if not more:
            return []
        self.number += 1
        begun = [self._ended()] if self._size else []
        whole = [
            Line(number, each.rstrip(b"\r"))
            for number, each in enumerate(more[:-1], self.number + 1)
            if each
        ]
        self.number += len(more) - 1
        self._add(more[-1])
        return begun + whole

    def rest(self) -> list[Line]:
        """The line that no newline ends, or the last one, which is empty."""
        if self._size:
            self.number += 1
            return [self._ended()]
        return [Line(self.number, b"")] if self.number else []

    def _add(self, piece: bytes) -> None:
        """More of a line, of which nothing is kept where it is too long."""
        self._size += len(piece)
        if self._size > MAX_LINE:
            self._pieces.clear()
        elif piece:
            self._pieces.append(piece)

    def _ended(self) -> Line:
        pieces, size = self._pieces, self._size
        self._pieces, self._size = [], 0
        if size > MAX_LINE:
            return Line(self.number, b"", f"longer than {MAX_LINE} bytes")
        return Line(self.number, b"".join(pieces).rstrip(b"\r"))


def _pieces(
    source: Source, stdin: BinaryIO, heard: Callable[[int], None] | None
) -> Iterator[bytes | str]:
    """Bytes of a source, unpacked; a text instead is why there are no more."""
    if source.path == STDIN:
        yield from _unpacked(_counting(stdin, heard))
        return
    with source.path.open("rb") as opened:
        file = _counting(opened, heard)
        if source.begin or source.end is not None:
            yield from _part(file, source.begin, source.end)
        else:
            yield from _unpacked(file)


def _counting(file: BinaryIO, heard: Callable[[int], None] | None) -> BinaryIO:
    return file if heard is None else cast("BinaryIO", _Counted(file, heard))


class _Counted:
    """A file of which it is heard how many bytes are read."""

    def __init__(self, file: BinaryIO, heard: Callable[[int], None]) -> None:
        self._file, self._heard = file, heard
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._heard(len(piece))
        return piece

    def readline(self) -> bytes:
        line = self._file.readline()
        self._heard(len(line))
        return line


def _part(file: BinaryIO, begin: int, end: int | None) -> Iterator[bytes]:
    """The lines that begin in a part of a file: the one before it ends in it."""
    if begin:
        file.seek(begin - 1)
        file.readline()
    while end is None or file.tell() < end:
        room = _PIECE if end is None else min(_PIECE, end - 1 - file.tell())
        piece = file.read(room) + file.readline()
        if not piece:
            return
        yield piece


def _unpacked(file: BinaryIO) -> Iterator[bytes | str]:
    packed = _Packed(file)
    head = packed.peek()
    if head.startswith(_GZIP):
        with gzip.GzipFile(fileobj=packed) as unzipped:
            yield from _within(unzipped, packed)
    elif head.startswith(_ZSTD):
        machine = zstandard.ZstdDecompressor()
        opened = cast("BinaryIO", packed)
        with machine.stream_reader(opened, read_across_frames=True, closefd=False) as unzipped:
            yield from _within(unzipped, packed)
    else:
        while piece := packed.read(_PIECE):
            yield piece


class _Packed(io.RawIOBase):
    """A file whose bytes are counted as they are read, and whose head can be looked at."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self.given = 0
        self._file = file
        self._head = b""

    def peek(self) -> bytes:
        """The first bytes, which stay to be read."""
        self._head = self._file.read(_PIECE)
        return self._head

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes."""
        wanted = _PIECE if size < 0 else size
        piece, self._head = self._head[:wanted], self._head[wanted:]
        piece = piece or self._file.read(wanted)
        self.given += len(piece)
        return piece


class _Unzipped(Protocol):
    def read1(self, size: int, /) -> bytes: ...


def _within(unzipped: _Unzipped, packed: _Packed) -> Iterator[bytes | str]:
    written = 0
    try:
        while piece := unzipped.read1(_PIECE):
            written += len(piece)
            if written > max(_FREE, packed.given * MAX_RATIO):
                yield f"the rest unfolds to more than {MAX_RATIO} times its size"
                return
            yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError):
        yield "the rest of the packed file is damaged or cut off"
