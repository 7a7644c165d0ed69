"""What Git makes of two pull requests: teams apart merge, one team conflicts and is put right."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.workspace.git_repositories import commit, git, isolate, new_repository
from transire.charts.chart import Chart, chart_files_now
from transire.charts.versions.released import releases
from transire.charts.versions.version import versioned
from transire.git.base import choose_base
from transire.git.repository import open_repository
from transire.model.problems import Rejected
from transire.workspace.file_plan import Plan, owners_of
from transire.workspace.writer import Outcome, apply, status

CHART = b"apiVersion: v2\nname: x\nversion: 0.1.0\ntype: application\n"


def plan(root: Path) -> Plan:
    """Charts from the values, one line of a values file to one line of a target."""
    charts = {
        f"charts/teams/{file.stem}": {
            "Chart.yaml": CHART,
            "targets/a.b.yaml": b"# generated\n" + file.read_bytes(),
        }
        for file in (root / "values").iterdir()
    }
    repository = open_repository(root)
    earlier = releases(repository, choose_base(repository), list(charts))
    now = chart_files_now(root, list(charts))
    files: dict[str, bytes] = {}
    for folder, content in charts.items():
        finished = versioned(content, folder, earlier[folder], now.get(folder))
        files |= Chart(folder=folder, files=finished.files).in_repository()
    return Plan(units=owners_of(files), complete=True)


def generate(root: Path) -> Outcome:
    return apply(root, plan(root))


def change(root: Path, branch: str, team: str, line: int, text: str) -> None:
    """A branch from main that changes one line of one team's values."""
    git(root, "checkout", "--quiet", "-b", branch, "main")
    values = root / f"values/{team}.yaml"
    lines = values.read_text().splitlines()
    lines[line] = text
    values.write_text("".join(f"{each}\n" for each in lines))
    generate(root)
    commit(root)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two teams on main, generated and committed."""
    isolate(monkeypatch)
    folder = new_repository(tmp_path)
    (folder / "values").mkdir()
    for team in ("ledger", "payments"):
        (folder / f"values/{team}.yaml").write_text(
            "".join(f"{each}: 0\n" for each in "abcdefghij")
        )
    generate(folder)
    commit(folder)
    git(folder, "config", "remote.origin.url", str(folder))
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return folder


def conflicts(root: Path) -> list[str]:
    return git(root, "diff", "--name-only", "--diff-filter=U").splitlines()


def test_pull_requests_of_two_teams_merge_and_are_in_step(root: Path) -> None:
    change(root, "red", "ledger", 0, "a: 1")
    change(root, "blue", "payments", 0, "a: 1")

    git(root, "merge", "--quiet", "--no-edit", "red")

    assert status(root, plan(root)).standings == ()


def test_pull_requests_of_one_team_conflict_even_where_lines_are_far_apart(root: Path) -> None:
    change(root, "red", "payments", 0, "a: 1")
    change(root, "blue", "payments", 9, "j: 1")

    git(root, "merge", "red", check=False)

    assert conflicts(root) == [
        ".transire/owned/teams/payments.json",
        "charts/teams/payments/Chart.yaml",
    ]
    with pytest.raises(Rejected) as refused:
        generate(root)
    assert str(refused.value) == (
        ".transire/owned/teams/payments.json: error: this list of generated files cannot be used: "
        "it is not JSON from line 5 on (broken-manifest)\n"
        "  help: take one side of the merge with `git checkout --ours -- .transire charts`, then "
        "run `transire generate payments`"
    )


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
@pytest.mark.parametrize("line", [1, 9])
def test_taking_either_side_and_generating_again_puts_it_right(
    root: Path, side: str, line: int
) -> None:
    change(root, "red", "payments", 0, "a: 1")
    change(root, "blue", "payments", line, "x: 1")
    git(root, "merge", "red", check=False)
    (root / "values/payments.yaml").write_text("both: 1\n")

    git(root, "checkout", side, "--", ".transire", "charts")
    git(root, "rm", "--quiet", "-r", "--force", "--ignore-unmatch", "charts/teams/payments/targets")
    generate(root)
    commit(root)

    assert conflicts(root) == []
    assert status(root, plan(root)).standings == ()
    assert "version: 0.1.1" in (root / "charts/teams/payments/Chart.yaml").read_text()


def test_the_second_to_merge_gets_the_next_version(root: Path) -> None:
    change(root, "red", "payments", 0, "a: 1")
    change(root, "blue", "payments", 9, "j: 1")
    git(root, "checkout", "--quiet", "main")
    git(root, "merge", "--quiet", "--ff-only", "red")
    git(root, "update-ref", "refs/remotes/origin/main", "main")
    git(root, "checkout", "--quiet", "blue")

    git(root, "merge", "main", check=False)
    git(root, "checkout", "--ours", "--", ".transire", "charts")
    generate(root)
    commit(root)

    assert "version: 0.1.2" in (root / "charts/teams/payments/Chart.yaml").read_text()
    assert status(root, plan(root)).standings == ()
