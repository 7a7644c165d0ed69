"""The changelog of a chart: every version of the branch with what it changed, the latest first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.policy_repository import edit, git, run
from support.review.diffed_example import AS_OF, commit, organisation
from transire.api import generate, write_changelogs
from transire.model.problems import UsageError

TEAM = "values/teams/payments.yaml"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions after the first: one by a merge, one on the branch itself."""
    root = organisation(tmp_path_factory.mktemp("organisation"))
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")
    generate(root, base="main", as_of=AS_OF)
    commit(root, "more")
    git(root, "switch", "--quiet", "main")
    git(root, "merge", "--quiet", "--no-ff", "change")
    edit(root, TEAM, "{app: ledger}", "{app: ledger-*}".replace("-*", "-x"))
    generate(root, base="main", as_of=AS_OF)
    commit(root, "other")
    return root


@pytest.mark.slow("long runs in a repository")
def test_every_version_is_told_with_what_it_changed(root: Path, tmp_path: Path) -> None:
    written = write_changelogs(root, tmp_path / "out")

    assert written == (
        "egress-baseline.md", "egress-policy.md", "egress-tier.md", "teams/identity.md",
        "teams/payments.md",
    )  # fmt: skip
    text = (tmp_path / "out/teams/payments.md").read_text(encoding="utf-8")
    assert [line.split()[1] for line in text.splitlines() if line.startswith("## ")] == [
        "1.0.0", "0.2.0", "0.1.0"
    ]  # fmt: skip
    assert re.sub(r"\d{4}-\d\d-\d\d", "DAY", text).partition("## 0.2.0")[2] == (
        " (DAY)\n"
        "\n"
        "- Added: payments-prod on prod-eu, prod-onprem: app=checkout may reach api.adyen.com on "
        "443/TCP\n"
        "\n"
        "## 0.1.0 (DAY)\n"
        "\n"
        "- First version, or one without a list of changes.\n"
    )


def test_a_version_that_a_revert_brought_back_is_listed_once(root: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(root), str(clone))
    git(clone, "revert", "--no-edit", "HEAD")
    generate(clone, base="HEAD^", as_of=AS_OF)
    commit(clone, "forward")

    write_changelogs(clone, tmp_path / "out")

    text = (tmp_path / "out/teams/payments.md").read_text(encoding="utf-8")
    assert [line.split()[1] for line in text.splitlines() if line.startswith("## ")] == [
        "2.0.0", "1.0.0", "0.2.0", "0.1.0"
    ]  # fmt: skip


def test_a_chart_that_is_gone_has_no_changelog(root: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(root), str(clone))
    git(clone, "rm", "--quiet", "-r", "charts/teams/identity")
    commit(clone)

    assert "teams/identity.md" not in write_changelogs(clone, tmp_path / "out")


def test_a_shallow_clone_says_that_versions_are_missing(root: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", str(clone))

    write_changelogs(clone, tmp_path / "out")

    text = (tmp_path / "out/teams/payments.md").read_text(encoding="utf-8")
    assert text.count("\n## ") == 1
    assert text.endswith("\nEarlier versions are not in this clone, which is shallow.\n")


def test_without_a_commit_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as failed:
        write_changelogs(tmp_path, tmp_path / "out")

    assert str(failed.value) == "changelogs are read from the history, and there is no commit"


@pytest.mark.slow("long runs in a repository")
def test_publish_writes_them_where_it_is_asked_to(root: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(root), str(clone))
    edit(clone, "values/platform.yaml", "  registry: oci://registry.example.com/egress\n", "")
    generate(clone, as_of=AS_OF)
    commit(clone)

    done = run(clone, "publish", "--as-of", str(AS_OF), "--changelog", str(tmp_path / "out"))

    assert done.code == 0, done.err
    assert done.err == f"5 changelogs written below {tmp_path / 'out'}\n"
    assert (tmp_path / "out/teams/payments.md").is_file()
