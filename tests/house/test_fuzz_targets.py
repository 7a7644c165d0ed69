"""Targets of fuzzing: kept inputs end as they have to, and each target sees its planted defect."""

from __future__ import annotations

import pytest

from support.fuzz import bounds
from support.fuzz.bounds import TooSlow, bounded
from support.fuzz.mutate import Mutator, words_of
from support.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_kept_inputs_end_as_they_have_to(name: str) -> None:
    target = TARGETS[name]
    for _, content in target.inputs():
        target.run(content)


@pytest.mark.parametrize("name", TARGETS)
def test_a_planted_defect_is_seen_and_no_kept_input_shows_it(name: str) -> None:
    target = TARGETS[name]
    target.run(target.planted)
    take_out = target.plant.put()
    try:
        for _, content in target.inputs():
            target.run(content)
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the defect comes to
            target.run(target.planted)
    finally:
        take_out()
    target.run(target.planted)


def test_an_input_that_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SECONDS", 0.05)

    def endless(_: bytes) -> None:
        while True:
            pass

    with pytest.raises(TooSlow, match=r"more than 0\.05 seconds"):
        bounded(endless)(b"")


def test_mutations_keep_to_the_length_and_are_those_of_their_seed() -> None:
    mutator = Mutator(words_of([b"a: {b: 1}", b"c d"]))
    found = [mutator.changed(b"a: 1\nb: 2\n", 12, seed) for seed in range(50)]

    assert found == [mutator.changed(b"a: 1\nb: 2\n", 12, seed) for seed in range(50)]
    assert len(set(found)) > 30
    assert max(map(len, found)) <= 12
