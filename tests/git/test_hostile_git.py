"""Files of a pull request, or of somebody's clone, that would make Git run a program."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.policy_repository import run
from support.workspace.git_repositories import commit, git, isolate, new_repository
from support.workspace.hostile_git import ATTRIBUTES, alarm, arm, committed_repository
from transire.git.repository import Repository, open_repository
from transire.model.problems import GitFailed

VERBS: tuple[tuple[str, ...], ...] = (
    ("generate",),
    ("check",),
    ("check", "--format", "github"),
    ("diff",),
    ("diff", "--base", "HEAD"),
    ("diff", "--base", "HEAD~1", "--head", "HEAD"),
    ("report",),
    ("render", "storefront"),
    ("add", "team", "parcels"),
    ("publish", "--dry-run", "--plain-http"),
    ("explain", "--target", "storefront.staging", "--from", "storefront", "--to", "a.example:443"),
)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory, generated_scaffold: Path) -> Path:
    folder = tmp_path_factory.mktemp("scaffold") / "policies"
    shutil.copytree(generated_scaffold, folder)
    platform = folder / "values/platform.yaml"
    text = platform.read_text(encoding="utf-8")
    platform.write_text(text.replace("registry.example.com", "127.0.0.1:1"), encoding="utf-8")
    return folder


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize(
    ("inside", "verbs"), [("policies", VERBS), ("infra/egress", VERBS[3:5])], ids=["one", "two"]
)
def test_no_verb_runs_a_program_of_a_repository_that_was_committed(
    tmp_path: Path, scaffold: Path, inside: str, verbs: tuple[tuple[str, ...], ...]
) -> None:
    program, ran = alarm(tmp_path)
    folder = committed_repository(scaffold, tmp_path, inside, program)

    codes = {words: run(folder, *words).code for words in verbs}

    assert not ran.exists()
    assert set(codes.values()) <= {0, 1, 2, 3, 4}, codes
    assert codes["diff",] == 0


@pytest.mark.slow("long runs in a repository")
def test_git_itself_would_run_it(tmp_path: Path, scaffold: Path) -> None:
    program, ran = alarm(tmp_path)
    folder = committed_repository(scaffold, tmp_path, "policies", program)

    git(folder, "status", check=False)

    assert ran.exists()


@pytest.mark.slow("long runs in a repository")
def test_the_repository_that_is_looked_at_is_the_one_around(tmp_path: Path, scaffold: Path) -> None:
    folder = committed_repository(scaffold, tmp_path, "infra/egress", alarm(tmp_path)[0])

    repository = open_repository(folder)

    assert isinstance(repository, Repository)
    assert repository.prefix == "infra/egress/"
    assert repository.commit("HEAD") == git(tmp_path / "clone", "rev-parse", "HEAD")


USES: tuple[Callable[[Repository], object], ...] = (
    lambda repository: repository.is_dirty(),
    lambda repository: repository.changed(("charts",)),
    lambda repository: repository.history("HEAD", "charts"),
    lambda repository: repository.files("HEAD"),
    lambda repository: repository.merge_base("HEAD", "HEAD"),
    lambda repository: repository.add_tags({"one": repository.commit("HEAD") or ""}),
    lambda repository: repository.remote_tags("origin"),
    lambda repository: repository.fetch("origin", ["old"]),
    lambda repository: repository.push_tags("origin", ["one"]),
)


def test_nothing_that_is_done_with_git_runs_a_program_of_its_configuration(tmp_path: Path) -> None:
    program, ran = alarm(tmp_path)
    origin, here = new_repository(tmp_path / "origin"), new_repository(tmp_path / "here")
    commit(origin, a_txt="a")
    git(origin, "tag", "old")
    git(here, "remote", "add", "origin", str(origin))
    commit(here, charts__a_yaml="one\n")
    (here / ".gitattributes").write_text(ATTRIBUTES)
    arm(here / ".git", program)
    (here / "charts/a.yaml").write_text("two\n")

    repository = open_repository(here)
    assert isinstance(repository, Repository)
    for use in USES:
        use(repository)

    assert repository.changed(("charts",)) == ("charts/a.yaml",)
    assert not ran.exists()
    git(here, "status", check=False)
    assert ran.exists()


def test_a_work_tree_that_is_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    here = new_repository(tmp_path / "here")
    git(here, "config", "core.worktree", str(tmp_path / "elsewhere"))

    with pytest.raises(GitFailed) as failed:
        open_repository(here)

    assert str(failed.value) == (
        f"the work tree of {here}/.git is {tmp_path}/elsewhere, and {here} is not in it"
    )


def test_a_folder_whose_name_has_a_line_break_is_a_repository_like_any_other(
    tmp_path: Path,
) -> None:
    folder = new_repository(tmp_path / "line\nbreak")
    head = commit(folder, policies__a_txt="a")

    repository = open_repository(folder / "policies")

    assert isinstance(repository, Repository)
    assert repository.prefix == "policies/"
    assert repository.files(head) == {"a.txt": b"a"}
