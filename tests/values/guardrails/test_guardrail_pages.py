"""Each guardrail's own page, run: its bad example is found, its good one is clean."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from support.values.guardrail_pages import AS_OF, PAGES, WHOLE, examples, found
from transire.meaning import public_resolvers, suffix_facts, system_namespaces
from transire.meaning.premises import metadata_services
from transire.model.ends import instant
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.registry import GUARDRAILS, Guardrail, Page
from transire.values.load import load


@pytest.mark.parametrize("guardrail", PAGES.values(), ids=PAGES)
def test_the_bad_example_is_found(guardrail: Page, tmp_path: Path) -> None:
    problems = found(tmp_path, examples(guardrail, "Bad"))

    assert guardrail.ID in {each.id for each in problems}
    places = ("values/teams/", "values/bundles/", "values/platform.yaml")
    assert all(each.at.path.startswith(places) and each.at.line for each in problems)


@pytest.mark.parametrize("guardrail", PAGES.values(), ids=PAGES)
def test_the_good_example_is_clean_under_every_guardrail(guardrail: Page, tmp_path: Path) -> None:
    assert found(tmp_path, examples(guardrail, "Good")) == ()


@pytest.mark.parametrize("guardrail", GUARDRAILS.values(), ids=GUARDRAILS)
def test_a_finding_holds_what_an_exception_has_to_be_for(
    guardrail: Guardrail, tmp_path: Path
) -> None:
    found(tmp_path, examples(guardrail, "Bad"))
    whole = GuardrailContext(organisation=load(tmp_path), as_of=instant(AS_OF))

    findings = list(guardrail.check(whole))
    assert {bool(each.about) for each in findings} == {guardrail.ID not in WHOLE}


@pytest.mark.parametrize("guardrail", PAGES.values(), ids=PAGES)
def test_a_page_says_what_and_why(guardrail: Page) -> None:
    page = guardrail.__doc__ or ""

    assert page.splitlines()[0].endswith(".")
    assert "\nWhat it does: " in page
    assert "\nWhy is this bad? " in page


def test_every_message_is_exactly_this(tmp_path: Path, update_golden: bool) -> None:
    golden = Path(__file__).parent / "messages.txt"
    shown = [
        str(problem)
        for rule_id, guardrail in PAGES.items()
        for problem in found(tmp_path / rule_id, examples(guardrail, "Bad"))
        if problem.id == rule_id
    ]
    text = "\n".join([*shown, ""])
    if update_golden:
        golden.write_text(text, encoding="utf-8")

    assert golden.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("rule_id", "as_of"),
    [
        ("resolver-bypass", public_resolvers.AS_OF),
        ("no-metadata-address", metadata_services.AS_OF),
        ("no-public-suffix-wildcard", suffix_facts.AS_OF),
        ("system-pods", system_namespaces.AS_OF),
    ],
)
def test_a_page_holds_the_day_of_the_list_behind_it(rule_id: str, as_of: date) -> None:
    assert re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", GUARDRAILS[rule_id].__doc__ or "") == [
        as_of.isoformat()
    ]
