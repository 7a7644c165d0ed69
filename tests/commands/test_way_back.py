"""A plain `git revert` is a way back: `check` names one command, and then it passes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from support.policy_repository import edit, git, run
from support.review.diffed_example import AS_OF, commit, copy, organisation, version
from transire.api import check, diff, generate
from transire.commands.changelogs import write_changelogs

TEAM = "values/teams/payments.yaml"
IDENTITY = "values/teams/identity.yaml"
DAY = ("--as-of", AS_OF.isoformat())
ADYEN = ("files.stripe.com]", "files.stripe.com, api.adyen.com]")
OTHER = ("198.51.100.16/28}]", "198.51.100.16/28}, {cidr: 203.0.113.0/28}]")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The organisation with one merged change, which is on `main`."""
    root = organisation(tmp_path_factory.mktemp("organisation"))
    merged(root, lambda: edit(root, TEAM, *ADYEN))
    return root


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def merged(root: Path, change: Callable[[], object]) -> None:
    """A change on a branch of its own, generated, and merged into `main`."""
    git(root, "switch", "--quiet", "main")
    git(root, "branch", "--force", "change", "main")
    git(root, "switch", "--quiet", "change")
    change()
    generate(root, base="main", as_of=AS_OF)
    commit(root)
    merge(root)


def merge(root: Path) -> None:
    """What is on the branch `change`, merged into `main`, which is then checked out."""
    git(root, "switch", "--quiet", "main")
    git(root, "merge", "--quiet", "--no-ff", "--message", "merge", "change")


def reverted(root: Path, what: str = "main") -> None:
    """A branch with nothing but the plain revert of a merge."""
    git(root, "switch", "--quiet", "--force-create", "change", "main")
    git(root, "revert", "--no-edit", "--mainline", "1", what)


def mended(root: Path) -> str:
    """Run the command that `check` names; what `check` prints afterwards."""
    refused = run(root, "check", "--base", "main", *DAY)
    assert refused.code == 1
    assert "(version-behind)\n  help: run `transire generate`, or write that version" in refused.out
    assert run(root, "generate", "--base", "main", *DAY).code == 0
    commit(root)
    return run(root, "check", "--base", "main", *DAY).out


def numbers(root: Path, place: str = "teams/payments") -> list[str]:
    """The versions of a chart in its changelog, the first line first."""
    folder = root.parent / "changelogs"
    write_changelogs(root, folder)
    lines = (folder / f"{place}.md").read_text("utf-8").splitlines()
    return [each.split()[1] for each in lines if each.startswith("## ")]


@pytest.mark.slow("long runs in a repository")
def test_a_plain_revert_passes_after_the_command_that_check_names(root: Path) -> None:
    reverted(root)
    assert version(root) == "0.1.0"

    assert mended(root) == "no findings\n"

    assert version(root) == "1.0.0"
    merge(root)
    assert numbers(root) == ["1.0.0", "0.2.0", "0.1.0"]


@pytest.mark.slow("long runs in a repository")
def test_the_diff_of_a_revert_is_what_it_takes_back(root: Path) -> None:
    reverted(root)
    before = diff(root, base="main", as_of=AS_OF)
    mended(root)

    after = diff(root, base="main", as_of=AS_OF)

    closed = [each for target in after.targets for each in target.losses if not each.implied]
    assert {to.text for each in closed for to in each.destinations} == {"api.adyen.com"}
    assert after.targets == before.targets
    assert (before.is_ready, after.is_ready) == (False, True)


@pytest.mark.slow("long runs in a repository")
def test_the_revert_of_a_revert_goes_on_upwards(root: Path) -> None:
    reverted(root)
    mended(root)
    merge(root)

    reverted(root)
    assert version(root) == "0.2.0"
    assert mended(root) == "no findings\n"

    assert version(root) == "1.1.0"
    merge(root)
    assert numbers(root) == ["1.1.0", "1.0.0", "0.2.0", "0.1.0"]


@pytest.mark.slow("long runs in a repository")
def test_a_revert_on_the_branch_itself_keeps_its_list_of_changes_in_a_second_run(
    root: Path,
) -> None:
    git(root, "revert", "--no-edit", "--mainline", "1", "main")
    chart = root / "charts/teams/payments/Chart.yaml"

    generate(root, base="main", as_of=AS_OF)
    first = chart.read_bytes()
    again = generate(root, base="main", as_of=AS_OF)
    assert (again.written, chart.read_bytes()) == ((), first)
    commit(root)

    assert not check(root, base="main", as_of=AS_OF)
    assert version(root) == "1.0.0"
    assert b"no longer reaches api.adyen.com" in first


@pytest.mark.slow("long runs in a repository")
def test_a_team_that_comes_back_has_no_version_that_was_published_otherwise(root: Path) -> None:
    def leave() -> None:
        (root / IDENTITY).unlink()
        (root / "values/exceptions.yaml").unlink()

    merged(root, leave)
    gone = git(root, "rev-parse", "main").strip()
    merged(root, lambda: edit(root, TEAM, *OTHER))

    reverted(root, gone)
    assert version(root, "identity") == "0.1.0"
    assert run(root, "generate", "--base", "main", *DAY).code == 0
    assert version(root, "identity") == "0.1.0"

    edit(root, IDENTITY, "login.supplier.example]", "login.supplier.example, b.example]")
    assert run(root, "generate", "--base", "main", *DAY).code == 0
    assert version(root, "identity") == "1.0.0"


@pytest.mark.slow("long runs in a repository")
def test_a_revert_below_later_changes_is_mended_by_the_same_command(root: Path) -> None:
    merge_of_first = git(root, "rev-parse", "main").strip()
    merged(root, lambda: edit(root, TEAM, *OTHER))
    git(root, "switch", "--quiet", "--force-create", "change", "main")

    with pytest.raises(CalledProcessError):
        git(root, "revert", "--no-edit", "--mainline", "1", merge_of_first)
    assert "<<<<<<<" in (root / "charts/teams/payments/Chart.yaml").read_text("utf-8")

    assert mended(root) == "no findings\n"
    values = (root / TEAM).read_text("utf-8")
    assert ("api.adyen.com" in values, "203.0.113.0/28" in values) == (False, True)
    assert numbers(root)[0] == version(root) == "1.0.0"
