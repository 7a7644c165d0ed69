"""Rules as a table, as pages for people, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from textwrap import fill, indent
from types import MappingProxyType

from transire.model.rule_page import RuleKind, RulePage

Explained = Callable[[str], RulePage | None]
"""The page of an id; None where there is none."""

VERSION = 1
"""The version of the JSON; it grows when a key changes its meaning or goes away."""
SCHEMA = f"transire.rules/{VERSION}"
"""The same with the name of the shape, as every JSON of this program has it."""

_WIDTH = 88
_HEADINGS = {
    RuleKind.GUARDRAIL: "Guardrails",
    RuleKind.LINT: "Rules of lint",
    RuleKind.CHECK: "What else stops a run",
    RuleKind.NOTE: "Notes",
}
_ABOUT = {
    RuleKind.GUARDRAIL: "The organisation's rules about its own values. `guardrails:` in "
    "`values/platform.yaml` sets the level of each to `error`, `warning` or `off`, and an entry in "
    "`values/exceptions.yaml` lets one entry pass until a day; some are always errors.\n\n"
    "An exception names the `rule`, the `team` and its `entry`. `for` lists everything that the "
    "guardrail finds there: hosts, ranges, pods and entities, each with its `port` where the "
    "guardrail is about ports. `namespaces` has where, each namespace with its clusters "
    "(`clusters` alone for a rule for everyone), and `from` for which pods, where not for all. "
    "That passes, and nothing that comes later: no other host, range, pods, namespace or cluster, "
    "no other port where the guardrail is about ports, and no wildcard that an engine widens since "
    "then. The help of a finding gives these keys to paste.",
    RuleKind.LINT: "Traps in policies that people wrote by hand, found by `transire lint`.",
    RuleKind.CHECK: "Findings that need one sentence; each has its remedy beside it.",
    RuleKind.NOTE: "What objects cannot show, in READMEs of charts and the output of `explain`.",
}
_HEAD = """\
# Rules

Every id that a finding shows.
`transire rules` lists them, and `transire rules ID` shows one page.
This page is what `transire rules --all --format markdown` prints.
"""


def as_table(pages: Sequence[RulePage]) -> str:
    """One line for each: id, kind, level, engines, title."""
    rows = [("id", "kind", "level", "engines", "what it does")]
    rows += [(each.id, each.kind, each.level, _few(each.engines), each.title) for each in pages]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]])
        for row in rows
    )
    return "".join(f"{line}\n" for line in lines)


def _few(engines: Sequence[str]) -> str:
    from transire.engines.registry import ENGINES  # noqa: PLC0415 - slow to load; few list rules

    return "all" if len(engines) == len(ENGINES) else ",".join(engines) or "-"


def as_page(pages: Sequence[RulePage]) -> str:
    """Everything about one id, which may mean several things."""
    return "\n".join(map(_page, pages))


def _page(page: RulePage) -> str:
    parts = [f"{page.id} ({page.kind}, {page.level})", page.title]
    if page.what:
        parts += [
            fill(f"What it does: {page.what}", _WIDTH),
            fill(f"Why is this bad? {page.why}", _WIDTH),
            f"Bad:\n{indent(page.bad, '    ')}",
            f"Good:\n{indent(page.good, '    ')}",
        ]
    parts += [each for each in (_engines(page), _level(page)) if each]
    return "\n\n".join(parts) + "\n"


def _engines(page: RulePage) -> str:
    return f"Engines: {', '.join(page.engines)}." if page.engines else ""


def _level(page: RulePage) -> str:
    if not page.changeable:
        return ""
    return fill(
        f"values/platform.yaml may set the level, guardrails: {{{page.id}: warning}}, and "
        "values/exceptions.yaml may let single entries pass.",
        _WIDTH,
    )


def as_json(pages: Sequence[RulePage]) -> str:
    """`{"schema": ..., "rules": [...]}`; the shape is `rules.schema.json` beside this module."""
    rules = [
        {
            "id": each.id,
            "kind": str(each.kind),
            "level": str(each.level),
            "changeable": each.changeable,
            "engines": list(each.engines),
            "title": each.title,
            "what": each.what,
            "why": each.why,
            "bad": each.bad,
            "good": each.good,
        }
        for each in pages
    ]
    document = {"schema": SCHEMA, "version": VERSION, "rules": rules}
    return json.dumps(document, indent=2) + "\n"


def as_markdown(pages: Sequence[RulePage]) -> str:
    """Pages as documentation, by kind."""
    parts = [_HEAD]
    for kind, heading in _HEADINGS.items():
        own = [each for each in pages if each.kind is kind]
        if not own:
            continue
        parts.append(f"## {heading}\n\n{_ABOUT[kind]}\n")
        parts += [markdown_page(each) for each in own if each.what]
        short = [each for each in own if not each.what]
        if short:
            rows = "".join(f"| `{each.id}` | {each.level} | {each.title} |\n" for each in short)
            parts.append(f"| id | level | what it means |\n|---|---|---|\n{rows}")
    return "\n".join(parts)


def markdown_page(page: RulePage) -> str:
    """One page below a heading of its own."""
    about = [f"Level: {page.level}{'' if page.changeable else ', always'}."]
    if page.kind is RuleKind.LINT:
        about = [f"Level: {page.level}.", _engines(page)]
    return (
        f"### {page.id}\n\n{page.title}\n{' '.join(filter(None, about))}\n\n{markdown_body(page)}"
    )


def markdown_body(page: RulePage) -> str:
    """What a page holds below its title."""
    return (
        f"**What it does:** {page.what}\n\n**Why is this bad?** {page.why}\n\n"
        f"Bad:\n\n```yaml\n{page.bad}\n```\n\nGood:\n\n```yaml\n{page.good}\n```\n"
    )


RULE_FORMATS: Mapping[str, Callable[[Sequence[RulePage]], str]] = MappingProxyType(
    {"text": as_table, "json": as_json, "markdown": as_markdown}
)
"""How a list of rules is shown, by the name that `--format` takes."""

PAGE_FORMATS: Mapping[str, Callable[[Sequence[RulePage]], str]] = MappingProxyType(
    {"text": as_page, "json": as_json, "markdown": as_markdown}
)
"""How the pages of one id are shown."""
