"""Generated files that a run would write come as few findings, after what people decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from transire.workspace.file_plan import Owner, Plan
from transire.workspace.writer import apply, status


def unit(team: str, text: str = "old", *names: str) -> Owner:
    files = {f"charts/teams/{team}/{name}": text.encode() for name in names or ("Chart.yaml", "b")}
    return Owner(name=f"teams/{team}", files=files)


def causes(root: Path, *units: Owner) -> list[str]:
    plan = Plan(units=units, complete=True)
    return [str(each) for each in status(root, plan).causes]


def test_one_file_is_named_and_the_list_of_files_with_it_is_not(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(unit("shop", "old", "Chart.yaml"),), complete=True))

    assert causes(tmp_path, unit("shop", "new", "Chart.yaml")) == [
        (
            "charts/teams/shop/Chart.yaml: error: this generated file is not what the values give now "
            "(outdated-file)\n  help: run `transire generate shop`"
        )
    ]


def test_several_files_of_a_team_are_counted(tmp_path: Path) -> None:
    names = [f"targets/{number}.yaml" for number in range(9)]
    apply(tmp_path, Plan(units=(unit("shop", "old", *names),), complete=True))

    assert causes(tmp_path, unit("shop", "new", *names)) == [
        (
            "charts/teams/shop/targets/0.yaml: error: 9 generated files of shop are out of step with "
            "the values (out-of-step)\n  help: run `transire generate shop`"
        )
    ]


@pytest.mark.parametrize("number", [4, 5, 40])
def test_many_teams_are_one_finding(tmp_path: Path, number: int) -> None:
    teams = [f"t{each:02}" for each in range(number)]
    apply(tmp_path, Plan(units=tuple(map(unit, teams)), complete=True))

    others = "1 other" if number == 4 else f"{number - 3} others"
    assert causes(tmp_path, *(unit(team, "new") for team in teams)) == [
        (
            f"charts/teams/t00/Chart.yaml: error: {2 * number} generated files of t00, t01, t02 and "
            f"{others} are out of step with the values (out-of-step)\n  help: run `transire generate`"
        )
    ]


def test_no_command_names_a_team_that_is_gone(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(unit("shop"), unit("books")), complete=True))

    assert causes(tmp_path, unit("books")) == [
        (
            "charts/teams/shop/Chart.yaml: error: 2 generated files of shop are out of step with the "
            "values (out-of-step)\n  help: run `transire generate`"
        )
    ]


def test_what_a_person_wrote_comes_before_what_a_run_writes(tmp_path: Path) -> None:
    apply(tmp_path, Plan(units=(unit("books"), unit("shop")), complete=True))
    (tmp_path / "charts/teams/shop/b").write_text("mine", encoding="utf-8")

    seen = causes(tmp_path, unit("books", "new"), unit("shop"))

    assert [each.partition(":")[0] for each in seen] == [
        "charts/teams/shop/b",
        "charts/teams/books/Chart.yaml",
    ]
