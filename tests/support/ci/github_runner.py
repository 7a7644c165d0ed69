"""Runs the scaffolded workflow's jobs as GitHub's runner would: the real scripts, by real bash.

Only what the pipelines use is understood; anything else is an error, so that nothing is passed over.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.ci.runner_scripts import VERSION, run_script
from support.policy_repository import git

WORKFLOW = ".github/workflows/egress.yml"
DATES = ".github/workflows/egress-expiring.yml"
ACTION = ".github/actions/transire"

INSTALL, CHECK, DIFF = "Install transire", "Check", "Say what the change means"
COMMENT, PUBLISH = "Comment on the pull request", "Publish"
VERIFY = "Hold clusters against the values"
PROVED, PARTS, PART = "Get what was proved", "Get all parts", "Hand the part over"
OF_PARTS = dict.fromkeys((PROVED, PARTS, PART), "skipped")
"""What a review does that checks everything by itself and keeps nothing."""
EXPIRING, ISSUE = "Show what ends soon", "Renew the issue"

_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")
_NAME = re.compile(r"(?:inputs|github|steps|secrets|vars|matrix|runner)(?:\.[A-Za-z_-]+)+")

Context = Mapping[str, Any]


def document(path: Path) -> dict[str, Any]:
    """A YAML file as it is; `on` is the key True."""
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of one step of the action."""

    name: str
    outcome: str
    out: str = ""
    err: str = ""


@dataclass(slots=True, kw_only=True)
class Job:
    """What became of one job: its steps by name, its summary, and where it worked."""

    folder: Path
    temp: Path
    steps: dict[str, Step] = field(default_factory=dict)
    cached: Path | None = None

    @property
    def succeeded(self) -> bool:
        """Whether no step failed."""
        return all(each.outcome != "failure" for each in self.steps.values())

    @property
    def summary(self) -> str:
        """What the job's summary says."""
        return (self.temp / "summary").read_text(encoding="utf-8")

    def outcomes(self) -> dict[str, str]:
        """Every step and how it ended."""
        return {name: each.outcome for name, each in self.steps.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """A repository at GitHub: its bare Git repository, where its API is, and what runs there."""

    origin: Path
    temp: Path
    api: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(
        default_factory=lambda: {"TRANSIRE_REQUIREMENT": f"transire=={VERSION}"}
    )

    def run(
        self, event: str, ref: str, *, path: str = WORKFLOW, **payload: object
    ) -> dict[str, Job]:
        """The jobs of a workflow that an event starts on a ref, by name."""
        github: Context = {
            "event_name": event,
            "ref": ref,
            "base_ref": "main" if event == "pull_request" else "",
            "token": "the-token",
            "event": {"repository": {"default_branch": "main"}, **payload},
        }
        workflow = yaml.safe_load(git(self.origin, "show", f"{ref}:{path}"))
        done: dict[str, Job] = {}
        for job in workflow["jobs"].values():
            if holds(job["if"], {"github": github, "vars": self.variables}):
                for matrix in self._matrix(job):
                    name = filled(job["name"], {"matrix": matrix})
                    done[name] = self._job(job, ref, github, matrix)
        return done

    def _matrix(self, job: Context) -> Iterator[Context]:
        """What differs from one job to the next of a matrix."""
        if "strategy" not in job:
            yield {}
            return
        ((name, listed),) = job["strategy"]["matrix"].items()
        found = re.fullmatch(r"\$\{\{ fromJSON\(vars\.(\w+) \|\| '.*'\) \}\}", listed)
        assert found is not None
        for each in json.loads(self.variables[found[1]]):
            yield {name: each}

    @property
    def kept(self) -> Path:
        """Where artifacts and caches are between jobs."""
        return self.temp.with_name("kept")

    def _job(self, job: Context, ref: str, github: Context, matrix: Context) -> Job:
        checkout, action = job["steps"]
        assert checkout["uses"].startswith("actions/checkout@")
        assert action["uses"] == f"./{ACTION}"
        number = len(list(self.temp.iterdir()))
        done = Job(folder=self.temp / f"work-{number}", temp=self.temp / f"temp-{number}")
        done.temp.mkdir()
        self._check_out(done.folder, ref, depth=checkout["with"]["fetch-depth"])
        given = {
            name: filled(
                str(value), {"secrets": self.secrets, "vars": self.variables, "matrix": matrix}
            )
            for name, value in action["with"].items()
        }
        self._act(done, github, given)
        if done.succeeded and done.cached is not None and done.cached.is_dir():
            shutil.copytree(done.cached, self.kept / "cache", dirs_exist_ok=True)
        return done

    def _check_out(self, folder: Path, ref: str, *, depth: int) -> None:
        """As actions/checkout does it: a branch by its name, anything else detached."""
        options = [f"--depth={depth}"] if depth else []
        git(self.temp, "init", "--quiet", str(folder))
        git(folder, "remote", "add", "origin", f"file://{self.origin}")
        branch = ref.removeprefix("refs/heads/")
        remote = f"origin/{branch}" if branch != ref else ref.removeprefix("refs/")
        there = f"refs/remotes/{remote}"
        every = [] if depth else ["+refs/heads/*:refs/remotes/origin/*"]
        git(folder, "fetch", "--quiet", *options, "origin", *every, f"+{ref}:{there}")
        if branch == ref:
            git(folder, "checkout", "--quiet", "--detach", there)
        else:
            git(folder, "checkout", "--quiet", "-B", branch, there)

    def _act(self, job: Job, github: Context, given: Mapping[str, str]) -> None:
        action = document(job.folder / ACTION / "action.yml")
        usual = {
            name: filled(str(each.get("default", "")), {"github": github})
            for name, each in action["inputs"].items()
        }
        assert given.keys() <= usual.keys()
        known: dict[str, dict[str, Any]] = {}
        context = {
            "github": github,
            "inputs": {**usual, **given},
            "steps": known,
            "runner": {"temp": str(job.temp)},
        }
        for step in action["runs"]["steps"]:
            condition = step.get("if", "")
            due = job.succeeded or condition.startswith("${{ !cancelled()")
            if due and (not condition or holds(condition, context)):
                act = self._use if "uses" in step else self._step
                done = act(job, step, context)
            else:
                done = Step(name=step["name"], outcome="skipped")
            job.steps[done.name] = done
            if "id" in step:
                known[step["id"]] = {"outcome": done.outcome, "outputs": _outputs(job.temp)}

    def _use(self, job: Job, step: Context, context: Context) -> Step:
        """A step by one of the forge's own actions: caches and artifacts."""
        given = {name: filled(str(value), context) for name, value in step["with"].items()}
        path = Path(given["path"])
        match step["uses"].partition("@")[0]:
            case "actions/cache":
                job.cached = path
                if (self.kept / "cache").is_dir():
                    shutil.copytree(self.kept / "cache", path)
            case "actions/upload-artifact":
                shutil.copytree(path, self.kept / given["name"], dirs_exist_ok=True)
            case "actions/download-artifact":
                path.mkdir()
                for each in self.kept.glob(given["pattern"]):
                    shutil.copytree(each, path / each.name)
            case other:
                raise AssertionError(other)
        return Step(name=step["name"], outcome="success")

    def _step(self, job: Job, step: Context, context: Context) -> Step:
        assert step["shell"] == "bash"
        (job.temp / "output").write_text("", encoding="utf-8")
        (job.temp / "summary").touch()
        environment = {
            "HOME": str(job.temp),
            "RUNNER_TEMP": str(job.temp),
            "GITHUB_OUTPUT": str(job.temp / "output"),
            "GITHUB_STEP_SUMMARY": str(job.temp / "summary"),
            "GITHUB_ACTION_PATH": str(job.folder / ACTION),
            "GITHUB_REPOSITORY": "example/egress",
            "GITHUB_API_URL": self.api,
            **self.environment,
            **{name: filled(value, context) for name, value in step.get("env", {}).items()},
        }
        ran = run_script(step["run"], job.folder, environment)
        outcome = "failure" if ran.returncode else "success"
        return Step(name=step["name"], outcome=outcome, out=ran.stdout, err=ran.stderr)


def filled(text: str, context: Context) -> str:
    """The text with its expressions replaced."""
    return _EXPRESSION.sub(lambda found: _either(found[1], context), text)


def holds(condition: str, context: Context) -> bool:
    """Whether a condition is true: comparisons with texts, all of which must hold."""
    inner = condition.removeprefix("${{ ").removesuffix(" }}")
    return all(_compared(each, context) for each in inner.split(" && ") if each != "!cancelled()")


def _compared(text: str, context: Context) -> bool:
    name, sign, wanted = re.fullmatch(r"(\S+) (==|!=) '(.*)'", text).groups()  # type: ignore[union-attr] # another form fails the test, as it should
    return (_value(name, context) == wanted) is (sign == "==")


def _either(text: str, context: Context) -> str:
    values = (_value(each, context) for each in text.split(" || "))
    return next((each for each in values if each), "")


def _value(name: str, context: Context) -> str:
    assert _NAME.fullmatch(name), name
    room, *path = name.split(".")
    value = context[room]
    for part in path:
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return str(value)


def _outputs(temp: Path) -> dict[str, str]:
    lines = (temp / "output").read_text(encoding="utf-8").splitlines()
    return {name: value for name, _, value in (each.partition("=") for each in lines)}
