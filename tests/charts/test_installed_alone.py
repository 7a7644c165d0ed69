"""The chart that is proved is the chart that is installed: nothing beside it, and not less."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.paths import ROOT
from transire.charts.chart import read_chart
from transire.model.problems import Rejected

FOLDER = "charts/egress-tier"
CHART = (ROOT / FOLDER / "Chart.yaml").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / FOLDER / "values.schema.json").read_text(encoding="utf-8"))
RESTORE = "restore it from Git, or run `transire init --upgrade`"


def refusal(root: Path, changed: dict[str, bytes | None]) -> list[str]:
    """What is wrong with the chart of the tier where files are changed, added or left out."""
    for source in (ROOT / FOLDER).rglob("*"):
        path = source.relative_to(ROOT)
        if source.is_file() and "targets" not in path.parts:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(source.read_bytes())
    for name, content in changed.items():
        file = root / FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
    try:
        read_chart(root, FOLDER)
    except Rejected as rejected:
        return [str(each).removeprefix(f"{FOLDER}/") for each in rejected.problems]
    return []


def described(line: str) -> dict[str, bytes | None]:
    return {"Chart.yaml": CHART.replace("apiVersion: v2\n", f"apiVersion: v2\n{line}\n").encode()}


def test_the_chart_as_it_is_can_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path, {}) == []


DEPENDS = "[{name: extra, version: 0.1.0, repository: 'file://../extra', alias: global}]"
REFUSED: dict[str, tuple[str, str, str]] = {
    "dependencies": (
        f"dependencies: {DEPENDS}",
        "dependencies install the objects of other charts beside those that are proved",
        "take them out, and publish what is needed in a release of its own",
    ),
    "no dependencies": (
        "dependencies: []",
        "dependencies install the objects of other charts beside those that are proved",
        "take them out, and publish what is needed in a release of its own",
    ),
    "in another case": (
        f"Dependencies: {DEPENDS}",
        "dependencies install the objects of other charts beside those that are proved",
        "take them out, and publish what is needed in a release of its own",
    ),
    "with a long s": (
        f"dependencie\u017f: {DEPENDS}",
        "dependencies install the objects of other charts beside those that are proved",
        "take them out, and publish what is needed in a release of its own",
    ),
    "a version of Kubernetes": (
        'kubeVersion: ">=99"',
        "kubeVersion '>=99' lets Helm refuse the chart on some clusters, whatever was proved",
        "take the line away",
    ),
    "no version of Kubernetes": (
        "KUBEVERSION: newest",
        "kubeVersion 'newest' lets Helm refuse the chart on some clusters, whatever was proved",
        "take the line away",
    ),
    "a type in another case": (
        "Type: library",
        "Helm reads 'Type' as type, and other readers do not",
        "write type",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_description_that_installs_something_else_is_refused(tmp_path: Path, name: str) -> None:
    line, message, advice = REFUSED[name]

    assert refusal(tmp_path, described(line)) == [
        f"Chart.yaml:2:1: error: {message} (chart-field)\n  help: {advice}"
    ]


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("type: application", "type: library", "type 'library', not 'application'"),
        ("type: application", "type: plugin", "type 'plugin', not 'application'"),
        ("type: application", "type: ", "type None, not 'application'"),
        ("apiVersion: v2", "apiVersion: v1", "apiVersion 'v1', not 'v2'"),
        ("apiVersion: v2", "apiVersion: v3", "apiVersion 'v3', not 'v2'"),
    ],
)
def test_a_chart_of_another_kind_is_refused(
    tmp_path: Path, written: str, instead: str, message: str
) -> None:
    (problem,) = refusal(tmp_path, {"Chart.yaml": CHART.replace(written, instead).encode()})

    line = 1 + CHART.splitlines().index(written)
    assert problem == (
        f"Chart.yaml:{line}:1: error: the chart has {message} (chart-field)\n"
        f"  help: write the line `{written}`"
    )


@pytest.mark.parametrize("name", ["Chart.lock", "requirements.lock", "requirements.yaml"])
def test_files_that_name_other_charts_are_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, {name: b"dependencies: []\n"}) == [
        (
            f"{name}: error: Helm reads here which other charts to install, and one that is proved "
            "needs none (chart-beside)\n  help: remove the file"
        )
    ]


@pytest.mark.parametrize(
    "line",
    ['"dependencies": &a []', "<<: {dependencies: []}", "type: library", "? dependencies\n: []"],
)
def test_yaml_that_readers_take_differently_hides_no_field(tmp_path: Path, line: str) -> None:
    assert refusal(tmp_path, described(line)) != []


def schema(change: dict[str, Any]) -> bytes:
    return json.dumps({**SCHEMA, **change}).encode()


OPEN = (
    "error: the schema of the chart's values takes keys that no target has (chart-schema)\n"
    '  help: it needs "type": "object", "required", "properties" and "additionalProperties": false; '
    f"{RESTORE}"
)
BAD_SCHEMAS: dict[str, tuple[bytes | None, str]] = {
    "deleted": (
        None,
        (
            "values.schema.json: error: the chart has no schema for its values, so Helm would take any "
            f"(chart-schema)\n  help: {RESTORE}"
        ),
    ),
    "no bytes": (
        b"",
        (
            "values.schema.json:1:1: error: the schema of the chart's values is not JSON: expecting "
            f"value (chart-schema)\n  help: {RESTORE}"
        ),
    ),
    "cut off": (
        b"{\n",
        (
            "values.schema.json:2:1: error: the schema of the chart's values is not JSON: expecting "
            f"property name enclosed in double quotes (chart-schema)\n  help: {RESTORE}"
        ),
    ),
    "not a number": (
        b'{"a": NaN}',
        (
            "values.schema.json: error: the schema of the chart's values is not JSON: NaN is no number "
            f"of JSON (chart-schema)\n  help: {RESTORE}"
        ),
    ),
    "emptied": (b"{}", f"values.schema.json: {OPEN}"),
    "true": (b"true", f"values.schema.json: {OPEN}"),
    "null": (b"null", f"values.schema.json: {OPEN}"),
    "a list": (b"[]", f"values.schema.json: {OPEN}"),
    "opened": (schema({"additionalProperties": True}), f"values.schema.json: {OPEN}"),
    "opened by a schema": (schema({"additionalProperties": {}}), f"values.schema.json: {OPEN}"),
    "nothing required": (schema({"required": []}), f"values.schema.json: {OPEN}"),
    "no properties": (schema({"properties": {}}), f"values.schema.json: {OPEN}"),
    "any type": (schema({"type": ["object", "null"]}), f"values.schema.json: {OPEN}"),
    "a property emptied": (
        schema({"properties": {**SCHEMA["properties"], "tier": {}}}),
        (
            "values.schema.json: error: the schema of the chart's values takes anything at "
            f"/properties/tier (chart-schema)\n  help: {RESTORE}"
        ),
    ),
    "an unknown type": (
        schema({"properties": {"tier": {"type": "strong"}}}),
        (
            'values.schema.json: error: Helm cannot use the schema of the chart\'s values: "strong" is '
            "not valid under any of the schemas listed in the 'anyOf' keyword (chart-schema)\n"
            f"  help: {RESTORE}"
        ),
    ),
    "a reference to nothing": (
        schema({"properties": {"tier": {"$ref": "#/definitions/none"}}}),
        (
            "values.schema.json: error: Helm cannot use the schema of the chart's values: Pointer "
            f"'/definitions/none' does not exist (chart-schema)\n  help: {RESTORE}"
        ),
    ),
    "another draft": (
        schema({"$schema": "https://json-schema.org/draft/2020-12/schema"}),
        (
            "values.schema.json: error: the schema names the draft "
            "'https://json-schema.org/draft/2020-12/schema', not "
            "'http://json-schema.org/draft-07/schema#' (chart-schema)\n"
            '  help: write "$schema": "http://json-schema.org/draft-07/schema#"'
        ),
    ),
    "not UTF-8": (
        b'{"a": "\xff"}',
        (
            "values.schema.json:1:8: error: the byte 0xff is not UTF-8 text (not-utf-8)\n"
            "  help: save the file as UTF-8"
        ),
    ),
    "conflict": (
        b"{\n<<<<<<< HEAD\n=======\n>>>>>>> other\n}",
        (
            "values.schema.json:2:1: error: a merge left its marker <<<<<<< here: two sides differ, "
            "and nobody decided (merge-conflict)\n  help: keep what is meant of both sides, and remove "
            "the lines that start with <<<<<<<, =======, >>>>>>> and |||||||"
        ),
    ),
}


@pytest.mark.parametrize("name", BAD_SCHEMAS)
def test_a_schema_that_refuses_nothing_is_a_finding(tmp_path: Path, name: str) -> None:
    content, expected = BAD_SCHEMAS[name]

    assert refusal(tmp_path, {"values.schema.json": content}) == [expected]


def test_a_schema_that_is_nested_deeply_is_a_finding(tmp_path: Path) -> None:
    (problem,) = refusal(tmp_path, {"values.schema.json": b"[" * 100_000})

    assert problem.startswith("values.schema.json: error: the schema of the chart's values is not")


def test_a_schema_that_is_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    content = schema({"properties": {"tier": {"$ref": "http://127.0.0.1:1/x"}}})

    (problem,) = refusal(tmp_path, {"values.schema.json": content})

    assert "http://127.0.0.1:1/x" in problem
    assert "sending request" not in problem


BYTES: dict[str, tuple[bytes, str]] = {
    "not UTF-8": (
        b"# a\n# \xc3\xbc \x9f\n",
        ":2:5: error: the byte 0x9f is not UTF-8 text (not-utf-8)",
    ),
    "a name that is not UTF-8": (
        b'{{ include "a\x9fb" . }}',
        ":1:14: error: the byte 0x9f is not UTF-8 text (not-utf-8)",
    ),
    "escape": (
        b"# \x1b[31m\n",
        ":1:3: error: the character U+001B is invisible (control-character)",
    ),
    "direction": (
        "a: b # \u202e\n".encode(),
        ":1:8: error: the character U+202E is invisible (control-character)",
    ),
    "carriage return": (
        b"a: b\rc: d\n",
        ":1:5: error: the character U+000D is invisible (control-character)",
    ),
    "byte order mark": (
        b"\xef\xbb\xbfa: b\n",
        ":1:1: error: the character U+FEFF is invisible (control-character)",
    ),
    "conflict": (
        b"a: b\n<<<<<<< HEAD\nc: d\n=======\nc: e\n>>>>>>> other\n",
        (
            ":2:1: error: a merge left its marker <<<<<<< here: two sides differ, and nobody decided "
            "(merge-conflict)"
        ),
    ),
    "the end of a conflict": (
        b"a: b\n>>>>>>> other\n",
        (
            ":2:1: error: a merge left its marker >>>>>>> here: two sides differ, and nobody decided "
            "(merge-conflict)"
        ),
    ),
}


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("file", ["templates/tier.yaml", "templates/_new.tpl", "values.yaml"])
def test_what_is_no_text_in_a_chart_is_a_finding_with_a_place(
    tmp_path: Path, file: str, name: str
) -> None:
    content, expected = BYTES[name]

    (problem,) = refusal(tmp_path, {file: content})

    assert problem.partition("\n")[0] == f"{file}{expected}"


def test_other_files_of_a_chart_may_be_any_bytes(tmp_path: Path) -> None:
    assert refusal(tmp_path, {"icon.png": b"\x89PNG\r\n\x1a\n\xff"}) == []


def test_a_default_of_null_is_a_finding(tmp_path: Path) -> None:
    assert refusal(tmp_path, {"values.yaml": b"tier:\n  name: ~\nserviceAccounts: []\n"}) == [
        (
            "values.yaml:2:9: error: Helm 3 keeps a default of null, and Helm 4 leaves it out "
            "(chart-values)\n  help: write another default, or leave the key out"
        )
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b"# nothing\n"])
def test_a_chart_needs_no_defaults(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, {"values.yaml": content}) == []
