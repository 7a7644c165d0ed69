"""The writer on a good day: what it writes, leaves alone, and takes away again."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from support.workspace.trees import contents
from transire.workspace.drift_findings import FileState
from transire.workspace.file_plan import Edit, Owner, Plan, owner_of, owners_of
from transire.workspace.writer import Outcome, apply, status

CHART = "charts/teams/payments/Chart.yaml"
TARGET = "charts/teams/payments/targets/payments-prod.prod-eu.yaml"
APPLICATION = "argocd/prod-eu/applications/teams/payments.yaml"
MANIFEST = ".transire/owned/teams/payments.json"


def payments(**changed: bytes | None) -> Owner:
    """The unit of a small team; a keyword replaces a file's content, None leaves the file out."""
    content = {"chart": b"name: payments\n", "target": b"team: payments\n", "app": b"kind: App\n"}
    files = zip((CHART, TARGET, APPLICATION), (content | changed).values(), strict=True)
    return Owner(
        name="teams/payments",
        files={path: each for path, each in files if each is not None},
    )


def ledger() -> Owner:
    return Owner(name="teams/ledger", files={"charts/teams/ledger/Chart.yaml": b"name: ledger\n"})


def states(root: Path, plan: Plan) -> dict[str, FileState]:
    return {each.path: each.state for each in status(root, plan).standings}


def test_a_unit_is_written_with_a_manifest_of_its_own(tmp_path: Path) -> None:
    outcome = apply(tmp_path, Plan(units=(payments(),)))

    assert Outcome(written=(MANIFEST, APPLICATION, CHART, TARGET)) == outcome
    digests = {
        path: f"sha256:{sha256(each).hexdigest()}" for path, each in payments().files.items()
    }
    manifest = {"apiVersion": "transire/v1", "kind": "OwnedFiles", "files": digests}
    written = contents(tmp_path)
    assert manifest == json.loads(written.pop(MANIFEST))
    assert payments().files == written


def test_a_manifest_lists_paths_in_order_one_to_a_line(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(ledger(),)))

    expected = (
        '{\n  "apiVersion": "transire/v1",\n  "kind": "OwnedFiles",\n  "files": {\n'
        '    "charts/teams/ledger/Chart.yaml": "sha256:'
        + sha256(b"name: ledger\n").hexdigest()
        + '"\n  }\n}\n'
    )
    assert expected == (tmp_path / ".transire/owned/teams/ledger.json").read_text()


def touched(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """What writing changes of each path; reading a folder may change when it was read last."""
    found = {path: path.stat() for path in folder.rglob("*")}
    return {path: (each.st_ino, each.st_mtime_ns, each.st_ctime_ns) for path, each in found.items()}


def test_a_second_run_touches_nothing(tmp_path: Path) -> None:
    plan = Plan(units=(payments(), ledger()), complete=True)
    apply(tmp_path, plan)
    before = touched(tmp_path)

    assert Outcome() == apply(tmp_path, plan)
    assert before == touched(tmp_path)


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(payments(),)))
    before = (tmp_path / CHART).stat()

    outcome = apply(tmp_path, Plan(units=(payments(target=b"changed\n"),)))

    after = (tmp_path / CHART).stat()
    assert Outcome(written=(MANIFEST, TARGET)) == outcome
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert (tmp_path / TARGET).read_bytes() == b"changed\n"


def test_a_file_that_is_not_needed_any_more_goes_with_its_empty_folders(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(payments(),)))

    outcome = apply(tmp_path, Plan(units=(payments(target=None, app=None),)))

    assert Outcome(written=(MANIFEST,), removed=(APPLICATION, TARGET)) == outcome
    assert [path for path in contents(tmp_path) if not path.startswith(".transire")] == [CHART]
    assert not (tmp_path / "argocd").exists()
    assert not (tmp_path / "charts/teams/payments/targets").exists()


def test_a_folder_that_holds_something_else_stays(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(payments(),)))
    (tmp_path / "argocd/prod-eu/applications/teams/notes.txt").write_text("mine")

    apply(tmp_path, Plan(units=(payments(app=None),)))

    assert not (tmp_path / APPLICATION).exists()
    assert (tmp_path / "argocd/prod-eu/applications/teams/notes.txt").read_text() == "mine"


def test_a_team_that_vanished_goes_in_a_complete_run(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(payments(), ledger())))

    outcome = apply(tmp_path, Plan(units=(ledger(),), complete=True))

    assert Outcome(removed=(MANIFEST, APPLICATION, CHART, TARGET)) == outcome
    assert list(contents(tmp_path)) == [
        ".transire/owned/teams/ledger.json",
        "charts/teams/ledger/Chart.yaml",
    ]


def test_a_run_for_one_team_leaves_the_others_alone(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(payments(), ledger())))
    before = contents(tmp_path)

    assert Outcome() == apply(tmp_path, Plan(units=(ledger(),)))
    assert before == contents(tmp_path)


def test_equal_bytes_that_nobody_owns_are_adopted(tmp_path: Path) -> None:
    (tmp_path / CHART).parent.mkdir(parents=True)
    (tmp_path / CHART).write_bytes(payments().files[CHART])

    outcome = apply(tmp_path, Plan(units=(payments(),)))

    assert Outcome(written=(MANIFEST, APPLICATION, TARGET)) == outcome


def test_files_become_units_by_their_places() -> None:
    platform = {
        "argocd/argocd-cm.yaml": b"",
        "argocd/prod-eu/applications/platform.yaml": b"",
        "charts/egress-baseline/targets/prod-eu.yaml": b"",
        "charts/egress-tier/targets/prod-eu.yaml": b"",
        "flux/teams/releases/platform.yaml": b"",
        "values/.schema/platform.schema.json": b"",
    }
    mine = {
        "argocd/prod-eu/applications/teams/payments.yaml": b"",
        "charts/teams/payments/Chart.yaml": b"",
        "charts/teams/payments/targets/a.b.yaml": b"",
        "flux/teams/releases/teams/payments.yaml": b"",
    }
    expected = (Owner(name="platform", files=platform), Owner(name="teams/payments", files=mine))

    assert expected == owners_of({**mine, **platform})


@pytest.mark.parametrize(
    "path",
    [
        "values/platform.yaml",
        "charts/egress-baseline/Chart.yaml",
        "charts/teams/payments",
        "charts/teams/Payments/x",
        "argocd",
        "flux/prod-eu/releases/teams/a.b.yaml",
    ],
)
def test_a_file_elsewhere_is_not_generated(path: str) -> None:
    assert owner_of(path) is None
    with pytest.raises(ValueError) as wrong:  # noqa: PT011 - the message is compared in full
        owners_of({path: b""})
    assert str(wrong.value) == f"{path!r} is in no place where files are generated"


def test_files_get_mode_0644_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        apply(tmp_path, Plan(units=(payments(),)))
    finally:
        os.umask(old)

    modes = {path: (tmp_path / path).stat().st_mode & 0o777 for path in contents(tmp_path)}
    assert dict.fromkeys(modes, 0o644) == modes


def test_a_run_leaves_no_lock_and_no_work_folder(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(payments(),)))

    assert [path.name for path in (tmp_path / ".transire").iterdir()] == ["owned"]


def test_the_states_name_every_file_that_is_out_of_step(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(payments(), ledger())))
    (tmp_path / CHART).unlink()

    plan = Plan(units=(payments(target=b"new\n", app=None),), complete=True)

    assert states(tmp_path, plan) == {
        ".transire/owned/teams/ledger.json": FileState.SURPLUS,
        MANIFEST: FileState.OUTDATED,
        APPLICATION: FileState.SURPLUS,
        "charts/teams/ledger/Chart.yaml": FileState.SURPLUS,
        CHART: FileState.MISSING,
        TARGET: FileState.OUTDATED,
    }


def test_looking_writes_nothing(tmp_path: Path) -> None:
    status(tmp_path, Plan(units=(payments(),), complete=True))

    assert list(tmp_path.iterdir()) == []


def test_a_hand_written_file_keeps_its_mode_and_is_never_owned(tmp_path: Path) -> None:
    chart = tmp_path / "charts/egress-tier/Chart.yaml"
    chart.parent.mkdir(parents=True)
    chart.write_bytes(b"version: 0.1.0\n")
    chart.chmod(0o640)

    edit = Edit(
        path="charts/egress-tier/Chart.yaml", before=b"version: 0.1.0\n", after=b"version: 0.1.1\n"
    )
    outcome = apply(tmp_path, Plan(edits=(edit,), complete=True))

    assert Outcome(written=("charts/egress-tier/Chart.yaml",)) == outcome
    assert chart.read_bytes() == b"version: 0.1.1\n"
    assert chart.stat().st_mode & 0o777 == 0o640
    assert list(contents(tmp_path)) == ["charts/egress-tier/Chart.yaml"]
    assert Outcome() == apply(tmp_path, Plan(edits=(edit,), complete=True))


def test_a_file_can_be_made_where_none_was(tmp_path: Path) -> None:
    edit = Edit(path="values/platform.yaml", before=None, after=b"kind: Platform\n")

    assert Outcome(written=("values/platform.yaml",)) == apply(tmp_path, Plan(edits=(edit,)))
    assert contents(tmp_path) == {"values/platform.yaml": b"kind: Platform\n"}


@pytest.mark.parametrize("name", ["Payments", "../x", "teams/", "teams/a/b", "teams/A", ""])
def test_a_unit_is_the_platform_or_a_team(name: str) -> None:
    with pytest.raises(ValueError, match="is neither 'platform' nor teams/<team>"):
        Owner(name=name, files={})
