"""Two teams that each add a namespace: what Git cannot merge is mended by the command in `check`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.policy_repository import copy_example, git, run
from support.policy_repository import edit as change

AS_OF = ("--as-of", "2026-11-23")
CHART = "charts/egress-baseline/Chart.yaml"
TARGET = "charts/egress-baseline/targets/prod-eu.yaml"
TEAM = """\
apiVersion: transire/v1
kind: TeamEgress
team: {name}
contact: {name}@example.com
namespaces:
  {name}: [prod-eu, staging]
egress:
  - {{name: api, reason: call, to: [api.{name}.example]}}
"""
OUT_OF_STEP = (
    "CODEOWNERS: error: 7 generated files of the platform are "
    "out of step with the values (out-of-step)\n"
    "  help: run `transire generate`\n"
)


@pytest.fixture(scope="module")
def branches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose branches `red` and `reds` each add a team, from main."""
    root = copy_example(tmp_path_factory.mktemp("merged"))
    git(root, "init", "--quiet", "--initial-branch", "main")
    generated(root, "base")
    git(root, "config", "remote.origin.url", str(root))
    git(root, "update-ref", "refs/remotes/origin/main", "main")
    git(root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    for name in ("red", "reds"):
        git(root, "checkout", "--quiet", "-b", name, "main")
        (root / f"values/teams/{name}.yaml").write_text(TEAM.format(name=name), "utf-8")
        generated(root, name)
    return root


def generated(root: Path, message: str) -> None:
    ran = run(root, "generate", *AS_OF)
    assert ran.code == 0, ran.err
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


@pytest.fixture
def merging(branches: Path, tmp_path: Path) -> Path:
    """The merge of `red` into `reds`, as Git leaves it."""
    root = tmp_path / "merging"
    shutil.copytree(branches, root, symlinks=True)
    merge(root, "merge")
    return root


def merge(root: Path, style: str) -> None:
    git(root, "-c", f"merge.conflictStyle={style}", "merge", "--quiet", "red", check=False)


def conflicts(root: Path) -> set[str]:
    return set(git(root, "diff", "--name-only", "--diff-filter=U").splitlines())


@pytest.mark.slow("long runs in a repository")
def test_a_merge_of_two_teams_is_mended_by_the_command_that_check_names(merging: Path) -> None:
    assert {CHART, TARGET, ".transire/owned/platform.json"} <= conflicts(merging)

    found = run(merging, "check", *AS_OF)
    mended = run(merging, "generate", *AS_OF)
    git(merging, "add", "--all")
    git(merging, "commit", "--quiet", "--message", "merged")
    after = run(merging, "check", *AS_OF)

    assert found.code == 1
    assert OUT_OF_STEP in found.out
    assert mended.code == 0, mended.err
    assert (after.code, after.out) == (0, "no findings\n")
    listed = (merging / TARGET).read_text("utf-8")
    assert '- "red"\n' in listed and '- "reds"\n' in listed  # noqa: PT018 - one list
    assert "<<<<<<<" not in (merging / CHART).read_text("utf-8")


@pytest.mark.slow("long runs in a repository")
def test_markers_with_what_was_before_are_mended_after_they_were_committed(
    branches: Path, tmp_path: Path
) -> None:
    root = tmp_path / "merging"
    shutil.copytree(branches, root, symlinks=True)
    merge(root, "diff3")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "with markers")

    mended = run(root, "generate", *AS_OF)

    assert mended.code == 0, mended.err
    assert run(root, "check", *AS_OF).out == "no findings\n"


@pytest.mark.slow("long runs in a repository")
def test_a_rebase_is_mended_alike(branches: Path, tmp_path: Path) -> None:
    root = tmp_path / "rebasing"
    shutil.copytree(branches, root, symlinks=True)
    git(root, "rebase", "--quiet", "red", check=False)

    mended = run(root, "generate", *AS_OF)
    git(root, "add", "--all")
    git(root, "-c", "core.editor=true", "rebase", "--continue")

    assert mended.code == 0, mended.err
    assert run(root, "check", *AS_OF).out == "no findings\n"


@pytest.mark.slow("long runs in a repository")
def test_a_line_that_neither_side_generated_is_somebodys_work(merging: Path) -> None:
    with (merging / TARGET).open("a", encoding="utf-8") as file:
        file.write("# mine\n")

    ran = run(merging, "generate", *AS_OF)

    assert (ran.code, "(edited-file)" in ran.err) == (1, True)
    assert (merging / TARGET).read_text("utf-8").endswith("# mine\n")


@pytest.mark.slow("long runs in a repository")
def test_a_file_that_was_edited_on_one_side_is_somebodys_work(
    branches: Path, tmp_path: Path
) -> None:
    root = tmp_path / "edited"
    shutil.copytree(branches, root, symlinks=True)
    git(root, "checkout", "--quiet", "red")
    with (root / TARGET).open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    git(root, "commit", "--quiet", "--all", "--message", "by hand")
    git(root, "checkout", "--quiet", "reds")
    merge(root, "merge")

    ran = run(root, "generate", *AS_OF)

    assert (ran.code, f"{TARGET}: error: " in ran.err, "(edited-file)" in ran.err) == (
        1,
        True,
        True,
    )
    assert (root / TARGET).read_text("utf-8").endswith("# mine\n")


@pytest.mark.slow("long runs in a repository")
def test_what_people_write_in_a_chart_stays_theirs_to_decide(
    branches: Path, tmp_path: Path
) -> None:
    root = tmp_path / "described"
    shutil.copytree(branches, root, symlinks=True)
    git(root, "checkout", "--quiet", "red")
    change(root, CHART, "type: application", "type: application\nhome: https://red.example.com")
    git(root, "commit", "--quiet", "--all", "--message", "a home")
    git(root, "checkout", "--quiet", "reds")
    change(root, CHART, "type: application", "type: application\nhome: https://reds.example.com")
    git(root, "commit", "--quiet", "--all", "--message", "another home")
    merge(root, "merge")

    ran = run(root, "generate", *AS_OF)

    assert (ran.code, f"{CHART}:5:1: error: a merge left its marker <<<<<<<" in ran.err) == (
        1,
        True,
    )
