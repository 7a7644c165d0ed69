"""`docs/operations` has a page for every cause, and each ends in what proves it mended."""

from __future__ import annotations

import re

import pytest

from support.doctor.cases import FOLDER
from support.paths import DOCS
from transire.review.doctor.registry import CAUSES

PAGES = DOCS / "operations"
INDEX = (PAGES / "README.md").read_text("utf-8")


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_has_a_page_that_ends_in_the_command_that_proves_it_mended(cause: str) -> None:
    text = (PAGES / f"{cause}.md").read_text("utf-8")
    _, _, end = text.partition("## What proves it mended\n")

    assert re.fullmatch(r"\n```sh\n(?:[^`\n]+\n)+```\n", end)


@pytest.mark.parametrize("cause", CAUSES)
def test_the_page_of_a_cause_names_an_example_that_runs(cause: str) -> None:
    text = (PAGES / f"{cause}.md").read_text("utf-8")
    (name,) = re.findall(r"tests/cases/doctor/([a-z0-9-]+)\.yaml\)", text)

    assert f"cause: {cause}\n" in (FOLDER / f"{name}.yaml").read_text("utf-8")


@pytest.mark.parametrize("cause", CAUSES)
def test_the_index_leads_to_the_page_of_a_cause(cause: str) -> None:
    assert f"]({cause}.md) | `{cause}` |" in INDEX
