"""The scaffolded pipelines as documents: valid, pinned, with few rights, and deaf to strangers."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.ci.github_runner import document
from support.ci.gitlab_runner import read_jobs
from support.paths import ROOT
from support.policy_repository import contents, edit, run
from transire.workspace.scaffold import scaffold_files

WORKFLOW = ROOT / "pipelines/github-workflow.yml"
DATES = ROOT / "pipelines/github-expiring.yml"
JOBS = ROOT / "pipelines/transire.gitlab-ci.yml"
SCAFFOLDED = {
    ".github/actions/transire/action.yml": "action.yml",
    ".github/workflows/egress.yml": "pipelines/github-workflow.yml",
    ".github/workflows/egress-expiring.yml": "pipelines/github-expiring.yml",
    ".gitlab-ci.yml": "pipelines/gitlab-ci.yml",
    ".gitlab/transire.gitlab-ci.yml": "pipelines/transire.gitlab-ci.yml",
    ".pre-commit-config.yaml": "pipelines/pre-commit-config.yaml",
}


def program(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program that is installed beside Python."""
    found = Path(sysconfig.get_path("scripts")) / name
    return subprocess.run([found, *words], capture_output=True, text=True, check=False)


@pytest.mark.slow("whole runs of the program")
@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("github-actions", "action.yml"),
        ("github-workflows", "pipelines/github-workflow.yml"),
        ("github-workflows", "pipelines/github-expiring.yml"),
        ("gitlab-ci", "pipelines/gitlab-ci.yml"),
        ("gitlab-ci", "pipelines/transire.gitlab-ci.yml"),
    ],
)
def test_a_pipeline_is_what_its_public_schema_says(schema: str, path: str, tmp_path: Path) -> None:
    transform = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    words = ["--builtin-schema", f"vendor.{schema}", *transform]
    broken = tmp_path / Path(path).name
    broken.write_text((ROOT / path).read_text(encoding="utf-8") + "\nruns: 1\n", encoding="utf-8")

    sound = program("check-jsonschema", *words, str(ROOT / path))

    assert (sound.returncode, sound.stdout) == (0, "ok -- validation done\n")
    assert program("check-jsonschema", *words, str(broken)).returncode == 1


def test_the_hooks_are_what_pre_commit_takes() -> None:
    manifest = program("pre-commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"))
    config = program(
        "pre-commit", "validate-config", str(ROOT / "pipelines/pre-commit-config.yaml")
    )

    assert (manifest.returncode, config.returncode) == (0, 0), manifest.stdout + config.stdout


def test_init_writes_the_pipelines_as_they_are_here() -> None:
    files = scaffold_files()

    assert {path: files[path] for path in SCAFFOLDED} == {
        path: (ROOT / source).read_bytes() for path, source in SCAFFOLDED.items()
    }


def test_no_pipeline_installs_by_a_name_that_somebody_else_could_take() -> None:
    for source in SCAFFOLDED.values():
        text = (ROOT / source).read_text("utf-8")
        assert not re.search(r"transire==[0-9]", text), source
        assert not re.search(r"install[^\n]* transire\b", text), source


def test_local_hooks_are_those_that_the_project_offers() -> None:
    offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    ((local),) = document(ROOT / "pipelines/pre-commit-config.yaml")["repos"]
    installed = {"language": "system"}

    assert local == {"repo": "local", "hooks": [{**each, **installed} for each in offered]}


def scripts(node: object) -> Iterator[str]:
    """Every script of a GitHub document."""
    if isinstance(node, Mapping):
        if "run" in node:
            yield node["run"]
        for value in node.values():
            yield from scripts(value)
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value)


def test_no_script_holds_an_expression() -> None:
    documents = map(document, (ROOT / "action.yml", WORKFLOW, DATES))
    found = [script for each in documents for script in scripts(each)]

    assert len(found) == 8
    assert [each for each in found if "${{" in each] == []


def test_every_step_runs_bash_and_python_without_the_repositorys_modules() -> None:
    found = [*scripts(document(ROOT / "action.yml")), JOBS.read_text(encoding="utf-8")]
    started = re.findall(r"(?:^|[ \"])(?:\S*/)?python3?\"? (\S+)", "\n".join(found), re.MULTILINE)

    assert started == ["-I"] * 8


def test_a_stranger_starts_nothing_with_rights() -> None:
    workflow = document(WORKFLOW)
    events: Mapping[str, Any] = workflow[True]  # type: ignore[index] # YAML 1.1 reads `on` as true

    assert list(events) == ["pull_request", "merge_group", "push", "schedule"]
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "part": {"contents": "read"},
        "review": {"contents": "read", "pull-requests": "write"},
        "publish": {"contents": "read"},
        "verify": {"contents": "read"},
    }
    secrets = {
        name: set(re.findall(r"secrets\.(\w+)", str(job))) for name, job in workflow["jobs"].items()
    }
    assert secrets == {
        "part": {"TRANSIRE_CACHE_KEY"},
        "review": {"TRANSIRE_CACHE_KEY"},
        "publish": {"TRANSIRE_CACHE_KEY", "EGRESS_DOCKER_CONFIG"},
        "verify": {"EGRESS_KUBECONFIG"},
    }
    assert workflow["jobs"]["publish"]["if"] == "github.event_name == 'push'"
    assert workflow["jobs"]["publish"]["environment"] == "egress"
    assert workflow["jobs"]["verify"]["if"].startswith("github.event_name == 'schedule' && ")
    assert workflow["jobs"]["verify"]["environment"] == "egress-verify"


def test_the_scheduled_workflow_may_write_its_issue_and_nothing_else() -> None:
    workflow = document(DATES)
    events: Mapping[str, Any] = workflow[True]  # type: ignore[index] # YAML 1.1 reads `on` as true

    assert list(events) == ["schedule", "workflow_dispatch"]
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["expiring"]["permissions"] == {"contents": "read", "issues": "write"}
    assert "secrets." not in str(workflow)


def test_two_runs_never_publish_at_once() -> None:
    (github,) = (
        job["concurrency"] for name, job in document(WORKFLOW)["jobs"].items() if name == "publish"
    )
    gitlab = read_jobs(JOBS)["egress-publish"]

    assert github == {"group": "egress-publish", "cancel-in-progress": False}
    assert (gitlab["resource_group"], gitlab["interruptible"]) == ("egress-publish", False)


def test_other_peoples_actions_are_pinned_by_commit_and_say_which_release_that_is() -> None:
    texts = (each.read_text(encoding="utf-8") for each in (WORKFLOW, DATES, ROOT / "action.yml"))
    used = re.findall(r"uses: (.*)", "\n".join(texts))

    assert len(used) == 13
    for each in used:
        assert re.fullmatch(
            r"\./\.github/actions/transire|actions/[\w-]+@[0-9a-f]{40} # v[0-9.]+", each
        )


def test_no_checkout_keeps_credentials_or_leaves_history_out() -> None:
    steps = [step for job in document(WORKFLOW)["jobs"].values() for step in job["steps"]]
    checkouts = [each["with"] for each in steps if each["uses"].startswith("actions/checkout@")]

    assert checkouts == [{"fetch-depth": 0, "persist-credentials": False}] * 4
    assert read_jobs(JOBS)[".transire"]["variables"]["GIT_DEPTH"] == "0"


@pytest.mark.slow("whole runs of the program")
def test_an_upgrade_renews_the_parts_that_nobody_edits_where_they_are(tmp_path: Path) -> None:
    run(tmp_path, "init", "egress")
    repository = tmp_path / "egress"
    edit(repository, ".github/actions/transire/action.yml", "name: transire\n", "name: older\n")
    edit(repository, ".github/workflows/egress.yml", "name: egress\n", "name: mine\n")
    (repository / ".gitlab/transire.gitlab-ci.yml").unlink()
    before = contents(repository)

    ran = run(repository, "init", "--upgrade")

    assert (ran.code, ran.err) == (
        0,
        "wrote .github/actions/transire/action.yml\nnext: transire generate\n",
    )
    assert "-name: older\n+name: transire\n" in ran.out
    action = (ROOT / "action.yml").read_bytes()
    assert contents(repository) == {**before, ".github/actions/transire/action.yml": action}
