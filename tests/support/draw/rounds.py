"""Properties that must have seen everything: drawn in rounds until they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import TypeVar

from hypothesis import given, seed, settings
from hypothesis import strategies as st

Drawn = TypeVar("Drawn")


def in_rounds(
    strategy: st.SearchStrategy[Drawn],
    body: Callable[[Drawn], None],
    *,
    seen: Counter[str],
    wanted: AbstractSet[str],
    examples: int = 25,
    rounds: int = 12,
) -> None:
    """Run the body on what is drawn, the same in every run, until it has seen what is wanted.

    One long run of Hypothesis stays near what it drew before, so rare parts need fresh starts.
    """
    for number in range(rounds):
        drawn = given(strategy)(body)
        seed(number)(settings(max_examples=examples, database=None)(drawn))()
        if wanted <= seen.keys():
            break
    assert wanted - seen.keys() == set()
