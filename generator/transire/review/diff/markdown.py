"""A diff as a comment on a pull request: short enough to be posted, and safe to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from transire.review.diff.change import ChangeClass, Diff, RiskLevel
from transire.review.diff.groups import Group, Row, counted, grouped

LIMIT = 65_536
"""Characters that a comment may have on GitHub; bytes are counted, which are never fewer."""

MARKER = "<!-- transire diff -->"
"""The first line, by which a pipeline finds the comment that it wrote before."""

_MOST_ROWS = 40
_FOOT = (
    "➕ can be reached after the merge and could not before; ➖ the other way round. "
    "Read from what Helm renders, by the engines' own rules, and exact: nothing else changes."
)
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~@&])")


def as_markdown(diff: Diff) -> str:
    """The comment; what does not fit is left out from the lowest risk up, and counted."""
    groups = grouped(diff.targets)
    head, foot = list(_head(diff)), ["", f"<sub>{_FOOT}</sub>"]
    told = [_told(each) for each in groups]
    shown = [_objects(each) for each in groups]
    whole, objects = len(groups), len(groups)
    while True:
        text = _joined(head, told[:whole], shown[:objects], _cut(groups, whole, objects), foot)
        if len(text.encode()) <= LIMIT or not (whole or objects):
            return text
        # Differences of objects are the first to go, since the lines above say what they mean.
        if objects:
            objects = objects * 3 // 4
        else:
            whole = whole * 3 // 4


def _joined(
    head: Sequence[str],
    told: Sequence[Sequence[str]],
    shown: Sequence[Sequence[str]],
    cut: str,
    foot: Sequence[str],
) -> str:
    lines = [*head]
    for place, each in enumerate(told):
        lines += ["", *each]
        if place < len(shown) and shown[place]:
            lines += ["", *shown[place]]
    if cut:
        lines += ["", cut]
    return "\n".join([*lines, *foot]) + "\n"


def _cut(groups: Sequence[Group], whole: int, objects: int) -> str:
    """What was left out, in words; empty where nothing was."""
    said = []
    if whole < len(groups):
        names = sum(len(each.targets) for each in groups[whole:])
        said.append(f"{names} targets of no higher risk than those above")
    hidden = sum(len(target.objects) for group in groups[objects:whole] for target in group.targets)
    if hidden:
        said.append(f"the differences of {hidden} objects")
    if not said:
        return ""
    return f"**Left out, to fit a comment:** {' and '.join(said)}. `transire diff` shows all."


def _head(diff: Diff) -> Iterator[str]:
    yield MARKER
    if not diff.targets:
        yield "## Egress: no change"
    elif diff.change is ChangeClass.SAME:
        yield "## Egress: nothing opens and nothing closes"
    else:
        yield f"## Egress: {diff.change}, risk {diff.risk}"
    yield ""
    counts = counted(diff.targets, diff.looked_at)
    yield f"{counts[0].upper()}{counts[1:]}. Compared with {_code(diff.base)}."
    if diff.settings:
        yield ""
        yield "The platform's settings change, which may touch every team:"
        yield ""
        for each in diff.settings[:_MOST_ROWS]:
            then, now = (
                _code(value) if value else "not set" for value in (each.before, each.after)
            )
            yield f"- {_code(each.name)}: {then} → {now}"
        if len(diff.settings) > _MOST_ROWS:
            yield f"- and {len(diff.settings) - _MOST_ROWS} more"


def _value(text: str) -> str:
    return _code(text) if text else "not set"


def _told(group: Group) -> list[str]:
    first = group.first
    lines = [f"### {_escaped(group.title)}: {first.change}, {_risk(first.risk)}", ""]
    places = "; ".join(
        f"{_code(namespace)} on {', '.join(map(_code, clusters))}"
        for namespace, clusters in group.places
    )
    lines.append(f"{places} ({_escaped(first.side.environment)})")
    if group.notes:
        lines.append("")
        lines += [f"- {_escaped(each)}" for each in group.notes]
    if group.rows:
        lines += ["", "| | pods | destination | ports | for example |", "|---|---|---|---|---|"]
        lines += [_row(each) for each in group.rows[:_MOST_ROWS]]
        if len(group.rows) > _MOST_ROWS:
            lines.append(f"| | and {len(group.rows) - _MOST_ROWS} more rows | | | |")
    if first.reasons:
        lines += ["", "Look closely, because"]
        lines += [f"- {each.level}: {_escaped(each.text)}" for each in first.reasons]
    return lines


def _risk(level: RiskLevel) -> str:
    return "no risk seen" if level is RiskLevel.NONE else f"risk **{level}**"


def _row(row: Row) -> str:
    sign = "➕" if row.sign == "+" else "➖"
    cells = (f"{sign} {row.said}", *map(_cell, (row.who, row.to, row.ports, row.example)))
    return f"| {' | '.join(cells)} |"


def _objects(group: Group) -> list[str]:
    """The differences of objects, folded away."""
    changes = [(target, each) for target in group.targets for each in target.objects]
    if not changes:
        return []
    lines = []
    for target, each in changes:
        lines.append(f"# {target.cluster}: {each.object} {each.how}")
        lines += [line or "# ..." for line in each.lines]
    fence = _fence("\n".join(lines))
    plural = "object" if len(changes) == 1 else "objects"
    summary = f"<summary>{len(changes)} {plural}, as helm template shows them</summary>"
    return ["<details>", summary, "", f"{fence}diff", *lines, fence, "", "</details>"]


def _fence(text: str, least: int = 3) -> str:
    """Backticks that the text cannot end."""
    longest = max((len(each) for each in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)


def _code(text: str) -> str:
    plain = "".join(each if each.isprintable() else "�" for each in text)
    fence = _fence(plain, 1)
    padded = f" {plain} " if "`" in plain else plain
    return f"{fence}{padded}{fence}" if plain else ""


def _cell(text: str) -> str:
    """Code in a table, where a bar would end the cell."""
    return _code(text).replace("|", "\\|")


def _escaped(text: str) -> str:
    plain = "".join(each if each.isprintable() else "�" for each in text)
    return _SPECIAL.sub(r"\\\1", plain)
