"""What a backtest found of the same change, as a line of its diff."""

from __future__ import annotations

import json
from pathlib import Path

from transire.model.problems import UsageError
from transire.review.usage.backtest_formats import SCHEMA


def history_of(path: Path, change: str) -> str:
    """The sentence of a backtest, if it is one of this change.

    Raises:
        UsageError: if the file cannot be read, holds something else, or is about another change.
    """
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    verdict = found.get("verdict") if isinstance(found, dict) else None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA or not isinstance(verdict, str):
        raise UsageError(f"{path} is not what `transire backtest --format json` prints")
    if found.get("change") != change:
        raise UsageError(f"{path} is about another change: run `transire backtest` again")
    return f"history: {verdict}"
