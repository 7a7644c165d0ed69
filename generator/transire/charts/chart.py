"""Charts: the hand-written ones as they are on the disk, and the teams', stamped from one of them.

A team's chart is `charts/egress-policy` of the policy repository byte for byte, with the team's
name, the lowered values of its targets and a README of its own. So it needs no other chart to
render, and a stale library cannot be used silently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from transire import yamlio
from transire.charts.chart_text import text_problems
from transire.charts.chart_yaml import NAME, read_chart_file, renamed
from transire.charts.installed_alone import not_alone
from transire.charts.layout import team_place
from transire.charts.merged_chart import decided
from transire.charts.readme import write_readme
from transire.charts.templates.rules import template_problems
from transire.charts.values_schema import schema_problems
from transire.meaning.target import Lowered, Target, Values
from transire.model.intent import Mode, Team
from transire.model.problems import Position, Problem, Rejected
from transire.workspace import helmignore
from transire.workspace.file_plan import GENERATED
from transire.workspace.helmignore import HelmIgnore
from transire.workspace.safe_folder import Folder, PathKind, open_folder, shown
from transire.yamlio import write

TEMPLATE = "charts/egress-policy"
"""The chart that every team's chart is stamped from."""

VALUES_FORMAT = "1"
"""The format of lowered values that this release writes."""

FORMAT_KEY = "transire/values-format"
MAX_FILE = 1 << 20
"""Bytes of the largest file that a chart may hold: all of them travel in every Helm release."""

README = "README.md"
TARGETS = "targets/"
_TESTS = "tests/"
_UPGRADE = "run `transire init --upgrade` to rewrite the chart and see what changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart: its folder in the repository, and the files that Helm reads, by path in it."""

    folder: str
    files: Mapping[str, bytes]

    def in_repository(self, prefix: str = "") -> dict[str, bytes]:
        """The files whose path in the chart begins with `prefix`, by path in the repository."""
        return {
            f"{self.folder}/{path}": content
            for path, content in self.files.items()
            if path.startswith(prefix)
        }


def read_chart(root: Path, folder: str) -> Chart:
    """The chart in that folder of the repository at `root`, without its tests.

    Raises:
        Rejected: if there is none, if it holds a link or a file of more than a mebibyte, if what
            tools read as text is none, if something else than its templates would be installed, if
            its values have no schema, if their format is not the one that this release writes, or
            if a template could render differently from tool to tool.
        DiskFailed: if it cannot be read.
    """
    with open_folder(root) as opened:
        files, problems = _read_files(opened, folder)
    problems = problems or file_problems(folder, files)
    if problems:
        raise Rejected(problems)
    return Chart(folder=folder, files=files)


def chart_of(folder: str, files: Mapping[str, bytes]) -> Chart:
    """The chart that these files make, by path in the folder, wherever they are from.

    Raises:
        Rejected: if it cannot be used, as `read_chart` does.
    """
    ignore = HelmIgnore.of(files)
    kept = {path: content for path, content in files.items() if not ignore.covers(path)}
    problems = file_problems(folder, kept)
    if problems:
        raise Rejected(problems)
    return Chart(folder=folder, files=kept)


def file_problems(folder: str, files: Mapping[str, bytes]) -> list[Problem]:
    """Why what the files of a chart hold cannot be used; `files` are by path in the chart."""
    problems = _missing(folder, files) or list(text_problems(folder, files))
    return problems or [
        *_chart_problems(folder, files),
        *schema_problems(folder, files),
        *template_problems(folder, files),
    ]


def read_template(root: Path) -> Chart:
    """The chart that teams' charts are stamped from.

    Raises:
        Rejected: as `read_chart`; also if the chart has targets of its own.
        DiskFailed: if it cannot be read.
    """
    return as_template(read_chart(root, TEMPLATE))


def as_template(chart: Chart) -> Chart:
    """The chart, if teams' charts can be stamped from it.

    Raises:
        Rejected: if it cannot be given another name, or has targets of its own.
    """
    try:
        renamed(chart.files[NAME], "another")
    except ValueError as error:
        advice = "write the line `name: egress-policy`, and no other that starts with name:"
        at = f"{TEMPLATE}/{NAME}"
        raise Rejected([_problem(at, "chart-name", str(error), advice)]) from error
    targets = [path for path in chart.files if path.startswith(TARGETS)]
    if targets:
        raise Rejected(
            _problem(
                f"{TEMPLATE}/{path}",
                "chart-target",
                "this is in the chart that teams' charts are stamped from, so every team would get "
                "it",
                f"move it out of {TEMPLATE}/targets",
            )
            for path in targets
        )
    return chart


def stamp(
    team: Team, targets: Sequence[Target], lowered: Mapping[str, Lowered], template: Chart
) -> Chart:
    """The team's chart, still with the template's version; `lowered` is by target name.

    Raises:
        KeyError: if a target was not lowered.
    """
    folder = f"charts/{team_place(team.name)}"
    values = {target.name: lowered[target.name].values for target in targets}
    files = {
        **template.files,
        NAME: renamed(template.files[NAME], team.name),
        README: write_readme(team, targets, lowered, folder).encode(),
        **_target_files(values),
    }
    return Chart(folder=folder, files=files)


def with_targets(chart: Chart, values: Mapping[str, Values]) -> Chart:
    """The platform's chart with these targets, by name, in place of those that it has."""
    kept = {path: each for path, each in chart.files.items() if not path.startswith(TARGETS)}
    return Chart(folder=chart.folder, files={**kept, **_target_files(values)})


def _target_files(values: Mapping[str, Values]) -> dict[str, bytes]:
    return {
        f"{TARGETS}{name}.yaml": write(each, head=(GENERATED,)).encode()
        for name, each in sorted(values.items())
    }


def target_name(path: str) -> str:
    """The target of a values file at that path in its chart, such as `targets/a.prod.yaml`."""
    return path.removeprefix(TARGETS).removesuffix(".yaml")


def written_mode(values: bytes) -> Mode:
    """The mode in a target's values file; whatever is not audit is enforced."""
    try:
        written = yaml.load(values, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return Mode.ENFORCE
    audit = isinstance(written, dict) and written.get("mode") == Mode.AUDIT
    return Mode.AUDIT if audit else Mode.ENFORCE


def chart_files_now(root: Path, folders: Sequence[str]) -> Mapping[str, bytes]:
    """What the `Chart.yaml` of each folder holds now, for the folders that have one.

    Raises:
        DiskFailed: if one cannot be read.
    """
    with open_folder(root) as opened:
        found = {each: opened.read(f"{each}/{NAME}", MAX_FILE) for each in sorted(folders)}
    return {folder: decided(content) for folder, content in found.items() if content is not None}


def _read_files(opened: Folder, folder: str) -> tuple[dict[str, bytes], list[Problem]]:
    ignored = opened.read(f"{folder}/{helmignore.NAME}", MAX_FILE) or b""
    try:
        ignore = HelmIgnore.parse(ignored)
    except ValueError as error:
        advice = "leave the pattern out, or write it in this form"
        at = f"{folder}/{helmignore.NAME}"
        return {}, [_problem(at, "chart-ignore", f"the file cannot be used: {error}", advice)]
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path, kind in opened.walk(folder):
        name = path.removeprefix(f"{folder}/")
        if ignore.covers(name):
            continue
        content = opened.read(path, MAX_FILE)
        if name == NAME and content is not None:
            content = decided(content)
        problems += _file_problems(path, kind, content)
        problems += _unseen(path, name)
        files[name] = content or b""
    if any(name.startswith(_TESTS) for name in files):
        at = f"{folder}/{helmignore.NAME}"
        message = "it does not name tests/, so the chart's own tests would travel in every release"
        problems.append(_problem(at, "chart-tests", message, "add the line tests/"))
    return files, problems


def _unseen(path: str, name: str) -> Iterator[Problem]:
    """What Helm installs beside the templates, so that nobody would have looked at it."""
    if name.startswith(("crds/", "charts/")):
        message = "Helm would install this beside what the chart's own templates render"
        yield _problem(path, "chart-beside", message, "move it into a chart of its own")


def _file_problems(path: str, kind: PathKind, content: bytes | None) -> Iterator[Problem]:
    if kind is not PathKind.FILE or content is None:
        message = f"this is {kind}, and a chart is made of plain files"
        yield _problem(path, "chart-link", message, "put a copy of the file in its place")
    elif len(content) > MAX_FILE:
        message = f"the file has more than {MAX_FILE} bytes, and travels in every Helm release"
        yield _problem(path, "chart-file-too-big", message, "make it smaller, or leave it out")


def _missing(folder: str, files: Mapping[str, bytes]) -> list[Problem]:
    if NAME in files:
        return []
    return [_problem(f"{folder}/{NAME}", "chart-missing", "there is no chart here", _UPGRADE)]


def _chart_problems(folder: str, files: Mapping[str, bytes]) -> Iterator[Problem]:
    path = f"{folder}/{NAME}"
    try:
        root = yamlio.read(files[NAME], path).root
        version = read_chart_file(files[NAME], path).version
    except Rejected as rejected:
        yield from rejected.problems
        return
    chart = yamlio.plain(root)
    fields = chart if isinstance(chart, dict) else {}
    for key, wanted in (("name", folder.rpartition("/")[2]), ("version", str(version))):
        if fields.get(key) != wanted:
            message = f"the chart has {key} {fields.get(key)!r}, not {wanted!r}"
            yield _problem(path, f"chart-{key}", message, f"write the line `{key}: {wanted}`")
    yield from _format_problems(path, fields)
    yield from not_alone(folder, files, root)


def _format_problems(path: str, fields: Mapping[str, object]) -> Iterator[Problem]:
    annotations = fields.get("annotations")
    written = annotations.get(FORMAT_KEY) if isinstance(annotations, dict) else None
    if written != VALUES_FORMAT:
        message = (
            f"the chart reads values of format {written!r}, and this release of transire writes "
            f"format {VALUES_FORMAT!r}"
        )
        yield _problem(path, "values-format", message, _UPGRADE)


def _problem(path: str, rule: str, message: str, advice: str) -> Problem:
    return Problem(at=Position(path=shown(path)), id=rule, message=message, help=advice)
