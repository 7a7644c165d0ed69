"""What notices a mutant of a chart, or that it changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path

from yaml import YAMLError

from support.charts.chart_asserts import SuiteError
from support.charts.chart_suites import Case, cases, failures
from support.engines.proofs import Told
from support.mutants.changes import changes_of
from support.mutants.data import changes_of_lines, changes_of_schema
from support.mutants.drawn import drawn_targets
from support.mutants.examples import Texts, loaded, packed, text_of, told_and_rendered
from support.mutants.verdicts import Verdict, verdict_of
from support.paths import CHARTS, ROOT
from transire.charts.chart import Chart, file_problems, read_chart
from transire.charts.values_schema import SCHEMA
from transire.engines.registry import ENGINES
from transire.helm.sdk import is_notes
from transire.model.problems import HelmFailed
from transire.pipeline.own_schemas import other_schemas
from transire.pipeline.stamp import Stamped

DRAWN = 200
"""Targets that are drawn for what no example shows."""

_CHARTS = tuple(sorted(path.parent.name for path in CHARTS.glob("egress-*/Chart.yaml")))
_OF_CALICO = ("calico", "calico-enterprise")
_ENGINES_OF = {
    "calico.yaml": _OF_CALICO,
    "cilium.yaml": ("cilium",),
    "kubernetes.yaml": ("kubernetes",),
    "tier.yaml": _OF_CALICO,
}
"""Engines by the name of the template that serves them; the others serve all."""


class Fate(Enum):
    """What became of a mutant; the first that holds."""

    READ = "found when the chart is read"
    REFUSED = "refused by Helm"
    CHECK = "found by check"
    SUITES = "found by the charts' suites"
    DRAWN = "found by check on drawn targets"
    SAME_OBJECTS = "equivalent: the same objects on all targets"
    SAME_FLOWS = "equivalent: the same flows on all targets"
    SURVIVED = "survived"

    @property
    def is_equivalent(self) -> bool:
        """Whether the mutant was shown to change nothing."""
        return self in {Fate.SAME_OBJECTS, Fate.SAME_FLOWS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A file of a chart with one change; `line` is that of the change, from 1."""

    chart: str
    path: str
    line: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"charts/{self.chart}/{self.path}:{self.line}: {self.what}"

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that the file serves."""
        return _ENGINES_OF.get(Path(self.path).name, tuple(ENGINES))


def mutants() -> Iterator[Mutant]:
    """Every mutant of every chart, in the order of files and lines."""
    for chart in _CHARTS:
        for path in sorted(_files(chart)):
            yield from mutants_of(chart, path)


def mutants_of(chart: str, path: str) -> Iterator[Mutant]:
    """Every mutant of one file; none of a file that no object depends on."""
    text = _files(chart)[path].decode()
    if path.startswith("templates/"):
        changes = changes_of(text)
    elif path == SCHEMA:
        changes = changes_of_schema(text)
    elif path in {"values.yaml", "Chart.yaml"}:
        changes = changes_of_lines(text)
    else:
        return
    for line, what, changed in changes:
        yield Mutant(chart=chart, path=path, line=line, what=what, text=changed)


def fate_of(mutant: Mutant, drawn: int = DRAWN) -> Fate:
    """What notices the mutant first, or what shows that it changes nothing.

    `drawn` is how many targets are drawn to show that.
    """
    files = {**_files(mutant.chart), mutant.path: mutant.text.encode()}
    if file_problems(f"charts/{mutant.chart}", files):
        return Fate.READ
    if next(other_schemas(_stamped(mutant.chart, files)), None) is not None:
        return Fate.CHECK
    rendering = {path: content for path, content in files.items() if _is_rendered(path)}
    try:
        shown = set(_verdicts(mutant, packed(rendering), _examples(mutant)))
    except HelmFailed:
        return Fate.REFUSED
    if Verdict.CAUGHT in shown:
        return Fate.CHECK
    if _found_by_suites(mutant.chart, packed(files)):
        return Fate.SUITES
    if is_notes(mutant.path):
        return _OF_VERDICTS[min(shown, key=list(Verdict).index)]
    try:
        shown |= set(_verdicts(mutant, packed(rendering), _drawn(mutant, drawn)))
    except HelmFailed:
        return Fate.DRAWN
    return _OF_VERDICTS[min(shown, key=list(Verdict).index)]


def _stamped(chart: str, files: Mapping[str, bytes]) -> Stamped:
    """The charts with these files in place of those that one of them has."""
    found = {each: Chart(folder=f"charts/{each}", files=_files(each)) for each in _CHARTS}
    found[chart] = replace(found[chart], files=files)
    return Stamped(charts=found, beside={})


_OF_VERDICTS = {
    Verdict.CAUGHT: Fate.DRAWN,
    Verdict.SURVIVED: Fate.SURVIVED,
    Verdict.SAME_FLOWS: Fate.SAME_FLOWS,
    Verdict.SAME_OBJECTS: Fate.SAME_OBJECTS,
}


def _verdicts(
    mutant: Mutant, archive: bytes, targets: Iterable[tuple[Told, Texts]]
) -> Iterator[Verdict]:
    """What becomes of the mutant on each target, up to the first that `check` finds it on."""
    for each, before in targets:
        if mutant.chart in each.values:
            after = {**before, mutant.chart: text_of(each, mutant.chart, archive)}
            verdict = verdict_of(each, before, after)
            yield verdict
            if verdict is Verdict.CAUGHT:
                return


def _examples(mutant: Mutant) -> Iterator[tuple[Told, Texts]]:
    """Those that the template serves, and then all others, which it must leave alone."""
    for engine in dict.fromkeys((*mutant.engines, *ENGINES)):
        yield from told_and_rendered(engine)


def _drawn(mutant: Mutant, count: int) -> Iterator[tuple[Told, Texts]]:
    for engine in mutant.engines:
        yield from drawn_targets(engine, count // len(mutant.engines))


def _is_rendered(path: str) -> bool:
    """Whether what Helm renders of values that the schema takes depends on the file."""
    return path in {"Chart.yaml", "values.yaml"} or path.startswith("templates/")


@cache
def _files(chart: str) -> Mapping[str, bytes]:
    """The files of the chart as `check` reads them."""
    return read_chart(ROOT, f"charts/{chart}").files


@cache
def _suites(chart: str) -> tuple[Case, ...]:
    return tuple(each for each in cases(CHARTS) if each.chart.name == chart)


def _found_by_suites(chart: str, archive: bytes) -> bool:
    """A suite that looks for what is not there any more, or is no YAML, finds it, too."""
    try:
        changed = loaded(archive)
        return any(failures(each, changed) for each in _suites(chart))
    except (HelmFailed, SuiteError, YAMLError):
        return True
