"""Starting a policy repository, and renewing the charts of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.paths import ROOT
from support.policy_repository import contents, copy_example, edit, git, no_base, run

AS_OF = ("--as-of", "2026-11-23")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = copy_example(tmp_path)
    ran = run(folder, "generate", *AS_OF)
    assert ran.code == 0, ran.err
    return folder


@pytest.mark.slow("long runs in a repository")
def test_a_new_repository_generates_and_is_clean(tmp_path: Path) -> None:
    fresh = tmp_path / "deep" / "fresh"

    started = run(tmp_path, "init", str(fresh))
    made = run(fresh, "generate", *AS_OF)
    checked = run(fresh, "check", *AS_OF)

    assert (started.code, made.code) == (0, 0), started.err + made.err
    assert (checked.code, checked.out) == (0, no_base(f"{fresh} is not in a Git repository"))


@pytest.mark.slow("long runs in a repository")
def test_git_hands_out_what_is_generated_as_it_was_committed(tmp_path: Path) -> None:
    run(tmp_path, "init", "fresh")
    fresh = tmp_path / "fresh"
    run(fresh, "generate", *AS_OF)
    git(fresh, "init", "-q", "-b", "main")
    git(fresh, "add", "-A")
    git(fresh, "commit", "-q", "-m", "start")
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "-q", "fresh", "copy")

    checked = run(tmp_path / "copy", "check", *AS_OF)

    assert b"\r\n" in (tmp_path / "copy/values/platform.yaml").read_bytes()
    assert checked.code == 0, checked.out
    assert (fresh / ".gitattributes").read_bytes() == (ROOT / ".gitattributes").read_bytes()


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "values").mkdir()
    (tmp_path / "values/platform.yaml").write_text("mine", encoding="utf-8")

    ran = run(tmp_path, "init")

    assert (ran.code, ran.err) == (
        1,
        (
            "values/platform.yaml: error: values/platform.yaml exists already and holds something else "
            "(file-exists)\n  help: start in an empty folder, or renew the charts with "
            "`transire init --upgrade`\n"
        ),
    )
    assert list(contents(tmp_path)) == ["values/platform.yaml"]


def test_upgrade_renews_the_charts_shows_what_changes_and_keeps_versions(repository: Path) -> None:
    edit(repository, "charts/egress-policy/templates/cilium.yaml", "- toFQDNs:", "- toFQDN:")
    edit(repository, "charts/egress-baseline/Chart.yaml", "version: 0.1.0", "version: 3.2.1")

    ran = run(repository, "init", "--upgrade", str(repository))

    assert ran.code == 0
    assert "\n-- toFQDN:\n+- toFQDNs:\n" in ran.out
    assert ran.err.splitlines()[0] == "wrote charts/egress-policy/templates/cilium.yaml"
    chart = (repository / "charts/egress-baseline/Chart.yaml").read_text(encoding="utf-8")
    assert "version: 3.2.1" in chart


def test_upgrade_needs_a_repository(tmp_path: Path) -> None:
    ran = run(tmp_path, "init", "--upgrade")

    assert (ran.code, ran.err) == (
        1,
        (
            "values/platform.yaml: error: there is no policy repository to upgrade here "
            "(no-repository)\n  help: run `transire init` first, or name the folder\n"
        ),
    )


@pytest.mark.slow("long runs in a repository")
def test_upgrade_of_the_same_release_changes_nothing(repository: Path) -> None:
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "start")
    edit(repository, "values/platform.yaml", "enrol: [batch]", "enrol: [batch, nightly]")
    made = run(repository, "generate", "--base", "HEAD", *AS_OF)
    before = contents(repository)

    ran = run(repository, "init", "--upgrade", str(repository))

    assert made.code == 0
    assert b"artifacthub.io/changes" in before["charts/egress-baseline/Chart.yaml"]
    assert (ran.code, ran.out, ran.err) == (0, "", "next: transire generate\n")
    assert contents(repository) == before


@pytest.mark.slow("long runs in a repository")
def test_a_bare_repository_generates_and_is_clean(tmp_path: Path) -> None:
    started = run(tmp_path, "init", "--bare", "fresh")
    made = run(tmp_path / "fresh", "generate", *AS_OF)
    checked = run(tmp_path / "fresh", "check", *AS_OF)

    assert (started.code, made.code, checked.code) == (0, 0, 0), started.err + made.err
    values = [path for path in contents(tmp_path / "fresh") if path.startswith("values/")]
    assert [path for path in values if ".schema" not in path] == [
        "values/exceptions.yaml",
        "values/platform.yaml",
    ]


@pytest.mark.slow("long runs in a repository")
def test_the_team_that_the_readme_shows_is_one_of_a_bare_repository(tmp_path: Path) -> None:
    run(tmp_path, "init", "--bare", "fresh")
    fresh = tmp_path / "fresh"
    readme = (fresh / "README.md").read_text(encoding="utf-8")
    (fresh / "values/teams").mkdir()
    team = readme.partition("```yaml\n")[2].partition("```")[0]
    (fresh / "values/teams/payments.yaml").write_text(team, encoding="utf-8")

    assert run(fresh, "generate", *AS_OF).code == 0
    assert run(fresh, "check", *AS_OF).code == 0


@pytest.mark.parametrize(
    ("words", "there"),
    [
        ([], {".github", ".gitlab", ".gitlab-ci.yml"}),
        (["--forge", "github"], {".github"}),
        (["--forge", "gitlab"], {".gitlab", ".gitlab-ci.yml"}),
        (["--forge", "github", "--forge", "gitlab"], {".github", ".gitlab", ".gitlab-ci.yml"}),
        (["--forge", "none"], set()),
    ],
)
def test_the_pipelines_are_those_of_the_forges_that_are_named(
    tmp_path: Path, words: list[str], there: set[str]
) -> None:
    ran = run(tmp_path, "init", *words, "fresh")

    names = {path.name for path in (tmp_path / "fresh").iterdir()}
    assert ran.code == 0
    assert {each for each in names if each.startswith(".git") and each[4:5] in {"h", "l"}} == there
    assert ".pre-commit-config.yaml" in names


@pytest.mark.slow("long runs in a repository")
def test_editors_find_the_schemas_at_once_and_generate_keeps_them(tmp_path: Path) -> None:
    run(tmp_path, "init", "fresh")
    fresh = tmp_path / "fresh"
    before = {path: each for path, each in contents(fresh).items() if "/.schema/" in path}
    run(fresh, "generate", *AS_OF)

    assert len(before) == 5
    assert before.items() <= contents(fresh).items()
    for path in sorted((fresh / "values").rglob("*.yaml")):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / schema).is_file(), path


@pytest.mark.slow("long runs in a repository")
def test_what_is_edited_before_the_first_generate_makes_no_schema_a_stranger(
    tmp_path: Path,
) -> None:
    run(tmp_path, "init", "--bare", "fresh")
    fresh = tmp_path / "fresh"
    edit(fresh, "values/platform.yaml", "  my-cluster:", "  prod-eu:")

    assert run(fresh, "generate", *AS_OF).code == 0
    assert run(fresh, "check", *AS_OF).code == 0


def test_a_readme_that_is_there_already_stays(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine\n", encoding="utf-8")

    ran = run(tmp_path, "init")

    assert ran.code == 0
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine\n"
