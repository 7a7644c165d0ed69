"""How a runner starts a script: which bash, which programs it finds, and this release."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from support.paths import ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
PYTHON = Path(sys.base_prefix) / "bin/python3"
PATH = f"{PYTHON.parent}:{Path(shutil.which('git') or '').parent}:/usr/bin:/bin"

_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")


def run_script(
    script: str, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder, with this environment and nothing else."""
    return subprocess.run(
        [*_BASH, script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={"PATH": PATH, **environment},
    )
