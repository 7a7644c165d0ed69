"""Where the real proxies are, and how each is started and checks its own configuration."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from support import needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A proxy: how to find it, to start it with its main file, and to have it check that file."""

    name: str
    folder: str
    start: tuple[str, ...]
    check: tuple[str, ...]
    missing: str

    def executable(self) -> str:
        """Its path; without it the test is skipped."""
        return needs.program(self.name, self.folder, self.missing)


SQUID = Program(
    name="squid",
    folder="/usr/sbin",
    start=("-N", "-n", "lab", "-f", "@DIR@/squid.conf"),
    check=("-k", "parse", "-f", "@DIR@/squid.conf"),
    missing=needs.SQUID,
)

ENVOY = Program(
    name="envoy",
    folder=str(Path(sys.executable).parent),
    start=("-c", "@DIR@/envoy.yaml", "--disable-hot-restart", "--concurrency", "2",
           "--log-level", "warning"),
    check=("--mode", "validate", "-c", "@DIR@/envoy.yaml", "--log-level", "warning"),
    missing=needs.ENVOY,
)  # fmt: skip
