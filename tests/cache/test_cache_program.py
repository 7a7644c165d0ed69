"""The digest of a program follows from every byte of it and of what is installed beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from transire.cache import program
from transire.cache.place import NotKept

RECORD = "../../../bin/tool,sha256=aa,10\npackage/__init__.py,sha256=bb,20\n"


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """That of a small program in a folder, installed beside one package."""
    own, beside = tmp_path / "own", tmp_path / "site"
    for path, content in {
        own / "a.py": "a = 1\n",
        own / "room" / "b.json": "{}\n",
        own / "__pycache__" / "a.pyc": "x",
        beside / "package-1.0.dist-info" / "RECORD": RECORD,
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    monkeypatch.setattr(program, "PROGRAM", own)
    monkeypatch.setattr(sys, "path", [str(beside), str(tmp_path / "absent")])
    return program.program_digest.__wrapped__


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("own/a.py", "a = 2\n"),
        ("own/room/b.json", "{} \n"),
        ("own/room/c.py", ""),
        ("site/package-1.0.dist-info/RECORD", RECORD.replace("bb", "bc")),
        ("site/other-2.0.dist-info/RECORD", ""),
    ],
)
def test_any_change_of_the_program_changes_it(
    digest: Callable[[], str], tmp_path: Path, path: str, content: str
) -> None:
    before = digest()
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(content, encoding="utf-8")

    assert digest() != before


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("own/__pycache__/a.pyc", "y"),
        ("site/package-1.0.dist-info/RECORD", RECORD.replace("aa", "ab")),
    ],
)
def test_where_it_is_installed_does_not(
    digest: Callable[[], str], tmp_path: Path, path: str, content: str
) -> None:
    before = digest()
    (tmp_path / path).write_text(content, encoding="utf-8")

    assert digest() == before


def test_a_program_without_files_has_none(
    digest: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "PROGRAM", tmp_path / "program.zip")

    with pytest.raises(NotKept) as failed:
        digest()

    assert str(failed.value) == f"{tmp_path / 'program.zip'} is no folder with the program"
