"""Files that are not what they seem."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support import needs
from transire.model.problems import Rejected
from transire.values.load import load, load_files
from transire.values.value_files import find

BASE = find(Path(__file__).parent / "base").files
TEAM = "values/teams/payments.yaml"
HEAD = """\
apiVersion: transire/v1
kind: TeamEgress
team: payments
contact: payments@example.com
"""


def _refused(root: Path) -> str:
    with pytest.raises(Rejected) as caught:
        load(root)
    return str(caught.value)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A sound repository, beside a folder that is none of its business."""
    root = tmp_path / "repository"
    for path, content in BASE.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    team = root / TEAM
    team.parent.mkdir()
    team.write_text(f"{HEAD}namespaces: {{payments: [prod-eu]}}\negress: []\n")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("password: hunter2\n")
    return root


def test_a_repository_loads_from_its_folder(repository: Path) -> None:
    assert [each.name for each in load(repository).teams] == ["payments"]


def test_a_link_out_of_the_repository_is_never_followed(repository: Path) -> None:
    (repository / "values/teams/evil.yaml").symlink_to(repository.parent / "outside/secret.yaml")

    expected = (
        "values/teams/evil.yaml: error: values/teams/evil.yaml is a symbolic link, and Git holds "
        "where it leads, not the values (symlink)\n  help: put what it leads to in its place"
    )
    assert expected == _refused(repository)


@pytest.mark.parametrize("folder", ["values", "values/teams", "values/bundles"])
def test_a_folder_that_links_out_of_the_repository_is_never_followed(
    repository: Path, folder: str
) -> None:
    (repository / folder).rename(repository.parent / "moved")
    (repository / folder).symlink_to(repository.parent / "moved")

    said = _refused(repository)

    assert f"{folder}: error: {folder} is a symbolic link, and Git holds where it leads" in said
    assert "hunter2" not in said


def test_a_link_that_stays_inside_the_repository_is_refused_too(repository: Path) -> None:
    (repository / TEAM).rename(repository / "payments.yaml")
    (repository / TEAM).symlink_to("../../payments.yaml")

    assert f"{TEAM}: error: {TEAM} is a symbolic link, and Git holds where" in _refused(repository)


@pytest.mark.parametrize("target", ["loop.yaml", "missing.yaml"])
def test_a_link_that_leads_nowhere_is_a_problem(repository: Path, target: str) -> None:
    (repository / "values/teams/loop.yaml").symlink_to(target)

    said = _refused(repository)

    assert said.startswith("values/teams/loop.yaml: error: values/teams/loop.yaml is a symbolic ")


def test_ten_megabytes_are_refused_without_reading_them(repository: Path) -> None:
    with (repository / TEAM).open("wb") as file:
        file.truncate(10 * 2**20)

    expected = (
        "values/teams/payments.yaml: error: the file has 10485760 bytes, more than 1048576"
        " (file-too-large)\n  help: split it; a values file is read by people"
    )
    assert expected == _refused(repository)


def test_a_folder_or_a_pipe_in_place_of_a_file_is_a_problem(repository: Path) -> None:
    (repository / "values/teams/folder.yaml").mkdir()
    os.mkfifo(repository / "values/teams/pipe.yaml")

    expected = """\
values/teams/folder.yaml: error: 'values/teams/folder.yaml' is not a regular file (unreadable-file)
  help: replace it with a file
values/teams/pipe.yaml: error: 'values/teams/pipe.yaml' is not a regular file (unreadable-file)
  help: replace it with a file"""
    assert expected == _refused(repository)


def test_files_of_editors_are_passed_over(repository: Path) -> None:
    for name in (".payments.yaml.swp", ".#payments.yaml", "payments.yaml~"):
        (repository / "values/teams" / name).write_text("not ours\n")
    (repository / "values/.schema").mkdir()
    (repository / "values/.schema/platform.schema.json").write_text("{}\n")

    assert [each.name for each in load(repository).teams] == ["payments"]


@pytest.mark.parametrize("folder", ["teams", "bundles"])
def test_a_hidden_file_that_looks_like_values_is_never_passed_over(
    repository: Path, folder: str
) -> None:
    path = f"values/{folder}/.ledger.yaml"
    (repository / path).write_text("kind: TeamEgress\n")

    assert _refused(repository) == (
        f"{path}: error: {path!r} is not a values file, and is never read (unknown-file)\n"
        "  help: rename it to ledger.yaml if it is one, or move it elsewhere"
    )


def test_a_name_that_is_no_text_is_shown_escaped(repository: Path) -> None:
    path = os.fsencode(repository / "values/teams") + b"/\xff.yaml"
    try:
        Path(os.fsdecode(path)).write_text("{}")
    except OSError:
        pytest.skip(needs.ANY_FILE_NAME)

    assert r"values/teams/\xff.yaml" in _refused(repository)


def test_without_a_platform_there_is_nothing_to_say_about_clusters(tmp_path: Path) -> None:
    expected = (
        "values: error: values cannot be read: no such file or directory (unreadable-file)\n"
        "  help: see that it is there and that you may read it"
    )
    assert expected == _refused(tmp_path)
    (tmp_path / "values/teams").mkdir(parents=True)
    (tmp_path / TEAM).write_text(f"{HEAD}namespaces: {{payments: [anywhere]}}\negress: []\n")
    expected = (
        "values/platform.yaml: error: values/platform.yaml is missing (missing-file)\n"
        "  help: write it; transire init makes an example"
    )
    assert expected == _refused(tmp_path)


def test_files_that_were_read_elsewhere_are_held_to_the_same_places() -> None:
    with pytest.raises(Rejected) as caught:
        load_files({**BASE, "values/teams/../../x.yaml": b"a: b\n"})

    assert "'values/teams/../../x.yaml' is not a values file" in str(caught.value)
