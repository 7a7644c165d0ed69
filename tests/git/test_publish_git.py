"""What `publish` asks of Git: many objects at once, tags all or none, and a hook without a shell."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.workspace.git_repositories import clone, commit, git, isolate, new_repository
from transire.git import process as module
from transire.git.process import run_hook
from transire.git.repository import Repository, blob_id, open_repository
from transire.model.problems import GitFailed, RegistryFailed


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


def opened(folder: Path) -> Repository:
    repository = open_repository(folder)
    assert isinstance(repository, Repository)
    return repository


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_blob_has_the_id_that_git_gives_it(tmp_path: Path, algorithm: str) -> None:
    git(tmp_path, "init", "--quiet", f"--object-format={algorithm}")
    head = commit(tmp_path, a_txt="Grüße\n")

    assert blob_id("Grüße\n".encode(), head) == git(tmp_path, "rev-parse", "HEAD:a.txt")


def test_many_names_are_looked_up_at_once(tmp_path: Path) -> None:
    head = commit(new_repository(tmp_path), charts__a_txt="a")
    git(tmp_path, "tag", "one")

    assert opened(tmp_path).objects(
        ["refs/tags/one^{commit}", "refs/tags/one:charts", "refs/tags/two:charts", "HEAD:none"]
    ) == {
        "refs/tags/one^{commit}": head,
        "refs/tags/one:charts": git(tmp_path, "rev-parse", "HEAD:charts"),
        "refs/tags/two:charts": None,
        "HEAD:none": None,
    }
    assert opened(tmp_path).objects([]) == {}


def test_tags_are_made_all_or_none(tmp_path: Path) -> None:
    head = commit(new_repository(tmp_path), a_txt="a")
    repository = opened(tmp_path)
    repository.add_tags({"one": head})
    with pytest.raises(GitFailed) as failed:
        repository.add_tags({"zero": head, "one": head})

    assert "cannot lock ref 'refs/tags/one': reference already exists" in str(failed.value)
    assert git(tmp_path, "tag", "--list") == "one"


def test_tags_of_a_remote_lead_to_commits_also_where_they_are_annotated(tmp_path: Path) -> None:
    origin = new_repository(tmp_path / "origin")
    head = commit(origin, a_txt="a")
    git(origin, "tag", "plain")
    git(origin, "tag", "--annotate", "--message", "why", "annotated")
    here = opened(clone(origin, tmp_path / "here"))

    assert here.remote_tags("origin") == {"plain": head, "annotated": head}
    assert (here.has_remote("origin"), here.has_remote("upstream")) == (True, False)


def test_a_tag_is_not_moved_by_a_push(tmp_path: Path) -> None:
    origin = new_repository(tmp_path / "origin")
    first = commit(origin, a_txt="a")
    here = clone(origin, tmp_path / "here")
    git(origin, "tag", "one")
    commit(here, a_txt="b")
    git(here, "tag", "one")
    git(here, "tag", "two")
    with pytest.raises(GitFailed) as failed:
        opened(here).push_tags("origin", ["one", "two"])

    # Git's own lines come in no fixed order.
    assert str(failed.value).startswith("git push: ")
    assert "the tag already exists in the remote" in str(failed.value)
    assert git(origin, "rev-parse", "one") == first
    assert git(origin, "tag", "--list") == "one"


def test_a_remote_is_asked_by_no_odd_protocol(tmp_path: Path) -> None:
    here = new_repository(tmp_path)
    commit(here, a_txt="a")
    git(here, "remote", "add", "odd", f"ext::touch {tmp_path}/ran")
    with pytest.raises(GitFailed) as failed:
        opened(here).remote_tags("odd")

    assert str(failed.value) == "git ls-remote: fatal: transport 'ext' not allowed"
    assert not (tmp_path / "ran").exists()


def test_a_hook_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    with pytest.raises(RegistryFailed) as failed:
        run_hook([sys.executable, "-c", "import time; time.sleep(600)"], "host/chart@sha256:0")

    assert str(failed.value) == (
        f"{sys.executable} -c 'import time; time.sleep(600)' host/chart@sha256:0 did not finish in "
        "0.2 seconds"
    )


def test_a_hook_that_fails_without_words_is_said() -> None:
    with pytest.raises(RegistryFailed) as failed:
        run_hook(["false"], "x")

    assert str(failed.value) == "false x failed with exit code 1: no words"
