"""What a change in a repository means, target by target, and what cannot be compared."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from support.paths import ROOT
from support.policy_repository import copy_example, edit, git, run
from support.review.diffed_example import AS_OF, changed, commit, copy, organisation
from transire.api import DIFF_FORMATS, diff, generate
from transire.model.problems import Rejected, UsageError
from transire.review.diff.changes import ChangeClass, Diff, Event
from transire.review.diff.json_document import diff_schema
from transire.review.diff.risk_level import RiskLevel

pytestmark = pytest.mark.slow("long runs in a repository")

TEAM = "values/teams/payments.yaml"
PLATFORM = "values/platform.yaml"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


def told(found: Diff) -> list[str]:
    """The text without the differences of objects, which have four spaces in front."""
    lines = DIFF_FORMATS["text"](found).splitlines()[1:]
    return [each for each in lines if each and not each.startswith("    ")]


def test_nothing_changed_is_nothing_to_tell(root: Path) -> None:
    found = diff(root, base="main")

    assert found.targets == ()
    assert told(found) == ["nothing changes for any of 10 targets; risk none"]


def test_a_new_host_is_told_with_what_it_opens(root: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")

    change = changed(root)
    found = told(change)

    block = DIFF_FORMATS["text"](change).partition("\n\n")[2].partition("  prod-eu: Cilium")[0]
    assert block in (ROOT / "README.md").read_text(encoding="utf-8")
    assert found == [
        "payments: payments-prod on prod-eu, prod-onprem (prod): wider, risk medium",
        "  + opens: app=checkout to api.adyen.com on 443/TCP, such as api.adyen.com:443",
        "  medium: the first host of adyen.com (domain)",
        "  low: prod is production (production)",
        "  prod-eu: CiliumNetworkPolicy payments-prod/egress-allow-card-processing changed",
        "  prod-onprem: NetworkSet payments-prod/allow-card-processing changed",
        "2 of 10 targets change: 2 wider; risk medium",
    ]


def test_a_wildcard_that_grows_names_what_it_was(root: Path) -> None:
    edit(root, TEAM, '["**.storage.example.net"]', '["*.storage.example.net"]')
    edit(
        root,
        PLATFORM,
        'engine: calico-enterprise\n    version: "3.22"',
        'engine: calico-enterprise\n    version: "3.22"\n    approximate: [widen]',
    )
    generate(root, as_of=AS_OF)
    commit(root)
    git(root, "branch", "--force", "main", "HEAD")
    edit(root, TEAM, '["*.storage.example.net"]', '["**.storage.example.net"]')

    found = changed(root)

    assert told(found)[:2] == [
        "payments: payments-prod on prod-eu (prod): wider, risk high",
        (
            "  + opens: any pod to **.storage.example.net (instead of *.storage.example.net) on "
            "443/TCP, such as a.a.storage.example.net:443"
        ),
    ]


def test_a_host_that_is_delegated_to_a_proxy_is_shown_although_no_object_changes(
    root: Path,
) -> None:
    edit(root, TEAM, "[api.sandbox.stripe.example]", "[api.sandbox.stripe.example, b.example]")

    (target,) = changed(root).targets

    assert target.change is ChangeClass.SAME
    assert target.risk is RiskLevel.MEDIUM
    assert [each.text for each in target.reasons] == [
        "b.example is delegated to proxy egress-proxy/app=squid:3128"
    ]


def test_an_engine_version_shows_what_it_does_to_every_team(root: Path) -> None:
    edit(root, PLATFORM, 'version: "1.19"', 'version: "1.19.1"')

    found = changed(root)

    assert told(found)[0] == "platform: clusters.prod-eu.version: 1.19 -> 1.19.1"
    assert {each.name for each in found.targets} == {
        "batch.prod-eu", "identity.prod-eu", "payments-prod.prod-eu"
    }  # fmt: skip
    assert {each.change for each in found.targets} == {ChangeClass.SAME}


def test_a_template_shows_what_it_does_to_every_team(root: Path) -> None:
    path = root / "charts/egress-policy/templates/kubernetes.yaml"
    path.write_text(path.read_text().replace("egress:", "egress: [{}]\n  ingress:", 1))

    found = diff(root, base="main", as_of=AS_OF)

    assert {(each.name, each.change) for each in found.targets} == {
        ("identity.edge", ChangeClass.WIDER)
    }
    assert {each for each in found.out_of_step if each.startswith("charts/teams")} == {
        f"charts/teams/{team}/{path}"
        for team in ("identity", "payments")
        for path in ("Chart.yaml", "templates/kubernetes.yaml")
    }


def test_audit_that_ends_closes_what_no_rule_allows(root: Path) -> None:
    edit(
        root,
        TEAM,
        "payments-staging: {clusters: [staging], mode: audit}",
        "payments-staging: [staging]",
    )

    found = {each.name: each for each in changed(root).targets}
    (target,) = found.values()

    assert (target.name, target.change, target.events) == (
        "payments-staging.staging", ChangeClass.NARROWER, (Event.ENFORCED,)
    )  # fmt: skip
    assert target.gains == target.losses == ()


def test_a_mode_that_is_not_generated_yet_counts_all_the_same(root: Path) -> None:
    before = "payments-staging: {clusters: [staging], mode: audit}"
    edit(root, TEAM, before, "payments-staging: [staging]")

    found = diff(root, base="main", as_of=AS_OF)

    assert [(each.name, each.events) for each in found.targets] == [
        ("payments-staging.staging", (Event.ENFORCED,))
    ]
    assert "charts/egress-baseline/targets/staging.yaml" in found.out_of_step


def test_enforcement_that_ends_is_the_highest_risk(root: Path) -> None:
    edit(
        root,
        TEAM,
        "payments-prod: [prod-eu, prod-onprem]",
        "payments-prod: {clusters: [prod-eu, prod-onprem], mode: audit}",
    )

    found = changed(root)

    assert {
        (each.name, each.change, each.risk)
        for each in found.targets
        if each.change is not ChangeClass.SAME
    } == {
        (name, ChangeClass.WIDER, RiskLevel.HIGH)
        for name in ("payments-prod.prod-eu", "payments-prod.prod-onprem")
    }


def test_a_namespace_that_comes_under_policy_shows_all_that_it_may_reach(root: Path) -> None:
    edit(root, TEAM, "  payments-prod: [", "  payments-new: [prod-eu]\n  payments-prod: [")

    (target,) = changed(root).targets

    assert (target.name, target.change, target.events) == (
        "payments-new.prod-eu", ChangeClass.NARROWER, (Event.GOVERNED,)
    )  # fmt: skip
    assert "api.stripe.com" in {
        destination.text for each in target.gains for destination in each.destinations
    }


def test_a_renamed_team_is_the_same_namespace_under_another_name(root: Path) -> None:
    git(root, "mv", "values/teams/identity.yaml", "values/teams/access.yaml")
    edit(root, "values/teams/access.yaml", "team: identity", "team: access")
    edit(root, "values/exceptions.yaml", "team: identity", "team: access")
    edit(root, PLATFORM, "guardrails:\n", "guardrails:\n  renamed-release: warning\n")

    found = changed(root)

    assert {(each.name, each.change) for each in found.targets} == {
        ("identity.edge", ChangeClass.SAME), ("identity.prod-eu", ChangeClass.SAME)
    }  # fmt: skip
    assert "  ! the team was identity" in told(found)


def test_a_branch_stands_for_the_commit_where_the_change_began(root: Path) -> None:
    git(root, "switch", "--quiet", "main")
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, from-main.example]")
    generate(root, as_of=AS_OF)
    tip = commit(root)
    git(root, "switch", "--quiet", "change")

    assert diff(root, base="main").targets == ()
    assert diff(root, base="main", head="change").targets == ()
    assert diff(root, base=tip).targets != ()


def test_on_the_branch_itself_each_commit_is_compared_with_the_one_before(root: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")
    generate(root, as_of=AS_OF)
    commit(root)
    git(root, "branch", "--force", "main", "HEAD")
    git(root, "switch", "--quiet", "main")

    assert len(diff(root, base="main").targets) == 2
    assert len(diff(root, base="main", head="main").targets) == 2


def test_folders_are_compared_without_git(root: Path, original: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")
    generate(root, as_of=AS_OF)

    by_folder = diff(root, base=str(original), head=str(root))

    assert by_folder.targets == diff(root, base="main").targets


def test_every_target_of_both_sides_counts_whether_its_chart_is_generated_or_not(
    tmp_path: Path,
) -> None:
    sides = [copy_example(tmp_path / each) for each in ("before", "after")]
    generate(sides[1], as_of=AS_OF)
    alone = [("batch", each) for each in ("edge", "prod-eu", "prod-onprem", "prod-us", "staging")]
    found = diff(sides[1], base=sides[0], as_of=AS_OF)

    assert {(each.namespace, each.cluster) for each in found.targets} >= {*alone}
    assert found.looked_at == len(found.targets) == 19
    assert repr(found).endswith("19 of 19 targets>")
    assert DIFF_FORMATS["text"](found).splitlines()[-1].startswith("19 of 19 targets change: ")
    assert json.loads(DIFF_FORMATS["json"](found))["lookedAt"] == 19


def test_targets_of_teams_that_nothing_touches_count(root: Path, original: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")

    assert diff(root, base=original).looked_at == diff(original, base=original).looked_at == 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"base": "nowhere"},
            "--base nowhere names neither a commit of this repository nor a folder",
        ),
        (
            {"head": "nowhere"},
            "--head nowhere names neither a commit of this repository nor a folder",
        ),
        ({"base": "./nowhere"}, "there is no folder ./nowhere"),
        ({"base": "/"}, "/ is no policy repository: it has no values/platform.yaml"),
        (
            {},
            (
                "there is nothing to compare with: origin/HEAD is not set; run `git remote set-head "
                "origin --auto` or name a --base"
            ),
        ),
    ],
)
def test_a_side_that_is_not_there_is_a_usage_error(
    root: Path, options: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError) as failed:
        diff(root, base=options.get("base"), head=options.get("head"))

    assert message == str(failed.value)


def test_a_shallow_clone_without_the_parting_says_how_to_get_it(root: Path, tmp_path: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")
    generate(root, as_of=AS_OF)
    commit(root)
    git(root, "switch", "--quiet", "main")
    commit(root, "another")
    clone = tmp_path / "clone"
    git(
        tmp_path,
        "clone",
        "--quiet",
        "--depth=1",
        "--no-single-branch",
        f"file://{root}",
        str(clone),
    )
    git(clone, "switch", "--quiet", "change")
    head = git(clone, "rev-parse", "HEAD")[:12]

    with pytest.raises(UsageError) as failed:
        diff(clone, base="origin/main", head="HEAD")

    assert str(failed.value) == (
        f"origin/main and {head} have no commit in common here; this clone is shallow: fetch more "
        "of its history, such as `git fetch --unshallow`"
    )


def test_values_of_the_base_that_are_wrong_are_told_with_their_commit(root: Path) -> None:
    edit(root, TEAM, "api.stripe.com", "https://api.stripe.com")
    base = commit(root)
    edit(root, TEAM, "https://api.stripe.com", "api.stripe.com")

    with pytest.raises(Rejected) as failed:
        diff(root, base=base)

    assert str(failed.value) == (
        f"{base[:12]}:values/teams/payments.yaml:13:10: error: 'https://api.stripe.com' is a URL, "
        "not a host (bad-host)\n"
        "  help: write {host: api.stripe.com, ports: [443]}"
    )


def test_a_chart_that_cannot_be_judged_is_told_and_fails_closed(root: Path) -> None:
    path = root / "charts/teams/identity/templates/extra.yaml"
    path.write_text(
        '{{- if eq .Values.engine "cilium" }}\napiVersion: cilium.io/v2\n'
        "kind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: identity}\n"
        "spec: {endpointSelector: {}, egress: [{toGroups: [{aws: {}}]}]}\n{{- end }}\n"
    )

    done = run(root, "diff", "--base", "main")

    assert done.code == 3
    assert "identity: identity on prod-eu (prod): unjudged, risk high" in done.out
    assert "nobody knows what this does: the files as they are cannot be judged: " in done.out


def test_a_base_of_another_format_of_values_is_still_rendered(root: Path) -> None:
    chart = root / "charts/teams/payments/Chart.yaml"
    chart.write_text(chart.read_text().replace('values-format: "1"', 'values-format: "0"'))
    base = commit(root)
    git(root, "checkout", "--quiet", "main", "--", "charts/teams/payments")

    assert diff(root, base=base).targets == ()


def test_the_exit_code_says_whether_something_opens(root: Path) -> None:
    edit(root, TEAM, "api.stripe.com, files.stripe.com", "api.stripe.com")
    generate(root, base="main", as_of=AS_OF)
    closed = commit(root)

    assert run(root, "diff", "--base", "main", "--exit-code").code == 0
    assert run(root, "diff", "--base", closed, "--head", "main", "--exit-code").code == 1
    assert run(root, "diff", "--base", closed, "--head", "main").code == 0


def test_json_has_the_published_shape(root: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")
    changed(root)

    done = run(root, "diff", "--base", "main", "--format", "json")
    document = json.loads(done.out)

    jsonschema.Draft7Validator(json.loads(diff_schema())).validate(document)
    assert [each["class"] for each in document["targets"]] == ["wider", "wider"]


def test_values_count_that_git_does_not_know_yet_or_ignores(root: Path) -> None:
    files = ("values/teams/identity.yaml", "charts/teams/identity")
    git(root, "rm", "--quiet", "--cached", "-r", *files)
    git(root, "commit", "--quiet", "--message", "without a team")
    git(root, "branch", "--force", "main", "HEAD")

    both = {"identity.edge", "identity.prod-eu"}
    assert {each.name for each in diff(root, base="main").targets} == both
    (root / ".gitignore").write_text("values/teams/identity.yaml\ncharts/teams/identity\n")
    assert {each.name for each in diff(root, base="main").targets} == both


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
