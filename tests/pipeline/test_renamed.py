"""Renames, in a real repository: what is said about each, and what lets it pass."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.policy_repository import contents, copy_example, edit, git, run
from transire.delivery.gitops import renamed_release
from transire.delivery.gitops.releases import place_of, releases_in, releases_of
from transire.pipeline.compile import compile_values
from transire.pipeline.plan import plan_files
from transire.pipeline.stamp import stamp_charts
from transire.values.load import load

AS_OF = ("--as-of", "2026-11-23")
HAND_OVER = "hand the policies over as `transire docs publishing` describes, and ask for an entry in values/exceptions.yaml for this change"
BY_HAND = "decommission it by hand, as `transire docs publishing` describes"
EXCEPTION = """\
  - rule: renamed-release
    {owner}
    approvedBy: security@example.com
    reason: somebody stands ready to hand over
    until: 2026-12-31
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as the target branch has it, and `origin/HEAD` with it."""
    folder = copy_example(tmp_path_factory.mktemp("published"))
    assert run(folder, "generate", *AS_OF).code == 0
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=before")
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(folder, "switch", "--quiet", "--create=change")
    return folder


@pytest.fixture
def repository(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "repository", symlinks=True))


def said(folder: Path, *words: str) -> list[str]:
    """What `check` says about releases, in lines of two."""
    out = run(folder, "check", *AS_OF, *words).out
    return re.findall(r"^.*\(renamed-release\)\n.*$", out, re.MULTILINE)


def rename_team(folder: Path) -> None:
    (folder / "values/teams/factory.yaml").rename(folder / "values/teams/works.yaml")
    edit(folder, "values/teams/works.yaml", "team: factory", "team: works")


def rename_namespace(folder: Path) -> None:
    edit(folder, "values/teams/factory.yaml", "  factory:", "  works:")


def rename_cluster(folder: Path) -> None:
    edit(folder, "values/platform.yaml", "  prod-us:", "  prod-usa:")
    for team in (folder / "values/teams").iterdir():
        team.write_text(team.read_text("utf-8").replace("prod-us", "prod-usa"), "utf-8")


def change_tool(folder: Path) -> None:
    file = folder / "values/platform.yaml"
    text = file.read_text("utf-8")
    before, after = text.split("  edge:")
    file.write_text(f"{before}  edge:{after.replace('gitops: argocd', 'gitops: flux', 1)}", "utf-8")


def move_namespace(folder: Path) -> None:
    edit(folder, "values/teams/factory.yaml", "  factory:", "  sheds:")
    edit(folder, "values/teams/identity.yaml", "namespaces:\n", "namespaces:\n  factory: [edge]\n")
    edit(folder, "values/exceptions.yaml", "{identity:", "{factory: [edge], identity:")


def leave_to_enrol(folder: Path) -> None:
    (folder / "values/teams/factory.yaml").unlink()
    edit(folder, "values/platform.yaml", "enrol: [batch]", "enrol: [batch, factory]")


def remove_team(folder: Path) -> None:
    (folder / "values/teams/factory.yaml").unlink()


def remove_namespace(folder: Path) -> None:
    edit(folder, "values/teams/storefront.yaml", "[prod-us, staging]", "[prod-us]")


def remove_cluster(folder: Path) -> None:
    file = folder / "values/platform.yaml"
    text = file.read_text("utf-8")
    start, end = text.index("  edge:"), text.index("enrol:")
    file.write_text(text[:start] + text[end:], "utf-8")
    remove_team(folder)
    edit(folder, "values/teams/identity.yaml", "[prod-eu, edge]", "[prod-eu]")


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            rename_team,
            [
                f"values/teams/works.yaml:7:3: error: namespace 'factory' on 'edge' would be published as 'egress-works-factory-edge' instead of 'egress-factory-factory-edge', and nothing takes the old release away (renamed-release)\n  help: {HAND_OVER}"
            ],
        ),
        (
            rename_namespace,
            [
                "values/teams/factory.yaml:7:3: error: team 'factory' would publish namespace 'works' to 'edge' instead of 'factory', whose release 'egress-factory-factory-edge' nothing takes away (renamed-release)\n  help: publish to the new namespace first, move the workloads, and take the old one away in a change of its own"
            ],
        ),
        (
            rename_cluster,
            [
                f"values/platform.yaml:25:3: error: what was published to 'prod-us' would be published to 'prod-usa', under other names, and nothing takes the old releases away (renamed-release)\n  help: {HAND_OVER}"
            ],
        ),
        (
            change_tool,
            [
                f"values/platform.yaml:59:3: error: the chart egress-baseline on 'edge' would be published as 'egress-baseline-edge' by Flux instead of Argo CD, and nothing takes the old release away (renamed-release)\n  help: {HAND_OVER}",
                f"values/teams/factory.yaml:7:3: error: namespace 'factory' on 'edge' would be published as 'egress-factory-factory-edge' by Flux instead of Argo CD, and nothing takes the old release away (renamed-release)\n  help: {HAND_OVER}",
                f"values/teams/identity.yaml:7:3: error: namespace 'identity' on 'edge' would be published as 'egress-identity-identity-edge' by Flux instead of Argo CD, and nothing takes the old release away (renamed-release)\n  help: {HAND_OVER}",
            ],
        ),
        (
            move_namespace,
            [
                f"values/teams/identity.yaml:7:3: error: namespace 'factory' on 'edge' would be published as 'egress-identity-factory-edge' instead of 'egress-factory-factory-edge', and nothing takes the old release away (renamed-release)\n  help: {HAND_OVER}"
            ],
        ),
        (
            leave_to_enrol,
            [
                "values/platform.yaml: error: namespace 'factory' on 'edge' is enrolled without a team now, and still has the policies of the release 'egress-factory-factory-edge' (renamed-release)\n  help: take the old release and its policies away as `transire docs publishing` describes, and ask for an entry in values/exceptions.yaml for this change"
            ],
        ),
        (
            remove_team,
            [
                f"values/platform.yaml:59:3: warning: the release 'egress-factory-factory-edge' is not in the values any more: nothing takes it away, and its policies stay as they are (renamed-release)\n  help: {BY_HAND}"
            ],
        ),
        (
            remove_namespace,
            [
                f"values/teams/storefront.yaml:2:1: warning: the release 'egress-storefront-storefront-staging' is not in the values any more: nothing takes it away, and its policies stay as they are (renamed-release)\n  help: {BY_HAND}"
            ],
        ),
        (
            remove_cluster,
            [
                f"values/platform.yaml: warning: cluster 'edge' is not in the values any more: nothing takes its releases away, and its policies stay as they are (renamed-release)\n  help: {BY_HAND}"
            ],
        ),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
def test_every_rename_is_told_with_a_safe_way(
    repository: Path, change: Callable[[Path], None], expected: list[str]
) -> None:
    change(repository)

    assert said(repository) == expected


@pytest.mark.slow("long runs in a repository")
def test_nothing_is_said_where_no_release_changes_its_name(repository: Path) -> None:
    edit(repository, "values/teams/storefront.yaml", "contact: ", "contact: another-")
    edit(repository, "values/teams/factory.yaml", "[edge]", "[edge, prod-us]")

    out = run(repository, "check", *AS_OF).out

    assert "generated files of factory are out of step" in out
    assert "renamed-release" not in out


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize(
    ("change", "owners"),
    [
        (rename_team, ["team: works\n    entry: factory"]),
        (rename_namespace, ["team: factory\n    entry: works"]),
        (rename_cluster, ["entry: prod-usa"]),
        (leave_to_enrol, ["entry: factory"]),
        (
            change_tool,
            [
                "entry: edge",
                "team: factory\n    entry: factory",
                "team: identity\n    entry: identity",
            ],
        ),
    ],
)
def test_a_rename_stops_generate_until_exceptions_let_it_pass(
    repository: Path, change: Callable[[Path], None], owners: list[str]
) -> None:
    change(repository)
    before = contents(repository)

    refused = run(repository, "generate", *AS_OF)
    untouched = contents(repository)
    with (repository / "values/exceptions.yaml").open("a", encoding="utf-8") as file:
        file.writelines(EXCEPTION.format(owner=owner) for owner in owners)
    passed = run(repository, "generate", *AS_OF)
    checked = run(repository, "check", *AS_OF)

    assert (refused.code, untouched) == (1, before)
    assert "(renamed-release)" in refused.err
    assert (passed.code, checked.code) == (0, 0), passed.err + checked.out
    assert "renamed-release" not in passed.err + checked.out


def test_an_exception_that_no_rename_needs_is_reported(repository: Path) -> None:
    with (repository / "values/exceptions.yaml").open("a", encoding="utf-8") as file:
        file.write(EXCEPTION.format(owner="team: factory\n    entry: factory"))

    assert run(repository, "check", *AS_OF).out == (
        "values/exceptions.yaml:14:5: warning: nothing needs the exception from renamed-release for factory/factory any more (unneeded-exception)\n"
        "  help: remove it, so that it does not let the next mistake pass\n"
        "1 warning\n"
    )


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize(("level", "code", "shown"), [("warning", 0, 1), ('"off"', 0, 0)])
def test_the_platform_sets_the_level(repository: Path, level: str, code: int, shown: int) -> None:
    rename_namespace(repository)
    edit(
        repository,
        "values/platform.yaml",
        "guardrails:\n",
        f"guardrails:\n  renamed-release: {level}\n",
    )

    ran = run(repository, "generate", *AS_OF)

    assert (ran.code, ran.err.count("(renamed-release)")) == (code, shown), ran.err


@pytest.mark.slow("long runs in a repository")
def test_what_others_merged_since_is_not_this_change(repository: Path) -> None:
    git(repository, "switch", "--quiet", "main")
    edit(repository, "values/teams/factory.yaml", "[edge]", "[edge, prod-us]")
    assert run(repository, "generate", *AS_OF).code == 0
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=others")
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(repository, "switch", "--quiet", "change")

    assert said(repository) == []


@pytest.mark.parametrize(("teams", "count"), [(["works"], 1), (["identity"], 1), ([], 1)])
def test_a_run_for_some_teams_sees_files_that_would_be_gone(
    repository: Path, teams: list[str], count: int
) -> None:
    rename_team(repository)

    assert len(said(repository, *teams)) == count


def test_a_run_for_some_teams_takes_the_others_as_they_were(repository: Path) -> None:
    rename_namespace(repository)

    assert (said(repository, "identity"), len(said(repository, "factory"))) == ([], 1)


def test_a_base_that_cannot_be_read_is_said(repository: Path) -> None:
    path = "argocd/edge/applications/teams/factory.yaml"
    (repository / path).write_text("<<<<<<< ours\n", encoding="utf-8")
    git(repository, "commit", "--quiet", "--all", "--message=broken")

    ran = run(repository, "check", *AS_OF, "--base", "HEAD")

    commit = git(repository, "rev-parse", "HEAD")[:12]
    assert (
        f"{path}: warning: as {commit} has it, {path} holds something else than objects, so nobody can see whether one of its releases changes its name (unreadable-base)\n"
        "  help: look at this change by hand, or name another --base\n"
    ) in ran.out


@pytest.mark.slow("long runs in a repository")
def test_without_a_base_nothing_is_said(tmp_path: Path) -> None:
    folder = copy_example(tmp_path)
    with (folder / "values/exceptions.yaml").open("a", encoding="utf-8") as file:
        file.write(EXCEPTION.format(owner="team: factory\n    entry: factory"))
    assert run(folder, "generate", *AS_OF).code == 0

    ran = run(folder, "check", *AS_OF)

    assert (ran.code, ran.out.splitlines()[-1]) == (0, "1 note"), ran.out


def test_the_releases_of_the_values_are_those_of_the_files(published: Path) -> None:
    compiled = compile_values(published)
    files = {
        path: content
        for unit in plan_files(published, compiled, stamp_charts(published, compiled)).plan.units
        for path, content in unit.files.items()
        if place_of(path) is not None
    }

    held = [(path, each) for path, content in files.items() for each in releases_in(path, content)]
    expected = [(each.path, each) for each in releases_of(load(published))]

    assert sorted(map(repr, held)) == sorted(map(repr, expected))
    assert len({each.key for _, each in held}) == len(held) > len(files)


@pytest.mark.parametrize(
    ("path", "before", "after", "message"),
    [
        (
            "flux/prod-us/releases/teams/storefront.yaml",
            'releaseName: "egress-storefront-storefront-prod-us"',
            'releaseName: "egress"',
            "helm 'egress' would become 'egress-storefront-storefront-prod-us'",
        ),
        (
            "flux/prod-us/releases/teams/storefront.yaml",
            'storageNamespace: "egress-system"',
            'storageNamespace: "flux-system"',
            "storage 'flux-system' would become 'egress-system'",
        ),
        (
            "argocd/staging/applications/teams/storefront.yaml",
            'releaseName: "egress"',
            'releaseName: "policies"',
            "helm 'policies' would become 'egress'",
        ),
    ],
)
def test_a_release_that_keeps_its_name_may_not_change_what_helm_knows_it_by(
    repository: Path, path: str, before: str, after: str, message: str
) -> None:
    edit(repository, path, before, after)
    git(repository, "commit", "--quiet", "--all", "--message=older")

    assert [each.partition(": error: ")[2] for each in said(repository, "--base", "HEAD")] == [
        f"of the release {Path(path).parts[1].join(['egress-storefront-storefront-', ''])!r} {message} (renamed-release)\n  help: {HAND_OVER}"
    ]


def examples(heading: str) -> tuple[str, str]:
    """The two files of an example of the page: before, and after."""
    page = renamed_release.__doc__ or ""
    lines = re.search(rf"^{heading}:\n((?:    .*\n)+)", page, re.MULTILINE)
    assert lines is not None
    _, before, _, after = (line.strip() for line in lines[1].splitlines())
    return before, after


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize(("heading", "found"), [("Bad", 1), ("Good", 0)])
def test_the_examples_of_the_page_hold(tmp_path: Path, heading: str, found: int) -> None:
    before, after = (each.replace("[eu]", "[edge]") for each in examples(heading))
    folder = copy_example(tmp_path)
    edit(folder, "values/teams/factory.yaml", "namespaces:\n  factory: [edge]", before)
    assert run(folder, "generate", *AS_OF).code == 0
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=before")
    edit(folder, "values/teams/factory.yaml", before, after)

    assert len(said(folder, "--base", "HEAD")) == found
