"""A diff as a comment on a pull request: short enough to be posted, and safe to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.model.problems import printable
from transire.review.diff.changes import Diff, ObjectChange, RiskLevel
from transire.review.diff.grouped_targets import GrantRow, Group, grouped, listed, shared_objects
from transire.review.diff.headlines import counted, edits, headline, out_of_step, refusals
from transire.review.diff.markdown_escape import cell, code, fence, prose

LIMIT = 65_536
"""Characters that a comment may have on GitHub; bytes are counted, which are never fewer."""

Objects = tuple[tuple[str, ObjectChange], ...]
"""Differences of objects, each with the clusters that have it."""

MARKER = "<!-- transire diff -->"
"""The first line, by which a pipeline finds the comment that it wrote before."""

_ROWS = (40, 10, 3, 1)
"""How many rows of a group are shown, by how little room there is."""
_ROOM = 64
"""Bytes that are kept for the sentence that counts what was left out."""

_MOST = 20
_MOST_RULES = 3
_FOOT = (
    "➕ can be reached after the merge and could not before; ➖ the other way round. "
    "*instead of* names what was in reach already, *leaves* what stays so. "
    "Read from what Helm renders, by the engines' own rules; of what can be judged, nothing else "
    "opens or closes."
)


def as_markdown(diff: Diff) -> str:
    """The comment; what does not fit is left out from the lowest risk up, and counted."""
    groups = grouped(diff.targets)
    head = _lines(_head(diff))
    foot = f"\n<sub>{_FOOT}</sub>\n"
    hidden = len(shared_objects(diff.shared))
    left = LIMIT - _ROOM - _size(head, foot, _cut(groups, (), (), hidden))
    texts = _texts_within(groups, left, brief=diff.brief)
    # Differences of objects come last, since the lines above them hold their meaning.
    left -= _size(*texts)
    objects = [each.objects for each in groups[: len(texts)]]
    shown = _shown_within([*objects, shared_objects(diff.shared)], left)
    body = [f"\n{each}{shown.get(place, '')}" for place, each in enumerate(texts)]
    shared = shown.pop(len(texts), "")
    cut = _cut(groups, texts, shown, 0 if shared else hidden)
    return head + "".join(body) + shared + cut + foot


def _size(*texts: str) -> int:
    return sum(len(each.encode()) + 1 for each in texts)


def _lines(lines: Iterator[str]) -> str:
    return "".join(f"{each}\n" for each in lines)


def _texts_within(groups: Sequence[Group], left: int, *, brief: bool) -> list[str]:
    """The groups that fit, in their order."""
    texts: list[str] = []
    for group in groups:
        forms = (_lines(_group(group, rows, brief=brief)) for rows in _ROWS)
        text = next((each for each in forms if _size(each) <= left), None)
        if text is None:
            break
        texts.append(text)
        left -= _size(text)
    return texts


def _shown_within(objects: Sequence[Objects], left: int) -> dict[int, str]:
    """The differences of objects that fit, by the place of their group."""
    shown: dict[int, str] = {}
    for place, some in enumerate(objects):
        text = _objects(some)
        if text and _size(text) <= left:
            shown[place] = text
            left -= _size(text)
    return shown


def _cut(
    groups: Sequence[Group], texts: Sequence[str], shown: dict[int, str] | tuple[()], hidden: int
) -> str:
    """What was left out, as a sentence; empty where nothing was. `hidden` counts shared objects."""
    parts = []
    targets = sum(len(each.targets) for each in groups[len(texts) :])
    if targets:
        parts.append(f"{_counted(targets, 'target')} of no higher risk than those above")
    hidden += sum(
        len(group.objects) for place, group in enumerate(groups[: len(texts)]) if place not in shown
    )
    if hidden:
        parts.append(f"the differences of {_counted(hidden, 'object')}")
    if not parts:
        return ""
    text = " and ".join(parts)
    return f"\n**Left out, to fit a comment:** {text}. `transire diff` shows all.\n"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _head(diff: Diff) -> Iterator[str]:
    yield MARKER
    risk = f", {_risk(diff.risk)}" if diff.targets else ""
    yield f"## Egress: {headline(diff)}{risk}"
    yield ""
    yield from _not_ready(diff)
    counts = counted(diff)
    yield f"{_sentence(counts)}. Compared with {code(diff.base)}."
    if diff.notes:
        yield ""
        yield from _items([prose(each) for each in diff.notes], "notes")
    if edits(diff):
        yield ""
        yield f"{prose(_sentence(edits(diff)))}."
    if diff.settings:
        yield ""
        yield "The platform's settings change, which may touch every team:"
        yield ""
        for each in diff.settings[:_MOST]:
            then, now = (code(each) if each else "not set" for each in (each.before, each.after))
            yield f"- {code(each.name)}: {then} → {now}"
        if len(diff.settings) > _MOST:
            yield f"- and {len(diff.settings) - _MOST} more settings"


def _not_ready(diff: Diff) -> Iterator[str]:
    """What keeps this from being merged as it is, before everything else."""
    if out_of_step(diff):
        yield f"**{prose(_sentence(out_of_step(diff)))}.**"
        yield ""
        yield from _items([code(each) for each in diff.out_of_step], "files")
        yield ""
    if diff.refused:
        yield "**The values are refused, and `transire generate` writes nothing from them:**"
        yield ""
        yield from _items([prose(each) for each in refusals(diff)], "refusals")
        yield ""


def _group(group: Group, most_rows: int, *, brief: bool) -> Iterator[str]:
    first = group.first
    yield f"### {prose(group.title)}: {first.sentence}, {_risk(first.risk)}"
    yield ""
    places = [
        f"{code(namespace)} on {listed([code(each) for each in clusters], _MOST)}"
        for namespace, clusters in group.places
    ]
    yield f"Namespace {_some(places, '; ')} (environment {code(first.side.environment)})"
    if group.notes:
        yield ""
        yield from _items([prose(each) for each in group.notes], "notes")
    if group.steps:
        yield ""
        steps = [f"on {prose(clusters)}: {code(each)}" for clusters, each in group.steps]
        yield from _items(steps, "steps")
    yield from _table(group.rows, most_rows)
    if first.reasons and not brief:
        yield ""
        yield "Look closely, because"
        yield ""
        reasons = [f"**{each.level}**: {prose(each.text)}" for each in first.reasons]
        yield from _items(reasons, "reasons")


def _table(rows: Sequence[GrantRow], most: int) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield "| change | pods | destination | ports | for example | rule |"
    yield "|---|---|---|---|---|---|"
    yield from (_row(each) for each in rows[:most])
    if len(rows) > most:
        yield f"| | and {len(rows) - most} more rows | | | | |"


def _items(texts: Sequence[str], plural: str) -> Iterator[str]:
    yield from (f"- {each}" for each in texts[:_MOST])
    if len(texts) > _MOST:
        yield f"- and {len(texts) - _MOST} more {plural}"


def _some(texts: Sequence[str], between: str) -> str:
    more = len(texts) - _MOST
    return between.join(texts[:_MOST]) + (f" and {more} more namespaces" if more > 0 else "")


def _risk(level: RiskLevel) -> str:
    return "no risk seen" if level is RiskLevel.NONE else f"risk **{level}**"


def _row(row: GrantRow) -> str:
    sign = "➕" if row.sign == "+" else "➖"
    to = listed([row.destination_text(each, cell) for each in row.destinations], _MOST)
    to = f"{to} {cell(row.conditions)}" if row.conditions else to
    why = "<br>".join(prose(each) for each in row.why[:_MOST_RULES])
    if len(row.why) > _MOST_RULES:
        why += f"<br>and {len(row.why) - _MOST_RULES} more rules"
    cells = (
        f"{sign} {row.effect}",
        cell(row.who),
        to,
        cell(row.ports),
        cell(row.example),
        why,
    )
    return f"| {' | '.join(cells)} |"


def _objects(objects: Objects) -> str:
    """The differences of objects, folded away."""
    if not objects:
        return ""
    lines = []
    for clusters, each in objects:
        lines.append(printable(f"# {clusters}: {each.object} {each.how}"))
        lines += [printable(line) or "# ..." for line in each.lines]
    ticks = fence("\n".join(lines))
    summary = f"<summary>{_counted(len(objects), 'object')}, as helm template shows them</summary>"
    block = ("", "<details>", summary, "", f"{ticks}diff", *lines, ticks, "", "</details>")
    return _lines(iter(block))
