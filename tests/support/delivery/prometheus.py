"""Debian's `promtool` and `prometheus`, and rules as both take them."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import requests
import yaml

from support import needs
from support.delivery.real_registry import free_port

PROMTOOL = shutil.which("promtool")
PROMETHEUS = shutil.which("prometheus")
installed = pytest.mark.skipif(PROMTOOL is None or PROMETHEUS is None, reason=needs.PROMETHEUS)

Rule = dict[str, Any]


def promtool(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """What it prints and ends with."""
    return subprocess.run(
        [PROMTOOL or "", *words], input=stdin, capture_output=True, text=True, check=False
    )


def rules_in(file: Path) -> list[Rule]:
    """The rules of all groups of a file."""
    return [rule for group in yaml.safe_load(file.read_text("utf-8"))["groups"]
            for rule in group["rules"]]  # fmt: skip


def metrics_in(expr: str) -> set[str]:
    """The names of metrics that an expression reads."""
    found: set[str] = set()

    def look(node: object) -> None:
        name = getattr(node, "name", None)
        if isinstance(node, promql_parser.VectorSelector) and isinstance(name, str):
            found.add(name)
        for part in ("expr", "lhs", "rhs", "vector_selector"):
            inner = getattr(node, part, None)
            if inner is not None:
                look(inner)
        for inner in getattr(node, "args", None) or ():
            look(inner)

    look(promql_parser.parse(expr))
    return found


Times = Mapping[str, Sequence[Mapping[str, str]]]
"""The labels of each alert that fires, beside those of its rule, by time."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Series, and what rules make of them at some times."""

    series: Mapping[str, str]
    rules: Sequence[tuple[Rule, Times]]


def check_trials(folder: Path, trials: Sequence[Trial], interval: str = "1m") -> None:
    """Hold rules against series, all in one run: each has a name of its own there."""
    rules: list[Rule] = []
    tests = []
    for trial in trials:
        expected = []
        for rule, times in trial.rules:
            name = f"{rule['alert']}{len(rules)}"
            rules.append({**rule, "alert": name})
            expected += list(_expected(rule, name, times))
        values = [{"series": key, "values": each} for key, each in trial.series.items()]
        tests.append({"interval": interval, "input_series": values, "alert_rule_test": expected})
    group = {"name": "tested", "interval": interval, "rules": rules}
    (folder / "rules.yaml").write_text(json.dumps({"groups": [group]}), encoding="utf-8")
    whole = {"rule_files": ["rules.yaml"], "evaluation_interval": interval, "tests": tests}
    (folder / "test.yaml").write_text(json.dumps(whole), encoding="utf-8")
    ran = promtool("test", "rules", str(folder / "test.yaml"))
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _expected(rule: Rule, name: str, times: Times) -> Iterator[dict[str, Any]]:
    annotations = {
        key: value.replace('{{ "{{" }}', "{{") for key, value in rule["annotations"].items()
    }
    for at, fires in times.items():
        alerts = [
            {"exp_labels": {**labels, **rule["labels"]}, "exp_annotations": annotations}
            for labels in fires
        ]
        yield {"eval_time": at, "alertname": name, "exp_alerts": alerts}


@contextmanager
def running(folder: Path, rules: Sequence[Path]) -> Iterator[str]:
    """The address of a Prometheus with these rules, while the block runs."""
    port = free_port()
    settings = {"rule_files": [str(each) for each in rules]}
    (folder / "prometheus.yml").write_text(json.dumps(settings), encoding="utf-8")
    command = [
        PROMETHEUS or "",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            for _ in range(600):
                assert process.poll() is None, (folder / "log").read_text()
                if _is_ready(port):
                    break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _is_ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=5).ok
    except requests.ConnectionError:
        return False
