"""Starting policies in a folder of a larger Git repository, and renewing them there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from support.policy_repository import contents, edit, git, run

AS_OF = ("--as-of", "2026-11-23")
ACTION = ".github/actions/transire/action.yml"
WORKFLOW = ".github/workflows/egress.yml"
JOBS = ".gitlab/transire.gitlab-ci.yml"
DATES = ".github/workflows/egress-expiring.yml"
TOP = {ACTION, WORKFLOW, DATES, JOBS, ".gitlab-ci.yml", ".pre-commit-config.yaml", "CODEOWNERS"}
STAYS = "at the top of the Git repository holds something else, and stays (file-of-others)"


@pytest.fixture
def larger(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    return tmp_path


def at_top(larger: Path) -> set[str]:
    return {path for path in contents(larger) if not path.startswith("policies/")}


@pytest.mark.slow("long runs in a repository")
def test_forges_find_their_files_at_the_top_with_the_folder(larger: Path) -> None:
    ran = run(larger, "init", "policies")
    made = run(larger / "policies", "generate", *AS_OF)
    checked = run(larger / "policies", "check", *AS_OF)

    assert (ran.code, made.code, checked.code) == (0, 0, 0), ran.err + made.err + checked.out
    assert "wrote ../.github/workflows/egress.yml\n" in ran.err
    assert at_top(larger) == TOP
    workflow = yaml.safe_load((larger / WORKFLOW).read_text("utf-8"))
    steps = [job["steps"][1]["with"] for job in workflow["jobs"].values()]
    assert [each["directory"] for each in steps] == ["policies"] * 4
    assert yaml.safe_load((larger / ".gitlab-ci.yml").read_text("utf-8")) == {
        "include": [{"local": JOBS}],
        "variables": {"TRANSIRE_DIRECTORY": "policies"},
    }
    assert "codeowners-not-read" not in made.err + checked.out
    assert (larger / "CODEOWNERS").read_bytes() == (larger / "policies/CODEOWNERS").read_bytes()


def test_the_folder_holds_nothing_that_a_forge_would_not_read(larger: Path) -> None:
    run(larger, "init", "policies")

    names = {path.name for path in (larger / "policies").iterdir()}
    assert names == {".gitattributes", ".gitignore", ".transire", "README.md", "charts", "values"}


def test_the_hooks_run_in_the_folder_and_for_its_files(larger: Path) -> None:
    run(larger, "init", "deep/my-policies")

    config = yaml.safe_load((larger / ".pre-commit-config.yaml").read_text("utf-8"))
    generate, check = config["repos"][0]["hooks"]
    assert generate["entry"] == "transire -C deep/my-policies generate"
    assert check["entry"] == "transire -C deep/my-policies check"
    for hook in (generate, check):
        assert re.search(hook["files"], "deep/my-policies/values/platform.yaml")
        assert re.search(hook["files"], "CODEOWNERS")
        assert not re.search(hook["files"], "values/platform.yaml")


def test_what_somebody_wrote_at_the_top_stays_and_the_rest_is_written(larger: Path) -> None:
    mine = {ACTION, WORKFLOW, ".gitlab-ci.yml", JOBS, ".pre-commit-config.yaml", "CODEOWNERS"}
    for path in mine:
        (larger / path).parent.mkdir(parents=True, exist_ok=True)
        (larger / path).write_text("# mine\n", "utf-8")

    ran = run(larger, "init", "policies")

    assert ran.code == 0
    assert {(larger / path).read_text("utf-8") for path in mine} == {"# mine\n"}
    assert (larger / "policies/values/platform.yaml").is_file()
    warned = ran.err[ran.err.index("../.pre-commit") : ran.err.index("next: ")]
    renew = (
        "  help: if it is of another release, run `transire init --upgrade policies`; else move it "
        "away, and run `transire init policies` at the top again\n"
    )
    assert warned == (
        f"../.pre-commit-config.yaml: warning: .pre-commit-config.yaml {STAYS}\n"
        "  help: add local hooks with entry: transire -C policies generate on commits, and entry: "
        "transire -C policies check on pushes, with pass_filenames: false\n"
        f"../.github/actions/transire/action.yml: warning: {ACTION} {STAYS}\n{renew}"
        f"../.github/workflows/egress.yml: warning: {WORKFLOW} {STAYS}\n"
        "  help: add a job with command: review and one with command: publish to a workflow, each "
        "with uses: ./.github/actions/transire and directory: policies, as `transire docs "
        "pipelines` shows\n"
        f"../.gitlab/transire.gitlab-ci.yml: warning: {JOBS} {STAYS}\n{renew}"
        f"../.gitlab-ci.yml: warning: .gitlab-ci.yml {STAYS}\n"
        "  help: add local: .gitlab/transire.gitlab-ci.yml to include, and TRANSIRE_DIRECTORY: "
        "policies to variables; the jobs need the stages test and deploy\n"
        f"../CODEOWNERS: warning: CODEOWNERS {STAYS}\n"
        "  help: add the lines of policies/CODEOWNERS, which `transire generate` writes, as its "
        "last ones\n"
    )


@pytest.mark.slow("long runs in a repository")
def test_an_upgrade_renews_action_jobs_and_owners_at_the_top(larger: Path) -> None:
    run(larger, "init", "policies")
    run(larger / "policies", "generate", *AS_OF)
    made = contents(larger)
    edit(larger, ACTION, "name: transire\n", "name: older\n")
    edit(larger, JOBS, "image: python:3.12", "image: python:3.11")
    edit(larger, "CODEOWNERS", "/policies/values/teams/payments.yaml", "/policies/values/gone.yaml")
    edit(larger, WORKFLOW, "name: egress\n", "name: mine\n")
    mine = (larger / WORKFLOW).read_bytes()

    ran = run(larger, "init", "--upgrade", "policies")

    assert (ran.code, ran.err) == (
        0,
        (
            "wrote ../.github/actions/transire/action.yml\n"
            "wrote ../.gitlab/transire.gitlab-ci.yml\n"
            "wrote ../CODEOWNERS\n"
            "next: transire generate\n"
        ),
    )
    assert "-name: older\n+name: transire\n" in ran.out
    assert contents(larger) == {**made, WORKFLOW: mine}


@pytest.mark.slow("long runs in a repository")
def test_an_upgrade_of_the_same_release_changes_nothing_at_the_top(larger: Path) -> None:
    run(larger, "init", "policies")
    run(larger / "policies", "generate", *AS_OF)
    before = contents(larger)

    ran = run(larger, "init", "--upgrade", "policies")

    assert (ran.code, ran.out, ran.err) == (0, "", "next: transire generate\n")
    assert contents(larger) == before


def test_an_upgrade_leaves_what_is_somebodys(larger: Path) -> None:
    run(larger, "init", "policies")
    (larger / ACTION).write_text("name: mine\n", "utf-8")
    (larger / "CODEOWNERS").write_text("* @example/all\n", "utf-8")

    ran = run(larger, "init", "--upgrade", "policies")

    assert ran.err == (
        f"../.github/actions/transire/action.yml: warning: {ACTION} {STAYS}\n"
        "  help: move it away, and run `transire init policies` at the top again\n"
        f"../CODEOWNERS: warning: CODEOWNERS {STAYS}\n"
        "  help: add the lines of policies/CODEOWNERS, which `transire generate` writes, as its "
        "last ones\n"
        "next: transire generate\n"
    )
    assert (larger / ACTION).read_text("utf-8") == "name: mine\n"
    assert (larger / "CODEOWNERS").read_text("utf-8") == "* @example/all\n"


@pytest.mark.slow("long runs in a repository")
def test_an_upgrade_beside_mistakes_in_values_names_what_it_left_out(larger: Path) -> None:
    run(larger, "init", "policies")
    edit(larger / "policies", "values/platform.yaml", "mode: enforce", "mode: enforced")

    ran = run(larger, "init", "--upgrade", "policies")

    assert (ran.code, ran.err) == (
        0,
        (
            "../CODEOWNERS: warning: the values have mistakes, so the lines of CODEOWNERS at the "
            "top are not renewed (codeowners-not-renewed)\n"
            "  help: run `transire check`, mend what it names, and run `transire init --upgrade` "
            "again\n"
            "next: transire generate\n"
        ),
    )


@pytest.mark.slow("long runs in a repository")
def test_a_second_run_finds_everything_there(larger: Path) -> None:
    run(larger, "init", "policies")
    before = contents(larger)

    ran = run(larger, "init", "policies")

    assert ran.code == 0
    assert "wrote" not in ran.err
    assert contents(larger) == before


def test_a_folder_that_publish_does_not_take_is_refused(larger: Path) -> None:
    ran = run(larger, "init", "my policies")

    assert ran.code == 2
    assert ran.err == (
        f"the policies would be in 'my policies' of the Git repository {larger}; take a folder of "
        "letters, digits, -, _ and dots\n"
    )
    assert contents(larger) == {}


def test_without_forges_only_hooks_and_owners_go_to_the_top(larger: Path) -> None:
    run(larger, "init", "--forge", "none", "policies")

    assert at_top(larger) == {".pre-commit-config.yaml", "CODEOWNERS"}
