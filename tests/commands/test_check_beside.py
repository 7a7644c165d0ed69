"""A mistake in one team's values hides nothing in the charts of the others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from support.policy_repository import copy_example, edit, run
from transire.api import check
from transire.model.problems import Level

AS_OF = ("--as-of", "2026-11-23")
MISTAKE = (
    "values/teams/payments.yaml:11:5: error: 'resaon' is not a key of item 1 of 'egress' "
    "(unknown-key)\n  help: write reason\n"
)


def left_out(*parts: str) -> str:
    """The note about what is not judged, at the end of what `check` prints."""
    return (
        f"charts: note: not judged beside the mistakes: {', '.join(parts)}, and whether generated "
        "files are in step and expectations are met (not-looked-at)\n"
        "  help: correct the mistakes in the values, and run transire check again\n"
    )


PLATFORM = "the platform's charts as a whole"
TEAMS = ("ledger", "payments")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = copy_example(tmp_path)
    assert run(folder, "generate", *AS_OF).code == 0
    edit(folder, "values/teams/payments.yaml", "reason: charge cards", "resaon: charge cards")
    return folder


def test_a_generated_file_that_somebody_edited_shows(repository: Path) -> None:
    path = "charts/teams/ledger/README.md"
    (repository / path).write_text("mine\n", encoding="utf-8")
    checked = run(repository, "check", *AS_OF)

    assert checked.code == 1
    assert checked.out == (
        f"{path}: error: this generated file was changed by hand (edited-file)\n"
        "  help: change the values instead, delete the file and run `transire generate ledger`\n"
        f"{MISTAKE}{left_out('the charts of payments', PLATFORM)}2 errors, 1 note\n"
    )


def test_what_the_next_run_writes_does_not(repository: Path) -> None:
    (repository / "charts/teams/ledger/README.md").unlink()
    checked = run(repository, "check", *AS_OF)

    left = left_out("the charts of payments", PLATFORM)
    assert (checked.code, checked.out) == (1, f"{MISTAKE}{left}1 error, 1 note\n")


def test_what_could_not_be_looked_at_is_no_secret(repository: Path) -> None:
    chart = "charts/egress-policy/templates/cilium.yaml"
    (repository / chart).write_text('{{ fail "no" }}\n', encoding="utf-8")
    checked = run(repository, "check", *AS_OF)

    assert checked.code == 1
    assert MISTAKE in checked.out
    assert len(checked.out.splitlines()) > 3


def test_where_only_the_team_with_the_mistake_is_named_others_are_left_alone(
    repository: Path,
) -> None:
    (repository / "charts/teams/ledger/README.md").write_text("mine\n", encoding="utf-8")
    checked = run(repository, "check", "payments", *AS_OF)

    assert (checked.code, checked.out) == (1, f"{MISTAKE}{left_out('any chart')}1 error, 1 note\n")


@pytest.fixture
def broken_template(tmp_path: Path) -> Path:
    """Two teams with a chart that allows more than values mean, and no mistake in values."""
    folder = copy_example(tmp_path)
    for each in (folder / "values/teams").iterdir():
        if each.stem not in TEAMS:
            each.unlink()
    (folder / "values/exceptions.yaml").write_text(
        "apiVersion: transire/v1\nkind: Exceptions\nexceptions: []\n", encoding="utf-8"
    )
    template = folder / "charts/egress-policy/templates/cilium.yaml"
    text = template.read_text(encoding="utf-8").replace("toFQDNs", "toFQDNS")
    template.write_text(text, encoding="utf-8")
    return folder


FILE, BROKEN = "values/platform.yaml", "values/exceptions.yaml"


@pytest.mark.parametrize(
    ("place", "judged", "left"),
    [
        ((FILE, "guardrails:\n", "guardrails:\n  expiresSoonDays: many\n"), TEAMS, PLATFORM),
        ((FILE, "oci://", "http://"), TEAMS, PLATFORM),
        ((FILE, "everyone:\n", "everyone:\n  - {nome: x}\n"), (), "any chart"),
        ((FILE, "everyone:\n", "everyone: [\n"), (), "any chart"),
        ((BROKEN, "exceptions: []", "exceptions: ["), TEAMS, PLATFORM),
    ],
)
def test_charts_are_judged_that_do_not_follow_from_a_mistake(
    broken_template: Path, place: tuple[str, str, str], judged: tuple[str, ...], left: str
) -> None:
    edit(broken_template, *place)
    checked = run(broken_template, "check", *AS_OF)

    found = {each for each in checked.out.splitlines() if each.endswith("(not-proved)")}
    assert checked.code == 1
    assert {each.partition(":")[0] for each in found} == {
        f"values/teams/{each}.yaml" for each in judged
    }
    assert left_out(left) in checked.out


def test_what_is_on_other_clusters_is_judged_beside_a_broken_one(broken_template: Path) -> None:
    edit(broken_template, "values/platform.yaml", "profile: openshift", "profile: [x]")
    checked = run(broken_template, "check", *AS_OF)

    assert left_out("what is on prod-onprem", PLATFORM) in checked.out
    assert "(not-proved)" in checked.out
    assert ".prod-onprem: " not in checked.out


def test_the_rest_of_a_file_that_is_no_yaml_is_stated_to_be_unread(repository: Path) -> None:
    edit(repository, "values/teams/ledger.yaml", "contact: ", "contact: a: ")
    checked = run(repository, "check", *AS_OF)

    assert checked.out.count("; what comes after this in the file was not looked at\n") == 1
    assert MISTAKE in checked.out
    assert left_out("the charts of ledger and payments", PLATFORM) in checked.out


def test_a_hidden_network_makes_no_private_range_of_another_file(tmp_path: Path) -> None:
    folder = copy_example(tmp_path)
    edit(
        folder,
        "values/platform.yaml",
        "everyone:\n",
        "networks: {x: {cidrs: [10.0.0.0/99]}}\neveryone:\n",
    )
    edit(folder, "values/teams/ledger.yaml", "egress:\n", (
        "egress:\n  - {name: own, reason: x, to: [{cidr: 10.0.4.0/24}]}\n"
    ))  # fmt: skip

    found = {
        each.id for each in check(folder, as_of=date(2026, 11, 23)) if each.level is Level.ERROR
    }
    assert found == {"bad-cidr"}


def test_what_an_engine_refuses_of_the_platform_shows_beside_a_mistake_of_a_team(
    repository: Path,
) -> None:
    edit(repository, "values/platform.yaml", "everyone:\n", (
        "everyone:\n  - {name: gate, reason: x, to: [{entity: ingress}], ports: [443]}\n"
    ))  # fmt: skip
    checked = run(repository, "check", *AS_OF)

    assert MISTAKE in checked.out
    assert "(entity-not-expressible)" in checked.out
