"""`transire rules`: every id that a finding shows is listed and explained."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

import transire
from support.paths import ROOT
from support.policy_repository import run
from transire.commands.docstring_page import page
from transire.commands.rules import all_rules, pages_of, rules
from transire.delivery.gitops import renamed_release
from transire.model.problems import Level, UsageError
from transire.model.rule_page import RuleKind
from transire.review.findings.rule_pages import as_markdown
from transire.review.lint.registry import LINT_RULES
from transire.values.guardrails.registry import FIXED, GUARDRAILS

DOCS = ROOT / "docs/rules.md"
PAGE = """\
cidr-needs-ticket (guardrail, error)

Ask for a ticket where a rule has an address range.

What it does: where the platform's `requireTicketFor` names `cidr`, reports address
ranges in rules without `ticket`. Known networks of the platform's `networks`, ranges
inside them, and those of a vetted bundle need none.

Why is this bad? Addresses say nothing about who answers there; a year later nobody
knows who agreed.

Bad:
    {name: settlement, reason: nightly file, to: [{cidr: 198.51.100.16/28}]}

Good:
    {name: settlement, reason: nightly file, ticket: SEC-1, to: [{cidr: 198.51.100.16/28}]}

values/platform.yaml may set the level, guardrails: {cidr-needs-ticket: warning}, and
values/exceptions.yaml may let single entries pass.
"""
PINNED = re.compile(r"\(([a-z][a-z0-9-]*)\)(?:\\n\"?\s*f?\"?|\n) *help: ")


def test_a_table_lists_guardrails_then_rules_of_lint(tmp_path: Path) -> None:
    ran = run(tmp_path, "rules")

    lines = [re.split(r"  +", line) for line in ran.out.splitlines()]
    assert (ran.code, ran.err) == (0, "")
    assert lines[0] == ["id", "kind", "level", "engines", "what it does"]
    guardrails = sorted([*GUARDRAILS, *FIXED, renamed_release.ID])
    listed = [line[0] for line in lines[1:]]
    assert listed == [*guardrails, *sorted([*LINT_RULES, "not-judged"])]
    assert [
        "cidr-needs-ticket", "guardrail", "error", "-", "Ask for a ticket where a rule has an address range."
    ] in lines  # fmt: skip
    assert ["pruned-field", "lint", "error", "all"] in [line[:4] for line in lines]
    assert ["deep-wildcard", "lint", "error", "cilium"] in [line[:4] for line in lines]


def test_a_page_is_printed_whole(tmp_path: Path) -> None:
    ran = run(tmp_path, "rules", "cidr-needs-ticket")

    assert (ran.code, ran.out, ran.err) == (0, PAGE, "")


def test_an_id_that_means_two_things_has_both_pages(tmp_path: Path) -> None:
    out = run(tmp_path, "rules", "service-port").out

    assert out.startswith("service-port (lint, error)\n")
    assert "\nservice-port (note, note)\n\nThe port of a service comes from its endpoints.\n" in out


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("no-wrold-cidr", "there is no rule 'no-wrold-cidr'; did you mean no-world-cidr?\n"),
        ("...", "there is no rule '...'; `transire rules --all` lists them\n"),
    ],
)
def test_an_unknown_id_is_a_usage_error(tmp_path: Path, written: str, message: str) -> None:
    ran = run(tmp_path, "rules", written)

    assert (ran.code, ran.out, ran.err) == (2, "", message)


@pytest.mark.parametrize("words", [(), ("--all",), ("no-world-cidr",), ("bad-host",)])
def test_json_keeps_its_schema(tmp_path: Path, words: tuple[str, ...]) -> None:
    answer = json.loads(run(tmp_path, "rules", "--format", "json", *words).out)

    schema = json.loads(
        files("transire.review.findings").joinpath("rules.schema.json").read_text("utf-8")
    )
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(answer)
    assert answer["rules"]


@pytest.mark.docs
def test_the_documentation_is_what_the_command_prints(update_golden: bool) -> None:
    text = as_markdown(rules(every=True))
    if update_golden:
        DOCS.write_text(text, encoding="utf-8")

    assert DOCS.read_text(encoding="utf-8") == text


def test_one_rule_as_markdown_is_its_part_of_the_documentation(tmp_path: Path) -> None:
    out = run(tmp_path, "rules", "no-world-cidr", "--format", "markdown").out

    assert out[out.index("### no-world-cidr") :] in DOCS.read_text(encoding="utf-8")


def test_the_library_has_the_same_verb() -> None:
    assert transire.rules("bad-host") == tuple(pages_of()["bad-host"])
    assert {each.kind for each in transire.rules()} == {RuleKind.GUARDRAIL, RuleKind.LINT}
    with pytest.raises(UsageError, match="did you mean bad-host"):
        transire.rules("bad-hots")


def test_every_page_of_a_rule_has_all_parts() -> None:
    for each in all_rules():
        assert each.title.endswith(".")
        if each.kind is RuleKind.GUARDRAIL or (
            each.id in LINT_RULES and each.kind is RuleKind.LINT
        ):
            assert all((each.what, each.why, each.bad, each.good)), each.id


def test_only_what_the_platform_may_set_says_so() -> None:
    changeable = {each.id for each in all_rules() if each.changeable}

    assert changeable == {*GUARDRAILS, renamed_release.ID}


def test_a_docstring_that_is_no_page_is_a_bug() -> None:
    with pytest.raises(ValueError, match="the docstring of x is no page"):
        page("x", RuleKind.LINT, Level.ERROR, "Something else.")


def _literals() -> Iterator[tuple[str, str]]:
    """Ids that are written where a finding is made: `Problem(id="...")` and the like."""
    makers = {"Caveat", "Fault", "Problem"}
    for path in sorted((ROOT / "generator/transire").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in makers:
                for keyword in node.keywords:
                    if keyword.arg == "id" and isinstance(keyword.value, ast.Constant):
                        yield str(keyword.value.value), path.name


def _pinned() -> Iterator[tuple[str, str]]:
    """Ids in messages that a test expects in full, as every message is."""
    for path in sorted((ROOT / "tests").rglob("*")):
        if path.suffix in {".py", ".txt"} and path != Path(__file__):
            for found in PINNED.finditer(path.read_text(encoding="utf-8")):
                yield found[1], path.name


@pytest.mark.slow("long runs in a repository")
def test_every_id_that_a_finding_shows_is_explained() -> None:
    shown = {*_literals(), *_pinned()}

    assert sorted(each for each in shown if each[0] not in pages_of()) == []
    assert len({rule for rule, _ in shown}) > 150
