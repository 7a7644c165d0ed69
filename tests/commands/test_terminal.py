"""Nothing that somebody else wrote reaches a terminal as anything but text."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import ROOT
from support.policy_repository import PROGRAM, run
from transire.cli.printing import seen, tolerate_other_encodings
from transire.model.problems import RegistryFailed, Rejected

ODD = "\x1b]0;title\x07\x9b31m\u202e\u2066\u200b\u061c\ufeff"
"""What sets a title, turns text red, turns the direction of writing, and shows nothing."""

HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
NAME = r"\x1b]0;title\x9b31m\u202e\u2066\u200b\u061c\nallowed: everything"
MANIFEST = rf"""
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: "{NAME}"
  namespace: shop
  annotations: {{"a/b": "\x1b[31m\u202e"}}
spec:
  endpointSelector: {{matchLabels: {{app: "\u202e\x1b[31m"}}}}
  egress: [{{toEntities: [all]}}, {{toFQDNs: [{{matchName: "a\u202eb.example"}}]}}]
"""
ENGINE = ("--engine", "cilium@1.19")
ASKED = ("--from", "shop/app=a", "--to", "1.2.3.4:443")
VERBS: tuple[tuple[str, ...], ...] = (
    *(("explain", *ENGINE, *ASKED, "--format", each) for each in ("text", "json")),
    *(("lint", *ENGINE, "--format", each) for each in ("text", "json", "github", "sarif", "junit")),
)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("manifests") / "policy\u202e.yaml"
    file.write_text(MANIFEST, encoding="utf-8")
    return file


@pytest.mark.parametrize("words", VERBS, ids=lambda words: f"{words[0]}-{words[-1]}")
def test_what_a_manifest_holds_is_printed_as_text(manifest: Path, words: tuple[str, ...]) -> None:
    ran = run(manifest.parent, *words, "-f", str(manifest))

    assert ran.code in {0, 1, 3}, ran.err
    assert ran.out
    assert HOSTILE.findall(ran.out + ran.err) == []
    assert not re.search("^allowed: everything", ran.out, re.MULTILINE)


def test_what_is_wrong_with_a_file_is_printed_as_text(tmp_path: Path) -> None:
    (tmp_path / f"{ODD}.yaml").write_text("a: [\n", encoding="utf-8")

    ran = run(tmp_path, "lint", *ENGINE, "-f", f"{ODD}.yaml")

    assert ran.code == 1
    assert HOSTILE.findall(ran.out + ran.err) == []
    assert r"\x1b]0;title\x07\x9b31m\u202e" in ran.err


@pytest.mark.parametrize("form", ["text", "json", "sarif", "markdown", "github", "junit"])
def test_nothing_hostile_passes_in_any_form(form: str) -> None:
    text = f'"{ODD} \U000e0001 \udcff é 語 \U0001f600"\n\t2\n'

    shown = seen(text, form)

    assert HOSTILE.findall(shown) == []
    assert "é 語 \U0001f600" in shown
    assert shown.endswith("\n\t2\n")


def test_json_holds_what_it_held() -> None:
    held = {"name": f"{ODD}\U000e0001\r\n é"}

    assert held == json.loads(seen(json.dumps(held, ensure_ascii=False, indent=2), "json"))


def test_text_without_anything_hostile_is_left_alone() -> None:
    for form in ("text", "json", "html"):
        assert seen('{"é": 1}\n\tb\n', form) == '{"é": 1}\n\tb\n'


def test_a_stream_that_cannot_print_a_letter_prints_its_escape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(held, encoding="ascii"))

    tolerate_other_encodings()
    print("é")  # noqa: T201 - what is tested
    sys.stdout.flush()

    assert held.getvalue() == b"\\xe9\n"


def test_words_of_a_registry_and_of_a_finding_are_printed_as_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from transire import cli  # noqa: PLC0415 - loads click's commands

    for error in (RegistryFailed(f"registry h: {ODD}\nmore"), Rejected([])):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(cli.commands, "invoke", fail)
        monkeypatch.setattr(sys, "argv", ["transire", "rules"])
        with pytest.raises(SystemExit):
            cli.main()

    printed = capsys.readouterr().err
    assert HOSTILE.findall(printed) == []
    assert printed.startswith(r"registry h: \x1b]0;title\x07\x9b31m\u202e")
    assert "\nmore\n" in printed


@pytest.mark.slow("long runs in a repository")
def test_a_rendering_is_printed_as_text_where_a_terminal_shows_it(tmp_path: Path) -> None:
    chart = tmp_path / "charts/teams/shop"
    for path, text in {
        "charts/teams/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "charts/teams/shop/targets/shop.prod.yaml": "{}\n",
        "charts/teams/shop/templates/a.yaml": "# \u202e\napiVersion: v1\nkind: A\nmetadata: {name: a}\n",
        "values/platform.yaml": "",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert chart.is_dir()

    shown = on_a_terminal(tmp_path, "render", "shop")

    assert r"# \u202e" in shown
    assert "\u202e" not in shown
    assert "# \u202e" in run(tmp_path, "render", "shop").out


def on_a_terminal(folder: Path, *words: str) -> str:
    """What the program prints where its output is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder,
        stdout=theirs,
        env={**os.environ, "PYTHONPATH": str(ROOT / "generator")},
    ) as program:
        assert program.wait() == 0
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        return terminal.read(1 << 16).decode()
