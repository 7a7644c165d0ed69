"""Where the real proxies are, and how each is started and checks its own configuration."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A proxy: how to find it, to start it with its main file, and to have it check that file."""

    name: str
    folders: str
    start: tuple[str, ...]
    check: tuple[str, ...]
    missing: str

    def executable(self) -> str:
        """Its path; without it the test is skipped."""
        path = os.pathsep.join([self.folders, os.environ.get("PATH", "")])
        found = shutil.which(self.name, path=path)
        if found is None:
            pytest.skip(self.missing)
        return found


SQUID = Program(
    name="squid",
    folders="/usr/sbin",
    start=("-N", "-n", "lab", "-f", "@DIR@/squid.conf"),
    check=("-k", "parse", "-f", "@DIR@/squid.conf"),
    missing=needs.SQUID,
)

ENVOY = Program(
    name="envoy",
    folders=str(Path(sys.executable).parent),
    start=("-c", "@DIR@/envoy.yaml", "--disable-hot-restart", "--concurrency", "2",
           "--log-level", "warning"),
    check=("--mode", "validate", "-c", "@DIR@/envoy.yaml", "--log-level", "warning"),
    missing=needs.ENVOY,
)  # fmt: skip
