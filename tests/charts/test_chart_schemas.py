"""The schemas of the charts: what they say, and that every validator reads them alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from support import needs
from support.charts.platform_fields import BASELINE, TIER
from support.charts.policy_fields import POLICY
from support.charts.schema_corpus import Example, examples
from support.charts.umbrella_chart import refused, umbrella
from support.measured.pattern_steps import CountedPattern
from support.paths import CHARTS
from transire.helm import HelmChoice

NAMES = ("egress-policy", "egress-baseline", "egress-tier")
CORPUS = {
    "egress-policy": list(examples("egress-policy", POLICY)),
    "egress-baseline": list(examples("egress-baseline", BASELINE)),
    "egress-tier": list(examples("egress-tier", TIER)),
}
FORBIDDEN_IN_PATTERNS = re.compile(r"\\[dDwWsSbBpP]|\(\?|\\[1-9]|[^ -~]")
KEYWORDS = {
    *("$schema", "$ref", "title", "description", "definitions", "type", "enum", "const", "not"),
    *("properties", "additionalProperties", "propertyNames", "required", "dependencies", "if"),
    *("then", "else", "allOf", "anyOf", "oneOf", "items", "minItems", "maxItems", "uniqueItems"),
    *("minProperties", "maxProperties", "minLength", "maxLength", "pattern", "minimum", "maximum"),
}


def schema_of(chart: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((CHARTS / chart / "values.schema.json").read_text("utf-8"))
    return schema


def parts(schema: dict[str, Any] | bool) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema, itself included."""
    if isinstance(schema, bool):
        return
    yield schema
    for key in ("not", "if", "then", "else", "additionalProperties", "propertyNames", "items"):
        if key in schema:
            yield from parts(schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(key, ()):
            yield from parts(each)
    for key in ("properties", "definitions"):
        for each in schema.get(key, {}).values():
            yield from parts(each)


def patterns(chart: str) -> list[str]:
    return sorted({each["pattern"] for each in parts(schema_of(chart)) if "pattern" in each})


@pytest.mark.parametrize("chart", NAMES)
def test_a_schema_is_one_file_of_draft_07_that_needs_no_network(chart: str) -> None:
    schema = schema_of(chart)

    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert all(each.keys() <= KEYWORDS for each in parts(schema))
    for each in parts(schema):
        assert each.get("$ref", "#/definitions/").startswith("#/definitions/")
    jsonschema.Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("chart", NAMES)
def test_every_definition_is_used(chart: str) -> None:
    schema = schema_of(chart)
    used = {each["$ref"].rpartition("/")[2] for each in parts(schema) if "$ref" in each}

    assert used == schema.get("definitions", {}).keys()


@pytest.mark.parametrize("chart", NAMES)
def test_patterns_are_anchored_ascii_and_known_to_every_validator(chart: str) -> None:
    for pattern in patterns(chart):
        assert pattern.startswith("^")
        assert pattern.endswith("$")
        assert not FORBIDDEN_IN_PATTERNS.search(pattern)
        assert "|" not in re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)", "", pattern)
        assert all(int(count) <= 1000 for count in re.findall(r"[{,](\d+)", pattern))


@pytest.mark.parametrize("pattern", sorted({each for chart in NAMES for each in patterns(chart)}))
@pytest.mark.parametrize("piece", ["a", "a-", "a.", "-", "*.", "1", "a/", "::", "0:", "10.", "a_"])
def test_patterns_take_steps_in_proportion_to_the_text(pattern: str, piece: str) -> None:
    def search(size: int) -> int:
        counted = CountedPattern(re.compile(pattern))
        counted.search(piece * size + "!")
        return counted.steps

    assert search(200) <= 2.5 * search(100)


@pytest.mark.parametrize("chart", NAMES)
def test_lists_that_mean_something_are_never_empty(chart: str) -> None:
    may_be_empty = {
        "rules",
        "sets",
        "namespaces",
        "serviceAccounts",
        "reserved",
        "writers",
        "limitedWriters",
        "finalizers",
    }
    for each in parts(schema_of(chart)):
        for name, field in each.get("properties", {}).items():
            if field.get("type") == "array" and name not in may_be_empty:
                assert field["minItems"] >= 1, name


@pytest.mark.parametrize("chart", NAMES)
def test_objects_are_closed_but_for_what_helm_passes_down(chart: str) -> None:
    open_objects = [
        each
        for each in parts(schema_of(chart))
        if each.get("type") == "object" and "additionalProperties" not in each
    ]

    assert open_objects == [{"type": "object"}]


def test_what_both_charts_define_they_define_alike() -> None:
    policy, baseline = (schema_of(chart)["definitions"] for chart in NAMES[:2])
    shared = policy.keys() & baseline.keys() - {"plainName", "tierName"}

    assert len(shared) > 20
    rule = baseline["rule"]["properties"]
    plain = {key: each for key, each in rule.items() if key != "namespaces"}
    assert plain.keys() < rule.keys()
    baseline = {**baseline, "rule": {**baseline["rule"], "properties": plain}}
    assert {name: policy[name] for name in shared} == {name: baseline[name] for name in shared}


def _whole_pattern(
    _: Validator, pattern: str, instance: object, __: object
) -> Iterator[ValidationError]:
    """`pattern` as Go reads it: Python's `$` would also match before a final newline."""
    if isinstance(instance, str) and not re.fullmatch(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


PYTHON: type[Validator] = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft7Validator, {"pattern": _whole_pattern}
)


def wrong_about(accepts: Callable[[Any], bool], chart: str) -> list[str]:
    return [each.name for each in CORPUS[chart] if accepts(each.values) != each.taken]


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize("chart", NAMES)
def test_python_takes_and_refuses_the_corpus(chart: str) -> None:
    assert wrong_about(PYTHON(schema_of(chart)).is_valid, chart) == []


@pytest.mark.parametrize("chart", NAMES)
def test_rust_takes_and_refuses_the_corpus(chart: str) -> None:
    validator = jsonschema_rs.Draft7Validator(
        schema_of(chart), pattern_options=jsonschema_rs.RegexOptions()
    )

    assert wrong_about(validator.is_valid, chart) == []


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize("helm", ["sdk", "cli"])
@pytest.mark.parametrize("chart", NAMES)
def test_helm_takes_and_refuses_the_corpus(chart: str, helm: HelmChoice, tmp_path: Path) -> None:
    needs.helm(helm)
    corpus = CORPUS[chart]
    whole = umbrella(tmp_path / "umbrella", CHARTS / chart, [each.values for each in corpus])

    found = refused(whole, helm)

    assert [each.name for each in disagreeing(corpus, found)] == []


def disagreeing(corpus: list[Example], found: set[int]) -> list[Example]:
    return [each for number, each in enumerate(corpus) if each.taken == (number in found)]


@pytest.mark.parametrize("chart", NAMES)
def test_the_corpus_holds_both_kinds_in_number(chart: str) -> None:
    taken = sum(each.taken for each in CORPUS[chart])

    assert taken >= 10
    assert len(CORPUS[chart]) - taken >= 20
