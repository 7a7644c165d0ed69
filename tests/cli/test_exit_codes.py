"""Exit codes are those of the page about the command line, run for run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from support import needs
from support.paths import DOCS, ROOT
from support.policy_repository import PROGRAM, copy_example, git, run
from transire import cli
from transire.model.problems import ToolError

FULL = Path("/dev/full")
ASKED = ("--from", "shop", "--to", "a.example:443")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that is not generated, with manifests beside it."""
    root = copy_example(tmp_path_factory.mktemp("codes") / "policies")
    (root / "empty.yaml").write_text("", encoding="utf-8")
    (root / "broken.yaml").write_text("a: [\n", encoding="utf-8")
    (root / "unrendered.yaml").write_text(
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
        'metadata: {name: a, namespace: "{{ .Values.a }}"}\nspec: {endpointSelector: {}}\n',
        encoding="utf-8",
    )
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "values")
    return root


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, ("rules",)),
        (0, ("who", "a.example")),
        (0, ("lint", "-f", "empty.yaml", "--engine", "cilium@1.19")),
        (0, ("explain", "-f", "empty.yaml", "--engine", "cilium@1.19", *ASKED)),
        (1, ("check",)),
        (1, ("lint", "-f", "broken.yaml", "--engine", "cilium@1.19")),
        (1, ("explain", "-f", "broken.yaml", "--engine", "cilium@1.19", *ASKED)),
        (2, ("nothing",)),
        (2, ("check", "--nothing")),
        (2, ("check", "nobody")),
        (2, ("generate", "nobody")),
        (2, ("render", "nobody")),
        (2, ("rules", "nothing")),
        (2, ("report", "--as-of", "soon")),
        (2, ("diff", "--base", "nowhere")),
        (2, ("who", "https://a.example/")),
        (2, ("explain", *ASKED)),
        (2, ("lint", "-f", "empty.yaml", "--engine", "weave")),
        (2, ("-C", "/nowhere", "check")),
        (3, ("lint", "-f", "unrendered.yaml", "--engine", "cilium@1.19")),
        (3, ("lint", "-f", "empty.yaml", "--engine", "cilium@1.2")),
    ],
    ids=lambda value: value if isinstance(value, int) else " ".join(value),
)
def test_a_run_ends_with_the_code_of_its_kind(
    root: Path, code: int, words: tuple[str, ...]
) -> None:
    ran = run(root, *words)

    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err


@pytest.mark.slow("whole runs of the program")
def test_a_helm_that_is_not_there_ends_with_its_code(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSIRE_HELM", "/nowhere/helm")
    ran = run(root, "check", "--helm", "cli")

    assert ran.code == 4, ran.err


@pytest.mark.skipif(not FULL.exists(), reason=needs.FULL)
@pytest.mark.parametrize("words", [("rules",), ("report", "--format", "json"), ("--help",)])
def test_output_that_cannot_be_written_is_no_success(root: Path, words: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words],
            cwd=root,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (
        1,
        "cannot read or write: No space left on device\n",
    )


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, click.Abort])
def test_an_interrupt_ends_with_the_code_of_shells(
    monkeypatch: pytest.MonkeyPatch, interrupt: type[BaseException]
) -> None:
    def stop(*_: object) -> None:
        raise interrupt

    monkeypatch.setattr(cli.commands, "invoke", stop)
    monkeypatch.setattr(sys, "argv", ["transire", "rules"])
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 130


def errors(of: type[ToolError]) -> Iterator[type[ToolError]]:
    for each in of.__subclasses__():
        yield each
        yield from errors(each)


def test_the_page_has_every_code_that_an_error_has() -> None:
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    codes = [int(each) for each in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]

    assert codes == [0, 1, 2, 3, 4, 130]
    assert {each.exit_code for each in errors(ToolError)} == {1, 2, 3, 4}
    assert f"{ROOT}" not in page
