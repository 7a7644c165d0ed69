"""What a shell completes: commands, options, and names of the repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import DOCS, ROOT
from support.policy_repository import PROGRAM, copy_example
from transire import api
from transire.cli.completion import VARIABLE


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("completion") / "policies")
    (root / "charts/teams/ledger/targets").mkdir(parents=True)
    for name in ("ledger.prod-eu", "ledger.staging"):
        (root / f"charts/teams/ledger/targets/{name}.yaml").write_text("{}\n", encoding="utf-8")
    return root


def program(folder: Path, *, request: str, **variables: str) -> str:
    """What the program prints to a shell."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "generator"),
            VARIABLE: request,
            **variables,
        },
    )
    assert done.stderr == ""
    return done.stdout


def completed(folder: Path, line: str) -> list[str]:
    """What bash is given at the end of a line."""
    words = line.split(" ")
    printed = program(
        folder,
        request="bash_complete",
        COMP_WORDS=line,
        COMP_CWORD=str(len(words) - 1),
    )
    return [each.partition(",")[2] for each in printed.splitlines() if each]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("transire ex", ["expiring", "explain"]),
        ("transire check pay", ["payments"]),
        ("transire generate ledger p", ["payments"]),
        ("transire add st", ["storefront"]),
        ("transire render e", ["egress-baseline", "egress-tier"]),
        ("transire explain --target ledger.", ["ledger.prod-eu", "ledger.staging"]),
        ("transire render ledger --target ledger.p", ["ledger.prod-eu"]),
        ("transire explain --cluster prod-", ["prod-eu", "prod-onprem", "prod-us"]),
        ("transire lint --cluster e", ["edge"]),
        ("transire who --cluster s", ["staging"]),
        ("transire rules no-world", ["no-world-cidr"]),
        ("transire bundle micro", ["microsoft365"]),
        ("transire audit --team id", ["identity"]),
        ("transire report --format h", ["html"]),
        ("transire who --clu", ["--cluster"]),
    ],
)
def test_names_of_the_repository_are_completed(root: Path, line: str, names: list[str]) -> None:
    assert completed(root, line) == names


def test_the_folder_of_the_option_before_the_command_counts(root: Path, tmp_path: Path) -> None:
    assert completed(tmp_path, f"transire -C {root} check mess") == ["messaging"]


def test_files_are_completed_where_the_word_is_one(root: Path) -> None:
    printed = program(
        root,
        request="bash_complete",
        COMP_WORDS="transire explain --cluster ./clu",
        COMP_CWORD="3",
    )

    assert printed == "file,./clu\n"


@pytest.mark.slow("whole runs of the program")
def test_outside_of_a_repository_nothing_is_completed_and_nothing_is_wrong(tmp_path: Path) -> None:
    assert completed(tmp_path, "transire check p") == []
    assert completed(tmp_path, "transire explain --target l") == []
    assert completed(tmp_path, "transire explain --cluster l") == []


def test_a_repository_that_cannot_be_read_has_no_clusters(tmp_path: Path) -> None:
    (tmp_path / "values").mkdir()
    (tmp_path / "values/platform.yaml").write_text("a: [", encoding="utf-8")

    assert api.cluster_names(tmp_path) == ()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_docs_name_what_turns_completion_on_in_each_shell(tmp_path: Path, shell: str) -> None:
    script = program(tmp_path, request=f"{shell}_source")
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")

    assert f"{VARIABLE}={shell}_source transire" in page
    assert f"{shell}_complete" in script
