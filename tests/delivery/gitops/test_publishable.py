"""What stands in the way of publishing, with every message in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from support.delivery.gitops_example import CLUSTERS, cluster, organisation, pins, team
from transire.charts.layout import Pins
from transire.delivery.gitops.argocd.files import argocd_files
from transire.delivery.gitops.flux.files import flux_files
from transire.delivery.gitops.manifests_file import Files
from transire.delivery.gitops.publishable import must_be_publishable, publication_problems
from transire.model.intent import Organisation
from transire.model.problems import Position, Rejected
from transire.model.publish import ArgoCdSync

ARGOCD_ONLY = tuple(each for each in CLUSTERS if each.gitops == "argocd")
FLUX_ONLY = tuple(each for each in CLUSTERS if each.gitops == "flux")


def said(of: Organisation) -> str:
    return "\n".join(map(str, publication_problems(of)))


@pytest.mark.parametrize("files", [argocd_files, flux_files])
def test_with_nowhere_to_publish_to_nothing_is_generated(
    files: Callable[[Organisation, Pins], Files],
) -> None:
    of = organisation(registry="", git="")

    with pytest.raises(Rejected) as raised:
        files(of, pins(of))

    assert str(raised.value) == (
        "values/platform.yaml: error: charts have nowhere to go: publish has neither a registry "
        "nor a git address (publish-nowhere)\n"
        "  help: write publish: {registry: oci://...}, or {git: https://...} to publish from Git"
    )


def test_with_nothing_to_publish_nowhere_is_fine() -> None:
    assert publication_problems(organisation(registry="", git="", clusters=(), teams=())) == ()


def test_the_example_can_be_published() -> None:
    assert publication_problems(organisation()) == ()
    assert publication_problems(organisation(registry="")) == ()


def test_a_registry_is_an_oci_address() -> None:
    assert said(organisation(registry="registry.example.com/egress")) == (
        "values/platform.yaml: error: the registry 'registry.example.com/egress' is no oci:// "
        "address (publish-address)\n"
        "  help: write oci://HOST/PATH"
    )


@pytest.mark.parametrize("address", ["oci://[::1]:5000/x", "oci://*.example.com/x"])
def test_an_address_that_argo_cd_reads_as_a_pattern_is_refused(address: str) -> None:
    teams = (team("t", "n.prod-eu"),)

    assert said(organisation(registry=address, clusters=ARGOCD_ONLY, teams=teams)) == (
        f"values/platform.yaml: error: Argo CD reads {address!r} as a pattern, so a project would "
        "permit other sources (publish-address)\n"
        "  help: write an address without * ? [ ] { } ! and \\"
    )
    assert said(organisation(registry=address, clusters=FLUX_ONLY, teams=())) == ""


def test_flux_needs_a_git_address_with_a_scheme() -> None:
    git = "git@git.example.com:platform/egress.git"

    assert said(organisation(registry="", git=git, clusters=FLUX_ONLY, teams=())) == (
        "values/platform.yaml: error: Flux cannot fetch from "
        "'git@git.example.com:platform/egress.git' (publish-address)\n"
        "  help: write it as https://HOST/PATH or ssh://USER@HOST/PATH, or set publish.registry"
    )
    assert said(organisation(registry="", git=git, clusters=ARGOCD_ONLY, teams=())) == ""
    assert said(organisation(git=git, clusters=FLUX_ONLY, teams=())) == ""


def test_an_admission_policy_and_an_argo_cd_that_does_not_impersonate_are_a_deadlock() -> None:
    assert said(organisation(admission=True, sync=ArgoCdSync.CONTROLLER)) == (
        "values/platform.yaml:21:1: error: the admission policy lets nobody but the publishing "
        "accounts write egress policies, and Argo CD syncs in the name of its own controller on "
        "'edge', 'prod-eu', 'staging', so nothing could be published there any more "
        "(admission-deadlock)\n"
        "  help: let Argo CD impersonate the accounts as `transire docs publishing` describes, then write "
        "argocd: {sync: impersonation}"
    )


def test_an_admission_policy_and_an_argo_cd_of_which_nothing_is_stated_are_a_warning() -> None:
    unstated = organisation(admission=True, sync=None)

    assert "\n".join(str(each) for each in publication_problems(unstated)) == (
        "values/platform.yaml:21:1: warning: the admission policy lets nobody but the publishing "
        "accounts write egress policies, and nothing states that Argo CD impersonates them: where "
        "it syncs in the name of its own controller, as it does out of the box, nothing could be "
        "published on 'edge', 'prod-eu', 'staging' any more (admission-deadlock)\n"
        "  help: let Argo CD impersonate the accounts as `transire docs publishing` describes, then write "
        "argocd: {sync: impersonation}"
    )
    must_be_publishable(unstated)


@pytest.mark.parametrize(
    "of",
    [
        organisation(admission=True),
        organisation(sync=ArgoCdSync.CONTROLLER),
        organisation(
            admission=True, sync=ArgoCdSync.CONTROLLER, clusters=FLUX_ONLY, teams=(team("a"),)
        ),
    ],
    ids=["impersonation", "no admission", "no Argo CD"],
)
def test_only_the_pair_is_a_deadlock(of: Organisation) -> None:
    assert said(of) == ""


def test_an_account_of_an_enrolled_namespace_cannot_be_a_writer_of_policies() -> None:
    accounts = ("batch/cron", "ledger/operator", "strimzi/operator")
    clusters = tuple(
        replace(
            each,
            policy_writers=accounts,
            policy_writers_at=Position(path="values/platform.yaml", line=18, column=5),
        )
        for each in CLUSTERS
        if each.name == "prod-eu"
    )

    found = said(organisation(clusters=clusters, teams=(team("ledger", "ledger.prod-eu"),)))

    assert found == "\n".join(
        f"values/platform.yaml:18:5: error: the service account {account!r} may write egress "
        f"policies on 'prod-eu', and {namespace!r} is enrolled there, so whoever runs pods in it "
        "could open it (policy-writer-enrolled)\n"
        "  help: run the controller in a namespace that is not enrolled, or take the account out "
        "of policyWriters"
        for account, namespace in (("batch/cron", "batch"), ("ledger/operator", "ledger"))
    )


def test_two_teams_cannot_publish_one_namespace_at_once() -> None:
    of = organisation(teams=(team("a", "shared.prod-eu"), team("b", "x.prod-eu", "shared.prod-eu")))

    assert said(of) == (
        "values/teams/a.yaml:6:3: error: namespace 'shared' on 'prod-eu' would be published by "
        "'a' and 'b' at once (published-twice)\n"
        "  help: let one team publish the namespace\n"
        "values/teams/b.yaml:7:3: error: namespace 'shared' on 'prod-eu' would be published by "
        "'a' and 'b' at once (published-twice)\n"
        "  help: let one team publish the namespace"
    )


def test_names_that_join_to_the_same_are_refused_at_both_places() -> None:
    of = organisation(teams=(team("a", "b-c.prod-us"), team("a-b", "c.prod-us")))

    assert said(of) == (
        "values/teams/a-b.yaml:6:3: error: namespace 'c' of team 'a-b' on 'prod-us' would be "
        "called 'egress-a-b-c-prod-us', as would namespace 'b-c' of team 'a' on 'prod-us' "
        "(release-name-taken)\n"
        "  help: the name joins team, namespace and cluster: rename one of them\n"
        "values/teams/a.yaml:6:3: error: namespace 'b-c' of team 'a' on 'prod-us' would be "
        "called 'egress-a-b-c-prod-us', as would namespace 'c' of team 'a-b' on 'prod-us' "
        "(release-name-taken)\n"
        "  help: the name joins team, namespace and cluster: rename one of them"
    )


def test_a_team_cannot_take_the_name_of_a_baseline() -> None:
    clusters = (
        cluster("eu", "cilium", "1.19", "argocd", 8),
        cluster("a-eu", "cilium", "1.19", "flux", 9),
    )

    assert said(organisation(clusters=clusters, teams=(team("baseline", "a.eu"),))) == (
        "values/platform.yaml:9:3: error: the baseline of 'a-eu' would be called "
        "'egress-baseline-a-eu', as would namespace 'a' of team 'baseline' on 'eu' "
        "(release-name-taken)\n"
        "  help: the name joins team, namespace and cluster: rename one of them\n"
        "values/teams/baseline.yaml:6:3: error: namespace 'a' of team 'baseline' on 'eu' would be "
        "called 'egress-baseline-a-eu', as would the baseline of 'a-eu' (release-name-taken)\n"
        "  help: the name joins team, namespace and cluster: rename one of them"
    )


def test_projects_that_would_share_a_name_are_refused() -> None:
    clusters = tuple(cluster(name, "cilium", "1.19", "argocd") for name in ("c", "b-c"))
    of = organisation(clusters=clusters, teams=(team("a-b", "x.c"), team("a", "y.b-c")))

    assert said(of).splitlines()[0] == (
        "values/teams/a-b.yaml:6:3: error: the project of team 'a-b' on 'c' would be called "
        "'egress-a-b-c', as would the project of team 'a' on 'b-c' (release-name-taken)"
    )


def test_a_team_called_platform_shares_nothing_with_the_platform() -> None:
    of = organisation(teams=(team("platform", "x.prod-eu", "y.prod-us"),))

    assert publication_problems(of) == ()


def test_a_team_whose_git_tags_would_be_the_platform_s_is_refused() -> None:
    teams = (team("egress-tier", "x.prod-eu"),)

    assert said(organisation(registry="", teams=teams)) == (
        "values/teams/egress-tier.yaml:3:1: error: the Git tags of team 'egress-tier' are those of "
        "the platform's chart (team-name-reserved)\n"
        "  help: rename the team, or set publish.registry"
    )
    assert said(organisation(teams=teams)) == ""


def test_every_problem_is_found_in_one_run() -> None:
    of = organisation(
        registry="",
        git="egress.git",
        teams=(team("egress-baseline", "n.prod-eu"), team("b", "n.prod-eu")),
    )

    assert [each.id for each in publication_problems(of)] == [
        "publish-address",
        "published-twice",
        "team-name-reserved",
        "published-twice",
    ]
