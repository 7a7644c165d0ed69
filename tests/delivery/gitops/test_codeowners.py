"""CODEOWNERS: every file has the owners that people think it has, and none is nobody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from codeowners import CodeOwners
from hypothesis import given

from support.draw.strategies import organisations
from support.paths import ROOT
from support.policy_repository import contents, copy_example, edit, git, run
from transire.delivery.gitops.codeowners import (
    LIMIT,
    codeowners_files,
    contact_problems,
    owners_file_problems,
)
from transire.model.intent import Organisation, Team
from transire.model.owners import Codeowners, OwnersFile, is_owner
from transire.values.load import load
from transire.workspace.file_plan import owner_of

PLATFORM, SECURITY = "@example/platform", "@example/security"
AS_OF = ("--as-of", "2026-11-23")


def owners(organisation: Organisation) -> CodeOwners:
    (content,) = codeowners_files(organisation).values()
    return CodeOwners(content.decode())


def owned(owners: CodeOwners, path: str) -> list[str]:
    return [name for _, name in owners.of(path)]


def with_contacts(contacts: Mapping[str, str]) -> Organisation:
    """The example organisation, some of whose teams have another contact."""
    organisation = load(ROOT)
    changed = (replace(each, contact=contacts.get(each.name, "")) for each in organisation.teams)
    return replace(organisation, teams=tuple(each for each in changed if each.contact))


def expected(path: str, contacts: Mapping[str, str]) -> list[str]:
    """Who should own a file of the repository, told from its place alone."""
    if path.startswith(("values/bundles/", "values/exceptions.yaml")):
        return [SECURITY]
    _, _, below = path.partition("teams/")
    team = below.split("/")[0].removesuffix(".yaml").removesuffix(".json")
    return [contacts[team], PLATFORM] if team in contacts else [PLATFORM]


def test_every_file_of_the_example_has_the_owners_of_its_place() -> None:
    organisation = load(ROOT)
    contacts = {each.name: each.contact for each in organisation.teams}
    found = owners(organisation)
    paths = git(ROOT, "ls-files").splitlines()
    paths = [
        each for each in paths if not each.startswith(("tests/", "bench/", "generator/", "docs/"))
    ]

    assert len(paths) > 100
    assert {each: owned(found, each) for each in paths} == {
        each: expected(each, contacts) for each in paths
    }


@pytest.mark.parametrize(
    "path",
    [
        "CODEOWNERS",
        ".github/CODEOWNERS",
        ".github/workflows/egress.yml",
        ".github/workflows/teams/payments.yaml",
        ".gitlab-ci.yml",
        ".transire/owned/platform.json",
        "values/platform.yaml",
        "values/teams/new.yaml",
        "values/teams/payments.yaml.yaml",
        "values/teams/sub/payments.yaml",
        "charts/teams/payments-two/Chart.yaml",
        "charts/egress-baseline/templates/teams/payments.yaml",
        "charts/charts/teams/payments/Chart.yaml",
        "argocd/prod-eu/applications/platform.yaml",
        "argocd/prod-eu/applications/more/teams/payments.yaml",
        "argocd/teams/payments.yaml",
        "other/values/teams/payments.yaml",
    ],
)
def test_a_place_that_only_looks_like_a_teams_is_the_platforms(path: str) -> None:
    assert owned(owners(load(ROOT)), path) == [PLATFORM]


@pytest.mark.slow("many drawn examples")
@given(organisation=organisations())
def test_no_file_is_nobodys_and_no_team_owns_what_is_not_its_own(
    organisation: Organisation,
) -> None:
    asked = Codeowners(platform=(PLATFORM,), security=(SECURITY,), path=OwnersFile.GITHUB)
    organisation = replace(organisation, platform=replace(organisation.platform, codeowners=asked))
    found = owners(organisation)

    for team in organisation.teams:
        for path in (f"values/teams/{team.name}.yaml", f"charts/teams/{team.name}/Chart.yaml"):
            mine = [team.contact] if is_owner(team.contact) else []
            assert owned(found, path) == [*mine, PLATFORM]
        assert owned(found, f"charts/teams/{team.name}x/Chart.yaml") in (
            [PLATFORM],
            *([each.contact, PLATFORM] for each in organisation.teams if each != team),
        )
    assert owned(found, ".github/CODEOWNERS") == [PLATFORM]


@pytest.mark.parametrize(
    "contact",
    ["@example/payments", "@someone", "@group/sub/group", "a.b+c@example.com", "@user_corp"],
)
def test_a_contact_that_is_an_owner_stands_beside_the_platform(contact: str) -> None:
    organisation = with_contacts({"payments": contact})

    assert owned(owners(organisation), "values/teams/payments.yaml") == [contact, PLATFORM]
    assert list(contact_problems(organisation, organisation.teams)) == []


@pytest.mark.parametrize(
    "contact",
    [
        "Payments team",
        "#payments",
        "payments",
        "@",
        "@/payments",
        "@example/",
        "@example/payments @someone",
        "@example/payments#",
        "@example//payments",
        "@@maintainer",
        "!@example/payments",
        "payments@localhost",
        "<payments@example.com>",
        "https://chat.example.com/payments",
        "\u200b@example/payments",
        "@exämple/payments",
        "@" + "a" * 254,
    ],
)
def test_a_contact_that_is_no_owner_leaves_the_team_to_the_platform(contact: str) -> None:
    organisation = with_contacts({"payments": contact})
    (problem,) = contact_problems(organisation, organisation.teams)

    assert owned(owners(organisation), "values/teams/payments.yaml") == [PLATFORM]
    assert str(problem) == (
        f"values/teams/payments.yaml:5:10: warning: {contact!r} is no owner that CODEOWNERS can "
        "name, so the platform's owners review team 'payments' alone (contact-not-owner)\n"
        '  help: write contact: "@organisation/team", "@user" or an e-mail address'
    )


def test_without_security_its_files_are_the_platforms() -> None:
    organisation = load(ROOT)
    asked = Codeowners(platform=(PLATFORM, "@second"))
    organisation = replace(organisation, platform=replace(organisation.platform, codeowners=asked))

    assert owned(owners(organisation), "values/exceptions.yaml") == [PLATFORM, "@second"]


def test_a_team_that_is_the_platform_is_named_once() -> None:
    organisation = with_contacts({"payments": PLATFORM})

    assert owned(owners(organisation), "values/teams/payments.yaml") == [PLATFORM]


def test_nobody_is_no_owner() -> None:
    with pytest.raises(ValueError, match="the platform has no owner, so nobody would be notified"):
        Codeowners(platform=())


def test_a_file_that_github_would_not_read_is_refused() -> None:
    organisation = load(ROOT)
    (team,) = (each for each in organisation.teams if each.name == "payments")
    many: tuple[Team, ...] = tuple(replace(team, name=f"team-{n}") for n in range(9_000))
    organisation = replace(organisation, teams=many)
    (content,) = codeowners_files(organisation).values()
    (problem,) = owners_file_problems(ROOT, organisation)

    assert len(content) >= LIMIT
    assert str(problem) == (
        f"CODEOWNERS: error: CODEOWNERS would have {len(content)} bytes, and GitHub reads less "
        "than 3000000 (codeowners-too-large)\n"
        "  help: shorten contacts and platform owners, or split the repository"
    )


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("place", list(OwnersFile))
def test_the_file_is_generated_where_it_is_asked_for_and_moves_with_it(
    tmp_path: Path, place: OwnersFile
) -> None:
    repository = copy_example(tmp_path)
    run(repository, "generate", *AS_OF)
    edit(repository, "values/platform.yaml", "codeowners: ", f"codeowners:\n  path: {place} ")

    ran = run(repository, "generate", *AS_OF)

    files = {each for each in contents(repository) if each.endswith("CODEOWNERS")}
    assert (ran.code, files) == (0, {str(place)})
    assert {owner_of(each) for each in files} == {"platform"}


@pytest.mark.slow("long runs in a repository")
def test_without_the_section_there_is_no_file(tmp_path: Path) -> None:
    repository = copy_example(tmp_path)
    run(repository, "generate", *AS_OF)
    path = repository / "values/platform.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(at for at, line in enumerate(lines) if line.startswith("codeowners:"))
    path.write_text("".join(lines[:start] + lines[start + 3 :]), encoding="utf-8")

    ran = run(repository, "generate", *AS_OF)

    assert ran.code == 0, ran.err
    assert not (repository / "CODEOWNERS").exists()


@pytest.mark.slow("long runs in a repository")
def test_check_tells_when_the_file_is_not_what_the_contacts_say(tmp_path: Path) -> None:
    repository = copy_example(tmp_path)
    run(repository, "generate", *AS_OF)
    edit(repository, "CODEOWNERS", "/charts/teams/payments/", "/charts/teams/")

    ran = run(repository, "check", *AS_OF)

    assert ran.code == 1
    assert ran.out.startswith(
        "CODEOWNERS: error: this generated file was changed by hand (edited-file)\n"
        "  help: change the values instead, delete the file and run `transire generate`\n"
    )


@pytest.mark.slow("long runs in a repository")
def test_another_contact_makes_the_file_outdated(tmp_path: Path) -> None:
    repository = copy_example(tmp_path)
    run(repository, "generate", *AS_OF)
    edit(repository, "values/teams/ledger.yaml", "ledger@example.com", '"@example/ledger"')

    ran = run(repository, "check", *AS_OF)

    assert ran.code == 1
    assert (
        "CODEOWNERS: error: this generated file is not what the values give now (outdated-file)\n"
        "  help: run `transire generate`\n"
    ) in ran.out


@pytest.mark.slow("long runs in a repository")
def test_a_second_file_is_named_because_one_of_the_two_is_never_read(tmp_path: Path) -> None:
    repository = copy_example(tmp_path)
    (repository / ".github").mkdir()
    (repository / ".github/CODEOWNERS").write_text("* @somebody\n", encoding="utf-8")

    ran = run(repository, "generate", *AS_OF)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        ".github/CODEOWNERS: error: this stands beside CODEOWNERS, and only one of the two is read "
        "(foreign-file)\n"
        "  help: remove it, or write path: .github/CODEOWNERS in codeowners of "
        "values/platform.yaml and move it away\n"
    )


@pytest.mark.slow("long runs in a repository")
def test_a_file_that_no_forge_reads_is_said(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    repository = copy_example(tmp_path / "deep" / "egress")
    ran = run(repository, "generate", *AS_OF)

    assert ran.code == 0
    assert ran.err.startswith(
        "CODEOWNERS: warning: this is deep/egress/CODEOWNERS in its Git repository, where it is "
        "not read (codeowners-not-read)\n"
        "  help: set publish.folder in values/platform.yaml, and keep the lines of this file last "
        "in CODEOWNERS at the top, as `transire init --upgrade` does\n"
    )
