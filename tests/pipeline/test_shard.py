"""Every team is in exactly one part, whoever else there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transire.model.problems import UsageError
from transire.pipeline.shard import MOST, Shard

NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


@given(name=NAMES, of=st.integers(1, 40))
def test_a_team_is_in_exactly_one_part(name: str, of: int) -> None:
    parts = [Shard(number=each + 1, of=of) for each in range(of)]

    assert sum(each.has(name) for each in parts) == 1


def test_parts_are_about_as_large_and_stay_what_they_are() -> None:
    parts = [Shard(number=each, of=4) for each in (1, 2, 3, 4)]
    names = [f"team-{each:04}" for each in range(1000)]

    assert [sum(map(each.has, names)) for each in parts] == [274, 260, 227, 239]
    assert [each.has("payments") for each in parts] == [True, False, False, False]
    assert [each.is_first for each in parts] == [True, False, False, False]


@pytest.mark.parametrize("text", ["1/1", "2/3", f"{MOST}/{MOST}"])
def test_a_part_is_read_as_it_is_shown(text: str) -> None:
    assert str(Shard.written(text)) == text


@pytest.mark.parametrize(
    "text", ["", "2", "2/", "/3", "a/b", "-1/3", "1/3/5", " 1/3", "1.0/3", "٣/٣"]
)
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as failed:
        Shard.written(text)

    assert str(failed.value) == f"--shard {text!r} is no part of all targets; write it as 2/3"


@pytest.mark.parametrize("text", ["0/3", "4/3", "0/0", "1/1001"])
def test_a_part_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as failed:
        Shard.written(text)

    assert str(failed.value) == (
        f"--shard {text}: parts are counted from 1, and there are 1 to 1000"
    )
