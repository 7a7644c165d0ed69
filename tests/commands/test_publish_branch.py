"""`publish --branch`: what syncs never sees a pin before its chart."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from support.delivery.fake_registry import fake_registry
from support.delivery.published_example import AS_OF, commit, copy, organisation
from support.policy_repository import git, run
from transire.commands.publish.publish import RegistryOptions, publish
from transire.delivery.registry.result import (
    OtherContent,
    Published,
    Unfinished,
    as_text,
    published_schema,
)
from transire.model.problems import GitFailed, UsageError

pytestmark = pytest.mark.slow("long runs in a repository")

BRANCH = "published"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"), "credentials: git-login")


@pytest.fixture
def root(generated: Path, tmp_path: Path) -> Path:
    folder = copy(generated, tmp_path / "repository")
    git(tmp_path, "clone", "--quiet", "--bare", str(folder), "origin.git")
    git(folder, "remote", "add", "origin", str(tmp_path / "origin.git"))
    return folder


@pytest.fixture
def origin(root: Path) -> Path:
    return root.parent / "origin.git"


def moving(root: Path, branch: str = BRANCH, *, dry_run: bool = False) -> Published:
    options = RegistryOptions(plain_http=True, environment={})
    return publish(root, options=options, branch=branch, as_of=AS_OF, dry_run=dry_run)


def at(folder: Path, ref: str) -> str:
    return git(folder, "rev-parse", ref).strip()


def branches(origin: Path) -> list[str]:
    return git(origin, "branch", "--list", "--format=%(refname:short)").split()


def test_the_branch_is_made_and_then_moved_with_the_charts(root: Path, origin: Path) -> None:
    first = moving(root)
    was = at(origin, BRANCH)
    commit(root, empty=True)
    second = moving(root)

    assert (first.branch, was) == (BRANCH, first.commit)
    assert (
        (second.branch, at(origin, BRANCH)) == (BRANCH, second.commit) == (BRANCH, at(root, "HEAD"))
    )
    assert was != second.commit
    assert (
        as_text(second)
        == "the branch published has the commit\n0 new, 4 there already, in origin\n"
    )
    jsonschema.Draft7Validator(json.loads(published_schema())).validate(
        json.loads(second.to_json())
    )


def test_a_dry_run_and_a_run_without_a_branch_move_none(root: Path, origin: Path) -> None:
    dry, without = moving(root, dry_run=True), moving(root, "")

    assert dry.branch == without.branch == ""
    assert branches(origin) == ["main"]


def test_a_run_that_comes_late_leaves_the_branch_where_a_later_one_put_it(
    root: Path, origin: Path
) -> None:
    old = at(root, "HEAD")
    commit(root, empty=True)
    new = moving(root).commit
    git(root, "checkout", "--quiet", "-B", "main", old)
    late = moving(root)

    assert at(origin, BRANCH) == new
    assert (
        late.note == f"the branch published is on {new[:12]} already, which comes after this commit"
    )


def test_a_clone_that_has_not_seen_the_branch_moves_it(root: Path, origin: Path) -> None:
    before = moving(root).commit
    git(root.parent, "clone", "--quiet", "--single-branch", "--branch=main", str(origin), "other")
    other = root.parent / "other"
    commit(other, empty=True)
    moving(other)

    assert at(origin, BRANCH) == at(other, "HEAD") != before


def test_a_branch_with_other_commits_is_left_alone(root: Path, origin: Path) -> None:
    moving(root)
    git(root, "checkout", "--quiet", "-b", "aside", "HEAD")
    commit(root, empty=True)
    aside = at(root, "HEAD")
    git(root, "push", "--quiet", "origin", f"aside:{BRANCH}")
    git(root, "checkout", "--quiet", "main")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "another")
    head = at(root, "HEAD")[:12]
    with pytest.raises(GitFailed) as refused:
        moving(root)

    assert at(origin, BRANCH) == aside
    assert str(refused.value) == (
        f"the branch 'published' of 'origin' is on {aside[:12]}, and {head} does not come after it: "
        "every chart is published, and the branch was left alone; look who moved it, then put it "
        f"back with `git push --force origin {head}:refs/heads/published`"
    )


def test_a_shallow_clone_that_cannot_know_says_so(root: Path, origin: Path) -> None:
    moving(root)
    for _ in range(2):
        commit(root, empty=True)
    git(root, "push", "--quiet", "origin", "main")
    address = f"file://{origin}"
    git(root.parent, "clone", "--quiet", "--depth=1", "--branch=main", address, "shallow")
    with pytest.raises(GitFailed, match="this clone is shallow, so fetch the whole history first"):
        moving(root.parent / "shallow")

    assert at(origin, BRANCH) == at(root, "HEAD~2")


def test_a_chart_that_leads_elsewhere_keeps_the_branch_where_it_is(
    root: Path, origin: Path
) -> None:
    (root / "charts/teams/payments/README.md").write_text("other\n", encoding="utf-8")
    commit(root)
    git(root, "tag", "payments-0.1.0")
    git(root, "reset", "--quiet", "--hard", "HEAD~1")
    git(root, "push", "--quiet", "origin", "payments-0.1.0")
    with pytest.raises(OtherContent):
        moving(root)

    assert branches(origin) == ["main"]


def test_a_registry_that_fails_halfway_keeps_the_branch_until_all_are_there(tmp_path: Path) -> None:
    with fake_registry() as registry:
        host = f"registry: oci://{registry.address}/egress"
        root = organisation(tmp_path / "repository", host)
        git(tmp_path, "clone", "--quiet", "--bare", str(root), "origin.git")
        git(root, "remote", "add", "origin", str(tmp_path / "origin.git"))
        start = "PUT /v2/egress/teams/payments/manifests/0.1.0"
        registry.instead = lambda line: b"" if line == start else None
        with pytest.raises(Unfinished):
            moving(root)
        before = branches(tmp_path / "origin.git")
        registry.instead = lambda _: None
        done = moving(root)

    assert before == ["main"]
    assert at(tmp_path / "origin.git", BRANCH) == done.commit


@pytest.mark.parametrize("name", ["-f", "a..b", "@{-1}", "a b", "refs/heads/", "x.lock"])
def test_what_is_no_branch_is_refused_before_anything_is_pushed(
    root: Path, origin: Path, name: str
) -> None:
    with pytest.raises(UsageError) as refused:
        moving(root, name)

    assert str(refused.value) == f"{name!r} is no name of a branch"
    assert git(origin, "tag", "--list") == ""


def test_without_the_remote_nothing_is_published(root: Path) -> None:
    git(root, "remote", "remove", "origin")
    with pytest.raises(UsageError) as refused:
        moving(root)

    assert (
        str(refused.value) == "there is no remote 'origin', whose branch 'published' could be moved"
    )


def test_the_command_moves_it(root: Path, origin: Path) -> None:
    done = run(root, "publish", "--branch", BRANCH, "--as-of", AS_OF.isoformat())

    assert (done.code, done.out.splitlines()[-2]) == (0, "the branch published has the commit")
    assert at(origin, BRANCH) == at(root, "HEAD")
