"""Where tests find data that is kept beside the repository, such as verdicts of real engines."""

from __future__ import annotations

import os
from pathlib import Path

from support.paths import ROOT


def shared(name: str) -> Path | None:
    """The file or folder of that name, or None where this machine does not have it.

    `TRANSIRE_SHARED` names the folder; without it, `shared` beside the repository is taken.
    """
    beside = ROOT.parent / "shared"
    path = Path(os.environ.get("TRANSIRE_SHARED", beside)) / name
    return path if path.exists() else None
