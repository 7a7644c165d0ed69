"""What the writer refuses: somebody's work, links, impossible plans. Every message in full."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from transire.model.problems import Rejected
from transire.workspace.file_plan import Edit, Owner, Plan
from transire.workspace.writer import apply, status

CHART = "charts/teams/payments/Chart.yaml"
FILES = {
    CHART: b"name: payments\n",
    "argocd/prod-eu/applications/teams/payments.yaml": b"kind: Application\n",
}
PLAN = Plan(units=(Owner(name="teams/payments", files=FILES),), complete=True)
CHANGED = Plan(
    units=(Owner(name="teams/payments", files={CHART: b"name: changed\n"}),), complete=True
)


def snapshot(root: Path) -> dict[str, tuple[bytes, os.stat_result, int]]:
    """Names, contents and times of everything below the root."""
    return {
        str(path): (
            b"" if path.is_symlink() or not path.is_file() else path.read_bytes(),
            path.lstat(),
            path.lstat().st_mtime_ns,
        )
        for path in sorted(root.rglob("*"))
    }


def refusal(root: Path, plan: Plan) -> str:
    """What `apply` says, after a check that it changed nothing and that `status` agrees."""
    before = snapshot(root)
    with pytest.raises(Rejected) as refused:
        apply(root, plan)
    assert before == snapshot(root)
    assert status(root, plan).obstacles == refused.value.problems
    return str(refused.value)


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def test_a_file_that_somebody_edited_is_never_overwritten(tmp_path: Path) -> None:
    apply(tmp_path, PLAN)
    (tmp_path / CHART).write_text("name: mine\n")

    expected = (
        "charts/teams/payments/Chart.yaml: error: this generated file was changed by hand "
        "(edited-file)\n"
        "  help: change the values instead, delete the file and run `transire generate payments`"
    )
    assert expected == refusal(tmp_path, CHANGED)
    assert expected == refusal(tmp_path, PLAN)
    gone = expected.replace("`transire generate payments`", "`transire generate`")
    assert gone == refusal(tmp_path, Plan(complete=True))


def test_deleting_an_edited_file_gets_the_generated_one_back(tmp_path: Path) -> None:
    apply(tmp_path, PLAN)
    (tmp_path / CHART).write_text("name: mine\n")
    (tmp_path / CHART).unlink()

    apply(tmp_path, CHANGED)

    assert (tmp_path / CHART).read_text() == "name: changed\n"


def test_a_file_of_somebody_else_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / CHART).parent.mkdir(parents=True)
    (tmp_path / CHART).write_text("name: mine\n")

    expected = (
        "charts/teams/payments/Chart.yaml: error: this file was not generated, and a generated one "
        "belongs here (foreign-file)\n  help: move it away and run `transire generate payments`"
    )
    assert expected == refusal(tmp_path, PLAN)


def test_a_chart_holds_nothing_but_what_was_generated(tmp_path: Path) -> None:
    apply(tmp_path, PLAN)
    (tmp_path / "charts/teams/payments/templates").mkdir()
    (tmp_path / "charts/teams/payments/templates/open.yaml").write_text("kind: NetworkPolicy\n")

    expected = (
        "charts/teams/payments/templates/open.yaml: error: this was not generated, and "
        "charts/teams/payments holds generated files only (foreign-file)\n"
        "  help: move it out of charts/teams/payments"
    )
    assert expected == refusal(tmp_path, PLAN)


def test_what_helm_does_not_read_may_lie_in_a_chart(tmp_path: Path) -> None:
    ignore = "charts/teams/payments/.helmignore"
    plan = Plan(units=(Owner(name="teams/payments", files={ignore: b"*.swp\n.DS_Store\n"}),))
    apply(tmp_path, plan)
    (tmp_path / "charts/teams/payments/.Chart.yaml.swp").write_text("editor")
    (tmp_path / "charts/teams/payments/.DS_Store").write_text("finder")

    assert status(tmp_path, plan).standings == ()


def test_a_pattern_that_cannot_be_read_hides_nothing(tmp_path: Path) -> None:
    ignore = "charts/teams/payments/.helmignore"
    plan = Plan(units=(Owner(name="teams/payments", files={ignore: b"**\n"}),))
    apply(tmp_path, plan)
    (tmp_path / "charts/teams/payments/other.yaml").write_text("")

    expected = (
        "charts/teams/payments/other.yaml: error: this was not generated, and "
        "charts/teams/payments holds generated files only (foreign-file)\n"
        "  help: move it out of charts/teams/payments"
    )
    assert expected == refusal(tmp_path, plan)


def test_a_chart_of_no_team_is_reported(tmp_path: Path) -> None:
    apply(tmp_path, PLAN)
    (tmp_path / "charts/teams/ghost").mkdir()
    assert status(tmp_path, PLAN).standings == ()

    (tmp_path / "charts/teams/ghost/Chart.yaml").write_text("name: ghost\n")
    (tmp_path / ".transire/owned/teams/note.txt").write_text("?")
    (tmp_path / "charts/teams/stray.txt").write_text("?")

    expected = (
        ".transire/owned/teams/note.txt: error: this was not generated, and .transire/owned holds "
        "generated files only (foreign-file)\n  help: move it out of .transire/owned\n"
        "charts/teams/ghost: error: this was not generated, and charts/teams holds generated files "
        "only (foreign-file)\n  help: move it out of charts/teams\n"
        "charts/teams/stray.txt: error: this was not generated, and charts/teams holds generated "
        "files only (foreign-file)\n  help: move it out of charts/teams"
    )
    assert expected == refusal(tmp_path, PLAN)


@pytest.mark.parametrize("folder", ["argocd/prod-eu/applications", "flux/prod-onprem/releases"])
@pytest.mark.parametrize("name", ["open.yaml", "teams/ghost.yaml", "kustomization.yaml"])
def test_an_object_that_nobody_generated_is_reported_where_a_tool_applies_all(
    tmp_path: Path, folder: str, name: str
) -> None:
    apply(tmp_path, PLAN)
    file = tmp_path / folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("kind: AppProject\n")
    (tmp_path / folder.rpartition("/")[0] / "root.yaml").write_text("kind: Application\n")
    (tmp_path / folder.partition("/")[0] / "NOTES.md").write_text("mine\n")

    expected = (
        f"{folder}/{name}: error: this was not generated, and {folder} holds generated files only "
        f"(foreign-file)\n  help: move it out of {folder}"
    )
    assert expected == refusal(tmp_path, PLAN)


def test_a_target_that_nobody_generated_is_reported_in_the_platforms_charts(tmp_path: Path) -> None:
    folder = tmp_path / "charts/egress-baseline/targets"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("")

    expected = (
        "charts/egress-baseline/targets/mine.yaml: error: this was not generated, and "
        "charts/egress-baseline/targets holds generated files only (foreign-file)\n"
        "  help: move it out of charts/egress-baseline/targets"
    )
    assert expected == refusal(tmp_path, Plan(units=(Owner(name="platform", files={}),)))


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_bytes(FILES[CHART])
    root = tmp_path / "repository"
    link(root / CHART, outside)

    expected = (
        "charts/teams/payments/Chart.yaml: error: this is a symbolic link, and a generated file "
        "belongs here (foreign-file)\n  help: move it away and run `transire generate payments`"
    )
    assert expected == refusal(root, PLAN)


def test_a_link_among_the_parents_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "repository"
    link(root / "charts/teams", outside)

    expected = (
        "charts/teams/payments/Chart.yaml: error: charts/teams is a symbolic link, and generated "
        "files belong below it (foreign-file)\n"
        "  help: move it away and run `transire generate payments`"
    )
    assert expected == refusal(root, PLAN)
    assert list(outside.iterdir()) == []


def test_a_link_in_the_place_of_the_manifests_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "repository"
    link(root / ".transire", outside)

    expected = (
        ".transire/owned/teams/payments.json: error: .transire is a symbolic link, and generated "
        "files belong below it (foreign-file)\n"
        "  help: move it away and run `transire generate payments`"
    )
    assert expected == refusal(root, PLAN)
    assert list(outside.iterdir()) == []


def folder_there(path: Path) -> None:
    path.mkdir(parents=True)


def pipe_there(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("put", "words"),
    [
        pytest.param(folder_there, "a folder", id="folder"),
        pytest.param(pipe_there, "neither a file nor a folder", id="pipe"),
    ],
)
def test_what_is_no_file_is_reported(
    tmp_path: Path, put: Callable[[Path], None], words: str
) -> None:
    put(tmp_path / CHART)

    expected = (
        f"charts/teams/payments/Chart.yaml: error: this is {words}, and a generated file belongs "
        "here (foreign-file)\n  help: move it away and run `transire generate payments`"
    )
    assert expected == refusal(tmp_path, PLAN)


def test_a_file_in_the_place_of_a_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "charts").write_text("mine")

    expected = (
        "charts/teams/payments/Chart.yaml: error: charts is a file, and generated files belong "
        "below it (foreign-file)\n  help: move it away and run `transire generate payments`"
    )
    assert expected == refusal(tmp_path, PLAN)


def test_a_file_with_a_hostile_name_cannot_forge_a_line(tmp_path: Path) -> None:
    apply(tmp_path, PLAN)
    name = b"charts/teams/payments/x\n::error::\xff.yaml"
    (tmp_path / os.fsdecode(name)).write_text("")

    expected = (
        "charts/teams/payments/x\\n::error::\\xff.yaml: error: this was not generated, and "
        "charts/teams/payments holds generated files only (foreign-file)\n"
        "  help: move it out of charts/teams/payments"
    )
    assert expected == refusal(tmp_path, PLAN)


def test_a_hand_written_file_that_moved_on_is_not_overwritten(tmp_path: Path) -> None:
    path = "values/teams/payments.yaml"
    (tmp_path / "values/teams").mkdir(parents=True)
    (tmp_path / path).write_text("now\n")

    expected = (
        "values/teams/payments.yaml: error: this file was changed while transire was running "
        "(edited-file)\n  help: run the command again"
    )
    plan = Plan(edits=(Edit(path=path, before=b"then\n", after=b"new\n"),))
    assert expected == refusal(tmp_path, plan)
    (tmp_path / path).unlink()
    assert expected == refusal(tmp_path, plan)


def test_a_new_file_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine\n")

    expected = (
        "README.md: error: a file is here already (foreign-file)\n"
        "  help: move it away and run the command again"
    )
    plan = Plan(edits=(Edit(path="README.md", before=None, after=b"ours\n"),))
    assert expected == refusal(tmp_path, plan)


def test_a_link_in_the_place_of_a_hand_written_file_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("then\n")
    root = tmp_path / "repository"
    link(root / "values.yaml", outside)

    expected = (
        "values.yaml: error: this is a symbolic link, and a generated file belongs here "
        "(foreign-file)\n  help: move it away and run `transire generate`"
    )
    plan = Plan(edits=(Edit(path="values.yaml", before=b"then\n", after=b"new\n"),))
    assert expected == refusal(root, plan)
    assert outside.read_text() == "then\n"


def test_every_obstacle_comes_in_one_run_in_order(tmp_path: Path) -> None:
    apply(tmp_path, PLAN)
    for path in FILES:
        (tmp_path / path).write_text("mine\n")

    refused = refusal(tmp_path, CHANGED).splitlines()

    assert [line.partition(":")[0] for line in refused[::2]] == sorted(FILES)


def test_check_names_every_file_that_is_out_of_step(tmp_path: Path) -> None:
    platform = "argocd/prod-eu/applications/platform.yaml"
    apply(tmp_path, Plan(units=(*PLAN.units, Owner(name="platform", files={platform: b"old"}))))
    (tmp_path / CHART).unlink()

    plan = Plan(
        units=(
            Owner(name="teams/payments", files={CHART: b"name: payments\n"}),
            Owner(name="platform", files={platform: b"new"}),
        ),
        complete=True,
    )
    findings = "\n".join(map(str, status(tmp_path, plan).findings))

    surplus = "this generated file is one that the values do not hold any more (surplus-file)"
    outdated = "this generated file is not what the values give now (outdated-file)"
    expected = f"""\
.transire/owned/platform.json: error: {outdated}
  help: run `transire generate`
.transire/owned/teams/payments.json: error: {outdated}
  help: run `transire generate payments`
argocd/prod-eu/applications/platform.yaml: error: {outdated}
  help: run `transire generate`
argocd/prod-eu/applications/teams/payments.yaml: error: {surplus}
  help: run `transire generate payments`
charts/teams/payments/Chart.yaml: error: this generated file is missing (missing-file)
  help: run `transire generate payments`"""
    assert expected == findings
