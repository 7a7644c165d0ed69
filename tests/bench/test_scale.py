"""What `make bench` measures with: the organisation, what a process costs, tables and slopes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from scale import pipe
from scale.cost import Cost, cost, memory
from scale.organisation import CHANGED, change, write
from scale.results import PipeRow, lines_of, slopes, table
from scale.verbs import Repository, Row, in_the_middle


def took(seconds: float, memory: float = 50.0) -> Cost:
    return Cost(seconds=seconds, processor=seconds / 2, memory=memory, load=1.0, code=0, out="")


def row(teams: int, seconds: float, verb: str = "check, cold") -> Row:
    return Row(teams=teams, verb=verb, cost=took(seconds), read=3, written=1)


def of_the_pipe(teams: int, seconds: float, sample: int) -> PipeRow:
    return PipeRow(
        teams=teams,
        targets=2 * teams,
        sample=sample,
        seconds=seconds,
        processor=seconds,
        memory=60.0,
        at_once=seconds / 2,
        load=1.0,
    )


def test_a_team_has_ten_rules_of_ten_hosts_and_one_in_a_hundred_a_large_one(tmp_path: Path) -> None:
    root = write(tmp_path / "policies", 51)
    teams = [
        yaml.safe_load(each.read_text(encoding="utf-8"))
        for each in sorted(root.glob("values/teams/*.yaml"))
    ]
    sizes = [[len(rule["to"]) for rule in team["egress"]] for team in teams]

    assert sizes == [*[[10] * 10] * 50, [*[10] * 10, 500]]
    assert sum("*" in host for rule in teams[0]["egress"] for host in rule["to"]) == 2


def test_each_change_is_another(tmp_path: Path) -> None:
    root = write(tmp_path / "policies", 10)
    path = root / f"values/teams/{CHANGED}.yaml"
    texts = {path.read_text(encoding="utf-8")}
    for number in (1, 2):
        change(root, number)
        texts.add(path.read_text(encoding="utf-8"))

    assert len(texts) == 3


@pytest.mark.slow("long runs in a repository")
def test_a_verb_is_measured_with_the_files_that_it_opens(tmp_path: Path) -> None:
    root = write(tmp_path / "policies", 2)
    here = Repository(root=root, teams=2, has_cache=False, often=1)
    found = here.once("generate", "generate", "--as-of", "2026-11-23")
    again = here.cold("check", "check", "--as-of", "2026-11-23")

    assert found.written is not None
    assert found.written > len([each for each in root.glob("charts/teams/**/*") if each.is_file()])
    assert again.written == 0
    assert again.cost.code == 0
    assert again.cost.memory > 30
    with pytest.raises(RuntimeError, match=r"^check nobody ends with 2: there is no team"):
        here.once("check", "check", "nobody")


def test_the_memory_of_all_processes_is_added_up() -> None:
    each = "held = bytearray(60 << 20); print('ready', flush=True); input()"
    both = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {each!r}]); {each}"
    command = [sys.executable, "-c", both]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = [process.stdout.readline() for _ in range(2)]
        found = memory(process.pid)
        process.communicate(b"\n\n")

    assert ready == [b"ready\n"] * 2
    assert 120 < found < 180


def test_of_several_runs_the_one_in_the_middle_counts_and_the_most_memory() -> None:
    rows = [
        Row(teams=1, verb="check", cost=took(seconds, memory))
        for seconds, memory in ((3.0, 10.0), (1.0, 30.0), (2.0, 20.0))
    ]

    assert in_the_middle(rows).cost == took(2.0, 30.0)
    assert in_the_middle(rows[:1]) == rows[0]


def test_a_table_has_ratios_and_what_was_extrapolated() -> None:
    rows = [row(10, 2.0), row(100, 10.0)]
    pipes = [of_the_pipe(10, 4.0, 20), of_the_pipe(100, 400.0, 20)]

    assert list(table(rows, pipes, "the pipe"))[2:] == [
        "| check, cold | 10 | 2.00 | 1.00 | 50 | 3 | 1 | 2.0 | 4.0 | 1.0 |",
        "| check, cold | 100 | 10.00 | 5.00 | 50 | 3 | 1 | 40.0 | 80.0 | 1.0 |",
        "| the pipe, one after another | 10 | 4.00 | 4.00 | 60 |  |  |  |  | 1.0 |",
        "| the pipe, one on each core | 10 | 2.00 | 4.00 |  |  |  |  |  | 1.0 |",
        "| the pipe, one after another, extrapolated from 20 of 200 targets | 100 | 400 | 400 | 60 |  |  |  |  | 1.0 |",
        "| the pipe, one on each core, extrapolated from 20 of 200 targets | 100 | 200 | 400 |  |  |  |  |  | 1.0 |",
    ]


def test_a_slope_is_that_of_powers_of_ten() -> None:
    rows = [row(10, 2.0), row(100, 20.0), row(1000, 2000.0), row(10, 1.0, "diff")]
    pipes = [of_the_pipe(each, 1.0, 20) for each in (10, 100, 1000)]

    assert list(slopes(rows, pipes)) == [
        "| verb | 10 to 100 | 100 to 1,000 |",
        "|---|---|---|",
        "| check, cold | 1.00 | 2.00 |",
        "| diff |  |  |",
        "| the pipe, one after another | 0.00 | 0.00 |",
    ]
    assert list(lines_of(rows, pipes)) == ["check, cold", "diff", "the pipe, one after another"]


@pytest.mark.parametrize("count", [2, 6, 20, 30])
def test_a_sample_is_spread_over_all_and_as_many_of_each_cluster(count: int) -> None:
    targets = [Path(f"t{number}.{name}.yaml") for number in range(10) for name in "ab"]
    chosen = pipe.some_of(targets, count)

    assert len(chosen) == min(count, 20)
    assert len([each for each in chosen if each.match("*.a.yaml")]) * 2 == len(chosen)
    assert chosen == sorted(set(chosen), key=targets.index)


def test_schemas_of_the_pipe_are_those_of_the_definitions(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"spec": {"type": "object"}}}
    definition = {
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "example.com",
            "names": {"kind": "Widget"},
            "versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema}}],
        },
    }
    (tmp_path / "crd.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    found = pipe.pipe(tmp_path / "schemas", [tmp_path])

    written = tmp_path / "schemas/example.com/widget_v1.json"
    assert json.loads(written.read_text(encoding="utf-8")) == schema
    assert found.name.endswith(", 1 schemas")
    assert pipe.pipe(tmp_path / "none", []).name.endswith(", no schemas")


def test_without_kubeconform_another_validator_finds_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    found = pipe.pipe(tmp_path, [])
    (tmp_path / "example.com").mkdir()
    text = '{"properties": {"spec": {"type": "object"}}}'
    (tmp_path / "example.com/widget_v1.json").write_text(text, encoding="utf-8")
    wrong = tmp_path / "wrong.yaml"
    kind = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: one}\n"
    wrong.write_text(f"{kind}spec: 1\n---\n{kind}spec: {{}}\n", encoding="utf-8")

    done = cost(["sh", "-c", f"{' '.join(found.validator)} < {wrong}"], tmp_path)

    assert (done.code, done.out) == (1, 'Widget one: 1 is not of type "object"\n')
