"""The last lines of a run: what was left out by choice, what was skipped and how to have it run.

With pytest-xdist, workers collect and the process that prints does not. So each worker counts what
it leaves out, which is the same in all, and hands it over when it ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from support import needs

SLOW = "slow"
BY_FIXTURE = {
    "chromium": "a browser",
    "installing": "virtual environments",
    "installing_for_real": "virtual environments",
}
"""Fixtures that make a test slow, and what they bring."""

BY_NEED = {needs.REGISTRY: "a real registry", needs.BROWSER: "a browser"}
"""What is missing where a test is skipped, and makes it slow where it is not."""

NO_KIND = "slow for no reason given"
_OUTPUT = "transire-left-out"


def skipped_line(tests: Mapping[str, int], files: Mapping[str, int]) -> str:
    """What was skipped, by reason: so many tests, and so many files before their tests were seen."""
    parts = [
        f"{reason}: {_and(_count(tests.get(reason, 0), 'test'), _count(files.get(reason, 0), 'file'))}"
        for reason in sorted({*tests, *files})
    ]
    return f"skipped: {'; '.join(parts)}" if parts else "skipped: nothing"


def left_out_line(kinds: Mapping[str, int], expression: str) -> str:
    """What a choice of markers left out, by what it needs."""
    parts = ", ".join(f"{kind} {kinds[kind]}" for kind in sorted(kinds))
    total = _count(sum(kinds.values()), "test")
    return f"left out by -m '{expression}': {total} ({parts}); make test runs them"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}" if number else ""


def _and(*parts: str) -> str:
    return " and ".join(filter(None, parts))


def kind_of(item: pytest.Item) -> str:
    """What a slow test needs, as its marker or its fixture says."""
    marker = item.get_closest_marker(SLOW)
    return str(marker.args[0]) if marker and marker.args else NO_KIND


class RunSummary:
    """Counts what is not run, and prints it when all is done."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.left_out: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.skipped_files: Counter[str] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: Iterable[pytest.Item]) -> None:
        """Mark what is slow by its fixtures and needs, before the markers are chosen from."""
        for item in items:
            needed = (each.kwargs.get("reason") for each in item.iter_markers("skipif"))
            kinds = [BY_FIXTURE.get(name) for name in getattr(item, "fixturenames", ())]
            kinds += [BY_NEED.get(str(reason)) for reason in needed]
            for kind in filter(None, kinds):
                if item.get_closest_marker(SLOW) is None:
                    item.add_marker(pytest.mark.slow(kind))

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        self.left_out.update(kind_of(each) for each in items if each.get_closest_marker(SLOW))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped_files[_reason(report)] += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped[_reason(report)] += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - a node of pytest-xdist
        handed = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if handed is not None:
            self.left_out = Counter(handed)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Iterator[None]:
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[_OUTPUT] = dict(self.left_out)
        yield
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is None or hasattr(self.config, "workeroutput"):
            return
        if self.left_out and f"not {SLOW}" in self.config.getoption("markexpr"):
            terminal.write_line(left_out_line(self.left_out, self.config.getoption("markexpr")))
        terminal.write_line(skipped_line(self.skipped, self.skipped_files))


def _reason(report: pytest.CollectReport | pytest.TestReport) -> str:
    """What the skip says of itself; pytest keeps it as the place and the words."""
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return said.removeprefix("Skipped: ")


def pytest_configure(config: pytest.Config) -> None:
    """Count in this run."""
    config.pluginmanager.register(RunSummary(config), "transire-run-summary")
