"""No module starts a process by a function of a module that all may import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from support.paths import ROOT

PACKAGE = ROOT / "generator" / "transire"
STARTS = re.compile(
    r"(system|popen|(fork|exec|spawn|posix_spawn)\w*|startfile|ProcessPoolExecutor)\Z"
)


def starts(source: str) -> Iterator[str]:
    """What of `os` and `concurrent` a program names that starts a process."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and STARTS.match(node.attr):
            owner = ast.unparse(node.value)
            if owner in {"os", "futures", "concurrent.futures"}:
                yield f"{owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module in {"os", "concurrent.futures"}:
            yield from (each.name for each in node.names if STARTS.match(each.name))


def test_no_module_starts_a_process_by_itself() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): list(starts(path.read_text("utf-8")))
        for path in PACKAGE.rglob("*.py")
    }

    assert len(found) > 400
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import os\nos.system('ls')\n", ["os.system"]),
        ("import os\nos.execvp('ls', ['ls'])\n", ["os.execvp"]),
        ("import os\npid = os.fork()\n", ["os.fork"]),
        ("from os import posix_spawnp\n", ["posix_spawnp"]),
        ("from concurrent.futures import ProcessPoolExecutor\n", ["ProcessPoolExecutor"]),
        ("import os\nos.environ\nos.getpid()\nexecutor.submit(f)\n", []),
        ("from concurrent.futures import ThreadPoolExecutor\n", []),
    ],
)
def test_a_start_is_found(source: str, names: list[str]) -> None:
    assert list(starts(source)) == names
