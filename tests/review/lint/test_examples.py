"""Each rule's own page, run: its bad example is found, its good one is clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.engines.case_files import release
from support.review.linting import linted_example, shown
from transire.model.problems import Level
from transire.review.lint.registry import LINT_RULES, LintRule, engines_of

RULES = pytest.mark.parametrize("rule", LINT_RULES.values(), ids=LINT_RULES)


@RULES
def test_the_bad_example_is_found(rule: LintRule) -> None:
    found = {each.rule: each for each in linted_example(rule, "Bad")}

    assert rule.ID in found
    assert found[rule.ID].level is rule.LEVEL or rule.ID in {"cluster-ip", "storage-api"}


@RULES
def test_the_good_example_is_clean_under_every_rule(rule: LintRule) -> None:
    found = linted_example(rule, "Good")

    assert [each for each in found if each.level is not Level.NOTE or each.rule == rule.ID] == []


@RULES
def test_a_page_says_what_and_why_and_for_whom(rule: LintRule) -> None:
    page = rule.__doc__ or ""

    assert page.splitlines()[0].endswith(".")
    assert "\nWhat it does: " in page
    assert "\nWhy is this bad? " in page
    assert release(rule.EXAMPLE).engine in engines_of(rule)


def test_every_message_of_the_examples_is_exactly_this(update_golden: bool) -> None:
    golden = Path(__file__).parent / "messages.txt"
    lines = [
        shown(finding) for rule in LINT_RULES.values() for finding in linted_example(rule, "Bad")
    ]
    text = "\n".join([*lines, ""])
    if update_golden:
        golden.write_text(text, encoding="utf-8")

    assert golden.read_text(encoding="utf-8") == text
