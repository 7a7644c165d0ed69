"""The scaffolded pipelines, run in parts and with what earlier jobs proved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from support.ci.changes import propose
from support.ci.github_runner import CHECK, PART, PARTS, PROVED, GitHub, Job
from support.ci.gitlab_runner import GitLab
from support.policy_repository import git

FORK = {"number": 7, "head": {"sha": "0123abcd", "repo": {"full_name": "somebody/egress"}}}
KEY = {"TRANSIRE_CACHE_KEY": "a secret of at least 32 characters"}
BY_HAND = "charts/teams/storefront/README.md"


@pytest.fixture
def github(tmp_path: Path, origin: Path, installing: dict[str, str]) -> GitHub:
    (tmp_path / "runner").mkdir()
    (tmp_path / "kept").mkdir()
    return GitHub(origin=origin, temp=tmp_path / "runner", environment=installing)


@pytest.fixture
def gitlab(tmp_path: Path, origin: Path, installing: dict[str, str]) -> GitLab:
    (tmp_path / "runner").mkdir()
    return GitLab(origin=origin, temp=tmp_path / "runner", environment=installing)


def in_parts(github: GitHub, parts: str) -> GitHub:
    return replace(github, variables={**github.variables, "TRANSIRE_PARTS": parts})


def reviewed(github: GitHub, ref: str) -> dict[str, Job]:
    return github.run("pull_request", ref, pull_request=FORK)


def test_github_checks_parts_and_shows_them_as_one(github: GitHub, clone: Path) -> None:
    (clone / BY_HAND).write_text("mine\n", encoding="utf-8")
    ref = propose(clone)
    whole = reviewed(github, ref)["review"]
    jobs = reviewed(in_parts(github, '["1/2", "2/2"]'), ref)

    assert list(jobs) == ["part 1/2", "part 2/2", "review"]
    first, second, review = jobs.values()
    assert [each.outcomes()[PART] for each in (first, second, review)] == [
        "success",
        "success",
        "skipped",
    ]
    assert (first.succeeded, second.succeeded, first.summary) == (True, True, "")
    assert (review.outcomes()[PARTS], review.outcomes()[CHECK]) == ("success", "failure")
    assert "title=edited-file" in review.steps[CHECK].out
    assert review.steps[CHECK].out == whole.steps[CHECK].out


def test_github_fails_where_a_part_is_missing(github: GitHub, clone: Path) -> None:
    review = reviewed(in_parts(github, '["1/2"]'), propose(clone))["review"]

    assert review.outcomes()[CHECK] == "failure"
    assert review.steps[CHECK].err == "part 2 of 2 is missing\n"


def test_github_begins_with_what_the_target_branch_proved(github: GitHub, clone: Path) -> None:
    """What reviews keep counts for reviews; the target branch proves all of it anew."""
    known = replace(github, secrets=KEY)
    jobs = reviewed(known, propose(clone))
    entries = {each.name: each.stat().st_mtime_ns for each in (github.kept / "cache").iterdir()}
    again = reviewed(known, "refs/pull/7/merge")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    merged = known.run("push", "refs/heads/main")["publish"]

    assert jobs["review"].outcomes()[PROVED] == again["review"].outcomes()[PROVED] == "success"
    assert again["review"].steps[CHECK].out == jobs["review"].steps[CHECK].out == ""
    assert entries
    cached = again["review"].temp / "transire-cache"
    kept = {each.name: each.stat().st_mtime_ns for each in cached.iterdir()}
    assert kept == entries, "nothing was written again"
    assert merged.outcomes()[CHECK] == "success"
    anew = {
        each.name: each.stat().st_mtime_ns for each in (merged.temp / "transire-cache").iterdir()
    }
    assert anew.keys() >= entries.keys()
    assert all(anew[name] > kept[name] for name in entries)


def test_gitlab_checks_parts_and_shows_them_as_one(gitlab: GitLab, clone: Path) -> None:
    (clone / BY_HAND).write_text("mine\n", encoding="utf-8")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "change")
    git(clone, "push", "--quiet", "origin", "change")
    commit = git(clone, "rev-parse", "HEAD").strip()
    whole = gitlab.run("egress-check", commit)
    first, second = (
        gitlab.run("egress-part", commit, CI_NODE_INDEX=each, CI_NODE_TOTAL="2", **KEY)
        for each in ("1", "2")
    )
    merged = gitlab.run("egress-check", commit, (first, second), TRANSIRE_PARTS="yes")
    short = gitlab.run("egress-check", commit, (first,), TRANSIRE_PARTS="yes")

    assert (first.code, second.code, first.err) == (0, 0, "")
    assert not git(first.folder, "status", "--porcelain")
    assert list((first.folder / ".transire-cache").iterdir())
    assert (merged.code, merged.out) == (whole.code, whole.out)
    assert whole.code == 1
    assert "(edited-file)" in merged.out
    reports = [each.folder / "transire-reports/check.xml" for each in (merged, whole)]
    assert reports[0].read_bytes() == reports[1].read_bytes()
    assert (short.code, short.err) == (2, "part 2 of 2 is missing\n" * 2)
