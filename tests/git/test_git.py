"""The door to Git, against real repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support import needs
from support.workspace.git_repositories import clone, commit, git, isolate, new_repository
from transire.git.process import Git
from transire.git.repository import Blob, NoRepository, Repository, open_repository
from transire.model.problems import GitFailed


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


def opened(folder: Path) -> Repository:
    repository = open_repository(folder)
    assert isinstance(repository, Repository)
    return repository


def test_to_have_no_git_is_an_ordinary_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert NoRepository(why="git is not installed") == open_repository(tmp_path)


def test_to_be_in_no_repository_is_an_ordinary_case(tmp_path: Path) -> None:
    expected = NoRepository(why=f"{tmp_path} is not in a Git repository")
    assert expected == open_repository(tmp_path)


def test_a_repository_that_git_refuses_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere\n")

    with pytest.raises(GitFailed) as failed:
        open_repository(tmp_path)

    expected = f"git rev-parse --absolute-git-dir: fatal: not a git repository: {tmp_path}/nowhere"
    assert expected == str(failed.value)


@pytest.mark.skipif(os.geteuid() != 0, reason=needs.ROOT)
def test_a_repository_of_another_user_is_refused_in_gits_words(tmp_path: Path) -> None:
    new_repository(tmp_path)
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, 65534, 65534)

    with pytest.raises(GitFailed, match="detected dubious ownership"):
        open_repository(tmp_path)


def test_files_of_a_commit_are_read_at_once(tmp_path: Path) -> None:
    repository = opened(new_repository(tmp_path))
    first = commit(tmp_path, charts__a_yaml="one\n", charts__b_yaml="one\n", values_yaml="x")
    commit(tmp_path, charts__a_yaml="two\n")

    expected = {"charts/a.yaml": b"one\n", "charts/b.yaml": b"one\n"}
    assert expected == repository.files(first, "charts")
    assert expected | {"values.yaml": b"x"} == repository.files(first)
    assert repository.files(first, "nowhere") == {}
    assert len({each.oid for each in repository.tree(first, "charts")}) == 1


def test_any_file_name_survives(tmp_path: Path) -> None:
    repository = opened(new_repository(tmp_path))
    names = [
        b"a b",
        b"tab\there",
        b"line\nbreak",
        b'"quoted"',
        b"\xff\xfe",
        b"-n",
        b":(glob)*",
        "ü".encode(),
    ]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_bytes(name)
    here = commit(tmp_path)

    found = repository.files(here)

    assert sorted(names) == sorted(os.fsencode(path) for path in found)
    assert {os.fsencode(path): content for path, content in found.items()} == {
        name: name for name in names
    }
    assert repository.files(here, ":(glob)*") == {":(glob)*": b":(glob)*"}


def test_links_count_as_files_and_submodules_do_not(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "root")
    (root / "link").symlink_to("/etc/passwd")
    here = commit(root)
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{here},module")
    git(root, "commit", "--quiet", "--message", "submodule")

    repository = opened(root)
    (blob,) = repository.tree("HEAD")

    assert Blob(path="link", oid=blob.oid) == blob
    assert repository.files("HEAD") == {"link": b"/etc/passwd"}


def test_paths_are_those_of_the_policy_repositorys_folder(tmp_path: Path) -> None:
    new_repository(tmp_path)
    here = commit(tmp_path, policy__charts__a_yaml="a", other_yaml="b")
    inner = opened(tmp_path / "policy")

    assert inner.files(here) == {"charts/a.yaml": b"a"}
    assert inner.files(here, "charts") == {"charts/a.yaml": b"a"}
    (tmp_path / "elsewhere").write_text("x")
    assert not inner.is_dirty()
    assert opened(tmp_path).is_dirty()


def test_a_thousand_files_are_read_by_two_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = opened(new_repository(tmp_path))
    for number in range(100):
        (tmp_path / str(number)).mkdir()
        for inner in range(10):
            (tmp_path / str(number) / str(inner)).write_text(f"{number % 7}")
    here = commit(tmp_path)
    starts = []
    run = subprocess.run

    def counted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - hands on what it gets
        starts.append(arguments)
        return run(*arguments, **named)

    monkeypatch.setattr(subprocess, "run", counted)
    found = repository.files(here)

    assert len(found) == 1000
    assert found["8/3"] == b"1"
    assert len(starts) == 2


def test_a_reference_that_names_no_commit_is_none(tmp_path: Path) -> None:
    repository = opened(new_repository(tmp_path))
    assert repository.commit("HEAD") is None
    here = commit(tmp_path, a_txt="a")

    assert here == repository.commit("main")
    assert here == repository.commit(here[:10])
    wrong = [
        "nope",
        "--all",
        "-h",
        "",
        "a b",
        "main^5",
        "main:a.txt",
        "0" * 40,
        "x\0y",
        "main@{99}",
    ]
    assert dict.fromkeys(wrong) == {each: repository.commit(each) for each in wrong}


def test_branches_have_full_names_and_commits_have_none(tmp_path: Path) -> None:
    origin = new_repository(tmp_path / "origin")
    here = commit(origin)
    git(origin, "tag", "v1")
    repository = opened(clone(origin, tmp_path / "clone"))

    names = {ref: repository.full_name(ref) for ref in ("main", "origin/main", "v1", here, "-x")}
    assert names == {
        "main": "refs/heads/main",
        "origin/main": "refs/remotes/origin/main",
        "v1": "refs/tags/v1",
        here: None,
        "-x": None,
    }
    assert repository.default_branch() == "refs/remotes/origin/main"
    assert repository.head_branch() == "refs/heads/main"
    assert opened(origin).default_branch() is None


def test_a_detached_head_is_on_no_branch(tmp_path: Path) -> None:
    repository = opened(new_repository(tmp_path))
    here = commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "--detach")

    assert repository.head_branch() is None
    assert here == repository.commit("HEAD")


def test_a_worktree_is_a_repository_of_its_own(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "root")
    first = commit(root, a_txt="a")
    git(root, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = opened(tmp_path / "side")

    assert side.head_branch() == "refs/heads/side"
    assert side.files(first) == {"a.txt": b"a"}
    (tmp_path / "side/b.txt").write_text("b")
    assert side.is_dirty()
    assert not opened(root).is_dirty()


def test_the_first_parent_of_a_merge_is_the_branch_itself(tmp_path: Path) -> None:
    repository = opened(new_repository(tmp_path))
    first = commit(tmp_path, a_txt="a")
    git(tmp_path, "checkout", "--quiet", "-b", "side")
    commit(tmp_path, b_txt="b")
    git(tmp_path, "checkout", "--quiet", "main")
    second = commit(tmp_path, c_txt="c")
    git(tmp_path, "merge", "--quiet", "--no-edit", "side")

    assert second == repository.first_parent("HEAD")
    assert first == repository.first_parent(second)
    assert repository.first_parent(first) is None


def write_new(root: Path) -> None:
    (root / "new.txt").write_text("x")


def write_known(root: Path) -> None:
    (root / "a.txt").write_text("changed")


def delete_known(root: Path) -> None:
    (root / "a.txt").unlink()


def stage_new(root: Path) -> None:
    write_new(root)
    git(root, "add", "new.txt")


@pytest.mark.parametrize("change", [write_new, write_known, delete_known, stage_new])
def test_a_change_that_is_not_committed_makes_the_tree_dirty(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    repository = opened(new_repository(tmp_path))
    commit(tmp_path, a_txt="a", _gitignore="ignored\n")
    (tmp_path / "ignored").write_text("x")
    assert not repository.is_dirty()

    change(tmp_path)

    assert repository.is_dirty()


def test_looking_does_not_write_the_index(tmp_path: Path) -> None:
    repository = opened(new_repository(tmp_path))
    commit(tmp_path, a_txt="a")
    os.utime(tmp_path / "a.txt", (1, 1))
    before = (tmp_path / ".git/index").stat()

    assert not repository.is_dirty()
    assert before == (tmp_path / ".git/index").stat()


def test_a_shallow_clone_knows_that_it_is_one(tmp_path: Path) -> None:
    origin = new_repository(tmp_path / "origin")
    commit(origin)
    commit(origin)
    shallow = opened(clone(origin, tmp_path / "shallow", "--depth=1"))

    assert shallow.is_shallow()
    assert shallow.first_parent("HEAD") is None
    assert not opened(origin).is_shallow()


def test_an_object_that_a_partial_clone_lacks_is_not_fetched(tmp_path: Path) -> None:
    origin = new_repository(tmp_path / "origin")
    git(origin, "config", "uploadpack.allowFilter", "true")
    commit(origin, a_txt="a")
    folder = clone(origin, tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    partial = opened(folder)

    with pytest.raises(GitFailed, match=r"^git cat-file --batch: "):
        partial.files("HEAD")

    assert "?" in git(folder, "rev-list", "--objects", "--missing=print", "HEAD")


def test_an_object_that_is_not_there_is_named(tmp_path: Path) -> None:
    repository = opened(new_repository(tmp_path))

    with pytest.raises(GitFailed) as failed:
        repository.blobs(["1" * 40])

    expected = (
        f"git cat-file --batch: {'1' * 40} missing: this clone lacks the object; fetch it, or name "
        "another --base"
    )
    assert expected == str(failed.value)
    assert repository.blobs([]) == {}


def test_what_git_refuses_comes_in_its_own_words(tmp_path: Path) -> None:
    repository = opened(new_repository(tmp_path))

    with pytest.raises(GitFailed) as failed:
        repository.tree("main")

    assert str(failed.value) == (
        "git ls-tree -r -z --full-tree main: fatal: Not a valid object name main"
    )


def test_nothing_of_the_repository_or_the_environment_is_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = new_repository(tmp_path / "root")
    here = commit(root, a_txt="a")
    alarm = tmp_path / "alarm"
    alarm.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    alarm.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "diff.external", "core.editor", "core.askPass"):
        git(root, "config", key, str(alarm))
    for hook in ("post-index-change", "pre-commit", "fsmonitor-watchman"):
        (root / ".git/hooks").mkdir(exist_ok=True)
        (root / ".git/hooks" / hook).write_text(alarm.read_text())
        (root / ".git/hooks" / hook).chmod(0o755)
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_ASKPASS", "GIT_SSH_COMMAND"):
        monkeypatch.setenv(name, str(alarm))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")

    repository = opened(root)
    (root / "a.txt").write_text("changed")

    assert repository.is_dirty()
    assert repository.files(here) == {"a.txt": b"a"}
    assert not (tmp_path / "ran").exists()


def test_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = opened(new_repository(tmp_path / "root"))
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setattr("transire.git.process.PATIENCE", 0.2)

    with pytest.raises(GitFailed) as failed:
        replace(repository, git=replace(repository.git, executable=str(slow))).is_dirty()

    assert str(failed.value) == "git config did not finish in 0.2 seconds"


def test_git_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    git = Git(executable=str(tmp_path), folder=tmp_path)
    repository = Repository(folder=tmp_path, prefix="", git=git)

    with pytest.raises(GitFailed) as failed:
        repository.is_dirty()

    assert str(failed.value) == "git could not be started: Permission denied"


def test_a_question_that_git_cannot_answer_is_not_taken_for_no(tmp_path: Path) -> None:
    repository = opened(new_repository(tmp_path))
    (tmp_path / ".git/config").write_text("[broken\n")

    with pytest.raises(GitFailed) as failed:
        repository.head_branch()

    expected = (
        f"git symbolic-ref --quiet HEAD: fatal: bad config line 1 in file {tmp_path}/.git/config"
    )
    assert expected == str(failed.value)
