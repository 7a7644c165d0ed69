"""`docs/values.md` is what the schemas say, and its examples are values that hold."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from support.paths import DOCS
from support.values.manual import FILES, Manual, example_of, examples_of, flow, is_valid, page
from transire.pipeline.compile import compile_values
from transire.values.schemas import ValuesKind, engine_notes
from transire.yamlio import Plain, plain, read

PAGE = DOCS / "values.md"
EXAMPLES = DOCS / "examples"
PLACES = {
    ValuesKind.PLATFORM: "values/platform.yaml",
    ValuesKind.TEAM: "values/teams/*.yaml",
    ValuesKind.BUNDLE: "values/bundles/*.yaml",
    ValuesKind.EXCEPTIONS: "values/exceptions.yaml",
    ValuesKind.EXPECTATIONS: "tests/egress/*.yaml",
}


def documents() -> dict[ValuesKind, list[object]]:
    """The files of the examples, by their kind."""
    return {
        kind: [
            plain(read(path.read_bytes(), path.name).root)
            for path in sorted(EXAMPLES.glob(place), reverse=True)
        ]
        for kind, place in PLACES.items()
    }


@pytest.mark.docs
def test_the_page_is_written_from_the_schemas(*, update_golden: bool) -> None:
    written = page(documents())
    if update_golden:
        PAGE.write_text(written, encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == written


def test_the_examples_load_pass_the_guardrails_and_compile(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)

    compiled = compile_values(tmp_path, as_of=date(2026, 11, 24))

    assert compiled.warnings == ()
    engines = {each.release.engine for each in compiled.organisation.platform.clusters}
    assert engines == {"cilium", "calico", "calico-enterprise", "kubernetes"}


@pytest.mark.parametrize("kind", ValuesKind)
def test_every_key_has_an_example_that_its_schema_takes(kind: ValuesKind) -> None:
    manual = Manual(kind=kind)
    found = examples_of(documents())
    for section in manual.sections():
        for key, schema in section.schema["properties"].items():
            example = example_of(manual, section, key, found)
            assert is_valid(manual, manual.resolved(schema), example), (section.name, key)


def test_what_is_shown_in_a_cell_is_yaml_that_means_the_same() -> None:
    values: list[Plain] = [
        {"a": [443, "123/UDP", "8000-8010/TCP", "*.example.com", "@example/platform", "no"]},
        {"until": "2036-03-31", "version": "1.19", "flag": True, "label": "1e3", "name": "x y"},
        {"cidr": "10.0.0.0/8", "six": "2001:db8::/32", "empty": "", "list": [], "map": {}},
    ]
    for value in values:
        assert plain(read(flow(value).encode(), "cell").root) == value


def test_a_note_about_engines_is_about_a_key_that_is_there() -> None:
    keys = {
        f"{section.name}.{key}"
        for kind in ValuesKind
        for section in Manual(kind=kind).sections()
        for key in section.schema["properties"]
    }

    assert set(engine_notes()) - keys == set()
    assert not [note for note in engine_notes().values() if "@" in note or not note.endswith(".")]


def test_every_kind_of_file_has_its_part() -> None:
    assert list(FILES) == [
        ValuesKind.PLATFORM,
        ValuesKind.TEAM,
        ValuesKind.BUNDLE,
        ValuesKind.EXCEPTIONS,
        ValuesKind.EXPECTATIONS,
    ]
    text = PAGE.read_text(encoding="utf-8")
    parts = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert parts == [*FILES.values(), "Forms"]
