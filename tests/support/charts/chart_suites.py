"""Chart suites in the format of helm-unittest, run through Helm in this process.

A suite names templates, values and settings; each of its tests renders the chart and asserts. The
helm-unittest plugin takes the same files. What this runner does not know is an error, never
skipped, so that no assertion passes unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import yaml

from support.charts.chart_asserts import Object, SuiteError, expect_keys, found, judge
from support.charts.schema_corpus import merged

Tree = dict[str, Any]

_SUITE = frozenset({"suite", "templates", "values", "set", "tests"})
_TEST = frozenset(
    {"it", "template", "values", "set", "documentIndex", "documentSelector", "asserts"}
)
_EXECUTION = re.compile(r"execution error at \([^)]*\): (.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test of one suite."""

    path: Path
    suite: Tree
    test: Tree

    @property
    def chart(self) -> Path:
        """The chart's folder."""
        return self.path.parent.parent

    def __str__(self) -> str:
        return f"{self.chart.name}/{self.path.name}: {self.test.get('it')}"


def cases(charts: Path) -> Iterator[Case]:
    """Every test of every suite of these charts."""
    for path in sorted(charts.glob("*/tests/*_test.yaml")):
        suite = _read(path)
        expect_keys(str(path), suite, frozenset({"suite", "tests"}), optional=_SUITE)
        for test in suite["tests"]:
            expect_keys(str(path), test, frozenset({"it", "asserts"}), optional=_TEST)
            yield Case(path=path, suite=suite, test=test)


def failures(case: Case, chart: helm_python.Chart) -> list[str]:
    """What the test finds wrong, one line each.

    Raises:
        SuiteError: for anything in the suite that is not known.
    """
    try:
        rendered = chart.render(values_of(case))
    except helm_python.HelmError as error:
        return _failed(case, str(error))
    documents = _documents(case, rendered)
    return [
        line
        for each in case.test["asserts"]
        for line in _judged(case, documents, *_only(case, each))
    ]


@cache
def _read(path: Path) -> Tree:
    tree: Tree = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    return tree


def values_of(case: Case) -> Tree:
    """The values of the suite and of the test, the test's last."""
    values: Tree = {}
    for part in (case.suite, case.test):
        for name in part.get("values", ()):
            values = merged(values, _read(case.path.parent / name))
        for key, value in part.get("set", {}).items():
            if not re.fullmatch(r"[A-Za-z]+", key):
                raise SuiteError(f"{case}: set takes whole keys here, not {key!r}")
            values = merged(values, {key: value})
    return values


def _only(case: Case, given: Mapping[str, Any]) -> tuple[str, Tree]:
    if len(given) != 1:
        raise SuiteError(f"{case}: an assertion is one name with its keys, not {given}")
    name, want = next(iter(given.items()))
    return name, want


def _failed(case: Case, words: str) -> list[str]:
    """What is wrong with a rendering that failed; nothing if every assertion expects that."""
    return [line for each in case.test["asserts"] for line in _expected(*_only(case, each), words)]


def _expected(name: str, want: Tree, words: str) -> list[str]:
    if name != "failedTemplate":
        return [f"{name}: rendering failed: {words}"]
    said = _EXECUTION.search(words)
    message = said[1] if said else words.strip()
    expect_keys(name, want, frozenset(), optional=frozenset({"errorMessage", "errorPattern"}))
    if "errorMessage" in want and message != want["errorMessage"]:
        return [f"failedTemplate: expected {want['errorMessage']!r}, Helm said {message!r}"]
    if "errorPattern" in want and not re.search(want["errorPattern"], words):
        return [f"failedTemplate: expected {want['errorPattern']!r}, Helm said {words!r}"]
    return []


def _documents(case: Case, rendered: Mapping[str, str]) -> list[Object]:
    """The objects of the one template that the test is about."""
    names = [case.test["template"]] if "template" in case.test else case.suite.get("templates", [])
    if len(names) != 1:
        raise SuiteError(f"{case}: name one template")
    texts = [text for path, text in rendered.items() if path.endswith(f"/templates/{names[0]}")]
    if len(texts) != 1:
        raise SuiteError(f"{case}: the chart has no template {names[0]!r}")
    return [each for each in yaml.load_all(texts[0], yaml.CSafeLoader) if each is not None]


def _judged(case: Case, documents: Sequence[Object], name: str, want: Tree) -> list[str]:
    if name == "failedTemplate":
        return ["failedTemplate: rendering did not fail"]
    if name == "notFailedTemplate":
        expect_keys(name, want, frozenset())
        return []
    chosen = _chosen(case, documents)
    if name != "hasDocuments":
        return judge(name, want, chosen)
    expect_keys(name, want, frozenset({"count"}), optional=frozenset({"filterAware"}))
    counted = len(chosen if want.get("filterAware") else documents)
    return [] if counted == want["count"] else [f"hasDocuments {want}: there are {counted}"]


def _chosen(case: Case, documents: Sequence[Object]) -> Sequence[Object]:
    if "documentIndex" in case.test:
        return documents[case.test["documentIndex"] :][:1]
    selector = case.test.get("documentSelector")
    if selector is None:
        return documents
    keys = frozenset({"path", "value"})
    expect_keys("documentSelector", selector, keys, optional=frozenset({"matchMany"}))
    chosen = [each for each in documents if found(each, selector["path"]) == selector["value"]]
    if not chosen or (len(chosen) > 1 and not selector.get("matchMany")):
        raise SuiteError(f"{case}: {selector} finds {len(chosen)} documents")
    return chosen
