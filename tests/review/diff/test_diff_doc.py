"""The page about diffs shows what the program says."""

from __future__ import annotations

import re
from dataclasses import replace

from support.paths import ROOT
from support.review.example_diff import DIFF, NARROWER
from support.review.reviewed import diff
from transire.engines.api.capabilities import OpenConnections
from transire.engines.registry import ENGINES
from transire.model.origin import Origin
from transire.review.diff import risk
from transire.review.diff.changes import ChangeClass
from transire.review.diff.formats import DIFF_FORMATS
from transire.review.diff.json_document import as_json
from transire.review.diff.markdown import LIMIT, MARKER
from transire.review.diff.risk_level import RiskLevel
from transire.review.diff.text import as_text

PAGE = (ROOT / "docs/diff.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The one fenced block of that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def table(heading: str) -> list[str]:
    """The first column of the table below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_example_is_what_the_program_prints() -> None:
    assert block("text") == as_text(DIFF)


def test_the_json_is_what_the_program_prints() -> None:
    origin = Origin(
        organisation="Example",
        repository="git.example.com/platform/egress",
        commit="5e6f1a2b3c4d1a2b3c4d5e6f1a2b3c4d5e6f1a2b",
        is_modified=True,
    )

    assert block("json") == as_json(replace(diff(NARROWER), origin=origin))


def test_every_reason_is_listed_with_its_level() -> None:
    lines = [each for each in (risk.__doc__ or "").splitlines() if each.startswith("|")]

    assert "\n".join(lines) in PAGE
    assert len(lines) > len(RiskLevel)


def test_every_class_and_every_format_is_explained() -> None:
    assert table("Classes") == [str(each) for each in ChangeClass]
    assert table("Formats")[1:] == list(DIFF_FORMATS)


def test_what_becomes_of_open_connections_is_what_each_engine_has() -> None:
    section = PAGE.partition("\n## Connections that are open\n")[2].partition("\n## ")[0]
    cells = {
        OpenConnections.CUT: "cut:",
        OpenConnections.KEPT: "they stay open:",
        OpenConnections.UNDEFINED: "up to the plugin,",
    }
    shown = {
        title: text
        for titles, text in re.findall(r"^\| ([^|]+) \| ([^|]+) \|", section, re.MULTILINE)
        for title in titles.split(", ")
    }

    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    for engine in ENGINES.values():
        assert shown[engine.title].startswith(cells[engine.revocation.become])
        [row] = [
            each for each in rows if engine.title in each.split(" | ")[0].strip("| ").split(", ")
        ]
        assert row.split("|")[4].strip() == ", ".join(engine.revocation.not_by)
        assert engine.revocation.ended_by


def test_the_limits_and_names_that_pipelines_need_are_those_of_the_program() -> None:
    assert f"at most {LIMIT:,} bytes" in PAGE
    assert f"`{MARKER}`" in PAGE
    assert risk.PRODUCTION == ("prod", "live")
    assert "begins with `prod` or `live`" in PAGE
    path = re.search(r"schema is `([^`]+)`", PAGE)
    assert path is not None
    assert (ROOT / path[1]).is_file()
