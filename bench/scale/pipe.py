"""What a pull request costs without transire: `helm template` piped to a validator, per target.

The validator is `kubeconform` where it is on PATH, else `validator.py` beside this file. Its
schemas come from definitions of kinds (CRDs) that the caller names; without any, what Helm renders
is parsed and every kind passes.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scale.cost import Cost, cost
from transire.helm.cli import executable

_EACH = '{helm} template egress "$0" --namespace "$2" -f "$1" | {validator}'
"""What the shell runs for one target: its chart, its values and its namespace come as arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipe:
    """The pipe of this machine.

    Attributes:
        validator: its command line.
        name: what the table calls it.
    """

    validator: tuple[str, ...]
    name: str

    def run(self, root: Path, targets: Sequence[Path], at_once: int) -> Cost:
        """Put some targets through it, so many at once.

        Raises:
            RuntimeError: if one of them fails, with the end of what was printed.
        """
        each = _EACH.format(helm=shlex.quote(executable()), validator=shlex.join(self.validator))
        words = [str(word) for values in targets for word in _words(values)]
        listed = root.parent / "targets.txt"
        listed.write_text("".join(f"{shlex.quote(word)}\n" for word in words), encoding="utf-8")
        shell = ["bash", "-o", "pipefail", "-c", each]
        xargs = ["xargs", "-a", str(listed), "-n", "3", "-P", str(at_once), *shell]
        done = cost(xargs, root)
        if done.code:
            raise RuntimeError(f"the pipe fails: {done.out[-2000:]}")
        return done


def targets_of(root: Path) -> list[Path]:
    """The values of every target of every team."""
    return sorted(root.glob("charts/teams/*/targets/*.yaml"))


def some_of(targets: Sequence[Path], count: int) -> list[Path]:
    """So many of them at most, evenly over all, and as many of either cluster."""
    pairs = [targets[first : first + 2] for first in range(0, len(targets), 2)]
    step = max(len(pairs) * 2 // max(count, 2), 1)
    return [each for pair in pairs[::step] for each in pair][:count]


def pipe(folder: Path, crds: Sequence[Path]) -> Pipe:
    """The pipe with the schemas of some definitions, written to a folder."""
    kinds = sum(_write(folder, each) for named in crds for each in _definitions(named))
    what = f"{kinds} schemas" if kinds else "no schemas"
    found = shutil.which("kubeconform")
    if found is None:
        command = sys.executable, str(Path(__file__).with_name("validator.py")), str(folder)
        return Pipe(validator=command, name=f"`helm template` piped to jsonschema-rs, {what}")
    at = f"{folder}/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json"
    options = "-schema-location", at, *(() if kinds else ("-ignore-missing-schemas",))
    return Pipe(validator=(found, *options), name=f"`helm template` piped to `kubeconform`, {what}")


def _words(values: Path) -> tuple[Path, Path, str]:
    return values.parents[1], values, values.stem.rpartition(".")[0]


def _definitions(named: Path) -> Iterator[dict[str, Any]]:
    files = sorted(named.rglob("*.y*ml")) if named.is_dir() else [named]
    for file in files:
        for each in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if isinstance(each, dict) and each.get("kind") == "CustomResourceDefinition":
                yield each


def _write(folder: Path, definition: dict[str, Any]) -> int:
    """Write the schema of each version; how many there are."""
    spec = definition["spec"]
    for version in spec["versions"]:
        kind = spec["names"]["kind"].lower()
        path = folder / spec["group"] / f"{kind}_{version['name']}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        schema = version["schema"]["openAPIV3Schema"]
        path.write_text(json.dumps(schema), encoding="utf-8")
    return len(spec["versions"])


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
