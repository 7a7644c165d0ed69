"""What the pages about the project name is there: paths, rooms, decisions, make targets."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.paths import DOCS, ROOT

PROGRAM = ROOT / "generator/transire"
ARCHITECTURE = ROOT / "ARCHITECTURE.md"
PAGES = [
    *(ROOT / each for each in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(DOCS.rglob("*.md")),
]
GUIDES = (
    "add-a-format.md",
    "add-a-guardrail.md",
    "add-a-lint-rule.md",
    "add-a-release.md",
    "add-an-engine.md",
)
FEWEST_CHANGES = 15
PATH = re.compile(r"`([\w.{}<>*-]+(?:/[\w.{}<>*-]+)*/?)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose_of(page: Path) -> str:
    """The page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)


def is_there(path: str) -> bool:
    """Whether the path is a file or folder of the checkout or of the program."""
    return any((top / path).exists() for top in (ROOT, PROGRAM))


def place_of(path: str) -> Path:
    """The file or folder that a path of the table means."""
    return ROOT / path if path.startswith("./") else PROGRAM / path


def changes() -> list[tuple[str, list[str]]]:
    """Every kind of change in the table, with the paths of its places."""
    _, _, table = text_of(ARCHITECTURE).partition("| to change | go to |\n|---|---|\n")
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|")]
    assert {len(row) for row in rows} == {2}
    return [(change, PATH.findall(place)) for change, place in rows]


def rooms() -> set[str]:
    return {path.parent.name for path in PROGRAM.glob("*/__init__.py")} | {"api"}


def paths_of(page: Path) -> Iterator[str]:
    """What the page writes as the path of a file of the program, the tests or the charts."""
    tops = rooms() | {"generator", "tests", "charts", "docs", "pipelines", "bench"}
    for path in PATH.findall(prose_of(page)):
        first, slash, _ = path.partition("/")
        placeholder = re.search(r"[<>{}*]", path)
        if slash and first in tops and placeholder is None and "." in path.rpartition("/")[2]:
            yield path


@pytest.mark.parametrize("change", changes(), ids=lambda each: each[0])
def test_every_place_of_a_change_is_there(change: tuple[str, list[str]]) -> None:
    _, places = change

    assert places
    assert [each for each in places if not place_of(each).exists()] == []


def test_the_table_has_enough_kinds_of_change() -> None:
    names = [change for change, _ in changes()]

    assert len(set(names)) == len(names) >= FEWEST_CHANGES


def test_every_room_has_its_line_in_the_picture_and_in_the_contract() -> None:
    picture = text_of(ARCHITECTURE).split("```text\n")[1].partition("```")[0]
    config = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    contract = config["tool"]["importlinter"]["contracts"][0]
    layers = {room for layer in contract["layers"] for room in layer.split(" | ")}

    assert layers == rooms()
    assert {each for each in rooms() if not re.search(rf"\b{each}\b", picture)} == set()


def test_the_picture_has_the_rooms_in_the_order_of_the_contract() -> None:
    picture = text_of(ARCHITECTURE).split("```text\n")[1].partition("```")[0]
    config = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    first = [layer.split(" | ")[0] for layer in layers]
    drawn = re.findall(r"^(\w+) ", picture, re.MULTILINE)

    assert drawn == first


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.relative_to(ROOT).as_posix())
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    assert [each for each in paths_of(page) if not is_there(each)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [each for each in LINK.findall(prose_of(page)) if "://" not in each]

    assert [each for each in links if not (page.parent / each).exists()] == []


def test_every_guide_is_there_and_linked_from_both_pages() -> None:
    assert tuple(path.name for path in sorted((DOCS / "guides").glob("*.md"))) == GUIDES
    for page in (ARCHITECTURE, ROOT / "CONTRIBUTING.md"):
        assert [each for each in GUIDES if f"](docs/guides/{each})" not in text_of(page)] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_names_real_files_and_ends_with_how_to_see_that_it_works(guide: str) -> None:
    page = DOCS / "guides" / guide

    assert len(set(paths_of(page))) >= 3
    assert text_of(page).rpartition("\n## ")[2].startswith("See that it works\n")


def test_the_index_lists_every_decision_without_holes() -> None:
    folder = DOCS / "adr"
    rows = re.findall(r"^\| (\d+) \| \[(.+)\]\(((\d{4})-[\w-]+\.md)\) \|$",
                      text_of(folder / "README.md"), re.MULTILINE)  # fmt: skip
    files = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")

    assert [file for _, _, file, _ in rows] == files
    assert [int(number) for number, *_ in rows] == list(range(1, len(files) + 1))
    for number, title, file, prefix in rows:
        assert int(prefix) == int(number)
        assert text_of(folder / file).startswith(f"# {number}. {title}\n")


def test_every_make_target_that_a_page_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z-]+)`", text_of(page))}

    assert named
    assert named - targets == set()
