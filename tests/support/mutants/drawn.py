"""Targets that are drawn for what no example shows, the same in every run."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, given, seed, settings

from support.draw.lowering_strategies import expressible_targets
from support.engines.proofs import Told, told
from support.mutants.examples import Texts, texts_with
from transire.meaning.target import Target
from transire.model.problems import Rejected

_AT_MOST = 40
"""Rounds of drawing; one needs no more than a few."""


@cache
def drawn_targets(engine: str, count: int) -> tuple[tuple[Told, Texts], ...]:
    """So many targets that the engine can express, with the manifests of their charts."""
    found: dict[str, Told] = {}

    def keep(target: Target) -> None:
        if len(found) < count:
            try:
                each = told(target)
            except Rejected:
                return
            found.setdefault(repr(each.values), each)

    for number in range(_AT_MOST):
        drawn = given(expressible_targets(engine))(keep)
        quiet = settings(
            max_examples=count,
            database=None,
            suppress_health_check=list(HealthCheck),
            deadline=None,
        )
        seed(number)(quiet(drawn))()
        if len(found) == count:
            return tuple((each, texts_with(each, each.values, {})) for each in found.values())
    raise AssertionError(f"{len(found)} targets of {engine} were drawn, not {count}")
