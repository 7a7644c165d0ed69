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


def test_a_new_repository_generates_and_is_clean(tmp_path: Path) -> None:
    fresh = tmp_path / "deep" / "fresh"

    started = run(tmp_path, "init", str(fresh))
    made = run(fresh, "generate", *AS_OF)
    checked = run(fresh, "check", *AS_OF)

    assert (started.code, made.code) == (0, 0), started.err + made.err
    assert (checked.code, checked.out) == (0, no_base(f"{fresh} is not in a Git repository"))


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
