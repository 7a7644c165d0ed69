"""The commands as a person runs them: what they print, what they write, how they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import ROOT
from support.policy_repository import PROGRAM, contents, copy_example, edit, git, no_base, run
from transire.charts.archive import packed

AS_OF = ("--as-of", "2026-11-23")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_example(tmp_path_factory.mktemp("organisation"))
    ran = run(folder, "generate", *AS_OF)
    assert ran.code == 0, ran.err
    return folder


@pytest.fixture
def repository(generated: Path, tmp_path: Path) -> Path:
    for path, content in contents(generated).items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path


def test_generate_ends_with_a_table_of_every_target(generated: Path) -> None:
    ran = run(generated, "generate", *AS_OF)

    lines = ran.out.splitlines()
    assert lines[0].split() == [
        "team", "namespace", "cluster", "engine", "mode", "hosts", "version", "look", "at", "next",
    ]  # fmt: skip
    assert len(lines) == 15
    assert lines[10].split() == [
        "payments", "payments-prod", "prod-eu", "cilium@1.19", "enforce", "8", "0.1.0",
        "charts/teams/payments/README.md",
    ]  # fmt: skip
    assert "0 files written, 0 removed, 21 targets rendered by sdk" in ran.err


def test_the_repository_is_in_step_with_its_own_values() -> None:
    ran = run(ROOT, "check", "--base", "HEAD", *AS_OF)

    assert (ran.code, ran.out) == (0, "no findings\n"), ran.out + ran.err


def test_a_second_run_touches_nothing(repository: Path) -> None:
    before = {path: (repository / path).stat().st_mtime_ns for path in contents(repository)}

    run(repository, "generate", *AS_OF)

    after = {path: (repository / path).stat().st_mtime_ns for path in contents(repository)}
    assert before == after


@pytest.mark.slow("long runs in a repository")
def test_a_change_of_one_team_touches_only_that_team(repository: Path) -> None:
    before = contents(repository)
    edit(repository, "values/teams/payments.yaml", "api.stripe.com,", "api.stripe.com, a.example,")

    ran = run(repository, "generate", "payments", *AS_OF)

    after = contents(repository)
    assert ran.code == 0
    changed = {path for path in before | after if before.get(path) != after.get(path)}
    assert changed == {
        ".transire/owned/teams/payments.json",
        "argocd/prod-eu/applications/teams/payments.yaml",
        "argocd/staging/applications/teams/payments.yaml",
        "charts/teams/payments/Chart.yaml",
        "charts/teams/payments/README.md",
        "charts/teams/payments/targets/payments-prod.prod-eu.yaml",
        "charts/teams/payments/targets/payments-prod.prod-onprem.yaml",
        "values/teams/payments.yaml",
    }
    assert run(repository, "check", *AS_OF).code == 0


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("word", ["generate", "check"])
def test_a_team_need_not_wait_until_others_mend_their_values(repository: Path, word: str) -> None:
    edit(repository, "values/teams/factory.yaml", "namespaces:", "namespace:")
    (repository / "values/teams/ledger.yaml").write_text("team: [", encoding="utf-8")

    alone, others = run(repository, word, "payments", *AS_OF), run(repository, word, *AS_OF)

    assert (alone.code, others.code) == (0, 1)
    assert "values/teams/factory.yaml" in others.out + others.err
    assert "values/teams/" not in alone.out + alone.err


@pytest.mark.slow("long runs in a repository")
def test_a_team_that_is_gone_takes_its_files_along_and_nothing_else(repository: Path) -> None:
    (repository / "values/teams/factory.yaml").unlink()
    (repository / "argocd/notes.md").write_text("a person's", encoding="utf-8")

    ran = run(repository, "generate", *AS_OF)

    left = [path for path in contents(repository) if "factory" in path]
    assert (ran.code, left) == (0, [])
    assert (repository / "argocd/notes.md").read_text(encoding="utf-8") == "a person's"


@pytest.mark.parametrize(
    ("path", "before", "after", "message"),
    [
        (
            "values/teams/payments.yaml",
            "api.stripe.com, files",
            "https://api.stripe.com, files",
            "values/teams/payments.yaml:13:10: error: 'https://api.stripe.com' is a URL,",
        ),
        (
            "values/teams/payments.yaml",
            "198.51.100.16/28",
            "0.0.0.0/0",
            "error: egress to 0.0.0.0/0 is not allowed (no-world-cidr)",
        ),
        (
            "values/teams/storefront.yaml",
            "[prod-us, staging]",
            "[prod-us, staging, edge]",
            "rule 'images' on cluster 'edge' (kubernetes): img-*.cdn.example.com is a n",
        ),
    ],
)
def test_a_mistake_leaves_the_tree_as_it_was(
    repository: Path, path: str, before: str, after: str, message: str
) -> None:
    edit(repository, path, before, after)
    there = contents(repository)

    ran = run(repository, "generate", *AS_OF)

    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
    assert there == contents(repository)


@pytest.mark.slow("long runs in a repository")
def test_an_edited_file_is_reported_and_never_overwritten(repository: Path) -> None:
    target = "charts/teams/payments/targets/payments-prod.prod-eu.yaml"
    edit(repository, target, "api.stripe.com", "evil.example")
    edit(repository, "values/teams/payments.yaml", "api.stripe.com,", "api.stripe.com, a.example,")
    there = contents(repository)

    ran = run(repository, "generate", *AS_OF)

    assert ran.code == 1
    assert f"{target}: error: this generated file was changed by hand (edited-file)" in ran.err
    assert there == contents(repository)


@pytest.mark.slow("long runs in a repository")
def test_check_finds_a_chart_that_was_edited_by_hand(repository: Path) -> None:
    edit(repository, "charts/teams/ledger/templates/cilium.yaml", "egress", "ingress")

    ran = run(repository, "check", "--format", "json", *AS_OF)

    found = json.loads(ran.out)["findings"]
    assert ran.code == 1
    assert [(each["path"], each["rule"]) for each in found] == [
        ("charts", "no-base"),
        ("charts/teams/ledger/templates/cilium.yaml", "edited-file"),
    ]


def test_nothing_is_published_for_a_team_whose_entry_has_expired(repository: Path) -> None:
    there = contents(repository)

    ran = run(repository, "generate", "--as-of", "2036-04-01")

    assert (ran.code, ran.out) == (1, "")
    assert (
        "values/teams/payments.yaml:23:14: error: 'receipts' expired on 2036-03-31 (expired-entry)\n"
        "  help: remove the entry, or agree on a new date and write it in expires\n"
    ) in ran.err
    assert there == contents(repository)


@pytest.mark.parametrize("word", ["generate", "check"])
def test_an_unknown_team_is_a_usage_error(generated: Path, word: str) -> None:
    ran = run(generated, word, "payment")

    assert (ran.code, ran.err) == (
        2,
        (
            "there is no team 'payment'; the teams are analytics, factory, identity, ledger, messaging, "
            "payments, storefront\n"
        ),
    )


def test_a_folder_without_values_is_a_usage_error(tmp_path: Path) -> None:
    ran = run(tmp_path, "check")

    assert (ran.code, ran.err) == (
        2,
        (
            f"there is no values/platform.yaml in {tmp_path} or above it; name the repository with -C, "
            "or start one with `transire init`\n"
        ),
    )


def test_the_repository_is_found_from_a_folder_inside(generated: Path) -> None:
    ran = run(generated / "values" / "teams", "check", "payments", *AS_OF)

    assert (ran.code, ran.out) == (0, no_base(f"{generated} is not in a Git repository"))


def test_a_base_that_does_not_exist_is_a_usage_error(repository: Path) -> None:
    git(repository, "init", "--quiet")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "all")

    ran = run(repository, "check", "--base", "release/9", *AS_OF)

    assert (ran.code, ran.err) == (2, "--base release/9 names no commit of this repository\n")


@pytest.mark.slow("long runs in a repository")
def test_a_chart_that_opens_more_is_a_minor_version_above_the_target_branch(
    repository: Path,
) -> None:
    git(repository, "init", "--quiet", "--initial-branch", "main")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "all")
    git(repository, "switch", "--quiet", "--create", "change")
    edit(repository, "values/teams/payments.yaml", "api.stripe.com,", "api.stripe.com, a.example,")

    run(repository, "generate", "--base", "main", *AS_OF)

    versions = {
        path.parent.name: path.read_text(encoding="utf-8").partition("version: ")[2].split()[0]
        for path in (repository / "charts/teams").glob("*/Chart.yaml")
    }
    assert versions.pop("payments") == "0.2.0"
    assert set(versions.values()) == {"0.1.0"}
    chart = contents(repository / "charts/teams/payments")
    application = repository / "argocd/prod-eu/applications/teams/payments.yaml"
    text = application.read_text(encoding="utf-8")
    assert f'targetRevision: "{packed(chart).digests.manifest}"' in text
    assert '"transire/version": "0.2.0"' in text
    assert run(repository, "check", "--base", "main", *AS_OF).code == 0


def test_without_any_helm_the_error_says_what_to_do(generated: Path, tmp_path: Path) -> None:
    broken = tmp_path / "helm_python.py"
    broken.write_text("raise ImportError('not on this platform')\n", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT / "generator")])

    ran = run(generated, "render", "payments", PYTHONPATH=path, PATH="/nowhere", TRANSIRE_HELM="/x")

    assert ran.code == 4
    assert "there is no Helm: " in ran.err
    assert "install helm 3.17 or later, or name it in TRANSIRE_HELM" in ran.err


def test_render_prints_the_targets_as_a_stream(generated: Path) -> None:
    ran = run(generated, "render", "payments", "--target", "payments-prod.prod-eu")

    assert ran.code == 0
    assert ran.out.startswith("# target: payments-prod.prod-eu\n---\n# Source: payments/")
    assert 'name: "egress-allow-card-processing"' in ran.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nobody",), "charts/teams/nobody has no targets; run `transire generate` first\n"),
        (
            ("factory", "--target", "factory.moon"),
            "charts/teams/factory has no target 'factory.moon'; it has factory.edge\n",
        ),
    ],
)
def test_what_is_not_there_cannot_be_rendered(
    generated: Path, words: tuple[str, ...], message: str
) -> None:
    ran = run(generated, "render", *words)

    assert (ran.code, ran.err) == (2, message)


def test_a_reader_that_had_enough_is_no_error(generated: Path) -> None:
    command = f'{sys.executable} -c "{PROGRAM}" render payments | head -1'

    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=generated,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "generator")},
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "# target: payments-prod.prod-eu\n"


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize(
    "words", [("check", "--base", "HEAD"), ("generate", "--base", "HEAD"), ("publish", "--dry-run")]
)
def test_every_run_of_a_day_says_the_same(repository: Path, words: tuple[str, ...]) -> None:
    git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=before")

    runs = [
        run(repository, *words, "--as-of", "2036-04-01", PYTHONHASHSEED=seed) for seed in ("1", "2")
    ]

    assert runs[0] == runs[1]
    assert runs[0].code == 1
    assert "'receipts' expired on 2036-03-31 (expired-entry)" in runs[0].out + runs[0].err


@pytest.mark.parametrize("command", ["check", "generate"])
def test_a_template_that_no_proof_covers_stops_the_run(repository: Path, command: str) -> None:
    path, added = "charts/egress-baseline/templates/cilium.yaml", ".Release.Name"
    edit(repository, path, ".Values.engine", f"(default {added} .Values.engine)")
    before, _, _ = (repository / path).read_text(encoding="utf-8").partition(added)
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")

    ran = run(repository, command, *AS_OF)

    assert ran.code == 1
    assert ran.out + ran.err == (
        f"{path}:{line}:{column}: error: .Release.Name is not the same in Argo CD, Flux and `helm template` (chart-template)\n"
        "  help: take it from .Values: the target's values file is all that every tool reads alike\n"
        + ("1 error\n" if command == "check" else "")
    )
