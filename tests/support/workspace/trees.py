"""Trees that the writer made, and what tells them apart."""

from __future__ import annotations

from pathlib import Path

from support.workspace.killed_runs import plan
from transire.workspace.file_plan import Plan
from transire.workspace.writer import apply

BEFORE, AFTER = plan("before", more=False), plan("after", more=True)


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def identity(root: Path) -> dict[str, tuple[int, int, int]]:
    """Every path with what tells whether it was ever replaced; folders only by name."""
    found: dict[str, tuple[int, int, int]] = {}
    for path in sorted(root.rglob("*")):
        what = path.lstat()
        found[str(path)] = (
            (0, 0, 0) if path.is_dir() else (what.st_ino, what.st_mtime_ns, what.st_mode)
        )
    return found


def fresh(tmp_path: Path, wanted: Plan) -> dict[str, bytes]:
    """What the plan gives in an empty folder."""
    root = tmp_path / "fresh"
    root.mkdir()
    apply(root, wanted)
    return contents(root)
