"""A policy repository that is a folder of a larger one."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import copy_example, edit, git, run

AS_OF = ("--as-of", "2026-11-23")
PLATFORM = "values/platform.yaml"
REGISTRY = "  registry: oci://registry.example.com/egress\n"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """Policies whose charts come from Git, in a folder of a repository."""
    git(tmp_path, "init", "--quiet")
    folder = copy_example(tmp_path / "platform" / "egress")
    edit(folder, PLATFORM, REGISTRY, "")
    return folder


def with_folder(policies: Path, name: str) -> None:
    edit(policies, PLATFORM, "publish:\n", f"publish:\n  folder: {name}\n")


def test_charts_of_git_need_the_folder(policies: Path) -> None:
    ran = run(policies, "generate", *AS_OF)

    assert ran.code == 1
    assert (
        "values/platform.yaml: error: publish.folder is left out, and the policies are in "
        "'platform/egress' of their Git repository (publish-folder)\n"
        "  help: write folder: platform/egress below publish\n"
    ) in ran.err


def test_a_folder_that_is_another_is_refused(policies: Path) -> None:
    with_folder(policies, "platform")

    assert (
        "publish.folder is 'platform', and the policies are in 'platform/egress' of their Git "
        "repository (publish-folder)\n  help: write folder: platform/egress below publish\n"
    ) in run(policies, "generate", *AS_OF).err


def test_a_folder_at_the_top_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    copy_example(tmp_path)
    with_folder(tmp_path, "platform")

    assert (
        "publish.folder is 'platform', and the policies are in 'the top' of their Git repository "
        "(publish-folder)\n  help: remove folder below publish\n"
    ) in run(tmp_path, "generate", *AS_OF).err


@pytest.mark.slow("long runs in a repository")
def test_pins_and_owners_begin_with_the_folder(policies: Path) -> None:
    with_folder(policies, "platform/egress")
    ran = run(policies, "generate", *AS_OF)

    assert ran.code == 0, ran.err
    argocd = (policies / "argocd/prod-eu/applications/teams/payments.yaml").read_text("utf-8")
    flux = (policies / "flux/prod-us/releases/teams/analytics.yaml").read_text("utf-8")
    assert 'path: "platform/egress/charts/teams/payments"\n' in argocd
    assert 'chart: "platform/egress/charts/teams/analytics"\n' in flux
    assert '- "platform/egress/charts/teams/analytics/values.yaml"\n' in flux
    lines = (policies / "CODEOWNERS").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "/platform/egress/ @example/platform"
    assert all(line.startswith("/platform/egress/") for line in rules)


@pytest.mark.slow("long runs in a repository")
def test_the_warning_ends_when_the_lines_are_last_at_the_top(
    policies: Path, tmp_path: Path
) -> None:
    with_folder(policies, "platform/egress")
    assert "(codeowners-not-read)" in run(policies, "generate", *AS_OF).err
    lines = (policies / "CODEOWNERS").read_text("utf-8")
    (tmp_path / "CODEOWNERS").write_text(f"* @example/all\n{lines}", "utf-8")
    taken = run(policies, "check", *AS_OF)
    (tmp_path / "CODEOWNERS").write_text(f"{lines}* @example/all\n", "utf-8")
    overruled = run(policies, "check", *AS_OF)

    assert "codeowners-not-read" not in taken.out
    assert "codeowners-not-read" in overruled.out


@pytest.mark.parametrize("name", ["../x", "/x", "x/", "a//b", "'.'", "a/../b", '"a b"'])
def test_what_is_no_folder_is_refused(policies: Path, name: str) -> None:
    with_folder(policies, name)

    found = run(policies, "generate", *AS_OF).err
    assert "is not a folder of a Git repository (bad-text)" in found
