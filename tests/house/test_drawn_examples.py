"""What Hypothesis draws is the same in every worker and in every order of tests."""

from __future__ import annotations

from hypothesis.internal.conjecture.providers import HypothesisProvider


def test_no_constant_of_a_loaded_module_is_drawn() -> None:
    """`conftest.py` sets that; a release of Hypothesis that looks elsewhere is noticed here."""
    local = HypothesisProvider(None)._local_constants  # noqa: SLF001 - there is no other way

    assert [*local.integers, *local.floats, *local.bytes, *local.strings] == []
