"""Mutants of the charts: how they are made, how they are judged, and that a sample is noticed.

`make mutants` runs all of them.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from support.engines.proofs import problems_of
from support.mutants.changes import changes_of
from support.mutants.data import changes_of_lines, changes_of_schema
from support.mutants.drawn import drawn_targets
from support.mutants.examples import told_and_rendered
from support.mutants.fates import Fate, Mutant, fate_of, mutants, mutants_of
from support.mutants.run import report
from support.mutants.verdicts import Verdict, verdict_of
from support.paths import CHARTS
from support.policy_repository import copy_example, run
from transire.engines.registry import ENGINES

SAMPLE = 40
FEW = 8
"""Targets that are drawn here; `make mutants` draws many more."""

TEMPLATE = """\
{{- /* Comments are left alone: if "x" */ -}}
{{- if eq .Values.engine "b" }}
spec:
  ports:
  {{- range .Values.rules }}
  - {{ .port | int }}
  {{- end }}
  types: [Egress, Ingress]
{{- else }}
a: "x && y"
{{- end }}
"""


def test_every_part_of_a_template_is_changed() -> None:
    made = {(line, what) for line, what, _ in changes_of(TEMPLATE)}
    wanted = {
        (2, "deleted"),
        (2, '"b" to another'),
        (2, "'eq ' to 'ne '"),
        (2, 'block if eq .Values.engine "b" dropped'),
        (2, 'body of if eq .Values.engine "b" dropped'),
        (2, 'else of if eq .Values.engine "b" dropped'),
        (2, 'condition negated in if eq .Values.engine "b"'),
        (2, 'condition always true in if eq .Values.engine "b"'),
        (2, '.engine to .mode in if eq .Values.engine "b"'),
        (3, "key misspelt"),
        (4, "dropped with all below"),
        (5, "block range .Values.rules dropped"),
        (5, "range .Values.rules without its condition"),
        (5, "only the first in range .Values.rules"),
        (6, "| int dropped in .port | int"),
        (6, ".port to .endPort in .port | int"),
        (8, "item Egress dropped"),
        (8, "items Egress and Ingress swapped"),
        (8, "'Egress' to 'Ingress'"),
        (10, "term x dropped"),
        (10, "' && ' to ' || '"),
    }

    assert wanted - made == set()
    assert {line for line, _ in made} == set(range(2, 12))


def test_a_change_is_one_change_and_none_comes_twice() -> None:
    texts = [text for _, _, text in changes_of(TEMPLATE)]

    assert len(texts) == len({TEMPLATE, *texts}) - 1
    assert "{{- if not (eq .Values.engine" in "".join(texts)


def test_values_lose_each_line_and_get_each_other_value() -> None:
    made = [(line, what) for line, what, _ in changes_of_lines("# no\na: 1\nb: false\nc: []\n")]

    assert made == [
        (2, "deleted"),
        (2, "1 to 2"),
        (3, "deleted"),
        (3, "false to true"),
        (4, "deleted"),
        (4, "[] to [x]"),
    ]


def test_a_schema_loses_each_keyword_that_closes_it() -> None:
    text = '{"type": "object",\n "properties": {"a": {"maxLength": 3, "pattern": "^x$"}},\n "required": ["a"]}'
    made = [(line, what) for line, what, _ in changes_of_schema(text)]

    assert made == [
        (3, "/required dropped"),
        (1, "/type dropped"),
        (2, "/properties/a/maxLength dropped"),
        (2, "/properties/a/maxLength 3 to 4"),
        (2, "/properties/a/maxLength 3 to 2"),
        (2, "/properties/a/pattern dropped"),
        (2, "/properties/a/pattern pattern without its start"),
        (2, "/properties/a/pattern pattern without its end"),
    ]


@pytest.mark.slow("many drawn examples")
def test_every_file_that_objects_depend_on_has_mutants() -> None:
    files = {f"{path.parent.name}/{path.name}" for path in CHARTS.glob("egress-*/templates/*")} | {
        f"{path.parent.name}/{path.name}"
        for name in ("Chart.yaml", "values.yaml", "values.schema.json")
        for path in CHARTS.glob(f"egress-*/{name}")
    }
    mutated = {"/".join(f"{each.chart}/{each.path}".split("/")[-2:]) for each in mutants()}

    assert mutated == files


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_mutated_is_proved_before(engine: str) -> None:
    for each, texts in told_and_rendered(engine):
        other = {chart: f"# a comment\n{text}" for chart, text in texts.items()}

        assert problems_of(each, texts) == ()
        assert verdict_of(each, texts, other) is Verdict.SAME_OBJECTS


@pytest.mark.slow("many drawn examples")
def test_targets_are_drawn_alike_every_time() -> None:
    first = drawn_targets("kubernetes", FEW)
    drawn_targets.cache_clear()

    assert [each.values for each, _ in drawn_targets("kubernetes", FEW)] == [
        each.values for each, _ in first
    ]
    assert len(first) == FEW


@pytest.mark.slow("every mutant")
def test_no_mutant_of_a_sample_survives() -> None:
    chosen = random.Random(SAMPLE).sample(list(mutants()), SAMPLE)
    fates = {str(each): fate_of(each, drawn=FEW) for each in chosen}

    assert [name for name, fate in fates.items() if fate is Fate.SURVIVED] == []
    assert {Fate.READ, Fate.CHECK} <= set(fates.values())


def changed(chart: str, path: str, before: str, after: str) -> Mutant:
    text = (CHARTS / chart / path).read_text(encoding="utf-8")
    assert before in text
    return Mutant(
        chart=chart, path=path, line=1, what="changed", text=text.replace(before, after, 1)
    )


REAL = [
    (
        changed("egress-policy", "templates/kubernetes.yaml", ".port | int", "add1 .port"),
        Fate.CHECK,
    ),
    (changed("egress-policy", "values.schema.json", '"maxLength": 63', '"x": 63'), Fate.CHECK),
    (changed("egress-policy", "templates/kubernetes.yaml", "quote", "lookup"), Fate.READ),
    (changed("egress-tier", "templates/tier.yaml", ".name", '(fail "x")'), Fate.REFUSED),
    (
        changed("egress-policy", "templates/kubernetes.yaml", ".port | int", ".port"),
        Fate.SAME_OBJECTS,
    ),
]


@pytest.mark.slow("whole runs of the program")
@pytest.mark.parametrize(("mutant", "fate"), REAL, ids=[fate.name for _, fate in REAL])
def test_a_fate_is_what_check_does(mutant: Mutant, fate: Fate, tmp_path: Path) -> None:
    root = copy_example(tmp_path / "policies")
    (root / "charts" / mutant.chart / mutant.path).write_text(mutant.text, encoding="utf-8")
    generated, checked = run(root, "generate"), run(root, "check")

    assert fate_of(mutant, drawn=FEW) is fate
    if fate.is_equivalent:
        assert (generated.code, checked.code) == (0, 0)
    else:
        assert generated.code != 0
        assert checked.code in {1, 3, 4}


def test_a_survivor_is_named_and_ends_in_1(capsys: pytest.CaptureFixture[str]) -> None:
    [first, second, *_] = mutants_of("egress-tier", "templates/tier.yaml")

    assert report([(first, Fate.SURVIVED), (second, Fate.SAME_FLOWS)]) == 1
    assert capsys.readouterr().out == (
        "charts/egress-tier/templates/tier.yaml:2: deleted: survived\n"
        "2 mutants\n"
        "     0 found when the chart is read\n"
        "     0 refused by Helm\n"
        "     0 found by check\n"
        "     0 found by the charts' suites\n"
        "     0 found by check on drawn targets\n"
        "     0 equivalent: the same objects on all targets\n"
        "     1 equivalent: the same flows on all targets\n"
        "     1 survived\n"
    )
    assert report([(second, Fate.CHECK)]) == 0


@pytest.mark.slow("every mutant")
def test_a_hole_in_the_proof_lets_a_mutant_survive(monkeypatch: pytest.MonkeyPatch) -> None:
    mutant = changed("egress-policy", "templates/cilium.yaml", "toFQDNs:", "toFQDNs: # x\n ")
    assert fate_of(mutant, drawn=FEW) is not Fate.SURVIVED
    monkeypatch.setattr("support.mutants.verdicts.findings", lambda *_: iter(()))
    monkeypatch.setattr("support.mutants.fates._found_by_suites", lambda *_: False)
    open_to_all = changed("egress-policy", "templates/cilium.yaml", '"egress-deny"', '"allow-all"')
    opened = changed("egress-policy", "templates/kubernetes.yaml", "{{ .port | int }}", "444")

    assert fate_of(open_to_all, drawn=FEW) is Fate.SAME_FLOWS
    assert fate_of(opened, drawn=FEW) is Fate.SURVIVED
