"""A diff as one page that can be searched, the biggest risks first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files

from transire.review.diff.changes import ChangeClass, Diff, ObjectChange, TargetChange
from transire.review.diff.grouped_targets import GrantRow, Group, grouped, shared_objects
from transire.review.diff.headlines import counted, edits, headline, out_of_step, refusals
from transire.review.diff.json_document import document
from transire.review.diff.risk_level import RiskLevel
from transire.review.page import (
    Markup,
    Section,
    csv_button,
    field,
    figures,
    foldable,
    joined,
    options,
    ordered,
    origin_line,
    page,
    table,
    tag,
)

_UNSCRIPTED = 100
"""Changes that the page lists where scripts are off."""

_RISKS = tuple(reversed(RiskLevel))
_FILLS = {RiskLevel.HIGH: "warn", RiskLevel.MEDIUM: "wild", RiskLevel.LOW: "name"}
_HEAD = ("", "pods", "destination", "ports", "for example", "rule")
"""What the columns of a change are called, here and in `diff.js`."""

_ORDERS = (("team", "by team"), ("cluster", "by cluster"), ("lines", "most lines"))
"""Orders of the list beside its own; `diff.js` holds the meaning of each."""


def as_html(diff: Diff) -> str:
    """The page; it holds the JSON document too, and loads nothing over a network."""
    groups = grouped(diff.targets)
    places = {each.name: place for place, each in enumerate(diff.targets)}
    sections = [_changes(diff, groups)]
    if diff.shared:
        sections.append(_shared(diff))
    if diff.settings:
        sections.append(_settings(diff))
    return page(
        title=_title(diff),
        summary=_summary(diff),
        sections=(*sections, _reading()),
        data={"diff": document(diff), "groups": [_group(each, places) for each in groups]},
        style=_file("diff.css"),
        script=_file("diff.js"),
    )


def _title(diff: Diff) -> str:
    shown = diff.targets and diff.change is not ChangeClass.SAME
    return f"Egress: {headline(diff)}" + (f", risk {diff.risk}" if shown else "")


def _group(group: Group, places: Mapping[str, int]) -> dict[str, object]:
    """What the document does not hold as text; targets are named by their place in it."""
    return {
        "targets": [places[each.name] for each in group.targets],
        "title": group.title,
        "notes": list(group.notes),
        "steps": [list(each) for each in group.steps],
        "rows": [_row_data(each, group.first) for each in group.rows],
    }


def _row_data(row: GrantRow, first: TargetChange) -> dict[str, object]:
    """The texts of a row, and which of the first target's gains or losses it is about."""
    grants = (*first.gains, *first.beyond) if row.sign == "+" else first.losses
    place = next(place for place, each in enumerate(grants) if each is row.grant)
    texts = {"sign": row.sign, "said": row.effect, "to": row.to, "example": row.example}
    return {**texts, "place": place, "why": list(row.why)}


def _summary(diff: Diff) -> Markup:
    counts = counted(diff)
    compared = tag(
        "p", f"{counts[0].upper()}{counts[1:]}. From ", tag("code", diff.base), " to ",
        tag("code", diff.head), ".",
    )  # fmt: skip
    opens = sum(each.change.opens for each in diff.targets)
    closes = sum(each.change.closes for each in diff.targets)
    return joined(
        (
            *_not_ready(diff),
            origin_line(diff.origin),
            compared,
            figures(
                (
                    *_by_risk(diff),
                    (opens, "targets open", _show("what", "opens")),
                    (closes, "targets close", _show("what", "closes")),
                    (len(_teams(diff)), "teams", tag("small", "touched")),
                    (len(diff.settings), "settings", _platform(diff)),
                )
            ),
        )
    )  # fmt: skip


def _not_ready(diff: Diff) -> Iterator[Markup]:
    """What keeps this from being merged as it is, before everything else."""
    if out_of_step(diff):
        files = (tag("li", tag("code", each)) for each in diff.out_of_step)
        named = tag("details", tag("summary", "Files"), tag("ul", *files))
        yield tag("div", tag("p", tag("strong", out_of_step(diff))), named, class_="card high")
    if diff.refused:
        items = (tag("li", each) for each in refusals(diff))
        yield tag("div", tag("ul", *items, class_="plain"), class_="card high")
    if diff.notes:
        yield tag("ul", *(tag("li", each) for each in diff.notes))
    if edits(diff):
        yield tag("p", edits(diff))


def _platform(diff: Diff) -> Markup:
    text = "of the platform"
    return tag("small", tag("a", text, href="#settings") if diff.settings else text)


def _by_risk(diff: Diff) -> Iterator[tuple[int, str, Markup]]:
    for each in _RISKS[:3]:
        count = sum(target.risk is each for target in diff.targets)
        yield count, f"{each} risk", _show("risk", each)


def _teams(diff: Diff) -> list[str]:
    return sorted({each.side.team for each in diff.targets} - {""})


def _show(name: str, value: str) -> Markup:
    return tag("small", tag("a", "show these", href=f"#?{name}={value}"))


def _changes(diff: Diff, groups: tuple[Group, ...]) -> Section:
    cards = [_card(each) for each in groups[:_UNSCRIPTED]]
    if len(groups) > _UNSCRIPTED:
        rest = f"{_UNSCRIPTED} of {len(groups):,} changes are listed here; transire diff shows all."
        cards.append(tag("p", rest, class_="cut"))
    return Section(
        id="changes",
        title="Changes",
        lead="The biggest risks first, and targets of a team that change alike together. Type a "
        "host or an address to see which changes match it, or any words.",
        body=joined(
            (
                _filter(diff),
                tag("p", class_="found scripted", id="found", aria_live="polite"),
                tag("div", class_="scripted", id="cards"),
                tag("noscript", *cards),
            )
        ),
    )


def _filter(diff: Diff) -> Markup:
    search = tag(
        "input", type="search", name="q", autocomplete="off", spellcheck="false",
        placeholder="host, address or words",
    )  # fmt: skip
    risks = [
        _choice("risk", each, f"{each} risk" if each != "none" else "no risk") for each in _RISKS
    ]
    classes = [_choice("class", each, each) for each in ChangeClass]
    what = [
        _choice("what", "opens", "opens something"),
        _choice("what", "closes", "closes something"),
    ]
    form = tag(
        "form",
        field("Search", search, wide=True),
        field("Team", options("team", "all teams", _teams(diff))),
        field("Cluster", options("cluster", "all clusters", _clusters(diff.targets))),
        field("Sort", ordered("the biggest risk first", _ORDERS)),
        tag("button", "Clear", type="reset"),
        csv_button(),
        tag("fieldset", tag("legend", "Risk", class_="unseen"), *risks, class_="choices"),
        tag("fieldset", tag("legend", "Class", class_="unseen"), *classes, *what, class_="choices"),
        class_="filters",
        id="filter",
        role="search",
    )  # fmt: skip
    return foldable("Search and filters", form)


def _clusters(targets: tuple[TargetChange, ...]) -> list[str]:
    return sorted({each.cluster for each in targets})


def _choice(name: str, value: str, text: str) -> Markup:
    box = tag("input", type="checkbox", name=name, value=value)
    return tag("label", box, tag("span", text), class_="choice")


def _card(group: Group) -> Markup:
    """One change, as `diff.js` draws it too."""
    first = group.first
    parts = [
        tag(
            "h3",
            _risk(first.risk),
            f" {group.title} ",
            tag("span", first.sentence, class_="class"),
        ),
        tag("p", *_places(group), class_="soft"),
    ]
    if group.notes:
        parts.append(tag("ul", *(tag("li", each) for each in group.notes), class_="notes"))
    if group.steps:
        steps = (tag("li", f"on {clusters}: ", tag("code", each)) for clusters, each in group.steps)
        parts.append(tag("ul", *steps, class_="notes"))
    if group.rows:
        rows = [_row(each) for each in group.rows]
        parts.append(table(_HEAD, rows, caption=f"What {group.title} gains and loses"))
    if first.reasons:
        reasons = (tag("li", _risk(each.level), f" {each.text}") for each in first.reasons)
        parts.append(tag("ul", *reasons, class_="plain reasons"))
    parts += _objects(group)
    return tag("article", *parts, class_=f"card {first.risk}")


def _places(group: Group) -> Iterator[str]:
    for number, (namespace, clusters) in enumerate(group.places):
        yield "; " if number else ""
        yield tag("code", namespace)
        yield f" on {', '.join(clusters)}"
    yield f" ({group.first.side.environment})"


def _row(row: GrantRow) -> tuple[Markup, ...]:
    sign = tag("span", f"{row.sign} {row.effect}", class_="opens" if row.sign == "+" else "closes")
    codes = (tag("code", each) for each in (row.who, row.to, row.ports, row.example))
    return (sign, *codes, joined(tag("div", each) for each in row.why))


def _risk(level: RiskLevel) -> Markup:
    return tag("span", level.value, class_=f"mark {_FILLS.get(level, '')}".strip())


def _objects(group: Group) -> Iterator[Markup]:
    changes = [(target.cluster, each) for target in group.targets for each in target.objects]
    if changes:
        count = f"{len(changes)} object{'' if len(changes) == 1 else 's'}"
        drawn = _drawn(changes)
        yield tag("details", tag("summary", f"{count}, as helm template shows them"), *drawn)


def _drawn(changes: Iterable[tuple[str, ObjectChange]]) -> Iterator[Markup]:
    for clusters, each in changes:
        yield tag("h4", f"{clusters}: {each.object} {each.how}")
        yield tag("pre", *(_line(text) for text in each.lines))


def _line(text: str) -> Markup:
    kind = {"+": "line added", "-": "line removed"}.get(text[:1], "line")
    return tag("span", text or "...", class_=kind)


def _shared(diff: Diff) -> Section:
    return Section(
        id="shared",
        title="All namespaces",
        lead="Objects that all namespaces of a cluster have in common, as helm template shows "
        "them. What they change for a namespace is among the changes above.",
        body=joined(_drawn(shared_objects(diff.shared))),
    )


def _settings(diff: Diff) -> Section:
    rows = [
        (tag("code", each.name), *(_value(text) for text in (each.before, each.after)))
        for each in diff.settings
    ]
    return Section(
        id="settings",
        title="Platform",
        lead="Settings of the platform that change, which may touch every team.",
        body=table(("setting", "before", "after"), rows, caption="Settings"),
    )


def _value(text: str) -> Markup:
    return tag("code", text) if text else tag("span", "not set", class_="soft")


def _reading() -> Section:
    opens, closes = tag("span", "+", class_="opens"), tag("span", "-", class_="closes")
    could = " can be reached after the change and could not before; "
    exact = (
        "It is read from what Helm renders on both sides, by the engines' own rules, and is exact: "
        "nothing else changes. Each line has an example that transire explain takes."
    )
    body = joined((tag("p", opens, could, closes, " the other way round."), tag("p", exact)))
    return Section(id="reading", title="How to read this", body=body)


def _file(name: str) -> str:
    return (files("transire.review.diff") / name).read_text(encoding="utf-8")
