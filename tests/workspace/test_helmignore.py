"""What Helm leaves out of a chart, held against Helm itself."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from support import needs
from support.measured.pattern_steps import CountedPattern
from transire.workspace.helmignore import HelmIgnore


def test_helm_leaves_out_what_we_leave_out(tmp_path: Path) -> None:
    helm_executable = needs.helm_executable()
    chart = tmp_path / "egress-policy"
    ignore = "# a comment\n\ntests/\n*.sw?\n/top.txt\ndocs/*.md\na*b*c?d*e\n .DS_Store \nsub\n"
    names = [
        "templates/a.yaml", "templates/.hidden.yaml", "templates/.hidden/a.yaml", "tests/a.yaml",
        "inner/tests/a.yaml", "a.swp", "templates/b.swo", "a.swpx", "top.txt", "inner/top.txt",
        "docs/a.md", "docs/b.txt", "docs/inner/a.md", ".DS_Store", "inner/.DS_Store", "sub/a.txt",
        "inner/sub", "subway", ".hidden", "tests.txt", "a-b-b-cxd-e", "abcxde", "abcde", "abcxdef",
        "ab/cxde", "abcxdxcydze",
    ]  # fmt: skip
    for name in names:
        (chart / name).parent.mkdir(parents=True, exist_ok=True)
        (chart / name).write_text("x: 1\n")
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: egress-policy\nversion: 0.3.0\n")
    (chart / ".helmignore").write_text(ignore)

    subprocess.run(
        [helm_executable, "package", chart, "-d", tmp_path], check=True, capture_output=True
    )
    with tarfile.open(tmp_path / "egress-policy-0.3.0.tgz") as packed:
        helm = {each.name.removeprefix("egress-policy/") for each in packed}

    patterns = HelmIgnore.parse(ignore.encode())
    assert {name for name in names if not patterns.covers(name)} == helm & set(names)
    assert 5 < len(helm & set(names)) < 15


def test_a_pattern_with_many_stars_is_matched_in_steps_in_proportion_to_the_name() -> None:
    ignore = HelmIgnore.parse(b"*a" * 100 + b"b\n")

    def cost(length: int) -> int:
        counted = [CountedPattern(each.matcher) for each in ignore.patterns]
        for each in counted:
            each.fullmatch("a" * length)
        return sum(each.steps for each in counted)

    assert cost(400) <= 2.5 * cost(200)
    assert not ignore.covers("a" * 255)
    assert ignore.covers("a" * 250 + "b")


@pytest.mark.parametrize("pattern", ["!a", "a/**/b", "[ab]", "a\\b"])
def test_a_pattern_that_is_not_understood_is_not_guessed_at(pattern: str) -> None:
    with pytest.raises(ValueError) as wrong:  # noqa: PT011 - the message is compared in full
        HelmIgnore.parse(pattern.encode())

    assert str(wrong.value) == (
        f"the pattern {pattern!r} is not one that is read here; write names, * and ?"
    )
