"""Runs of the program that are forked: like those of an interpreter of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support import forked_runs, needs
from support.forked_runs import Ran, run, run_afresh
from support.paths import ROOT
from support.workspace.git_repositories import commit, new_repository
from transire.helm import sdk

WORDS = (
    ("--version",),
    ("check",),
    ("rules", "no-world-cidr"),
    ("generate", "--no-such-option"),
    ("explain", "--to", "a.example"),
)


def afresh(folder: Path, *words: str) -> Ran:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
    return run_afresh(folder, *words, environment=environment)


@pytest.mark.slow("whole runs of the program")
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_forked_run_is_like_any_other(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run(tmp_path, *words) == afresh(tmp_path, *words)


def test_a_run_is_forked_also_where_this_process_has_loaded_helm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs.helm("sdk")
    sdk.load()
    monkeypatch.delattr(forked_runs, "run_afresh")

    assert run(tmp_path, "--version").code == 0


@pytest.mark.slow("whole runs of the program")
def test_a_forked_run_has_the_variables_of_git_that_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").write_text("[", encoding="utf-8")
    commit(new_repository(tmp_path / "here"), values__platform_yaml="")
    words, given = ("diff", "--base", "HEAD"), {"GIT_CONFIG_GLOBAL": str(tmp_path / "broken")}
    monkeypatch.setenv(*next(iter(given.items())))
    other = afresh(tmp_path / "here", *words)
    monkeypatch.undo()
    monkeypatch.delattr(forked_runs, "run_afresh")

    assert run(tmp_path / "here", *words, **given) == other
    assert "bad config line" in other.err
    assert run(tmp_path / "here", *words) != other


@pytest.mark.parametrize("name", ["PYTHONHASHSEED", "TZ", "LC_ALL"])
def test_a_run_in_another_environment_starts_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    started: list[str] = []

    def seen(folder: Path, *_words: str, environment: dict[str, str]) -> Ran:
        started.append(environment[name])
        return Ran(code=0, out=str(folder), err="")

    monkeypatch.setattr(forked_runs, "run_afresh", seen)
    run(tmp_path, "--version", **{name: "7"})
    monkeypatch.setenv(name, "8")
    run(tmp_path, "--version")

    assert started == ["7", "8"]
