"""What the answers of several commands hold has one shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.paths import ROOT

SHARED = ("count", "counts", "time", "coverage")


def definitions(command: str) -> dict[str, Any]:
    path = ROOT / f"generator/transire/review/usage/{command}.schema.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))["definitions"]
    return found


@pytest.mark.parametrize("command", ["backtest", "learn"])
def test_coverage_is_the_same_for_every_command(command: str) -> None:
    ours = definitions("audit")

    assert {key: definitions(command)[key] for key in SHARED} == {key: ours[key] for key in SHARED}
