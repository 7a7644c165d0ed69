"""The room loads what it names when it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

import transire
from support.paths import ROOT
from transire import api


@pytest.mark.parametrize("name", api.__all__)
def test_every_name_of_the_room_is_there(name: str) -> None:
    assert getattr(api, name) is not None


def test_dir_lists_what_can_be_used_and_nothing_that_helps() -> None:
    shown = [each for each in dir(transire) if not each.startswith("__")]

    assert shown == sorted(transire.__all__)
    assert "__version__" in dir(transire)
    assert [each for each in dir(api) if not each.startswith("__")] == sorted(api.__all__)


def test_the_version_is_that_of_the_package() -> None:
    assert transire.__version__ == version("transire")


def test_the_package_loads_no_room_before_a_verb_is_used() -> None:
    code = "import sys, transire; dir(transire); print(*sorted(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "generator")},
    )

    loaded = done.stdout.split()
    assert [each for each in loaded if each.partition(".")[0] == "transire"] == ["transire"]
    assert "importlib.metadata" not in loaded


@pytest.mark.parametrize("name", transire.__all__)
def test_the_package_gives_the_same_verbs(name: str) -> None:
    assert getattr(transire, name) is getattr(api, name)


def test_a_name_that_is_none_of_ours_is_an_error() -> None:
    with pytest.raises(AttributeError) as failed:
        _ = api.drop  # type: ignore[attr-defined]

    assert str(failed.value) == "module 'transire.api' has no attribute 'drop'"
