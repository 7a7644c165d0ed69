"""Pipelines of policies that are a folder of a larger repository, run at its top."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import needs
from support.ci.changes import merge, propose
from support.ci.github_runner import (
    CHECK,
    COMMENT,
    DIFF,
    EXPIRING,
    INSTALL,
    ISSUE,
    OF_PARTS,
    PUBLISH,
    VERIFY,
    WORKFLOW,
    GitHub,
)
from support.ci.gitlab_runner import GitLab
from support.ci.scaffolded_repository import FOLDER
from support.delivery.real_registry import certificates, installed, real_registry
from support.policy_repository import edit, git, run

FORK = {"number": 7, "head": {"sha": "0123abcd", "repo": {"full_name": "somebody/egress"}}}


@pytest.fixture
def github(tmp_path: Path, larger_origin: Path, installing: dict[str, str]) -> GitHub:
    (tmp_path / "github").mkdir()
    return GitHub(origin=larger_origin, temp=tmp_path / "github", environment=installing)


@pytest.fixture
def gitlab(tmp_path: Path, larger_origin: Path, installing: dict[str, str]) -> GitLab:
    (tmp_path / "gitlab").mkdir()
    return GitLab(origin=larger_origin, temp=tmp_path / "gitlab", environment=installing)


def push(clone: Path) -> str:
    """Push what is there to the branch of a merge request; its commit."""
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "change")
    git(clone, "push", "--quiet", "origin", "change")
    return git(clone, "rev-parse", "HEAD").strip()


def test_github_checks_and_explains_the_folder(github: GitHub, larger_clone: Path) -> None:
    (job,) = github.run("pull_request", propose(larger_clone), pull_request=FORK).values()

    assert job.outcomes() == {
        INSTALL: "success",
        CHECK: "success",
        DIFF: "success",
        COMMENT: "success",
        PUBLISH: "skipped",
        VERIFY: "skipped",
        EXPIRING: "skipped",
        ISSUE: "skipped",
        **OF_PARTS,
    }
    assert job.steps[CHECK].out == ""
    assert "`api.adyen.com:443`" in job.summary


def test_github_annotates_files_of_the_folder_from_the_top(
    github: GitHub, larger_clone: Path
) -> None:
    team = "values/teams/messaging.yaml"
    edit(larger_clone / FOLDER, team, "api.push.example.com", "api.push.example.org")
    (job,) = github.run("pull_request", propose(larger_clone), pull_request=FORK).values()

    assert (job.steps[CHECK].outcome, job.steps[DIFF].outcome) == ("failure", "success")
    assert job.steps[CHECK].out.startswith(
        f"::error file={FOLDER}/charts/teams/messaging/Chart.yaml,"
    )


def test_gitlab_checks_and_explains_the_folder(gitlab: GitLab, larger_clone: Path) -> None:
    commit = push(larger_clone)
    checked, explained = (gitlab.run(each, commit) for each in ("egress-check", "egress-diff"))

    assert (checked.code, checked.out) == (0, "no findings\n")
    assert (explained.code, explained.err) == (0, "")
    assert "`api.adyen.com:443`" in explained.out
    assert not git(checked.folder, "status", "--porcelain")


def test_gitlab_fails_where_the_folder_has_a_mistake(gitlab: GitLab, larger_clone: Path) -> None:
    team = "values/teams/messaging.yaml"
    edit(larger_clone / FOLDER, team, "api.push.example.com", "api.push.example.org")
    checked = gitlab.run("egress-check", push(larger_clone))

    assert checked.code == 1
    assert "(out-of-step)" in checked.out


def test_without_the_folder_the_jobs_fail_and_pass_nothing_over(
    gitlab: GitLab, larger_clone: Path
) -> None:
    checked = gitlab.run("egress-check", push(larger_clone), TRANSIRE_DIRECTORY="")

    assert checked.code == 2
    assert "there is no values/platform.yaml in " in checked.err


@installed
def test_both_forges_publish_what_is_in_the_folder(
    github: GitHub, gitlab: GitLab, larger_clone: Path, tmp_path: Path
) -> None:
    pytest.importorskip("helm_python", reason=needs.HELM_SDK)
    tls = certificates(tmp_path / "tls")
    with real_registry(tmp_path / "registry", tls=tls) as host:
        policies = larger_clone / FOLDER
        edit(policies, "values/platform.yaml", "oci://registry.example.com", f"oci://{host}")
        login, authority = "          docker-config:", f"          ca-file: {tls}/ca.crt\n"
        edit(larger_clone, WORKFLOW, login, f"{authority}          # docker-config:")
        assert run(policies, "generate").code == 0
        ref = merge(larger_clone)
        (job,) = github.run("push", ref).values()
        commit = git(larger_clone, "rev-parse", "HEAD").strip()
        published = gitlab.run(
            "egress-publish", commit, CI_COMMIT_BRANCH="main", TRANSIRE_CA_FILE=f"{tls}/ca.crt"
        )

    assert job.succeeded, job.steps[PUBLISH].err
    assert published.code == 0, published.err
    states = [
        {each["state"] for each in json.loads(text)["releases"]}
        for text in (
            job.steps[PUBLISH].out,
            (published.folder / "transire-reports/published.json").read_text("utf-8"),
        )
    ]
    assert states == [{"published"}, {"present"}]
    assert (published.folder / "transire-reports/changelogs").is_dir()
