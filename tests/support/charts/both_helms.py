"""Templates rendered by Helm 3, the executable, and by Helm 4, the SDK."""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import helm_python

from transire.helm import cli

VALUES = """\
n: 1
big: 1234567890123
f: 1.5
exp: 1e3
s: "x"
l: [1, 2.5, "a", null, {b: 1}]
m: {a: 1, c: {d: [1]}}
t: true
none: null
d: 2020-01-01
y: yes
"""
_CHART = "apiVersion: v2\nname: c\nversion: 0.1.0\n"
_PART = re.compile(r"^  #@(\d+)@\n", re.MULTILINE)
_CHANGING = re.compile(r"(?:merge|mergeOverwrite|set|unset) .*\.Values")
_LINE = re.compile(r"templates/a\.yaml:(\d+):")


def call(expression: str) -> str:
    """A template with what a call gives, as JSON and as it is printed, in one line."""
    return f"{{{{ print (({expression}) | toJson) ({expression}) | b64enc }}}}"


def by_helm_4(template: str) -> str | None:
    """What the template renders; None where Helm refuses it."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, text in (("Chart.yaml", _CHART), ("templates/a.yaml", template)):
            entry = tarfile.TarInfo(f"c/{name}")
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    try:
        chart = helm_python.Chart.load_archive(gzip.compress(held.getvalue(), compresslevel=1))
        return chart.render(_values(), name="r", namespace="n")["c/templates/a.yaml"]
    except (helm_python.HelmError, UnicodeDecodeError):
        return None


@cache
def _values() -> dict[str, Any]:
    """The values as Helm reads them; a rendering that changes them changes a copy."""
    return helm_python.values_from_yaml(VALUES)


def by_helm_3(folder: Path, templates: Mapping[str, str]) -> dict[str, str | None]:
    """What each of the templates renders; None where Helm refuses it.

    Calls that change the values they are given, as `merge` does, are rendered alone.
    """
    alone = {name for name in templates if _CHANGING.match(name)}
    found: dict[str, str | None] = {}
    for some in ([name for name in templates if name not in alone], *([each] for each in alone)):
        found |= _together(folder, {name: templates[name] for name in some})
    return found


def _together(folder: Path, templates: Mapping[str, str]) -> dict[str, str | None]:
    names, refused = list(templates), list[str]()
    while names:
        text = "".join(f"  #@{number}@\n  {templates[name]}\n" for number, name in enumerate(names))
        done = _rendered(folder, f"x: |\n{text}")
        wrong = _LINE.search(done.stderr) if done.returncode else None
        if wrong is None:
            assert done.returncode == 0, done.stderr
            pieces = _PART.split(done.stdout)[1:]
            by_number = dict(zip(pieces[::2], pieces[1::2], strict=True))
            return {
                **dict.fromkeys(refused),
                **{
                    name: by_number[str(number)].removeprefix("  ").removesuffix("\n")
                    for number, name in enumerate(names)
                },
            }
        refused.append(names.pop((int(wrong[1]) - 2) // 2))
    return dict.fromkeys(refused)


def _rendered(folder: Path, template: str) -> subprocess.CompletedProcess[str]:
    for name, text in (
        ("Chart.yaml", _CHART),
        ("templates/a.yaml", template),
        ("v.yaml", VALUES),
    ):
        (folder / "c" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "c" / name).write_text(text, encoding="utf-8")
    return subprocess.run(
        [
            cli.executable(),
            "template",
            "r",
            str(folder / "c"),
            "--values",
            str(folder / "c/v.yaml"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )
