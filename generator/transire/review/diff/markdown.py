"""A diff as a comment on a pull request: short enough to be posted, and safe to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transire.model.problems import printable
from transire.review.diff.changes import Diff, ObjectChange
from transire.review.diff.comment_room import Block, Piece, by_risk, choose
from transire.review.diff.destinations import Destination
from transire.review.diff.grouped_targets import GrantRow, Group, grouped, listed, shared_objects
from transire.review.diff.headlines import counted, edits, headline, out_of_step, refusals
from transire.review.diff.risk_level import RiskLevel
from transire.review.markdown_escape import cell, code, fence, prose

LIMIT = 65_536
"""Characters that a comment may have on GitHub; bytes are counted, which are never fewer."""

Objects = tuple[tuple[str, ObjectChange], ...]
"""Differences of objects, each with the clusters that have it."""

MARKER = "<!-- transire diff -->"
"""The first line, by which a pipeline finds the comment that it wrote before."""

_ROOM = 512
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
    shared = shared_objects(diff.shared)
    head = _lines(_head(diff))
    foot = f"\n<sub>{_FOOT}</sub>\n"
    drawn = [_Drawn.of(each, brief=diff.brief) for each in groups]
    blocks = [each.block for each in drawn]
    chosen = choose(blocks, LIMIT - _ROOM - _size(head, foot))
    # Differences of objects come last, since the lines above them hold their meaning.
    objects = [
        () if rows is None else each.objects for each, rows in zip(groups, chosen.rows, strict=True)
    ]
    shown = _shown_within([*objects, shared], chosen.left)
    body = [
        f"\n{each.text(rows)}{shown.get(place, '')}"
        for place, (each, rows) in enumerate(zip(drawn, chosen.rows, strict=True))
        if rows is not None
    ]
    hidden = sum(len(each) for n, each in enumerate([*objects, shared]) if n not in shown)
    targets = [
        target.risk
        for each, rows in zip(groups, chosen.rows, strict=True)
        if rows is None
        for target in each.targets
    ]
    cut = _cut(targets, list(chosen.without(blocks)), hidden)
    return head + "".join(body) + shown.get(len(groups), "") + cut + foot


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A group as lines: those before its table, the rows, and those after it."""

    group: Group
    before: str
    rows: tuple[str, ...]
    after: str

    @classmethod
    def of(cls, group: Group, *, brief: bool) -> _Drawn:
        return cls(
            group=group,
            before=_lines(_before(group)),
            rows=tuple(_row(each) for each in group.rows),
            after=_lines(_after(group, brief=brief)),
        )

    @property
    def block(self) -> Block:
        """The group as it is measured; a line that counts rows is part of what is always there."""
        table = _lines(_table((), self._risks(frozenset()))) if self.rows else ""
        return Block(
            frame=Piece(size=_size(self.before, table, self.after, ""), risk=self.group.first.risk),
            rows=tuple(
                Piece(size=_size(text), risk=row.risk)
                for text, row in zip(self.rows, self.group.rows, strict=True)
            ),
        )

    def text(self, shown: frozenset[int]) -> str:
        """The group with these of its rows."""
        rows = [each for n, each in enumerate(self.rows) if n in shown]
        table = _lines(_table(rows, self._risks(shown))) if self.rows else ""
        return f"{self.before}{table}{self.after}"

    def _risks(self, shown: frozenset[int]) -> list[RiskLevel]:
        return [each.risk for n, each in enumerate(self.group.rows) if n not in shown]


def _size(*texts: str) -> int:
    return sum(len(each.encode()) + 1 for each in texts)


def _lines(lines: Iterator[str]) -> str:
    return "".join(f"{each}\n" for each in lines)


def _shown_within(objects: Sequence[Objects], left: int) -> dict[int, str]:
    """The differences of objects that fit, by the place of their group."""
    shown: dict[int, str] = {}
    for place, some in enumerate(objects):
        text = _objects(some)
        if text and _size(text) <= left:
            shown[place] = text
            left -= _size(text)
    return shown


def _cut(targets: Sequence[RiskLevel], rows: Sequence[RiskLevel], hidden: int) -> str:
    """What was left out, as a sentence; empty where nothing was. `hidden` counts objects."""
    parts = [
        f"{_counted(len(each), noun)}{where} ({by_risk(each)})"
        for each, noun, where in ((targets, "target", ""), (rows, "row", " of those above"))
        if each
    ]
    if hidden:
        parts.append(f"the differences of {_counted(hidden, 'object')}")
    if not parts:
        return ""
    text = "; ".join(parts)
    return f"\n**Left out, to fit a comment:** {text}. `transire diff` shows all.\n"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _noun(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"


def _counted(number: int, noun: str) -> str:
    return f"{number} {_noun(number, noun)}"


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


def _before(group: Group) -> Iterator[str]:
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


def _after(group: Group, *, brief: bool) -> Iterator[str]:
    if group.first.reasons and not brief:
        yield ""
        yield "Look closely, because"
        yield ""
        reasons = [f"**{each.level}**: {prose(each.text)}" for each in group.first.reasons]
        yield from _items(reasons, "reasons")


def _table(rows: Sequence[str], left_out: Sequence[RiskLevel]) -> Iterator[str]:
    yield ""
    yield "| change | pods | destination | ports | for example | rule |"
    yield "|---|---|---|---|---|---|"
    yield from rows
    if left_out:
        more = " more" if rows else ""
        yield (
            f"| | and {len(left_out)}{more} {_noun(len(left_out), 'row')}: "
            f"{by_risk(left_out)} | | | | |"
        )


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
    texts = [row.destination_text(each, cell) for each in _patterns_first(row.destinations)]
    to = listed(texts, _MOST)
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


def _patterns_first(found: Sequence[Destination]) -> Sequence[Destination]:
    """The destinations; where some are left out, those come first that nobody listed one by one."""
    if len(found) <= _MOST:
        return found
    return sorted(found, key=lambda each: "*" not in each.text)


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
