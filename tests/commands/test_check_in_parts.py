"""The parts of a check, merged, are the check itself, or nothing at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.draw.byte_edits import byte_edits
from support.policy_repository import contents, copy_example, edit, git, run
from transire.api import check, check_shard, findings_as, generate, merge, shard_json
from transire.model.problems import ToolError, UsageError

AS_OF = date(2026, 11, 23)
DAY = ("--as-of", "2026-11-23")
TEMPLATE = "charts/egress-policy/templates/cilium.yaml"
FORMS = ("text", "json", "github", "junit", "sarif")
READ = ("values/", "charts/")
SCHEMA = json.loads(files("transire").joinpath("review/findings/shard.schema.json").read_text())
Change = Callable[[Path], None]


def untouched(_root: Path) -> None:
    """Nothing is wrong."""


def too_wide(root: Path) -> None:
    edit(root, TEMPLATE, "- toFQDNs:", "- toEntities: [world]\n  toFQDNs:")


def mistaken(root: Path) -> None:
    edit(root, "values/teams/payments.yaml", "reason: charge cards", "resaon: charge cards")
    (root / "charts/teams/ledger/README.md").write_text("mine\n", encoding="utf-8")


def out_of_step(root: Path) -> None:
    edit(root, "values/teams/payments.yaml", "reason: charge cards", "reason: charge all cards")
    edit(root, "charts/teams/ledger/Chart.yaml", "name:", "nmae:")


def refused(root: Path) -> None:
    edit(root, "values/teams/payments.yaml", "api.stripe.com", "**")


CHANGES: tuple[Change, ...] = (untouched, too_wide, mistaken, out_of_step, refused)


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, committed on `main`, on a branch from there."""
    root = copy_example(tmp_path_factory.mktemp("policies"))
    generate(root, as_of=AS_OF)
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "policies")
    git(root, "switch", "--quiet", "--create", "change")
    return root


def in_parts(root: Path, of: int, folder: Path) -> Path:
    """The reports of all parts, in a folder."""
    folder.mkdir()
    for number in range(1, of + 1):
        part = check_shard(root, shard=f"{number}/{of}", base="main", as_of=AS_OF)
        text = shard_json(part)
        jsonschema.validate(json.loads(text), SCHEMA)
        (folder / f"{number}.json").write_text(text, encoding="utf-8")
    return folder


def whole(root: Path) -> list[str] | tuple[int, str]:
    """What a check of everything prints in each form, or the error with which it ends."""
    try:
        found = check(root, base="main", as_of=AS_OF)
    except ToolError as error:
        return error.exit_code, str(error)
    return [findings_as(form, found, root) for form in FORMS]


def merged(root: Path, parts: Path) -> list[str] | tuple[int, str]:
    found = merge(parts)
    if found.stopped is not None:
        return found.stopped.code, found.stopped.message
    return [findings_as(form, found.problems, root) for form in FORMS]


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_merged_is_what_one_check_finds(
    organisation: Path, tmp_path: Path, change: Change
) -> None:
    before = contents(organisation)
    try:
        change(organisation)
        one = whole(organisation)
        parts = in_parts(organisation, 3, tmp_path / "parts")
        assert merged(organisation, parts) == one
    finally:
        for path, content in before.items():
            (organisation / path).write_bytes(content)

    assert (change is untouched) == (one[0] == "no findings\n")


def test_the_command_line_ends_as_one_check_does(organisation: Path, tmp_path: Path) -> None:
    root = organisation
    base = ("--base", "main", *DAY)
    ledger = (root / "charts/teams/ledger/README.md").read_bytes()
    parts = []
    try:
        (root / "charts/teams/ledger/README.md").write_text("mine\n", encoding="utf-8")
        for part in ("1/2", "2/2"):
            done = run(root, "check", "--shard", part, *base, "--format", "json")
            assert (done.code, done.err) == (1 if part == "1/2" else 0, "")
            parts.append(str(tmp_path / f"{part[0]}.json"))
            Path(parts[-1]).write_text(done.out, encoding="utf-8")
        for form in ("text", "json"):
            one = run(root, "check", *base, "--format", form)
            assert one.code == 1
            assert run(root, "merge", *parts, "--format", form) == one
    finally:
        (root / "charts/teams/ledger/README.md").write_bytes(ledger)
    short = run(root, "merge", parts[0])
    assert (short.code, short.out, short.err) == (2, "", "part 2 of 2 is missing\n")


@pytest.mark.parametrize("words", [("payments",), ("--format", "text")])
def test_a_part_is_printed_for_merge_alone(organisation: Path, words: tuple[str, ...]) -> None:
    done = run(organisation, "check", "--shard", "1/2", *words)

    assert (done.code, done.out, done.err) == (
        2,
        "",
        "--shard takes --format json and no teams; transire merge shows findings\n",
    )


def test_an_error_that_ends_a_part_ends_the_merge(organisation: Path, tmp_path: Path) -> None:
    before = (organisation / TEMPLATE).read_bytes()
    try:
        (organisation / TEMPLATE).write_bytes(b'{{ fail "not today" }}\n' + before)
        one = run(organisation, "check", "--base", "main", *DAY)
        part = run(organisation, "check", "--shard", "1/1", "--format", "json", *DAY)
    finally:
        (organisation / TEMPLATE).write_bytes(before)
    (tmp_path / "1.json").write_text(part.out, encoding="utf-8")
    done = run(organisation, "merge", str(tmp_path))

    assert (one.code, one.out) == (4, "")
    assert (part.code, part.err) == (4, json.loads(part.out)["stopped"]["message"] + "\n")
    assert (done.code, done.out, done.err) == (4, "", part.err)
    assert "not today" in done.err


def report(folder: Path, name: str, **changed: object) -> Path:
    """The file of a part in which nothing is found."""
    document: dict[str, Any] = {
        "schema": "transire.shard/1",
        "version": 1,
        "shard": 1,
        "of": 2,
        "program": "p",
        "commit": "c",
        "files": "f",
        "asOf": "",
        "targets": 2,
        "allTargets": 4,
        "refused": False,
        "stopped": None,
        "findings": [],
    }
    path = folder / name
    path.write_text(json.dumps({**document, **changed}), encoding="utf-8")
    return path


def why(*paths: Path) -> str:
    with pytest.raises(UsageError) as failed:
        merge(paths)
    return str(failed.value)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"of": 3}, "the number of parts"),
        ({"commit": "d"}, "the commit"),
        ({"files": "g"}, "the values or charts"),
        ({"asOf": "2026-11-23"}, "the day of --as-of"),
        ({"program": "q"}, "the program"),
    ],
)
def test_parts_of_two_checks_are_not_merged(
    tmp_path: Path, changed: dict[str, object], what: str
) -> None:
    one, two = report(tmp_path, "a.json"), report(tmp_path, "b.json", shard=2, **changed)

    assert why(one, two) == f"{one} and {two} are not of one check: {what} differs"
    assert why(two, one) == f"{one} and {two} are not of one check: {what} differs"


def test_every_part_has_to_be_there_once(tmp_path: Path) -> None:
    one, again = report(tmp_path, "a.json"), report(tmp_path, "b.json")
    strange = report(tmp_path, "c.json", shard=3)
    of_four = report(tmp_path, "d.json", shard=2, of=4)

    assert why(one) == "part 2 of 2 is missing"
    assert why(of_four) == "part 1 of 4 and 2 more is missing"
    assert why(one, again) == f"part 1 of 2 is there more than once: {one} and {again}"
    assert why(one, one) == f"part 1 of 2 is there more than once: {one} and {one}"
    assert why(one, strange) == "there is no part 3 of 2"
    assert why() == "there is nothing to merge: name the files of all parts, or their folder"


def test_parts_have_to_have_all_targets(tmp_path: Path) -> None:
    one, two = report(tmp_path, "a.json"), report(tmp_path, "b.json", shard=2, targets=1)
    other = report(tmp_path, "c.json", shard=2, allTargets=5)

    assert why(one, two) == "the parts have 3 targets together, of 4"
    assert why(one, other) == "the parts have 4 targets together, of 4 or 5"


def test_parts_have_to_find_the_values_wrong_together(tmp_path: Path) -> None:
    one, two = report(tmp_path, "a.json", refused=True), report(tmp_path, "b.json", shard=2)

    assert why(one, two) == (
        "some parts find the values wrong and others do not; run all of them again, with the same "
        "--as-of"
    )


def test_a_file_that_ends_early_is_no_part(tmp_path: Path) -> None:
    path = report(tmp_path, "a.json")
    text = path.read_text(encoding="utf-8")
    printed = f"{path} is not what check --shard I/N --format json printed: "

    for end in range(len(text)):
        path.write_text(text[:end], encoding="utf-8")
        assert why(path) == f"{printed}it is no JSON, or ends early"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[]", "it is not transire.shard/1"),
        (b"{}", "it is not transire.shard/1"),
        (b"\xff", "it is no text"),
        (b'{"schema": "transire.findings/1"}', "it is transire.findings/1, not transire.shard/1"),
    ],
)
def test_another_file_is_no_part(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)

    assert why(path) == f"{path} is not what check --shard I/N --format json printed: {reason}"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"targets": "2"}, "a key is missing, or has another form"),
        ({"findings": None}, "a key is missing, or has another form"),
        ({"findings": [{}]}, "a finding has another form"),
        ({"stopped": {"code": 0, "message": ""}}, "what stopped it has another form"),
    ],
)
def test_a_part_of_another_form_is_none(
    tmp_path: Path, changed: dict[str, object], reason: str
) -> None:
    path = report(tmp_path, "a.json", **changed)

    assert why(path) == f"{path} is not what check --shard I/N --format json printed: {reason}"


def test_a_folder_without_parts_is_named(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing", encoding="utf-8")

    assert why(tmp_path) == f"{tmp_path} has no file that ends with .json"
    assert (
        why(tmp_path / "gone") == f"{tmp_path / 'gone'} cannot be read: No such file or directory"
    )


@pytest.mark.slow("draws many edits, and checks the example twice for each")
@settings(max_examples=8)
@given(data=st.data(), of=st.integers(1, 4))
def test_whatever_is_edited_parts_find_what_one_check_does(
    data: st.DataObject, of: int, organisation: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kept = {path: each for path, each in contents(organisation).items() if path.startswith(READ)}
    path, changed = data.draw(byte_edits({path: each for path, each in kept.items() if each}))
    (organisation / path).write_bytes(changed)
    try:
        one = whole(organisation)
        parts = in_parts(organisation, of, tmp_path_factory.mktemp("drawn") / "parts")
        found = merged(organisation, parts)
    finally:
        (organisation / path).write_bytes(kept[path])

    assert found == one or (isinstance(one, tuple) and found[0] == one[0])
