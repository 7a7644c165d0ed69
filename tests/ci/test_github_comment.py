"""One comment on a pull request, written once and renewed after that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.ci.changes import propose
from support.ci.fake_forge import Forge, forge
from support.ci.github_runner import CHECK, COMMENT, DIFF, GitHub, Job
from support.policy_repository import edit

COMMIT = "74dde7f7a177d0f3c1f0bb0a2d3c5e6f7a8b9c0d"
OURS = {"number": 7, "head": {"sha": COMMIT, "repo": {"full_name": "example/egress"}}}
BOT = "github-actions[bot]"
MARKER = "<!-- transire diff -->\n"


@pytest.fixture
def said() -> Iterator[Forge]:
    with forge() as kept:
        yield kept


@pytest.fixture
def github(tmp_path: Path, origin: Path, installing: dict[str, str], said: Forge) -> GitHub:
    (tmp_path / "runner").mkdir()
    return GitHub(origin=origin, temp=tmp_path / "runner", environment=installing, api=said.address)


def run(github: GitHub, ref: str) -> Job:
    return github.run("pull_request", ref, pull_request=OURS)["review"]


def test_a_comment_says_what_the_change_means_and_is_renewed(
    github: GitHub, clone: Path, said: Forge
) -> None:
    ref = propose(clone)
    said.said.append(("somebody", "what does this open?"))
    first = run(github, ref)
    ((_, before),) = said.said[1:]
    said.said[1] = (BOT, MARKER + "outdated")
    second = run(github, ref)

    assert first.succeeded
    assert second.succeeded
    assert before == f"{first.summary}\n<sub>Commit {COMMIT}</sub>\n"
    assert "`api.adyen.com:443`" in before
    assert said.said == [("somebody", "what does this open?"), (BOT, before)]
    assert said.asked == [
        "GET /repos/example/egress/issues/7/comments?per_page=100&page=1",
        "GET /repos/example/egress/issues/7/comments?per_page=100&page=2",
        "POST /repos/example/egress/issues/7/comments",
        "GET /repos/example/egress/issues/7/comments?per_page=100&page=1",
        "PATCH /repos/example/egress/issues/comments/1",
    ]


def test_a_comment_that_somebody_could_change_later_is_left_alone(
    github: GitHub, clone: Path, said: Forge
) -> None:
    forged = ("somebody", MARKER + "## Egress: no change\n")
    said.said += [forged] * 120
    run(github, propose(clone))

    assert said.said[:-1] == [forged] * 120
    assert said.said[-1][0] == BOT


def test_what_cannot_be_explained_replaces_the_old_explanation(
    github: GitHub, clone: Path, said: Forge
) -> None:
    said.said.append((BOT, MARKER + "## Egress: no change\n"))
    edit(clone, "values/platform.yaml", "mode: enforce", "mode: enforced")
    job = run(github, propose(clone))

    ((_, text),) = said.said
    assert (job.steps[CHECK].outcome, job.steps[DIFF].outcome) == ("failure", "failure")
    assert text.startswith(MARKER + "## Egress: not known\n")


def test_a_comment_that_is_refused_says_what_is_missing(
    github: GitHub, clone: Path, said: Forge
) -> None:
    said.refuses = True
    job = run(github, propose(clone))

    assert job.steps[COMMENT].outcome == "failure"
    assert job.steps[COMMENT].out == (
        "::error::GitHub refuses the comment (403 Forbidden): the job needs permissions: "
        "pull-requests: write\n"
    )
