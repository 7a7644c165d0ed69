"""Loading the values of some teams, while the files of the others are left alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from transire.model.problems import Problem, Rejected
from transire.values.guardrails.registry import review
from transire.values.load import load_files
from transire.values.value_files import find

BASE = find(Path(__file__).parent / "base").files


def team(name: str, namespaces: str, egress: str = "[]") -> bytes:
    return (
        f"apiVersion: transire/v1\nkind: TeamEgress\nteam: {name}\ncontact: {name}@example.com\n"
        f"namespaces: {namespaces}\negress: {egress}\n"
    ).encode()


def files(**teams: bytes) -> dict[str, bytes]:
    return {**BASE, **{f"values/teams/{name}.yaml": content for name, content in teams.items()}}


def problems(values: dict[str, bytes], *named: str) -> tuple[Problem, ...]:
    with pytest.raises(Rejected) as rejected:
        load_files(values, teams=named or None)
    return rejected.value.problems


def test_the_mistakes_of_others_are_for_them_to_see() -> None:
    values = files(books=team("books", "{books: [eu]}"), shop=team("shop", "{shop: [prod-eu]}"))
    values["values/teams/torn.yaml"] = b"namespaces: {shop"

    organisation = load_files(values, teams=["shop"])

    assert [each.name for each in organisation.teams] == ["shop"]
    assert organisation.others == {"books", "torn"}
    assert {each.at.path for each in problems(values)} == {
        "values/teams/books.yaml",
        "values/teams/torn.yaml",
    }


def test_the_mistakes_of_the_platform_are_for_everyone() -> None:
    values = files(shop=team("shop", "{shop: [prod-eu]}"))
    values["values/bundles/github.yaml"] = b"[]"

    assert problems(values, "shop") == problems(values)


@pytest.mark.parametrize(
    "claim",
    [
        "{shop: [prod-eu]}",
        '{"shop": [prod-eu], books: [prod-eu]}',
        '{"sh\\x6fp": [prod-eu]}',
        "\n  ? shop\n  : [prod-eu]",
    ],
)
@pytest.mark.parametrize("other", ["books", "zoo"])
def test_a_namespace_that_another_file_claims_is_found_as_among_all(other: str, claim: str) -> None:
    values = files(shop=team("shop", "{shop: [prod-eu]}"), **{other: team(other, claim)})

    (problem,) = problems(values, "shop")

    assert problem.id == "namespace-owned-twice"
    assert problems(values) == (problem,)


def test_what_else_is_wrong_with_a_file_that_claims_the_namespace_is_not_said() -> None:
    claim = team("books", "{shop: [prod-eu]}", "[{name: a, to: [-]}]")
    values = files(shop=team("shop", "{shop: [prod-eu]}"), books=claim)

    assert [each.id for each in problems(values, "shop")] == ["namespace-owned-twice"]
    assert len(problems(values)) > 1


def test_a_namespace_that_two_others_claim_is_for_them_to_see() -> None:
    values = files(
        shop=team("shop", "{shop: [prod-eu]}"),
        books=team("books", "{shared: [prod-eu]} # shop"),
        zoo=team("zoo", "{shared: [prod-eu]} # shop"),
    )

    assert [each.name for each in load_files(values, teams=["shop"]).teams] == ["shop"]
    assert [each.id for each in problems(values)] == ["namespace-owned-twice"]


def test_an_exception_of_a_team_that_is_left_out_is_not_judged() -> None:
    values = files(
        shop=team("shop", "{shop: [prod-eu]}"), books=team("books", "{books: [prod-eu]}")
    )
    values["values/exceptions.yaml"] = (
        b"apiVersion: transire/v1\nkind: Exceptions\nexceptions:\n"
        b"  - {rule: missing-reason, team: books, entry: nothing, approvedBy: a, reason: b, "
        b"until: 2027-01-01}\n"
    )

    assert len(load_files(values, teams=["shop"]).waivers) == 1
    assert [each.id for each in review(load_files(values), date(2026, 11, 23))][-1:] == [
        "leftover-exception"
    ]
    some = review(load_files(values, teams=["shop"]), date(2026, 11, 23))
    assert "leftover-exception" not in {each.id for each in some}
