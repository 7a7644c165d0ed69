"""The scheduled jobs that hold clusters against the values, run with a `kubectl` of the test's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from support.ci.fake_cluster import KUBECONFIG, asked, kubectl_for
from support.ci.github_runner import CHECK, INSTALL, VERIFY, GitHub
from support.ci.gitlab_runner import GitLab
from support.dumps import Dumps
from support.policy_repository import git

CLUSTERS = {"TRANSIRE_VERIFY_CLUSTERS": "prod-eu prod-us"}
GOT = "get --all-namespaces --output=yaml ciliumnetworkpolicies.cilium.io,pods"


@pytest.fixture
def environment(tmp_path: Path, clone: Path, installing: dict[str, str]) -> dict[str, str]:
    """What is there for a job: of two clusters, one has lost an object."""
    dumps = Dumps(clone)
    git(clone, "checkout", "--quiet", "-B", "change", "origin/main")
    true, lost = dumps.of("prod-eu"), dumps.of("prod-us")[1:]
    path = kubectl_for(tmp_path / "clusters", {"prod-eu": true, "prod-us": lost})
    (tmp_path / "runner").mkdir()
    return {**installing, "PATH": f"{path}{installing['PATH']}"}


def test_github_shows_what_each_cluster_holds_and_fails_with_the_worst(
    tmp_path: Path, origin: Path, environment: dict[str, str]
) -> None:
    github = GitHub(
        origin=origin,
        temp=tmp_path / "runner",
        environment=environment,
        secrets={"EGRESS_KUBECONFIG": KUBECONFIG},
    )
    github = replace(github, variables={**github.variables, **CLUSTERS})
    (job,) = github.run("schedule", "refs/heads/main").values()

    assert job.steps[INSTALL].outcome == "success", job.steps[INSTALL].err
    assert (job.steps[CHECK].outcome, job.steps[VERIFY].outcome) == ("skipped", "failure")
    heads = [line for line in job.summary.splitlines() if line.startswith("## ")]
    assert heads == ["## prod-eu: exit code 0", "## prod-us: exit code 1"], job.steps[VERIFY].err
    assert "    missing: " in job.summary
    assert asked(tmp_path / "clusters") == [
        "prod-eu api-resources --verbs=list --output=name",
        f"prod-eu {GOT}",
        "prod-us api-resources --verbs=list --output=name",
        f"prod-us {GOT}",
    ]
    assert not list(job.temp.glob("verify.*"))


def test_github_does_nothing_where_no_cluster_is_named(
    tmp_path: Path, origin: Path, environment: dict[str, str]
) -> None:
    github = GitHub(origin=origin, temp=tmp_path / "runner", environment=environment)

    assert github.run("schedule", "refs/heads/main") == {}


def test_a_cluster_that_is_not_reached_is_not_judged(
    tmp_path: Path, origin: Path, environment: dict[str, str]
) -> None:
    github = GitHub(origin=origin, temp=tmp_path / "runner", environment=environment)
    github = replace(github, variables={**github.variables, **CLUSTERS})
    (job,) = github.run("schedule", "refs/heads/main").values()

    assert "## prod-eu: exit code 3\n" in job.summary
    assert job.steps[VERIFY].err.startswith("no kubeconfig\n")


def test_gitlab_keeps_what_each_cluster_holds_and_fails_with_the_worst(
    tmp_path: Path, origin: Path, clone: Path, environment: dict[str, str]
) -> None:
    config = tmp_path / "kubeconfig"
    config.write_text(KUBECONFIG, encoding="utf-8")
    gitlab = GitLab(origin=origin, temp=tmp_path / "runner", environment=environment)
    commit = git(clone, "rev-parse", "origin/main").strip()
    ran = gitlab.run("egress-verify", commit, TRANSIRE_KUBECONFIG=str(config), **CLUSTERS)
    reports = ran.folder / "transire-reports"

    assert ran.code == 1, ran.err
    assert "prod-eu: exit code 0\n" in ran.out
    assert "prod-us: exit code 1\n" in ran.out
    assert (reports / "verify-prod-us.txt").read_text("utf-8").startswith("the input holds no ")


def test_gitlab_names_the_variable_that_is_not_set(
    tmp_path: Path, origin: Path, clone: Path, environment: dict[str, str]
) -> None:
    gitlab = GitLab(origin=origin, temp=tmp_path / "runner", environment=environment)
    commit = git(clone, "rev-parse", "origin/main").strip()
    ran = gitlab.run("egress-verify", commit, **CLUSTERS)

    assert (ran.code, ran.err) == (
        2,
        (
            "there is no way to the clusters: set the variable TRANSIRE_KUBECONFIG of this project, of "
            "type File, to a kubeconfig with a context for each cluster, of the cluster's name\n"
        ),
    )
