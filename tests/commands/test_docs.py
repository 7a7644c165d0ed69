"""The documentation that comes with the program, and every word of ours that sends people to it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.paths import DOCS, ROOT
from support.policy_repository import run
from transire.commands.docs import docs

SENT = re.compile(r"`transire docs ([\w/-]+)`")
NAMES = {page.name for page in docs()}


def test_every_page_for_people_who_use_it_is_listed(tmp_path: Path) -> None:
    ran = run(tmp_path, "docs")

    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    pages = {each.removesuffix("/README") for each in pages}
    wanted = {each for each in pages if each.split("/")[0] not in {"adr", "examples", "guides"}}
    assert ran.code == 0
    assert {line.split()[0] for line in ran.out.splitlines()} == wanted == NAMES
    assert all(page.title for page in docs())


@pytest.mark.parametrize(
    "name", ["publishing", "docs/publishing.md", "platforms/eks", "platforms/README"]
)
def test_a_page_is_printed_as_it_is(tmp_path: Path, name: str) -> None:
    ran = run(tmp_path, "docs", name)

    file = DOCS / f"{name.removeprefix('docs/').removesuffix('.md')}.md"
    assert (ran.code, ran.out) == (0, file.read_text(encoding="utf-8"))


def test_a_page_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    ran = run(tmp_path, "docs", "nothing")

    assert (ran.code, ran.out) == (2, "")
    assert "there is no page 'nothing'; the pages are " in ran.err


def texts() -> Iterator[tuple[str, str]]:
    """Every text of the program that may be shown, and every file that `init` writes."""
    for path in sorted((ROOT / "generator/transire").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path.name, node.value
    for path in sorted((ROOT / "pipelines").rglob("*.*")):
        yield path.name, path.read_text(encoding="utf-8")


@pytest.mark.slow("long runs in a repository")
def test_every_page_that_a_message_names_is_there() -> None:
    sent = {(name, page) for name, text in texts() for page in SENT.findall(text)}

    assert len(sent) > 3
    assert sorted(each for each in sent if each[1] not in NAMES) == []


@pytest.mark.slow("long runs in a repository")
def test_no_message_names_a_file_that_a_policy_repository_has_not() -> None:
    """Docstrings of modules speak of this checkout; what is shown does not."""
    shown = re.compile(r"^(?!.*\n).*(?<![/\w`])docs/[a-z-]+\.md", re.DOTALL)

    assert [each for each in texts() if shown.match(each[1])] == []
