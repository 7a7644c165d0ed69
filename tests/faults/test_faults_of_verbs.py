"""Every command that writes, killed and refused by its disk at fifty points, and run again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from support import needs
from support.workspace.disk_faults import Fault
from support.workspace.fault_sweep import Undisturbed, sweep, undisturbed
from support.workspace.writing_verbs import VERBS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason=needs.FORK)

POINTS = int(os.environ.get("FAULT_POINTS", "50"))
"""Changes of the disk at which each command meets each fault."""


@pytest.fixture(scope="module")
def usually(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Undisturbed]:
    """Each command where nothing happens to it, run once."""
    return cache(lambda name: undisturbed(VERBS[name], tmp_path_factory.mktemp("usual")))


@pytest.mark.parametrize("fault", [Fault.KILL, Fault.TORN, Fault.FULL, Fault.EVICTED])
@pytest.mark.parametrize("name", VERBS)
def test_a_command_that_meets_a_fault_ends_well_when_it_is_run_again(
    usually: Callable[[str], Undisturbed], name: str, fault: Fault, tmp_path: Path
) -> None:
    sweep(usually(name), tmp_path, fault, POINTS)
