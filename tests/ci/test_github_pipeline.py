"""The scaffolded workflow for GitHub, run: what is checked, what is published, and what is not."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
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
from support.ci.scaffolded_repository import UNCOMPILED
from support.delivery.real_registry import PASSWORD, USER, certificates, installed, real_registry
from support.paths import ROOT
from support.policy_repository import edit, git, run

CONSTRAINTS = ROOT / "constraints.txt"
FORK = {"number": 7, "head": {"sha": "0123abcd", "repo": {"full_name": "somebody/egress"}}}


@pytest.fixture
def github(tmp_path: Path, origin: Path, installing: dict[str, str]) -> GitHub:
    (tmp_path / "runner").mkdir()
    return GitHub(origin=origin, temp=tmp_path / "runner", environment=installing)


def test_a_sound_change_is_checked_and_explained(github: GitHub, clone: Path) -> None:
    jobs = github.run("pull_request", propose(clone), pull_request=FORK)

    assert jobs.keys() == {"review"}
    assert jobs["review"].outcomes() == {
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
    assert jobs["review"].steps[CHECK].out == ""
    assert "`api.adyen.com:443`" in jobs["review"].summary


def test_a_fork_gets_a_summary_and_no_comment(github: GitHub, clone: Path) -> None:
    (job,) = github.run("pull_request", propose(clone), pull_request=FORK).values()

    assert job.steps[COMMENT].out == (
        "::notice::a pull request from a fork has no right to comment: the job's summary says what "
        "the change means\n"
    )
    assert job.summary.startswith(
        "<!-- transire diff -->\n## Egress: something opens, nothing closes"
    )


def test_a_mistake_is_annotated_and_the_rest_is_still_explained(
    github: GitHub, clone: Path
) -> None:
    edit(clone, "values/teams/messaging.yaml", "api.push.example.com", "api.push.example.org")
    (job,) = github.run("pull_request", propose(clone), pull_request=FORK).values()

    assert not job.succeeded
    assert (job.steps[CHECK].outcome, job.steps[DIFF].outcome) == ("failure", "success")
    assert job.steps[CHECK].out.startswith("::error file=charts/teams/messaging/Chart.yaml,")
    assert "api.adyen.com" in job.summary


def test_values_that_are_wrong_leave_no_old_explanation(github: GitHub, clone: Path) -> None:
    edit(clone, "values/platform.yaml", "mode: enforce", "mode: enforced")
    (job,) = github.run("pull_request", propose(clone), pull_request=FORK).values()

    assert (job.steps[CHECK].outcome, job.steps[DIFF].outcome) == ("failure", "failure")
    assert job.summary == (
        "<!-- transire diff -->\n## Egress: not known\n\n`transire diff` ended with exit code 1 and "
        "without an answer; the job's log says why.\n"
    )


def test_a_clone_without_the_target_branch_is_an_error(github: GitHub, clone: Path) -> None:
    whole = "fetch-depth: 0 # the tip of the target branch"
    edit(clone, WORKFLOW, whole, whole.replace("0", "1"))
    (job,) = github.run("pull_request", propose(clone), pull_request=FORK).values()

    assert job.steps[CHECK].outcome == job.steps[DIFF].outcome == "failure"
    assert job.steps[CHECK].err == (
        "--base origin/main names no commit of this repository; this clone is shallow: fetch more "
        "of its history\n"
    )
    assert "exit code 2 and without an answer" in job.summary


def test_a_merge_queue_is_compared_with_what_it_stands_on(github: GitHub, clone: Path) -> None:
    base = git(clone, "rev-parse", "origin/main").strip()
    (job,) = github.run("merge_group", propose(clone), merge_group={"base_sha": base}).values()

    assert job.succeeded
    assert job.steps[COMMENT].outcome == "skipped"
    assert f"Compared with `{base[:12]}`" in job.summary


def test_a_step_that_is_misspelt_is_not_passed_over(github: GitHub, clone: Path) -> None:
    edit(clone, WORKFLOW, "command: review", "command: reviewed")
    (job,) = github.run("pull_request", propose(clone), pull_request=FORK).values()

    assert job.outcomes() == {
        INSTALL: "failure",
        **dict.fromkeys((CHECK, DIFF, COMMENT, EXPIRING, ISSUE, PUBLISH, VERIFY), "skipped"),
        **OF_PARTS,
    }
    assert (
        job.steps[INSTALL].out
        == "::error::the command is 'reviewed', and must be review, part, publish, verify or expiring\n"
    )


def test_a_copy_of_the_action_needs_to_be_told_what_to_install(github: GitHub, clone: Path) -> None:
    untold = replace(github, variables={})
    (job,) = untold.run("pull_request", propose(clone), pull_request=FORK).values()

    assert job.steps[INSTALL].outcome == "failure"
    assert job.steps[INSTALL].out == (
        "::error::nothing says what to install: set the variable TRANSIRE_REQUIREMENT of this "
        "repository to what pip installs, such as the address of a wheel, git+https://...@COMMIT "
        "or a name in an index of your own\n"
    )


def test_nothing_in_the_repository_is_run(
    github: GitHub, clone: Path, tmp_path: Path, installing_by_pip: dict[str, str]
) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\n"
    for name in ("pip", "venv", "json", "os", "transire", "yaml", "sitecustomize"):
        (clone / f"{name}.py").write_text(trap, encoding="utf-8")
    (clone / "pip.conf").write_text("[global]\nindex-url = https://evil.example\n", "utf-8")
    hostile = {**FORK, "head": {"sha": f"$(touch {tmp_path}/sprung)", "repo": {}}}
    real = replace(github, environment=installing_by_pip)
    (job,) = real.run("pull_request", propose(clone), pull_request=hostile).values()

    assert job.succeeded
    assert not (tmp_path / "sprung").exists()


@installed
def test_what_is_merged_is_published_once(github: GitHub, clone: Path, tmp_path: Path) -> None:
    pytest.importorskip("helm_python", reason=needs.HELM_SDK)
    tls = certificates(tmp_path / "tls")
    with real_registry(tmp_path / "registry", tls=tls, login=True) as host:
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        secret = json.dumps({"auths": {host: {"auth": login}}})
        edit(clone, "values/platform.yaml", "oci://registry.example.com", f"oci://{host}")
        edit(
            clone,
            WORKFLOW,
            "          docker-config:",
            f"          ca-file: {tls}/ca.crt\n          docker-config:",
        )
        edit(clone, WORKFLOW, "          # branch: published #", "          branch: published #")
        assert run(clone, "generate").code == 0
        ref = merge(clone)
        known = GitHub(
            origin=github.origin,
            temp=github.temp,
            environment=github.environment,
            secrets={"EGRESS_DOCKER_CONFIG": secret},
        )
        first, second, unknown = (each.run("push", ref) for each in (known, known, github))

    assert first.keys() == {"publish"}
    assert git(github.origin, "rev-parse", "published") == git(github.origin, "rev-parse", ref)
    assert first["publish"].outcomes() == {
        INSTALL: "success",
        CHECK: "success",
        DIFF: "skipped",
        COMMENT: "skipped",
        PUBLISH: "success",
        VERIFY: "skipped",
        EXPIRING: "skipped",
        ISSUE: "skipped",
        **OF_PARTS,
    }
    states = [
        {each["state"] for each in json.loads(job["publish"].steps[PUBLISH].out)["releases"]}
        for job in (first, second)
    ]
    assert states == [{"published"}, {"present"}]
    kept = first["publish"].temp
    assert json.loads((kept / "published.json").read_bytes())["kind"] == "Published"
    assert not list(kept.glob("login.*"))
    assert PASSWORD not in first["publish"].steps[PUBLISH].out
    assert unknown["publish"].steps[PUBLISH].outcome == "failure"
    assert "login" in unknown["publish"].steps[PUBLISH].err


def test_what_does_not_pass_the_check_is_not_published(github: GitHub, clone: Path) -> None:
    edit(clone, "values/teams/messaging.yaml", "api.push.example.com", "api.push.example.org")
    (job,) = github.run("push", merge(clone)).values()

    assert (job.steps[CHECK].outcome, job.steps[PUBLISH].outcome) == ("failure", "skipped")


def test_the_projects_own_action_installs_what_it_is_part_of(github: GitHub, clone: Path) -> None:
    alone = GitHub(
        origin=github.origin,
        temp=github.temp,
        variables={},
        environment={"GITHUB_ACTION_PATH": str(ROOT), **UNCOMPILED},
    )
    (job,) = alone.run("pull_request", propose(clone), pull_request=FORK).values()
    pins = dict(each.split("==") for each in CONSTRAINTS.read_text().splitlines() if "==" in each)

    assert job.succeeded, job.steps[INSTALL].err
    (found,) = (job.temp / "transire/lib").glob("python*/site-packages/click-*.dist-info")
    assert found.name == f"click-{pins['click']}.dist-info"
