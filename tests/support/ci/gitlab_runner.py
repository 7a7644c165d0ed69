"""Runs the scaffolded GitLab jobs as a runner would: the real scripts, by real bash."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.ci.runner_scripts import VERSION, run_script
from support.policy_repository import git

JOBS = ".gitlab/transire.gitlab-ci.yml"


class _Loader(yaml.SafeLoader):
    """YAML with GitLab's own tag, which takes the lines of another job."""


@dataclass(frozen=True, slots=True)
class _Reference:
    job: str
    key: str


def _reference(loader: _Loader, node: yaml.SequenceNode) -> _Reference:
    return _Reference(*loader.construct_sequence(node))


_Loader.add_constructor("!reference", _reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a job ended, what it printed, and where."""

    code: int
    out: str
    err: str
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLab:
    """A project at GitLab: its bare Git repository, and what runs there."""

    origin: Path
    temp: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, job: str, commit: str, after: Sequence[Ran] = (), /, **variables: str) -> Ran:
        """One job of the pipeline on a commit, checked out as GitLab does it: detached.

        It finds the artifacts of those that it runs after.
        """
        folder = self.temp / f"builds-{len(list(self.temp.iterdir()))}"
        git(self.temp, "clone", "--quiet", "--no-checkout", f"file://{self.origin}", str(folder))
        git(folder, "fetch", "--quiet", "origin", commit)
        git(folder, "checkout", "--quiet", "--detach", commit)
        git(folder, "branch", "--quiet", "-D", "main")
        for each in after:
            reports = each.folder / "transire-reports"
            shutil.copytree(reports, folder / "transire-reports", dirs_exist_ok=True)
        main = yaml.safe_load((folder / ".gitlab-ci.yml").read_text(encoding="utf-8"))
        of_the_project = main.pop("variables", {})
        assert main == {"include": [{"local": JOBS}]}
        jobs = read_jobs(folder / JOBS)
        settings = _merged(jobs, job)
        environment = {
            "HOME": str(self.temp),
            "TMPDIR": str(self.temp),
            "CI_PROJECT_ID": "5",
            "CI_PROJECT_DIR": str(folder),
            "CI_COMMIT_SHA": commit,
            "CI_COMMIT_TIMESTAMP": "2026-11-23T10:00:00+00:00",
            "CI_DEFAULT_BRANCH": "main",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": "5",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "TRANSIRE_REQUIREMENT": f"transire=={VERSION}",
            **of_the_project,
            **settings["variables"],
            **self.environment,
            **variables,
        }
        lines = [*_lines(jobs, settings["before_script"]), *_lines(jobs, settings["script"])]
        done = run_script("\n".join(lines), folder, environment)
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr, folder=folder)


def read_jobs(path: Path) -> dict[str, Any]:
    """The jobs of a template by name, hidden ones included."""
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader with one more tag
    return loaded


def _merged(jobs: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A job with what it extends."""
    job = jobs[name]
    below = _merged(jobs, job["extends"]) if "extends" in job else {}
    return {**below, **job}


def _lines(jobs: Mapping[str, Any], script: list[str | _Reference]) -> list[str]:
    found: list[str] = []
    for each in script:
        if isinstance(each, _Reference):
            found += _lines(jobs, jobs[each.job][each.key])
        else:
            found.append(each)
    return found
