"""An edit of values on a disk that fails; `make faults` tries every command that writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support import needs
from support.workspace.disk_faults import Fault
from support.workspace.fault_sweep import sweep, undisturbed
from support.workspace.writing_verbs import VERBS

EDIT = "add-payments-new.example.net"


@pytest.mark.skipif(sys.platform != "linux", reason=needs.FORK)
def test_an_edit_that_meets_a_fault_ends_well_when_it_is_run_again(tmp_path: Path) -> None:
    usual = undisturbed(VERBS[EDIT], tmp_path)

    for fault in (Fault.KILL, Fault.FULL):
        printed = sweep(usual, tmp_path, fault, 3)
    assert {each for each in printed if not each.startswith("added ")} == {
        "cannot lock .transire/lock: No space left on device; nothing was changed\n",
        "cannot write .transire/work/journal.json: No space left on device; nothing was changed\n",
    }
