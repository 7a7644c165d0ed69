"""Objects out of YAML, read as Helm and kubectl read them, or refused with the document's number."""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support import needs
from support.draw.chart_values import SOURCES, VALUES
from support.paths import CHARTS
from transire.helm import Chart, read_yaml, subset
from transire.k8s.manifests import Manifest
from transire.model.problems import Rejected, Unjudgeable
from transire.yamlio import YamlTree, write

HEAD = "apiVersion: v1\nkind: Thing\n"
DROPPED = "ends before its text does, and what follows would be dropped"
TOO_MUCH = f"({DROPPED}|is not YAML: did not find expected <document start>)"
BODY = {"apiVersion": "v1", "kind": "Thing"}


@pytest.fixture(params=["with the SDK", "without it"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to read."""
    if request.param == "without it":
        monkeypatch.setitem(sys.modules, "helm_python", None)
    else:
        needs.helm("sdk")
    return str(request.param)


@pytest.fixture
def sdk() -> None:
    needs.helm("sdk")


@pytest.fixture
def no_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "helm_python", None)


def bodies(text: str) -> list[object]:
    return [each.body for each in read_yaml(text, "x.yaml")]


def problems(text: str) -> str:
    with pytest.raises(Rejected) as rejected:
        read_yaml(text, "x.yaml")
    return str(rejected.value)


@pytest.mark.usefixtures("reader")
def test_documents_become_objects_in_their_order() -> None:
    text = f"# c\n---\n{HEAD}a: 1\n--- # next\n\n# only words\n---\n{HEAD}a: 2\n"

    assert read_yaml(text, "x.yaml", start=7) == (
        Manifest(source="x.yaml", index=7, body={**BODY, "a": 1}),
        Manifest(source="x.yaml", index=8, body={**BODY, "a": 2}),
    )


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    "text", ["", "\n", "# c", "---", "---\n---\n# c\n---", "null\n", "--- \n~\n"]
)
def test_documents_without_anything_are_passed_over(text: str) -> None:
    assert read_yaml(text, "x.yaml") == ()


@pytest.mark.usefixtures("reader")
def test_a_byte_order_mark_and_windows_line_ends_are_no_content() -> None:
    text = "\ufeff" + f"---\n{HEAD}a: 1\n---\n{HEAD}".replace("\n", "\r\n")

    assert bodies(text) == [{**BODY, "a": 1}, BODY]


@pytest.mark.usefixtures("reader")
def test_json_is_yaml() -> None:
    assert bodies('{"apiVersion": "v1", "kind": "Thing", "a": [1, true, null, "x"]}') == [
        {**BODY, "a": [1, True, None, "x"]}
    ]


@pytest.mark.usefixtures("reader")
def test_lists_are_unpacked_and_counted_by_their_items() -> None:
    text = f"apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: a/v1, kind: B}}\n---\n{HEAD}"

    assert [(each.index, each.ref.kind) for each in read_yaml(text, "x.yaml")] == [
        (0, "B"),
        (1, "Thing"),
    ]


@pytest.mark.usefixtures("reader")
def test_items_of_a_typed_list_have_its_type_unless_they_say_another() -> None:
    text = (
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicyList\nitems:\n"
        "- metadata: {name: a}\n- {apiVersion: v1, kind: List, items: []}\n"
    )

    assert bodies(text) == [
        {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"name": "a"}}
    ]


@pytest.mark.usefixtures("reader")
def test_an_object_whose_kind_only_ends_in_list_is_an_object() -> None:
    text = "apiVersion: v1\nkind: AllowList\nspec: {}\n"

    assert bodies(text) == [{"apiVersion": "v1", "kind": "AllowList", "spec": {}}]


@pytest.mark.usefixtures("sdk")
def test_scalars_are_what_helm_and_kubectl_take_them_for() -> None:
    text = f"{HEAD}a: [y, no, 0755, 0o17, 1e3, 12:30, 2026-01-01, 1_000, ~, 0x1F, '443']\n443: x\n"

    assert bodies(text) == [
        {
            **BODY,
            "a": [True, False, 493, 15, 1000, "12:30", "2026-01-01", 1000, None, 31, "443"],
            "443": "x",
        }
    ]


@pytest.mark.usefixtures("sdk")
def test_a_key_that_stands_twice_counts_as_it_counts_for_kubectl() -> None:
    assert bodies(f"{HEAD}a: 1\na: 2\n") == [{**BODY, "a": 2}]


@pytest.mark.usefixtures("sdk")
def test_anchors_are_followed() -> None:
    assert bodies(f"{HEAD}a: &x [1]\nb: *x\n") == [{**BODY, "a": [1], "b": [1]}]


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: 1\n", "1: error: document 1 has no apiVersion (not-yaml)"),
        ("apiVersion: v1\n", "1: error: document 1 has no kind (not-yaml)"),
        ("apiVersion: 1\nkind: A\n", "1: error: document 1 has no apiVersion (not-yaml)"),
        ('apiVersion: v1\nkind: ""\n', "1: error: document 1 has no kind (not-yaml)"),
        (f"{HEAD}---\n# c\n\nb: 1\n", "6: error: document 2 has no apiVersion (not-yaml)"),
        (
            "apiVersion: v1\nkind: List\nitems: [1]\n",
            "1: error: document 1 holds something else than an object (not-yaml)",
        ),
    ],
)
def test_what_is_no_object_is_named(text: str, what: str) -> None:
    assert problems(text) == (
        f"x.yaml:{what.replace(': error', ':1: error')}\n"
        "  help: write one Kubernetes object in a document: apiVersion, kind, metadata and spec"
    )


@pytest.mark.usefixtures("sdk")
@pytest.mark.parametrize("text", ["- a\n", "abc\n", '"abc"\n', "1\n"])
def test_a_document_that_is_no_mapping_is_named(text: str) -> None:
    assert problems(text) == (
        "x.yaml:1:1: error: document 1 holds something else than an object (not-yaml)\n"
        "  help: write one Kubernetes object in a document: apiVersion, kind, metadata and spec"
    )


@pytest.mark.usefixtures("sdk")
def test_every_broken_document_is_named_in_one_run_with_the_line_of_the_file() -> None:
    assert problems(f"{HEAD}---\na: [\n---\n{HEAD}b: {{\n---\nc: 1\n") == (
        "x.yaml:4:1: error: document 2 is not YAML: error converting YAML to JSON: yaml: line 4: "
        "did not find expected node content (not-yaml)\n"
        "  help: check quotes and indentation\n"
        "x.yaml:6:1: error: document 3 is not YAML: error converting YAML to JSON: yaml: line 8: "
        "did not find expected node content (not-yaml)\n"
        "  help: check quotes and indentation\n"
        "x.yaml:10:1: error: document 4 has no apiVersion (not-yaml)\n"
        "  help: write one Kubernetes object in a document: apiVersion, kind, metadata and spec"
    )


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    "text",
    [
        '{"apiVersion": "v1", "kind": "A"}{"apiVersion": "v1", "kind": "B"}',
        '{"apiVersion": "v1", "kind": "A"}\n{"apiVersion": "v1", "kind": "B"}\n',
        "  apiVersion: v1\n  kind: A\nspec: {}\n",
        f"{HEAD}...\nspec: {{}}\n",
    ],
)
def test_text_that_helm_would_drop_is_refused(text: str) -> None:
    assert re.fullmatch(
        rf"x\.yaml:1:1: error: document 1 {TOO_MUCH} \(not-yaml\)\n.*", problems(text)
    )


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("line_break", ["\r", "\x85", "\u2028", "\u2029"])
def test_documents_between_other_line_breaks_are_refused(line_break: str) -> None:
    text = f"{HEAD}a: 1{line_break}---{line_break}apiVersion: v1"

    assert problems(text) == (
        f"x.yaml:1:1: error: document 1 {DROPPED} (not-yaml)\n"
        "  help: put --- on a line of its own before each document"
    )


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("line", ["--- {a: 1}", "---a", "--- |", "----"])
def test_text_beside_a_marker_is_refused(line: str) -> None:
    assert problems(f"{HEAD}{line}\n{HEAD}") == (
        "x.yaml:3:1: error: document 2 has text beside its marker --- (not-yaml)\n"
        "  help: start the document on the line after the marker"
    )


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(("letter", "code"), [("\0", "0000"), ("\ud800", "D800")])
def test_what_is_no_text_is_refused(letter: str, code: str) -> None:
    assert problems(f"{HEAD}a: '{letter}'\n") == (
        f"x.yaml:3:1: error: the character U+{code} is not text (not-yaml)\n  help: remove it"
    )


@pytest.mark.usefixtures("reader")
def test_a_control_character_in_a_document_that_is_counted_is_refused() -> None:
    assert problems("{a: \x03}\n") == (
        "x.yaml:1:1: error: document 1 is not YAML: control characters are not allowed (not-yaml)\n"
        "  help: check quotes and indentation"
    )


@pytest.mark.usefixtures("sdk")
@pytest.mark.parametrize("depth", [2_000, 30_000])
def test_nesting_without_end_is_refused(depth: int) -> None:
    text = f"{HEAD}a: {'[' * depth}{']' * depth}\n"

    assert problems(text).startswith("x.yaml:1:1: error: document 1 is not YAML: ")


@pytest.mark.usefixtures("reader")
def test_lists_in_lists_without_end_are_refused() -> None:
    text = "".join('{"apiVersion": "v1", "kind": "List", "items": [' for _ in range(10))

    assert problems(text + "]}" * 10) == (
        "x.yaml:1:1: error: document 1 nests lists of objects too deeply (not-yaml)\n"
        "  help: write one Kubernetes object in a document: apiVersion, kind, metadata and spec"
    )


@pytest.mark.usefixtures("sdk")
def test_aliases_that_explode_are_refused() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in pairwise("abcdefgh")]

    assert problems(f"{HEAD}{chr(10).join(lines)}\n") == (
        "x.yaml:1:1: error: document 1 is not YAML: error converting YAML to JSON: yaml: document "
        "contains excessive aliasing (not-yaml)\n  help: check quotes and indentation"
    )


@pytest.mark.usefixtures("no_sdk")
@pytest.mark.parametrize(
    ("written", "taken"),
    [
        *((each, "a boolean") for each in ("y", "No", "on", "OFF")),
        *((each, "a number") for each in ("0755", "0o17", "1e3", "12:30", "1_000", "0x1F", ".5")),
        ("2026-01-01", "a date"),
        ("=", "a default"),
    ],
)
def test_without_the_sdk_what_readers_dispute_is_not_judged(written: str, taken: str) -> None:
    with pytest.raises(Unjudgeable) as unjudgeable:
        read_yaml(f"{HEAD}---\n{HEAD}spec:\n- a/b: {written}\n", "x.yaml")

    assert str(unjudgeable.value) == (
        f"x.yaml:7:8: /spec/0/a~1b: {written!r} is text or {taken}, depending on the reader; "
        "write it in quotes"
    )


@pytest.mark.usefixtures("no_sdk")
def test_without_the_sdk_a_disputed_key_is_not_judged_either() -> None:
    with pytest.raises(Unjudgeable, match=r"/on: 'on' is text or a boolean"):
        read_yaml(f"{HEAD}on: 1\n", "x.yaml")


@pytest.mark.usefixtures("no_sdk")
@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "a: &x 1\n", "a: !t 1\n", "a: [\n"])
def test_without_the_sdk_what_is_rarely_meant_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as rejected:
        read_yaml(f"{HEAD}---\n{HEAD}{text}", "x.yaml")

    assert {each.at.line for each in rejected.value.problems} <= {6, 7, 8}


@pytest.mark.usefixtures("sdk")
@pytest.mark.parametrize("path", sorted(CHARTS.glob("*/tests/values/*.yaml")), ids=str)
def test_what_the_charts_render_reads_alike_without_the_sdk(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = Chart.load(path.parents[2])
    manifests = chart.manifests(path)
    monkeypatch.setattr("transire.helm.reading._reader", lambda: subset.read)

    assert chart.manifests(path) == manifests


PLAIN = st.recursive(
    st.one_of(
        st.sampled_from([*SOURCES, *VALUES]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        st.integers(-(2**53) + 1, 2**53 - 1),
        st.booleans(),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*VALUES[1:], "a b", "#", "a: b"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.usefixtures("sdk")
@example(tree={"a": "\u2028---\u2028", "b": "\x85", "c": "\ufeff", "d": "...\n---\n"})
@given(tree=st.dictionaries(st.sampled_from(["spec", "y", "0755", "a"]), PLAIN, max_size=3))
def test_whatever_we_write_is_read_back(tree: dict[str, YamlTree]) -> None:
    body: dict[str, YamlTree] = {**BODY, **tree}

    assert bodies(f"---\n{write(body)}---\n{HEAD}") == [body, BODY]


@pytest.mark.usefixtures("sdk")
def test_any_text_is_read_whole_or_refused() -> None:
    judged = 0
    pieces = st.sampled_from(
        [*"ab:- \n{}[]\"'|>#&*?.%@`,\t\r\x85\u2028~", "---", "...", "\n", "a: 1"]
    )

    @settings(max_examples=300)
    @given(text=st.lists(pieces, max_size=8).map("".join))
    def check(text: str) -> None:
        nonlocal judged
        stream = f"{HEAD}x: {text}\n---\n{HEAD}"
        try:
            found = read_yaml(stream, "x.yaml")
        except Rejected:
            return
        nodes = list(yaml.compose_all(stream, yaml.CSafeLoader))
        judged += 1

        assert len(found) == sum(isinstance(each, yaml.MappingNode) for each in nodes)

    check()
    assert judged >= 20


@pytest.mark.usefixtures("sdk")
def test_many_objects_are_all_read() -> None:
    text = f"---\n{HEAD}metadata: {{name: a, namespace: b}}\n" * 5_000

    assert len(read_yaml(text, "x.yaml")) == 5_000


@pytest.mark.usefixtures("reader")
def test_many_mistakes_are_told_as_far_as_a_person_reads_on() -> None:
    assert problems("---\na: 1\n" * 5_000).count("has no apiVersion") == 100


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", "<<<<<<<", ">>>>>>> other", "||||||| base"])
def test_what_a_merge_left_is_a_finding_with_a_place(marker: str) -> None:
    with pytest.raises(Rejected) as rejected:
        read_yaml(f"apiVersion: v1\nkind: A\n{marker}\nmetadata: {{name: a}}\n", "a.yaml")

    assert str(rejected.value) == (
        f"a.yaml:3:1: error: a merge left its marker {marker[:7]} here: two sides differ, and "
        "nobody decided (merge-conflict)\n  help: keep what is meant of both sides, and remove the "
        "lines that start with <<<<<<<, =======, >>>>>>> and |||||||"
    )


def test_text_that_only_looks_like_what_a_merge_leaves_is_read() -> None:
    text = "apiVersion: v1\nkind: A\nmetadata: {name: a}\ndata: |\n  <<<<<<< HEAD\n  =======\n"

    (manifest,) = read_yaml(text, "a.yaml")

    assert manifest.body["data"] == "<<<<<<< HEAD\n=======\n"
