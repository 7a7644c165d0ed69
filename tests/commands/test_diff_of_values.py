"""A diff leads to what the head's values come to, whatever its generated files are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.policy_repository import edit, git, run
from support.review.diffed_example import AS_OF, changed, commit, copy, organisation
from transire.api import DIFF_FORMATS, diff, generate
from transire.model.problems import Rejected
from transire.review.diff.changes import ChangeClass, Event

TEAM = "values/teams/payments.yaml"
IDENTITY = "values/teams/identity.yaml"
PLATFORM = "values/platform.yaml"
DAY = ("--as-of", AS_OF.isoformat())
ADYEN = ("files.stripe.com]", "files.stripe.com, api.adyen.com]")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.mark.slow("long runs in a repository")
def test_what_is_not_generated_yet_is_compared_and_its_files_are_named_first(root: Path) -> None:
    edit(root, TEAM, *ADYEN)

    shown = run(root, "diff", "--base", "main", "--brief", *DAY)

    assert shown.code == 0
    assert shown.out.splitlines()[1:8] == [
        (
            "! 6 generated files are out of step with the values; compared is what the values "
            "come to: run transire generate"
        ),
        "    argocd/prod-eu/applications/teams/payments.yaml",
        "    argocd/staging/applications/teams/payments.yaml",
        "    charts/teams/payments/Chart.yaml",
        "    and 3 more",
        "",
        "payments: payments-prod on prod-eu, prod-onprem (prod): wider, risk medium",
    ]
    assert run(root, "diff", "--base", "main", "--exit-code", *DAY).code == 1


@pytest.mark.slow("long runs in a repository")
def test_what_is_generated_reads_the_same_without_files_to_name(root: Path) -> None:
    edit(root, TEAM, *ADYEN)
    before = diff(root, base="main", as_of=AS_OF)
    generate(root, base="main", as_of=AS_OF)

    after = diff(root, base="main", as_of=AS_OF)

    assert after.out_of_step == ()
    assert after.targets == before.targets != ()


@pytest.mark.slow("long runs in a repository")
def test_a_narrowing_that_is_not_generated_ends_the_run_with_1_as_well(root: Path) -> None:
    edit(root, TEAM, "api.stripe.com, files.stripe.com", "api.stripe.com")

    assert run(root, "diff", "--base", "main", "--exit-code", *DAY).code == 1
    generate(root, base="main", as_of=AS_OF)
    assert run(root, "diff", "--base", "main", "--exit-code", *DAY).code == 0


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (TEAM, "reason: charge cards", "reason: charge every card"),
        (TEAM, "payments-oncall@", "payments@"),
        (TEAM, "reason: charge cards", "reason: charge cards  # for now"),
        ("values/exceptions.yaml", "2036-12-31", "2036-12-30"),
        ("values/bundles/github.yaml", "kind: Bundle", "kind: Bundle  # vetted"),
    ],
)
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_an_edit_without_effect_is_named_and_is_not_nothing(
    root: Path, path: str, before: str, after: str, form: str
) -> None:
    edit(root, path, before, after)

    found = diff(root, base="main", as_of=AS_OF)
    shown = DIFF_FORMATS[form](found)

    assert found.edited == (path,)
    assert "nothing changes" not in shown.lower()
    assert "no change<" not in shown.lower()
    if not found.targets:
        assert "hat 10 targets may reach stays the same" in shown


def test_a_bundle_shows_what_it_does_to_every_team_that_names_it(root: Path) -> None:
    text = (root / "values/bundles/github.yaml").read_text("utf-8")
    (root / "values/bundles/github.yaml").write_text(
        text.replace("to:\n", "to:\n  - new.github.example\n", 1), "utf-8"
    )

    found = diff(root, base="main", as_of=AS_OF)

    assert {each.name for each in found.targets if each.gains} == {
        "payments-prod.prod-eu",
        "payments-prod.prod-onprem",
    }
    rules = {rule.name for each in found.targets for gain in each.gains for rule in gain.rules}
    assert rules == {"source-control"}


def test_values_that_an_engine_refuses_have_no_diff(root: Path) -> None:
    edit(root, TEAM, "payments-prod: [prod-eu", "payments-prod: [prod-us, prod-eu")

    shown = run(root, "diff", "--base", "main", *DAY)

    assert (shown.code, shown.out) == (1, "")
    assert "(host-not-expressible)" in shown.err
    with pytest.raises(Rejected):
        diff(root, base="main", as_of=AS_OF)


@pytest.mark.slow("long runs in a repository")
def test_values_that_a_guardrail_refuses_are_shown_with_the_refusal(root: Path) -> None:
    edit(root, TEAM, "198.51.100.16/28", "10.9.0.0/16")

    shown = run(root, "diff", "--base", "main", *DAY)

    refused = [each for each in shown.out.splitlines() if each.startswith("! refused: ")]
    assert len(refused) == 1
    assert refused[0].startswith("! refused: values/teams/payments.yaml:32:10: ")
    assert refused[0].endswith("(private-cidr)")
    assert "  + opens: app=settlement to 10.9.0.0/16 on 22/TCP" in shown.out
    assert run(root, "diff", "--base", "main", "--exit-code", *DAY).code == 1


def test_values_that_are_refused_are_never_the_same(root: Path) -> None:
    edit(root, TEAM, "    ticket: SEC-1412\n", "")
    without_objects = diff(root, base="main", as_of=AS_OF)
    edit(root, TEAM, "name: receipts", "name: proofs")

    found = diff(root, base="main", as_of=AS_OF)

    assert without_objects.targets == ()
    assert without_objects.change is ChangeClass.UNJUDGED
    assert "the values are refused, so nothing follows from them for 10 targets; risk none" in (
        DIFF_FORMATS["text"](without_objects)
    )
    assert "## Egress: the values are refused\n" in DIFF_FORMATS["markdown"](without_objects)
    assert {each.change for each in found.targets} == {ChangeClass.UNJUDGED}
    assert {each.unjudged for each in found.targets} == {
        "the values are refused, so nothing can be generated from them"
    }


def test_dates_are_held_against_the_day_of_the_heads_commit(root: Path) -> None:
    edit(root, "values/exceptions.yaml", "until: 2036-12-31", "until: 2026-12-01")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "x", "--date", "2026-11-25T12:00:00")
    head = git(root, "rev-parse", "HEAD").strip()
    edit(root, IDENTITY, "ports: [8443]", "ports: [8444]")

    assert diff(root, base="main", head=head).refused == ()
    assert [each.id for each in diff(root, base="main", as_of=AS_OF.replace(year=2028)).refused]


@pytest.mark.slow("long runs in a repository")
def test_a_chart_that_was_changed_by_hand_shows_what_it_opens_beyond_the_values(
    root: Path,
) -> None:
    path = root / "charts/teams/identity/templates/kubernetes.yaml"
    path.write_text(path.read_text().replace("egress:", "egress: [{}]\n  ingress:", 1))

    (found,) = diff(root, base="main", as_of=AS_OF).targets

    assert (found.name, found.change) == ("identity.edge", ChangeClass.WIDER)
    assert "files" in {each.id for each in found.reasons}
    assert found.gains == ()
    assert run(root, "diff", "--base", "main", "--exit-code", *DAY).code == 1
    shown = run(root, "diff", "--base", "main", "--brief", *DAY).out
    assert "  + the files open: any pod to any address outside the cluster" in shown
    assert "    charts/teams/identity/templates/kubernetes.yaml" in shown


def test_a_team_whose_files_are_not_there_yet_opens_nothing_beyond_its_values(root: Path) -> None:
    (root / "values/teams/parcels.yaml").write_text(
        "apiVersion: transire/v1\nkind: TeamEgress\nteam: parcels\ncontact: p@example.com\n"
        "namespaces: {parcels: [prod-onprem]}\n"
        "egress: [{name: a, reason: reach a, to: [a.example.net]}]\n"
    )

    (found,) = diff(root, base="main", as_of=AS_OF).targets

    assert (found.name, found.events, found.beyond) == (
        "parcels.prod-onprem",
        (Event.GOVERNED,),
        (),
    )


def test_a_namespace_that_is_not_generated_yet_opens_nothing_beyond_its_values(root: Path) -> None:
    edit(root, IDENTITY, "  identity: [prod-eu, edge]\n", (
        "  identity: [prod-eu, edge]\n  sign-in: [prod-eu]\n"
    ))  # fmt: skip

    (found,) = diff(root, base="main", as_of=AS_OF).targets

    assert (found.name, found.change, found.beyond) == (
        "sign-in.prod-eu",
        ChangeClass.NARROWER,
        (),
    )


@pytest.mark.slow("long runs in a repository")
def test_files_of_values_that_are_gone_again_open_what_these_do_not(root: Path) -> None:
    edit(root, TEAM, *ADYEN)
    generate(root, base="main", as_of=AS_OF)
    edit(root, TEAM, *reversed(ADYEN))

    found = diff(root, base="main", as_of=AS_OF)

    assert {
        to.text
        for target in found.targets
        for each in target.beyond
        if not each.implied
        for to in each.destinations
    } == {"api.adyen.com"}
    assert found.change is ChangeClass.WIDER


def test_a_baseline_that_leaves_a_namespace_out_by_hand_is_seen_there(root: Path) -> None:
    path = root / "charts/egress-baseline/targets/prod-eu.yaml"
    text = path.read_text("utf-8")
    lines = [each for each in text.splitlines() if each.strip().strip('"- ') != "batch"]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    assert len(lines) < len(text.splitlines())

    found = {each.name: each for each in diff(root, base="main", as_of=AS_OF).targets}

    assert found["batch.prod-eu"].change is ChangeClass.WIDER
    assert "files" in {each.id for each in found["batch.prod-eu"].reasons}
    assert "any address outside the cluster" in {
        to.text for each in found["batch.prod-eu"].beyond for to in each.destinations
    }


@pytest.mark.slow("long runs in a repository")
def test_a_commit_is_compiled_as_the_working_tree_is(root: Path) -> None:
    edit(root, TEAM, *ADYEN)
    in_tree = diff(root, base="main", as_of=AS_OF)
    head = commit(root)

    committed = diff(root, base="main", head=head, as_of=AS_OF)
    by_folder = diff(root, base="main", head=str(root), as_of=AS_OF)

    assert committed.targets == by_folder.targets == in_tree.targets != ()
    assert committed.out_of_step == by_folder.out_of_step == in_tree.out_of_step != ()


def test_release_objects_that_were_changed_by_hand_are_named(root: Path) -> None:
    edit(root, "argocd/prod-eu/applications/teams/payments.yaml", "kind: ", "# x\nkind: ")

    found = diff(root, base="main", as_of=AS_OF)

    assert found.out_of_step == ("argocd/prod-eu/applications/teams/payments.yaml",)
    assert not found.is_ready


@pytest.mark.slow("long runs in a repository")
def test_objects_of_all_namespaces_are_shown_once_and_whole(root: Path) -> None:
    edit(root, TEAM, "payments-staging: {clusters: [staging], mode: audit}",
         "payments-staging: [staging]")  # fmt: skip

    found = changed(root)

    (shared,) = found.shared
    assert shared.cluster == "staging"
    assert {(each.how, each.object.name) for each in shared.objects} >= {
        ("changed", "egress.baseline-deny")
    }
    assert not {each.object.namespace for target in found.targets for each in target.objects} - {
        "payments-staging"
    }
    text = DIFF_FORMATS["text"](found)
    assert text.count("egress.baseline-deny changed") == 1
    assert "all namespaces on staging: GlobalNetworkPolicy egress.baseline-deny changed" in text


@pytest.mark.slow("long runs in a repository")
def test_the_rules_of_what_closes_are_those_of_before(root: Path) -> None:
    edit(root, TEAM, '    ticket: SEC-1412\n    expires: 2036-03-31\n    to: ["**.storage.example.net"]',
         "    ticket: SEC-1412\n    expires: 2036-04-30\n    to: [a.storage.example.net]")  # fmt: skip

    text = DIFF_FORMATS["text"](changed(root))

    assert "      receipts: write receipts to object storage; SEC-1412; until 2036-03-31\n" in text
    assert (
        "      receipts: write receipts to object storage; SEC-1412; until 2036-04-30\n" not in text
    )


@pytest.mark.slow("long runs in a repository")
def test_after_a_narrowing_each_engine_has_its_own_advice(root: Path) -> None:
    edit(root, TEAM, "to: [api.stripe.com, files.stripe.com]", "to: [api.stripe.com]")

    text = DIFF_FORMATS["text"](changed(root)).splitlines()

    assert [each for each in text if "connections that are open" in each or "kubectl" in each] == [
        (
            "  ! connections that are open are cut with their next packet, since the engine judges "
            "every packet: nothing has to be restarted for that"
        ),
        (
            "  ! connections that are open stay open, since the engine judges a connection once, "
            "when it begins: restart the workloads that must lose them"
        ),
        (
            "    on prod-onprem: kubectl -n payments-prod rollout restart "
            "deployment,statefulset,daemonset --selector app=checkout"
        ),
    ]


@pytest.mark.slow("long runs in a repository")
def test_a_widening_has_no_advice_about_connections(root: Path) -> None:
    edit(root, TEAM, *ADYEN)

    assert "connections that are open" not in DIFF_FORMATS["text"](changed(root))


@pytest.mark.slow("long runs in a repository")
def test_brief_leaves_reasons_and_objects_out(root: Path) -> None:
    edit(root, TEAM, *ADYEN)
    whole = changed(root)

    text, comment = (DIFF_FORMATS[each](whole.briefly()) for each in ("text", "markdown"))

    assert "(domain)" not in text
    assert "CiliumNetworkPolicy" not in text + comment
    assert "Look closely" not in comment
    assert "      card-processing: charge cards\n" in text
    assert whole.briefly().risk is whole.risk


def test_the_comment_begins_with_files_that_are_out_of_step(root: Path) -> None:
    edit(root, TEAM, *ADYEN)
    commit(root)

    lines = run(root, "diff", "--base", "main", "--format", "markdown", *DAY).out.splitlines()

    assert lines[:6] == [
        "<!-- transire diff -->",
        "## Egress: something opens, nothing closes, risk **medium**",
        "",
        (
            "**6 generated files are out of step with the values; compared is what the values come "
            "to: run transire generate.**"
        ),
        "",
        "- `argocd/prod-eu/applications/teams/payments.yaml`",
    ]
