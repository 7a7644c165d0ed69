"""Symbolic links in place of values are refused on both sides of a diff, wherever they lead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.policy_repository import run
from support.review.diffed_example import commit, copy, organisation
from transire.api import diff
from transire.model.problems import Rejected

TEAM = "values/teams/payments.yaml"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


def _refusal(where: str, commit_id: str = "") -> str:
    at = f"{commit_id[:12]}:" if commit_id else ""
    return (
        f"{at}{where}: error: {where} is a symbolic link, and Git holds where it leads, "
        "not the values (symlink)\n  help: put what it leads to in its place"
    )


def _link(root: Path, where: str = TEAM) -> None:
    """Move the path out of `values/`, and leave a link that stays inside the repository."""
    (root / where).rename(root / "moved")
    (root / where).symlink_to(root / "moved")


WAYS: list[Callable[[Path], object]] = [
    lambda root: diff(root, base="main"),
    lambda root: diff(root, base="main", head=str(root)),
    lambda root: diff(root, base=str(root), head="main"),
]


@pytest.mark.parametrize("way", WAYS, ids=["working tree", "folder", "base folder"])
@pytest.mark.parametrize("where", [TEAM, "values/platform.yaml", "values/teams", "values/bundles"])
def test_a_link_on_the_disk_is_refused(
    root: Path, where: str, way: Callable[[Path], object]
) -> None:
    _link(root, where)

    with pytest.raises(Rejected) as caught:
        way(root)

    assert str(caught.value) == _refusal(where)


@pytest.mark.parametrize("where", [TEAM, "values/teams", "values"])
def test_a_link_in_a_commit_is_refused_whichever_side_it_is(root: Path, where: str) -> None:
    _link(root, where)
    linked = commit(root)
    (root / where).unlink()
    (root / "moved").rename(root / where)
    commit(root)

    for base, head in (("main", linked), (linked, "HEAD"), (linked, None)):
        with pytest.raises(Rejected) as caught:
            diff(root, base=base, head=head)
        assert str(caught.value) == _refusal(where, linked)
    assert diff(root, base="main").is_nothing


def test_a_committed_link_whose_target_differs_is_no_clean_working_tree(root: Path) -> None:
    _link(root)
    commit(root)
    (root / "moved").write_bytes((root / "moved").read_bytes() + b"# more\n")

    with pytest.raises(Rejected) as caught:
        diff(root, base="main")

    assert str(caught.value) == _refusal(TEAM)
    assert run(root, "check").out.startswith(_refusal(TEAM))


def test_locks_of_editors_are_passed_over(root: Path) -> None:
    (root / "values/teams/.#payments.yaml").symlink_to("somebody@example.com.1")

    assert diff(root, base="main").targets == ()
