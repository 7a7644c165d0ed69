"""One issue that shows what ends soon, on GitHub and on GitLab, renewed by a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.ci.fake_forge import Forge, Issue, forge
from support.ci.github_runner import CHECK, DATES, ISSUE, GitHub
from support.ci.gitlab_runner import GitLab
from support.policy_repository import edit, git

MARKER = "<!-- transire expiring -->\n"
SOON = (datetime.now(UTC) + timedelta(days=20)).date()
TOKEN = {"TRANSIRE_GITLAB_TOKEN": "glpat-token"}
BOTS = {"github": "github-actions[bot]", "gitlab": "project_bot"}
TEAM, TICKET = "values/teams/storefront.yaml", "    ticket: SEC-1620\n"
TITLE = "Egress: what ends within 30 days"


@pytest.fixture
def kept() -> Iterator[Forge]:
    with forge() as made:
        yield made


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The scheduled pipeline of one forge, and whose token it has."""

    github: GitHub | None
    gitlab: GitLab | None
    bot: str

    def runs(self, clone: Path) -> tuple[bool, str]:
        """Whether it succeeds on what the clone holds, and what it prints about the issue."""
        git(clone, "commit", "--quiet", "--all", "--allow-empty", "--message", "change")
        git(clone, "push", "--quiet", "--force", "origin", "HEAD:refs/heads/main")
        if self.github is not None:
            job = self.github.run("schedule", "refs/heads/main", path=DATES)["expiring"]
            assert job.steps[CHECK].outcome == "skipped"
            return job.succeeded, job.steps[ISSUE].out
        assert self.gitlab is not None
        ran = self.gitlab.run(
            "egress-expiring",
            git(clone, "rev-parse", "HEAD").strip(),
            **TOKEN,
        )
        return ran.code == 0, ran.err


@pytest.fixture(params=["github", "gitlab"])
def schedule(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    origin: Path,
    installing: dict[str, str],
    kept: Forge,
) -> Schedule:
    name: str = request.param
    temp = tmp_path / "runner"
    temp.mkdir()
    there = {**installing, "CI_API_V4_URL": kept.address}
    return Schedule(
        github=GitHub(origin=origin, temp=temp, environment=installing, api=kept.address)
        if name == "github"
        else None,
        gitlab=GitLab(origin=origin, temp=temp, environment=there) if name == "gitlab" else None,
        bot=BOTS[name],
    )


def end_images(clone: Path, day: object) -> None:
    edit(clone, TEAM, TICKET, f"{TICKET}    expires: {day}\n")


def test_one_issue_is_opened_renewed_and_closed(
    schedule: Schedule, clone: Path, kept: Forge
) -> None:
    assert schedule.runs(clone)[0]
    assert kept.issues == []

    end_images(clone, SOON)
    forged = Issue(user="somebody", title="mine", text=MARKER)
    change = Issue(user=schedule.bot, title="a change", text="## Other", is_pull_request=True)
    kept.issues += [forged, change]
    assert schedule.runs(clone)[0]
    [issue] = kept.issues[2:]
    assert (issue.user, issue.title, issue.open) == (schedule.bot, TITLE, True)
    assert issue.text.startswith(f"{MARKER}## Egress: 1 entry ends by ")
    assert "rule images of storefront" in issue.text

    before = issue.text
    issue.text = MARKER + "outdated"
    assert schedule.runs(clone)[0]
    assert (len(kept.issues), issue.text) == (3, before)

    edit(clone, TEAM, f"    expires: {SOON}\n", "")
    assert schedule.runs(clone)[0]
    assert issue.text.startswith(f"{MARKER}## Egress: nothing ends by ")
    assert [each.open for each in kept.issues] == [True, True, False]
    assert forged.text == MARKER


def test_what_has_ended_is_shown_although_nothing_can_be_generated(
    schedule: Schedule, clone: Path, kept: Forge
) -> None:
    end_images(clone, "2020-01-31")

    assert schedule.runs(clone)[0]
    [issue] = kept.issues
    assert "ended on 2020\\-01\\-31, " in issue.text


def test_values_that_cannot_be_read_are_shown_and_fail(
    schedule: Schedule, clone: Path, kept: Forge
) -> None:
    end_images(clone, "soon")

    assert not schedule.runs(clone)[0]
    [issue] = kept.issues
    assert issue.text.startswith(f"{MARKER}## Egress: what ends soon is not known\n")


def test_an_issue_that_is_refused_fails_and_names_what_is_missing(
    schedule: Schedule, clone: Path, kept: Forge
) -> None:
    end_images(clone, SOON)
    kept.refuses = True
    succeeded, shown = schedule.runs(clone)

    assert not succeeded
    assert "refuses the issue (403 Forbidden)" in shown
    assert kept.issues == []
