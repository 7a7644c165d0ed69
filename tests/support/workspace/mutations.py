"""Files as no person means them: each mutation takes a file and leaves something else in its place.

All of them are drawn from one seed, so that a number names what happened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from types import MappingProxyType

_FIELD = re.compile(rb"(\s*(?:- )?[\"\w./-]+:)(.*)")
_ODD_BYTES = (b"\xff", b"\x9f", b"\xc3", b"\xed\xa0\x80", b"\0")
_ODD_LETTERS = ("\x1b", "\u202e", "\x85", "\u2028", "\ufeff", "\r", "\t", "\U000e0001")
_VALUES = (
    b"1", b"[]", b"{}", b"null", b"true", b"1.5e3", b"2026-13-45", b'""', b"- 1", b"<<",
    b"[1, {a: b}]", b"{a: {b: []}}", b'"\\ud800"', b"!!binary x", b"&a [*a]", b"9" * 400,
    b'"{{ fail 1 }}"', b"*x", b"|", b".nan", b"-1", b"65536", b"..", b"/etc/passwd", b"a\\b",
)  # fmt: skip
_WHOLE = (b"", b"\n", b"---\n", b"null\n", b"[]", b"1", b'"x"', b"{}", b"---\na: 1\n---\nb: 2\n")
_NESTED = (b"[", b"{a: ", b'{"a": ', b"- ", b"a:\n ", b"{{ ", b"(")


def _truncate(file: Path, chosen: Random) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: chosen.randrange(len(content) + 1)])


def _insert(file: Path, chosen: Random, what: bytes) -> None:
    content = file.read_bytes()
    place = chosen.randrange(len(content) + 1)
    file.write_bytes(content[:place] + what + content[place:])


def _duplicate(file: Path, chosen: Random) -> None:
    lines = file.read_bytes().splitlines(keepends=True) or [b"a: 1\n"]
    start = chosen.randrange(len(lines))
    end = chosen.randrange(start, len(lines)) + 1
    file.write_bytes(b"".join([*lines[:end], *lines[start:end], *lines[end:]]))


def _swap(file: Path, chosen: Random) -> None:
    lines = file.read_bytes().split(b"\n")
    fields = [number for number, line in enumerate(lines) if _FIELD.match(line)] or [0]
    place = chosen.choice(fields)
    found = _FIELD.match(lines[place])
    lines[place] = (found[1] if found else b"x:") + b" " + chosen.choice(_VALUES)
    file.write_bytes(b"\n".join(lines))


def _conflict(file: Path, chosen: Random) -> None:
    lines = file.read_bytes().split(b"\n")
    place = chosen.randrange(len(lines))
    ours, theirs = lines[place], lines[place] + b"x"
    lines[place : place + 1] = [b"<<<<<<< HEAD", ours, b"=======", theirs, b">>>>>>> other"]
    file.write_bytes(b"\n".join(lines))


def _rename_key(file: Path, chosen: Random) -> None:
    content = file.read_bytes()
    keys = sorted(set(re.findall(rb"\b[a-z]\w*(?=\"?:)", content))) or [b"a"]
    key = chosen.choice(keys)
    file.write_bytes(content.replace(key, chosen.choice([key.upper(), b"zzz", b"null", b"1"]), 1))


def _shuffle(file: Path, chosen: Random) -> None:
    lines = file.read_bytes().split(b"\n")
    chosen.shuffle(lines)
    file.write_bytes(b"\n".join(lines))


def _numbers(file: Path, chosen: Random) -> None:
    odd = (b"-1", b"0", b"1e9", b"65536", b"9" * 30)
    file.write_bytes(re.sub(rb"\d+", lambda _: chosen.choice(odd), file.read_bytes()))


def _in_place(make: Callable[[Path], None]) -> Callable[[Path, Random], None]:
    def replaced(file: Path, _: Random) -> None:
        file.unlink()
        make(file)

    return replaced


def _content(make: Callable[[bytes, Random], bytes]) -> Callable[[Path, Random], None]:
    def rewritten(file: Path, chosen: Random) -> None:
        file.write_bytes(make(file.read_bytes(), chosen))

    return rewritten


def _folder(file: Path) -> None:
    file.mkdir()
    (file / "inside").write_text("x")


def _moved(file: Path, _: Random) -> None:
    moved = file.with_name(f"{file.name}.moved")
    file.rename(moved)
    file.symlink_to(moved.name)


MUTATIONS: Mapping[str, Callable[[Path, Random], None]] = MappingProxyType(
    {
        "truncate": _truncate,
        "duplicate": _duplicate,
        "twice": _content(lambda content, _: content * 2),
        "bytes": lambda file, chosen: _insert(file, chosen, chosen.choice(_ODD_BYTES)),
        "letters": lambda file, chosen: _insert(file, chosen, chosen.choice(_ODD_LETTERS).encode()),
        "swap": _swap,
        "conflict": _conflict,
        "huge": lambda file, _: _insert(file, Random(0), b"#" * (2 << 20)),
        "whole": _content(lambda _, chosen: chosen.choice(_WHOLE)),
        "nested": _content(lambda _, chosen: chosen.choice(_NESTED) * 20_000),
        "key": _rename_key,
        "shuffle": _shuffle,
        "numbers": _numbers,
        "anchor": _content(lambda content, _: b"a: &x [1]\nb: *x\n" + content),
        "folder": _in_place(_folder),
        "gone": _in_place(lambda _: None),
        "link": _moved,
        "dangling": _in_place(lambda file: file.symlink_to("/nowhere/at/all")),
        "itself": _in_place(lambda file: file.symlink_to(file.name)),
        "upwards": _in_place(lambda file: file.symlink_to("..")),
        "pipe": _in_place(os.mkfifo),
    }
)
"""What can become of a file, by name."""
