"""The charts' schemas are what the frame and the engines' fragments come to."""

from __future__ import annotations

import json

import jsonschema
import pytest

from support.paths import CHARTS as FOLDER
from transire.engines.api.chart_schema import ChartSchema
from transire.engines.chart_schemas import CHARTS, chart_schema, joined, schema_text
from transire.engines.registry import ENGINES


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_holds_the_schema_that_its_engines_come_to(chart: str, update_golden: bool) -> None:
    path, text = FOLDER / chart / "values.schema.json", schema_text(chart_schema(chart, ENGINES))
    if update_golden:
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("chart", CHARTS)
def test_a_schema_is_sound_and_every_definition_is_used(chart: str) -> None:
    schema = chart_schema(chart, ENGINES)
    text = json.dumps(schema)

    jsonschema.Draft7Validator.check_schema(schema)
    for name in schema["definitions"]:
        assert f'"#/definitions/{name}"' in text, name


@pytest.mark.parametrize("chart", CHARTS)
def test_an_engine_that_is_left_out_leaves_its_part_out(chart: str) -> None:
    some = {name: each for name, each in ENGINES.items() if name != "kubernetes"}
    schema = chart_schema(chart, some)

    assert schema["properties"]["engine"] == {"enum": list(some)}
    assert not [each for each in schema["definitions"] if each.startswith("kubernetes")]


def test_two_families_cannot_define_one_name() -> None:
    with pytest.raises(ValueError, match="two fragments define 'ciliumRule'"):
        joined([{"rule": {}}, {"ciliumRule": {}}, {"ciliumRule": {}}])


def test_a_folder_without_a_whole_fragment_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        ChartSchema.of_package("transire.engines.api")
    with pytest.raises(ValueError, match="is no fragment: it lacks 'clauses'"):
        ChartSchema.of_package("transire.engines.lowering")
