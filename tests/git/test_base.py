"""Which commit versions are compared with, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.workspace.git_repositories import clone, commit, git, isolate, new_repository
from transire.charts.versions.released import charts_of
from transire.git.base import Base, choose_base
from transire.git.repository import NoRepository, Repository, open_repository
from transire.model.problems import UsageError


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with two commits on main."""
    folder = new_repository(tmp_path / "origin")
    commit(folder, a_txt="1")
    commit(folder, a_txt="2")
    return folder


@pytest.fixture
def work(tmp_path: Path, origin: Path) -> Path:
    """A clone of it, on main."""
    return clone(origin, tmp_path / "work")


def base(folder: Path, named: str | None = None) -> Base:
    return choose_base(opened(folder), named)


def opened(folder: Path) -> Repository:
    repository = open_repository(folder)
    assert isinstance(repository, Repository)
    return repository


def at(folder: Path, ref: str) -> str:
    return git(folder, "rev-parse", ref)


def test_a_branch_is_compared_with_the_tip_of_the_target(origin: Path, work: Path) -> None:
    git(work, "checkout", "--quiet", "-b", "feature")
    commit(work, b_txt="b")
    later = commit(origin, a_txt="3")
    git(work, "fetch", "--quiet")

    assert Base(commit=later) == base(work)
    (work / "c.txt").write_text("dirty")
    assert Base(commit=later) == base(work)


def test_a_new_branch_without_commits_is_compared_with_the_tip(work: Path) -> None:
    git(work, "checkout", "--quiet", "-b", "feature")

    assert Base(commit=at(work, "origin/main")) == base(work)


def test_the_target_branch_is_compared_with_its_last_commit_but_one(work: Path) -> None:
    assert Base(commit=at(work, "HEAD^"), tip=at(work, "HEAD")) == base(work)


def test_the_target_branch_with_changes_is_compared_with_its_last_commit(work: Path) -> None:
    (work / "new.txt").write_text("dirty")

    assert Base(commit=at(work, "HEAD")) == base(work)


def test_the_target_branch_ahead_of_its_remote_is_still_the_target(work: Path) -> None:
    commit(work, b_txt="b")

    assert Base(commit=at(work, "HEAD^"), tip=at(work, "HEAD")) == base(work)


def test_after_a_merge_the_base_is_the_first_parent(work: Path) -> None:
    git(work, "checkout", "--quiet", "-b", "feature")
    commit(work, b_txt="b")
    git(work, "checkout", "--quiet", "main")
    before = at(work, "HEAD")
    git(work, "merge", "--quiet", "--no-ff", "--no-edit", "feature")

    assert Base(commit=before, tip=at(work, "HEAD")) == base(work)


def test_a_detached_head_at_the_tip_of_the_target_counts_as_the_target(work: Path) -> None:
    git(work, "checkout", "--quiet", "--detach", "origin/main")

    assert Base(commit=at(work, "HEAD^"), tip=at(work, "HEAD")) == base(work)


def test_a_detached_head_elsewhere_is_compared_with_the_tip(work: Path) -> None:
    git(work, "checkout", "--quiet", "--detach", "HEAD^")

    assert Base(commit=at(work, "origin/main")) == base(work)


def test_a_worktree_is_judged_by_its_own_branch(work: Path, tmp_path: Path) -> None:
    git(work, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))

    assert Base(commit=at(work, "origin/main")) == base(tmp_path / "side")


def test_a_named_branch_is_the_target(work: Path) -> None:
    git(work, "branch", "release/1", "HEAD^")

    assert Base(commit=at(work, "release/1")) == base(work, "release/1")
    git(work, "checkout", "--quiet", "release/1")
    assert Base(tip=at(work, "HEAD"), why="HEAD has no parent") == base(work, "release/1")


def test_a_remote_branch_with_a_slash_is_the_branch_of_that_name(origin: Path, work: Path) -> None:
    git(origin, "branch", "release/1")
    git(work, "fetch", "--quiet")
    git(work, "checkout", "--quiet", "release/1")

    assert Base(commit=at(work, "HEAD^"), tip=at(work, "HEAD")) == base(work, "origin/release/1")


@pytest.mark.parametrize("named", ["HEAD", "@", "HEAD~1", "v1", "origin/main~1"])
def test_a_named_commit_or_tag_is_the_base_as_it_is(work: Path, named: str) -> None:
    git(work, "tag", "v1")

    assert Base(commit=at(work, named)) == base(work, named)
    assert Base(commit=at(work, named)) == base(work, at(work, named))


@pytest.mark.parametrize("named", ["nope", "-x", "", "main:a.txt"])
def test_a_named_base_that_does_not_exist_is_a_usage_error(work: Path, named: str) -> None:
    with pytest.raises(UsageError) as wrong:
        base(work, named)

    assert str(wrong.value) == f"--base {named} names no commit of this repository"
    assert wrong.value.exit_code == 2


def test_a_shallow_clone_says_that_it_is_one(origin: Path, tmp_path: Path) -> None:
    folder = clone(origin, tmp_path / "shallow", "--depth=1")

    with pytest.raises(UsageError) as wrong:
        base(folder, "HEAD^")

    expected = (
        "--base HEAD^ names no commit of this repository; this clone is shallow: fetch more of its "
        "history"
    )
    assert expected == str(wrong.value)
    why = "HEAD's parent is not in this shallow clone; run `git fetch --deepen 1`"
    assert Base(tip=at(folder, "HEAD"), why=why) == base(folder)


def test_a_named_base_without_git_is_a_usage_error() -> None:
    nothing = NoRepository(why="git is not installed")

    with pytest.raises(UsageError) as wrong:
        choose_base(nothing, "main")

    assert str(wrong.value) == "--base main cannot be looked up: git is not installed"
    assert Base(why="git is not installed") == choose_base(nothing)


def test_without_a_remote_there_is_nothing_to_compare_with(origin: Path) -> None:
    why = "origin/HEAD is not set; run `git remote set-head origin --auto` or name a --base"
    assert Base(why=why) == base(origin)


def test_without_a_commit_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    folder = new_repository(tmp_path / "empty")

    assert Base(why="the repository has no commit yet") == base(folder)


def test_the_first_commit_has_nothing_before_it(tmp_path: Path) -> None:
    folder = new_repository(tmp_path / "origin")
    commit(folder)
    work = clone(folder, tmp_path / "work")

    assert Base(tip=at(work, "HEAD"), why="HEAD has no parent") == base(work)
    assert (at(work, "HEAD"),) == base(work).commits


def test_an_orphan_branch_without_commits_is_new(work: Path) -> None:
    git(work, "checkout", "--quiet", "--orphan", "main2")
    git(work, "branch", "--quiet", "--move", "main", "old")
    git(work, "symbolic-ref", "HEAD", "refs/heads/main")

    assert Base(why="HEAD has no commit yet") == base(work)


def test_charts_are_the_folders_with_a_chart_file(work: Path) -> None:
    here = commit(
        work,
        **{
            "charts__teams__payments__Chart_yaml": "p",
            "charts__teams__payments__templates__x_yaml": "x",
            "charts__egress-tier__Chart_yaml": "t",
            "charts__notes_txt": "no chart",
        },
    )

    expected = {
        "charts/teams/payments": {"Chart.yaml": b"p", "templates/x.yaml": b"x"},
        "charts/egress-tier": {"Chart.yaml": b"t"},
    }
    assert expected == charts_of(opened(work), here)
    only = {"charts/egress-tier": {"Chart.yaml": b"t"}}
    assert only == charts_of(opened(work), here, "charts/egress-tier")
    assert charts_of(opened(work), here, "charts/teams/nobody") == {}
