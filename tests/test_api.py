"""The room loads what it names when it is asked for."""

from __future__ import annotations

import pytest

import transire
from transire import api as pipeline


@pytest.mark.parametrize("name", pipeline.__all__)
def test_every_name_of_the_room_is_there(name: str) -> None:
    assert getattr(pipeline, name) is not None


@pytest.mark.parametrize("name", transire.__all__)
def test_the_package_gives_the_same_verbs(name: str) -> None:
    assert getattr(transire, name) is getattr(pipeline, name)


def test_a_name_that_is_none_of_ours_is_an_error() -> None:
    with pytest.raises(AttributeError) as failed:
        _ = pipeline.drop

    assert str(failed.value) == "module 'transire.api' has no attribute 'drop'"
