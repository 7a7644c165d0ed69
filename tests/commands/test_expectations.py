"""`transire test` as people run it, and expectations where `check` and `explain` find them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.policy_repository import contents, copy_example, edit, run

TEAM = "tests/egress/payments.yaml"
HEAD = "apiVersion: transire/v1\nkind: EgressExpectations\nteam: payments\nexpectations:\n"
HOLDS = """\
  - {from: payments-prod/app=checkout, to: "api.stripe.com:443", expect: allow}
  - {from: payments-staging/app=checkout, to: "1.1.1.1:53/UDP", expect: deny}
  - {from: payments-staging/app=checkout, to: "api.sandbox.stripe.example:443", expect: delegated}
"""
DENIED = '  - {from: payments-prod, to: "api.stripe.com:443", expect: allow, clusters: [prod-eu]}\n'
MESSAGE = (
    f"{TEAM}:8:5: error: payments-prod to api.stripe.com:443 on prod-eu is denied, and has to be "
    "allowed: no rule allows 443/TCP to 20.1.2.3 (the world) (expectation)\n"
    "  help: open it in the values, or write expect: deny if that is what is wanted\n"
)
DAY = ("--as-of", "2026-11-23")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return copy_example(tmp_path)


def expect(folder: Path, text: str, path: str = TEAM) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def test_expectations_are_judged_whether_or_not_anything_is_generated(repository: Path) -> None:
    expect(repository, HEAD + HOLDS)

    ran = run(repository, "test", *DAY)

    assert (ran.code, ran.out) == (
        0,
        (
            "in audit, so that nothing is blocked there yet: payments-staging.staging\n"
            "4 expectations on targets: 4 met\n"
        ),
    )


@pytest.mark.slow("long runs in a repository")
def test_what_is_not_met_ends_with_1_and_check_finds_it_too(repository: Path) -> None:
    expect(repository, HEAD + HOLDS + DENIED)
    run(repository, "generate", *DAY)

    ran, checked = run(repository, "test", *DAY), run(repository, "check", *DAY)

    assert ran.code == checked.code == 1
    assert ran.out.startswith(MESSAGE)
    assert MESSAGE in checked.out
    assert checked.out.endswith("1 error, 1 note\n")


@pytest.mark.slow("long runs in a repository")
def test_teams_are_judged_by_their_files_and_the_rest_is_left_to_a_run_for_all(
    repository: Path,
) -> None:
    expect(repository, HEAD + DENIED)
    everyone = HEAD.replace("team: payments\n", "")
    expect(
        repository, everyone + DENIED.replace("payments-prod", "ledger"), "tests/egress/all.yaml"
    )

    codes = {
        team: run(repository, "test", *team, *DAY).code for team in [(), ("payments",), ("ledger",)]
    }

    assert codes == {(): 1, ("payments",): 1, ("ledger",): 0}
    assert run(repository, "test", "nobody").code == 2


@pytest.mark.slow("long runs in a repository")
def test_mistakes_of_values_and_of_expectations_are_shown_in_one_run(repository: Path) -> None:
    expect(repository, HEAD + '  - {from: payments-prod, to: "api.stripe.com", expect: allow}\n')
    edit(repository, "values/teams/payments.yaml", "[api.stripe.com,", "[api.stripe..com,")

    for command in ("test", "check"):
        ran = run(repository, command, *DAY)
        shown = ran.out + ran.err
        assert ran.code == 1
        assert f"{TEAM}:5:31: error: 'api.stripe.com' has no port (query)" in shown
        assert "values/teams/payments.yaml:13:10: error: 'api.stripe..com'" in shown


def test_what_cannot_be_judged_ends_with_3(repository: Path) -> None:
    expect(
        repository,
        HEAD + HOLDS + '  - {from: payments-prod, to: "kube-apiserver:443", expect: deny}\n',
    )

    ran = run(repository, "test", *DAY)

    assert ran.code == 3
    assert (
        "on prod-eu cannot be judged, and has to be denied: kube-apiserver is an entity" in ran.out
    )


@pytest.mark.slow("long runs in a repository")
def test_new_writes_what_holds_adds_what_is_missing_and_changes_nothing_else(
    repository: Path,
) -> None:
    ran = run(repository, "test", "--new", "payments", *DAY)
    first = (repository / TEAM).read_bytes()
    again = run(repository, "test", "--new", "payments", *DAY)

    assert (ran.code, again.code) == (0, 0)
    assert ran.err.endswith(f"{TEAM}: {first.count(b'  - {')} expectations written, 0 were there\n")
    assert again.err.endswith(
        f"{TEAM}: nothing to write, {first.count(b'  - {')} expectations are there\n"
    )
    assert (repository / TEAM).read_bytes() == first
    assert run(repository, "test", *DAY).out.endswith(" met\n")
    lines = first.splitlines(keepends=True)
    mine = b"".join(lines[:6]) + b"    # mine\n" + lines[7].replace(b"  -", b"    -")
    (repository / TEAM).write_bytes(mine)
    run(repository, "test", "--new", "payments", *DAY)
    after = (repository / TEAM).read_bytes()
    assert after.startswith(mine)
    assert after.count(b"    - {") == first.count(b"  - {")


@pytest.mark.slow("long runs in a repository")
def test_an_entry_that_is_removed_and_one_that_is_widened_fail_what_was_written(
    repository: Path,
) -> None:
    run(repository, "test", "--new", "payments", *DAY)
    values, path = contents(repository), "values/teams/payments.yaml"
    changes = {
        "entry of card-processing": ("[api.stripe.com, files.stripe.com]", "[files.stripe.com]"),
        "another name than receipts has": ("**.storage.example.net", "**.example.net"),
        "another port than ledger has": ("ports: [8080]", "ports: [8080, 8081]"),
        "another address than settlement has": ("198.51.100.16/28", "198.51.100.0/27"),
        "another pod than ledger has": (
            "{namespace: ledger, pods: {app: ledger}}",
            "{namespace: ledger}",
        ),
        "another pod than those of settlement": ("    from: {app: settlement}\n", ""),
    }
    for stands_for, (before, after) in changes.items():
        edit(repository, path, before, after)
        ran = run(repository, "test", *DAY)
        (repository / path).write_bytes(values[path])
        assert f"({stands_for})" in ran.out, stands_for
        assert ran.code == 1


@pytest.mark.slow("long runs in a repository")
def test_new_needs_one_team_and_a_file_that_can_be_added_to(repository: Path) -> None:
    assert run(repository, "test", "--new").err.endswith(
        "Error: --new is for one team: transire test --new TEAM\n"
    )
    expect(repository, HEAD.replace("expectations:\n", "expectations: []\n"))
    assert run(repository, "test", "--new", "payments", *DAY).err == (
        f"{TEAM}: error: expectations cannot be added: the list of expectations is not its last key, "
        "as a block (cannot-edit)\n"
        "  help: move the file away, run the command again, and join the two by hand\n"
    )
    expect(repository, HEAD.replace("payments", "ledger") + "  []\n")
    assert (
        "the file is about team ledger (cannot-edit)"
        in run(repository, "test", "--new", "payments", *DAY).err
    )


@pytest.mark.slow("long runs in a repository")
def test_questions_of_explain_may_have_expectations(repository: Path) -> None:
    run(repository, "generate", *DAY)
    line = {"from": "payments-prod/app=checkout", "to": "api.stripe.com:443"}
    lines = [
        {"id": "met", **line, "expect": "allow"},
        {"id": "failed", **line, "expect": "deny"},
        {"id": "none", **line},
    ]
    (repository / "q.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    about = ("explain", "--target", "payments-prod.prod-eu", "--queries", "q.jsonl")

    ran = run(repository, *about, "--format", "json")
    found = {each["id"]: each.get("expected") for each in map(json.loads, ran.out.splitlines())}

    assert found == {
        "met": {"expect": "allow", "outcome": "allow", "standing": "met"},
        "failed": {"expect": "deny", "outcome": "allow", "standing": "failed"},
        "none": None,
    }
    assert ran.code == 1
    text = run(repository, *about).out
    assert "  expected: allow, met\n" in text
    assert "  expected: deny, failed: it is allowed\n" in text
    (repository / "q.jsonl").write_text(json.dumps({"id": "1", **line, "expect": "no"}), "utf-8")
    assert run(repository, *about).err == (
        "q.jsonl:1:0: error: expect is 'no' (query)\n  help: write one of allow, deny, delegated\n"
    )
