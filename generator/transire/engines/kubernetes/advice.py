"""NetworkPolicy has addresses alone, so that nothing is to be set for names."""

from __future__ import annotations

from transire.engines.api.advice import Advice, Advised


def advise(advised: Advised) -> tuple[Advice, ...]:
    """Nothing."""
    del advised
    return ()
