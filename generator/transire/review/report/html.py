"""A report as one page."""

from __future__ import annotations

from importlib.resources import files
from itertools import islice

from transire.review.page import (
    Markup,
    Section,
    csv_button,
    field,
    figures,
    foldable,
    joined,
    more,
    options,
    ordered,
    origin_line,
    page,
    table,
    tag,
)
from transire.review.report.advice_section import advice_section
from transire.review.report.charts_section import dates_section, exposure_section
from transire.review.report.facts import Report, every_reach
from transire.review.report.json_document import report_tree, totals
from transire.review.report.sections import (
    audit_section,
    caveats_section,
    clusters_section,
    differences_section,
    everyone_section,
    exceptions_section,
    findings_section,
)
from transire.review.report.table_rows import EVERYONE, head_of, reach_rows
from transire.review.report.use_section import use_section

_UNSCRIPTED = 500
"""Rules that the page lists where scripts are off."""

_STATES = (
    ("wildcard", "Wildcards"),
    ("range", "Address ranges"),
    ("delegated", "Delegated"),
    ("near", "Widened or narrowed"),
    ("ending", "Ends soon"),
    ("audit", "In audit"),
)
"""What a rule may be filtered by; `report.js` holds the meaning of each."""


_OF_LOGS = (("unused", "Not used"), ("unknown", "Use not known"))
"""Those beside them where logs were read."""
_BY_USE = (("use", "longest without use"),)
_ORDERS = (
    ("ends", "what ends first"),
    ("destinations", "most destinations"),
    ("places", "most targets"),
)
"""Orders of the list beside its own; `report.js` holds the meaning of each."""


def as_html(report: Report) -> str:
    """The page; it holds the JSON document too, and loads nothing over a network."""
    return page(
        title="Egress report",
        summary=_summary(report),
        sections=(
            _reach_section(report),
            *use_section(report),
            exposure_section(report),
            dates_section(report),
            audit_section(report),
            exceptions_section(report),
            differences_section(report),
            everyone_section(report),
            caveats_section(report),
            findings_section(report),
            clusters_section(report),
            advice_section(report),
        ),
        data=report_tree(report),
        style=_file("report.css"),
        script=_file("report.js"),
    )


def _summary(report: Report) -> Markup:
    count = totals(report)
    day = tag("time", report.as_of.date().isoformat(), datetime=report.as_of.date().isoformat())
    clusters = len(report.organisation.platform.clusters)
    sentence = (
        f"{_count(count['teams'], 'team')} on {_count(count['targets'], 'target')}, a namespace on "
        f"a cluster each, in {_count(clusters, 'cluster')}, as of "
    )
    soon = f"end within {report.organisation.platform.guardrails.expires_soon_days} days"
    return joined(
        (
            origin_line(report.origin),
            tag("p", sentence, day, ". The values mean this; ", tag("code", "transire check"),
                " proves that the rendered policies allow it and nothing else."),
            figures(
                (
                    (count["names"], "exact hosts", _note("named one by one")),
                    (count["wildcards"], "wildcards", _show("wildcard", "names nobody listed")),
                    (count["ranges"], "address ranges", _show("range", "no name is asked for")),
                    (count["delegated"], "delegated hosts", _show("delegated", "not decided here")),
                    (count["audited"], "targets in audit", _show("audit", "nothing is blocked")),
                    (count["endingSoon"], soon, _note("rules, modes, exceptions", "#dates")),
                    (count["exceptions"], "exceptions", _note("in force", "#exceptions")),
                )
            ),
        )
    )  # fmt: skip


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _note(text: str, href: str = "") -> Markup:
    return tag("small", tag("a", text, href=href) if href else text)


def _show(state: str, text: str) -> Markup:
    return _note(text, f"#?state={state}")


def _reach_section(report: Report) -> Section:
    """The search over every rule, and a plain table of the first where scripts are off."""
    rows = tuple(islice(reach_rows(report), _UNSCRIPTED))
    head, used = head_of(report), report.uses is not None
    unscripted = more(
        head, rows, things="rules", most=_UNSCRIPTED, total=sum(1 for _ in every_reach(report)),
        rest="transire report --format json has all", caption="Rules",
    )  # fmt: skip
    body = joined(
        (
            _filter(report),
            tag("p", class_="found scripted", id="found", aria_live="polite"),
            tag(
                "div",
                table(head, (), caption="Rules", class_="rules with-use" if used else "rules"),
                class_="scripted",
                id="rules",
            ),
            tag("noscript", unscripted),
        )
    )
    lead = (
        "Type a host such as a.b.example.com or an address to see which rules cover it, or any "
        "words of a team, reason, ticket, label or port."
    )
    return Section(id="reach", title="Reach", lead=lead, body=body)


def _filter(report: Report) -> Markup:
    platform = report.organisation.platform
    environments = sorted({each.environment for each in platform.clusters})
    everyone = tag("option", EVERYONE, value="*")
    names = [tag("option", each.team.name, value=each.team.name) for each in report.teams]
    teams = tag("select", tag("option", "all teams", value=""), *names, everyone, name="team")
    search = tag(
        "input", type="search", name="q", autocomplete="off", spellcheck="false",
        placeholder="host, address or words",
    )  # fmt: skip
    states = [
        tag(
            "label",
            tag("input", type="checkbox", name="state", value=value),
            tag("span", text),
            class_="choice",
        )
        for value, text in (*_STATES, *(_OF_LOGS if report.uses is not None else ()))
    ]
    form = tag(
        "form",
        field("Search", search, wide=True),
        field("Team", teams),
        field(
            "Cluster", options("cluster", "all clusters", [each.name for each in platform.clusters])
        ),
        field("Environment", options("environment", "all environments", environments)),
        field("Sort", ordered("by team", (*_ORDERS, *(_BY_USE if report.uses else ())))),
        tag("button", "Clear", type="reset"),
        csv_button(),
        tag(
            "fieldset", tag("legend", "Only rules with", class_="unseen"), *states, class_="choices"
        ),
        class_="filters",
        id="filter",
        role="search",
    )
    return foldable("Search and filters", form)


def _file(name: str) -> str:
    return (files("transire.review.report") / name).read_text(encoding="utf-8")
