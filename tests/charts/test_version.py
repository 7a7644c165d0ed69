"""Versions and content digests, and the conflict that two pull requests must have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.workspace.git_repositories import commit, git, isolate, new_repository
from transire.charts.chart_yaml import read_chart_file, renamed
from transire.charts.versions.change_list import ChangeEntry, ChangeKind, read_changes
from transire.charts.versions.released import releases
from transire.charts.versions.semver import FIRST, Change, SemVer, bump
from transire.charts.versions.version import (
    Released,
    content_digest,
    next_version,
    released,
    versioned,
)
from transire.git.base import Base, choose_base
from transire.git.repository import NoRepository, open_repository
from transire.model.problems import Rejected

CHART = b"apiVersion: v2\nname: payments\nversion: 0.1.0\ntype: application\n"
WHERE = "charts/teams/payments"


def version(text: str) -> SemVer:
    parsed = SemVer.parse(text)
    assert parsed is not None
    return parsed


def chart(text: str = "one", chart_file: bytes = CHART) -> dict[str, bytes]:
    return {"Chart.yaml": chart_file, "targets/a.b.yaml": text.encode()}


def base_with(text: str, number: str) -> Released:
    return Released(version=version(number), content=content_digest(chart(text), WHERE))


def test_the_digest_is_that_of_names_lengths_and_contents_in_order() -> None:
    bare = b"apiVersion: v2\nname: payments\ntype: application\n"
    expected = hashlib.sha256(
        b"Chart.yaml\0%d\0%s" % (len(bare), bare) + b"targets/a.b.yaml\0003\0one"
    ).hexdigest()

    assert expected == content_digest(chart(), WHERE)
    assert expected == content_digest(dict(reversed(chart().items())), WHERE)


def test_the_digest_does_not_know_the_version() -> None:
    later = versioned(chart(), WHERE, [base_with("other", "1.2.3")], None)

    assert later.version == version("1.2.4")
    assert content_digest(chart(), WHERE) == content_digest(later.files, WHERE)


def test_the_digest_knows_every_other_byte() -> None:
    named = chart(chart_file=CHART.replace(b"payments", b"ledger"))
    several = [chart(), chart("two"), named, {**chart(), "x": b""}, {**chart(), "x": b"x"}]
    commented = chart(chart_file=CHART.replace(b"type", b"# content sha256:1\ntype"))

    digests = {content_digest(each, WHERE) for each in (*several, commented)}

    assert len(digests) == 6


def test_a_name_cannot_be_taken_for_content() -> None:
    one = {"Chart.yaml": CHART, "a": b"x", "b": b"y"}
    other = {"Chart.yaml": CHART, "a": b"x" + b"b\0001\0y"}

    assert content_digest(one, WHERE) != content_digest(other, WHERE)


def test_what_helm_does_not_read_does_not_count() -> None:
    ignoring = {**chart(), ".helmignore": b"tests/\n"}

    tested = {**ignoring, "tests/a_test.yaml": b"suite: a\n"}

    assert content_digest(ignoring, WHERE) == content_digest(tested, WHERE)


@pytest.mark.parametrize(
    ("earlier", "now", "expected"),
    [
        ([], None, "0.1.0"),
        ([], "0.0.9", "0.1.0"),
        ([], "1.4.2", "1.4.2"),
        ([("same", "1.4.2")], None, "1.4.2"),
        ([("same", "0.0.3")], None, "0.0.3"),
        ([("same", "1.4.2")], "1.4.1", "1.4.2"),
        ([("same", "1.4.2")], "1.5.0", "1.5.0"),
        ([("other", "1.4.2")], None, "1.4.3"),
        ([("other", "1.4.2")], "1.4.2", "1.4.3"),
        ([("other", "1.4.2")], "1.4.3", "1.4.3"),
        ([("other", "1.4.9")], "1.4.10", "1.4.10"),
        ([("other", "1.4.10")], "1.4.9", "1.4.11"),
        ([("other", "1.4.2")], "2.0.0", "2.0.0"),
        ([("other", "1.4.2"), ("same", "1.4.3")], "1.4.3", "1.4.3"),
        ([("other", "1.4.2"), ("third", "1.4.3")], "1.4.3", "1.4.4"),
        ([("other", "1.4.2"), ("same", "1.4.2")], "1.4.2", "1.4.3"),
    ],
)
def test_a_version_is_greater_where_the_content_differs(
    earlier: list[tuple[str, str]], now: str | None, expected: str
) -> None:
    before = [base_with(text, number) for text, number in earlier]
    content = content_digest(chart("same"), WHERE)

    found = next_version(content, before, None if now is None else version(now))

    assert version(expected) == found


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.tuples(*[st.integers(0, 12)] * 3)), max_size=2),
    st.one_of(st.none(), st.tuples(*[st.integers(0, 12)] * 3)),
)
def test_a_second_run_gives_the_same_version(
    earlier: list[tuple[str, tuple[int, int, int]]], now: tuple[int, int, int] | None
) -> None:
    before = [Released(version=plain(*numbers), content=text) for text, numbers in earlier]

    first = next_version("a", before, None if now is None else plain(*now))

    assert first == next_version("a", before, first)
    assert all(first > each.version for each in before if each.content != "a")
    assert all(first >= each.version for each in before)


def plain(major: int, minor: int, patch: int) -> SemVer:
    return SemVer(major=major, minor=minor, patch=patch)


def test_the_class_of_a_change_decides_which_number_grows() -> None:
    grown = {change: str(bump(version("1.4.2"), change)) for change in Change}

    assert grown == {"major": "2.0.0", "minor": "1.5.0", "patch": "1.4.3"}
    content = content_digest(chart("new"), WHERE)
    base = replace(base_with("old", "1.4.2"), step=Change.MINOR)
    found = next_version(content, [base], version("1.4.3"))
    assert found == version("1.5.0")


def test_the_content_line_follows_the_version_line() -> None:
    found = versioned(chart(), WHERE, [], None)

    digest = content_digest(chart(), WHERE)
    expected = (
        "apiVersion: v2\nname: payments\nversion: 0.1.0\n"
        f"# content sha256:{digest}\ntype: application\n"
    )
    assert expected.encode() == found.files["Chart.yaml"]
    assert found.version == FIRST
    again = versioned(found.files, WHERE, [], found.files["Chart.yaml"])
    assert found == again


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"version: 0.1.0\r\nname: x\r\n", b"version: 1.0.0\r\n# content sha256:D\r\nname: x\r\n"),
        (b'version: "0.1.0"\n', b'version: "1.0.0"\n# content sha256:D\n'),
        (b"version:  '0.1.0' # by hand\n", b"version:  '1.0.0' # by hand\n# content sha256:D\n"),
        (b"name: x\nversion: 0.1.0", b"name: x\nversion: 1.0.0\n# content sha256:D\n"),
        (
            b"version: 0.1.0\n# content sha256:" + b"0" * 64 + b"\n# a remark\n",
            b"version: 1.0.0\n# content sha256:D\n# a remark\n",
        ),
    ],
)
def test_only_the_two_lines_change(written: bytes, expected: bytes) -> None:
    assert expected == read_chart_file(written, "Chart.yaml").at(version("1.0.0"), "D")


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"name: x\n", "", "the chart has no line `version: MAJOR.MINOR.PATCH`"),
        (
            b"version: 1.0.0\nversion: 1.0.1\n",
            "",
            "the chart has more than one line `version: MAJOR.MINOR.PATCH`",
        ),
        (b"name: x\nversion: 1.0.0-rc1\n", ":2:1", "the chart has version '1.0.0-rc1'"),
        (b"version: 1.0.0+abc\n", ":1:1", "the chart has version '1.0.0+abc'"),
        (b"version: v1.0.0\n", ":1:1", "the chart has version 'v1.0.0'"),
        (b"version: 1.0\n", ":1:1", "the chart has version '1.0'"),
        (b"version: 01.0.0\n", ":1:1", "the chart has version '01.0.0'"),
        (b"version: 1.0.1234567890\n", ":1:1", "the chart has version '1.0.1234567890'"),
        (b"version:\n", ":1:1", "the chart has version ''"),
        (b"version:1.0.0\n", ":1:1", "the chart has version '1.0.0'"),
        (b"version: 1.0.0 beta\n", ":1:1", "the chart has version '1.0.0 beta'"),
        (b"version: \xff\n", ":1:1", "the chart has version '\\\\xff'"),
        ("version: １.0.0\n".encode(), ":1:1", "the chart has version '１.0.0'"),
    ],
)
def test_a_version_is_three_numbers(content: bytes, line: str, message: str) -> None:
    with pytest.raises(Rejected) as refused:
        released({"Chart.yaml": content}, "1a2b3c:charts/egress-tier")

    expected = (
        f"1a2b3c:charts/egress-tier/Chart.yaml{line}: error: {message} (chart-version)\n"
        "  help: write a line such as `version: 1.4.2`: three numbers and nothing else"
    )
    assert expected == str(refused.value)


def test_a_broken_chart_file_on_the_disk_has_no_version_to_keep() -> None:
    found = versioned(chart("new"), WHERE, [base_with("old", "1.4.2")], b"<<<<<<< HEAD\n")

    assert found.version == version("1.4.3")


def test_a_chart_is_renamed_in_one_line() -> None:
    assert renamed(b"a: b\nname: x\r\nc: d\n", "y") == b'a: b\nname: "y"\r\nc: d\n'
    for wrong in (b"a: b\n", b"name: x\nname: y\n"):
        with pytest.raises(ValueError, match="the chart does not have exactly one line"):
            renamed(wrong, "y")


def test_without_git_every_chart_is_new() -> None:
    nothing = NoRepository(why="git is not installed")

    assert releases(nothing, Base(), [WHERE]) == {WHERE: ()}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose main has the chart in version 0.1.0."""
    isolate(monkeypatch)
    root = new_repository(tmp_path)
    put(root, "one", [])
    git(root, "config", "remote.origin.url", str(tmp_path))
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return root


def put(root: Path, text: str, earlier: list[Released]) -> None:
    """Generate the chart and commit it."""
    write(root, text, earlier)
    commit(root)


def write(root: Path, text: str, earlier: list[Released]) -> str:
    folder = root / WHERE
    now = folder / "Chart.yaml"
    found = versioned(chart(text), WHERE, earlier, now.read_bytes() if now.exists() else None)
    for path, content in found.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return str(found.version)


def before(root: Path) -> list[Released]:
    """What the base of the working tree has."""
    opened = open_repository(root)
    return list(releases(opened, choose_base(opened), [WHERE])[WHERE])


def test_two_branches_that_change_the_same_chart_conflict(repository: Path) -> None:
    for branch, text in (("red", "two"), ("blue", "three")):
        git(repository, "checkout", "--quiet", "-b", branch, "main")
        put(repository, text, before(repository))
        assert "version: 0.1.1" in (repository / WHERE / "Chart.yaml").read_text()

    git(repository, "merge", "red", check=False)

    conflicts = git(repository, "diff", "--name-only", "--diff-filter=U").splitlines()
    assert f"{WHERE}/Chart.yaml" in conflicts


def test_branches_that_make_the_same_change_merge(repository: Path) -> None:
    for branch in ("red", "blue"):
        git(repository, "checkout", "--quiet", "-b", branch, "main")
        put(repository, "two", before(repository))

    git(repository, "merge", "--quiet", "--no-edit", "red")

    assert git(repository, "status", "--porcelain") == ""


def test_a_revert_goes_forward(repository: Path) -> None:
    assert write(repository, "two", before(repository)) == "0.1.1"
    commit(repository)
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")

    assert write(repository, "one", before(repository)) == "0.1.2"


def test_a_branch_bumps_once_however_often_it_changes(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "feature")
    for text in ("two", "three", "four"):
        assert write(repository, text, before(repository)) == "0.1.1"
        assert write(repository, text, before(repository)) == "0.1.1"
        commit(repository)


def test_a_chart_that_comes_back_goes_on_from_the_version_that_it_had(repository: Path) -> None:
    git(repository, "rm", "--quiet", "-r", WHERE)
    commit(repository)
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(repository, "checkout", "--quiet", "-b", "feature")

    assert write(repository, "two", before(repository)) == "0.1.1"


def test_on_the_target_branch_a_second_run_gives_the_same_bytes(repository: Path) -> None:
    put(repository, "two", before(repository))
    assert "version: 0.1.1" in (repository / WHERE / "Chart.yaml").read_text()

    numbers = [write(repository, "three", before(repository)) for _ in range(3)]
    commit(repository)
    numbers.append(write(repository, "three", before(repository)))

    assert numbers == ["0.1.2"] * 4


ADDED = ChangeEntry(kind=ChangeKind.ADDED, description="reaches a.example.com:443")
OTHER = ChangeEntry(kind=ChangeKind.REMOVED, description="does not reach b.example.com:443")


def release(text: str, earlier: list[Released], *changes: ChangeEntry) -> Mapping[str, bytes]:
    """The chart in its next version, with that list of changes."""
    return versioned(chart(text), WHERE, earlier, None, changes=changes).files


def test_the_content_does_not_know_the_list_of_changes() -> None:
    listed = release("one", [], ADDED)

    assert content_digest(chart("one"), WHERE) == content_digest(listed, WHERE)
    assert b"artifacthub.io/changes" in listed["Chart.yaml"]
    assert f"# content sha256:{content_digest(listed, WHERE)}".encode() in listed["Chart.yaml"]


def test_a_chart_that_stays_keeps_its_list_byte_for_byte() -> None:
    by_hand = release("one", [], ADDED)["Chart.yaml"].replace(b"443", b"443 (by hand)")
    base = released({**chart("one"), "Chart.yaml": by_hand}, WHERE)

    assert by_hand == release("one", [base], OTHER)["Chart.yaml"]


def test_a_chart_that_changes_gets_a_list_of_its_own() -> None:
    base = released(release("one", [], ADDED), WHERE)

    found = versioned(chart("two"), WHERE, [base], None, changes=[OTHER])

    assert read_changes(found.files["Chart.yaml"]) == (OTHER,)
    again = versioned(found.files, WHERE, [base], found.files["Chart.yaml"], changes=[OTHER])
    assert found == again
    none = versioned(found.files, WHERE, [base], found.files["Chart.yaml"])
    assert b"annotations" not in none.files["Chart.yaml"]


def test_a_greater_version_of_the_same_content_has_not_the_list_of_the_one_before() -> None:
    base = released(release("one", [], ADDED), WHERE)
    raised = CHART.replace(b"0.1.0", b"0.1.5")

    found = versioned(chart("one"), WHERE, [base], raised)

    assert (
        CHART.replace(b"0.1.0\n", b"0.1.5\n# content sha256:%s\n" % base.content.encode())
        == (found.files["Chart.yaml"])
    )


def test_on_the_branch_itself_the_tips_list_counts() -> None:
    parent = released(release("one", [], ADDED), WHERE)
    tip = released(release("two", [parent], OTHER), WHERE)

    kept = versioned(chart("two"), WHERE, [parent, tip], None, changes=[ADDED])
    reverted = versioned(chart("one"), WHERE, [parent, tip], None, changes=[ADDED])

    assert read_changes(kept.files["Chart.yaml"]) == (OTHER,)
    assert read_changes(reverted.files["Chart.yaml"]) == (ADDED,)
    now = reverted.files["Chart.yaml"]  # written, the tree is dirty, and the tip alone is the base
    assert reverted == versioned(chart("one"), WHERE, [tip], now, changes=[ADDED])


def test_where_the_list_has_no_place_the_chart_is_refused() -> None:
    flow = {"Chart.yaml": CHART + b"annotations: {a: b}\n"}

    with pytest.raises(Rejected) as refused:
        versioned(flow, WHERE, [], None, changes=[ADDED])

    expected = (
        f"{WHERE}/Chart.yaml: error: the list of changes cannot be written: `annotations:` is not "
        "one block with a line for each (chart-annotations)\n"
        "  help: write each annotation on a line of its own below `annotations:`; a team's chart "
        "has those of charts/egress-policy"
    )
    assert expected == str(refused.value)
