"""The values files as an import would leave them, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from transire.commands.importing.base import Base
from transire.commands.importing.drafts import Draft
from transire.commands.importing.platform_file import ProposedPlatform
from transire.commands.importing.taking_over import Taken
from transire.meaning.compiled import Compiled
from transire.model.intent import Rule
from transire.model.problems import Problem, Rejected
from transire.pipeline.compile import compile_loaded
from transire.review.migration.candidates import LeftOut
from transire.review.migration.rules import Imported, for_everyone, united, with_unique_names
from transire.values.load import load_files
from transire.values.rule_text import Line
from transire.workspace.file_plan import Edit
from transire.workspace.value_paths import PLATFORM, TEAMS

_MOST_ROUNDS = 12
"""How often what an engine refuses is left out before that counts as endless."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """Values files by path, what they come to, and what engines refused of them."""

    files: Mapping[str, bytes]
    compiled: Compiled
    drafts: tuple[Draft, ...]
    left_out: tuple[LeftOut, ...]
    everyone: tuple[Imported, ...] = ()

    def edits(self, base: Base) -> tuple[Edit, ...]:
        """What is different from what is there."""
        there = {} if base.begun else base.files
        return tuple(
            Edit(path=path, before=there.get(path), after=content)
            for path, content in sorted(self.files.items())
            if there.get(path) != content
        )

    def rules_in(self, namespace: str) -> tuple[Imported, ...]:
        """The rules that hold in a namespace, those for everyone last."""
        own = (each for some in self.drafts if namespace in some.spaces for each in some.rules)
        return tuple(
            each
            for each in (*own, *self.everyone)
            if each.rule.namespaces is None or namespace in each.rule.namespaces
        )


def compiled_values(
    base: Base,
    proposed: ProposedPlatform | None,
    cluster: str,
    teams: Mapping[str, str],
    taken: Taken,
) -> Written:
    """The files with all rules that the engine takes; the others are left out, and told.

    Raises:
        Rejected: if the engine refuses what is not of the import, or a file cannot be edited.
    """
    everyone = _everyone(taken) if proposed is not None and not proposed.onto else []
    drafts = list(_drafts(base, cluster, teams, taken, everyone))
    left_out: list[LeftOut] = []
    refused = Rejected(())
    for _ in range(_MOST_ROUNDS):
        files, lines = _files(base, proposed, drafts, everyone)
        try:
            compiled = compile_loaded(load_files(files), datetime.now(UTC), whole=True)
        except Rejected as rejected:
            refused = rejected
            everyone = _everyone_without(everyone, rejected, lines, left_out)
            drafts = list(_without(drafts, rejected, lines, left_out))
            continue
        return Written(
            files=files,
            compiled=compiled,
            drafts=tuple(drafts),
            left_out=tuple(left_out),
            everyone=tuple(everyone),
        )
    raise refused


def _everyone(taken: Taken) -> list[Imported]:
    """The rules that cluster-wide objects have for several namespaces; in all is no limit."""
    found = for_everyone(united(each for some in taken.rules.values() for each in some))
    spaces = len(taken.rules)
    unlimited = (
        replace(each, rule=replace(each.rule, namespaces=None))
        if len(each.rule.namespaces or ()) == spaces
        else each
        for each in found
    )
    return list(with_unique_names(unlimited, ()))


def _is_among(rule: Rule, everyone: Iterable[Imported]) -> bool:
    """Whether a rule of a namespace is one of those for everyone."""
    plain = replace(rule, namespaces=None)
    return any(
        replace(each.rule, namespaces=None, name=rule.name) == plain
        and (each.rule.namespaces is None or (rule.namespaces or set()) <= each.rule.namespaces)
        for each in everyone
    )


def _drafts(
    base: Base,
    cluster: str,
    teams: Mapping[str, str],
    taken: Taken,
    everyone: Sequence[Imported],
) -> Iterator[Draft]:
    by_team: dict[str, list[str]] = {}
    for space, team in teams.items():
        by_team.setdefault(team, []).append(space)
    for team, spaces in sorted(by_team.items()):
        found = united(
            each
            for space in spaces
            for each in taken.rules[space]
            if each.object.namespace or not _is_among(each.rule, everyone)
        )
        there = base.files.get(f"{TEAMS}/{team}.yaml")
        before = None if there is None else there.decode()
        alone = before is None and len(spaces) == 1
        rules = [
            replace(each, rule=replace(each.rule, namespaces=None))
            if alone or (before is None and len(each.rule.namespaces or ()) == len(spaces))
            else each
            for each in found
        ]
        old = _rules_there(base, team)
        known = [_as_there(each, old) for each in rules]
        new = [each for each, again in zip(rules, known, strict=True) if again is None]
        yield Draft(
            team=team,
            cluster=cluster,
            spaces=tuple(sorted(spaces)),
            rules=(
                *filter(None, known),
                *with_unique_names(new, [each.name for each in old]),
            ),
            before=before,
            known=frozenset(each.rule.name for each in known if each is not None),
        )


def _rules_there(base: Base, team: str) -> tuple[Rule, ...]:
    """The rules that a team's file has already."""
    path = f"{TEAMS}/{team}.yaml"
    if path not in base.files:
        return ()
    return next(each.rules for each in load_files(base.files).teams if each.path == path)


def _as_there(imported: Imported, rules: Iterable[Rule]) -> Imported | None:
    """The rule under the name that it has in the file already; None where it is not there."""
    rule = imported.rule
    for each in rules:
        covers = each.namespaces is None or (rule.namespaces or set()) <= each.namespaces
        same = replace(each, name=rule.name, source=rule.source, namespaces=rule.namespaces)
        if covers and rule.namespaces is not None and same == rule:
            return replace(imported, rule=replace(rule, name=each.name))
    return None


_Lines = Mapping[str, Mapping[int, Line]]


def _files(
    base: Base,
    proposed: ProposedPlatform | None,
    drafts: Iterable[Draft],
    everyone: Iterable[Imported],
) -> tuple[dict[str, bytes], _Lines]:
    files, lines = dict(base.files), dict[str, Mapping[int, Line]]()
    if proposed is not None:
        rules = tuple(each.rule for each in everyone)
        written = replace(proposed, everyone=rules).lines()
        files[PLATFORM] = "".join(f"{each.text}\n" for each in written).encode()
        lines[PLATFORM] = dict(enumerate(written, start=1))
    for draft in drafts:
        text, numbers = draft.written()
        files[draft.path] = text.encode()
        lines[draft.path] = numbers
    return files, lines


def _everyone_without(
    everyone: list[Imported], rejected: Rejected, lines: _Lines, left_out: list[LeftOut]
) -> list[Imported]:
    """The rules for everyone without what the problems are about."""
    left = Draft(team="", cluster="", spaces=(), rules=tuple(everyone))
    for each in rejected.problems:
        line = lines.get(PLATFORM, {}).get(each.at.line)
        if each.at.path == PLATFORM and line is not None and line.rule:
            left_out += _left_out(left, line, each)
            left = left.without(line.rule, line.destination)
    return list(left.rules)


def _without(
    drafts: Iterable[Draft], rejected: Rejected, lines: _Lines, left_out: list[LeftOut]
) -> Iterator[Draft]:
    """The drafts without what the problems are about.

    Raises:
        Rejected: if one is about something else.
    """
    by_path: dict[str, list[Problem]] = {}
    for each in rejected.problems:
        line = lines.get(each.at.path, {}).get(each.at.line)
        if line is None or not line.rule:
            raise rejected
        by_path.setdefault(each.at.path, []).append(each)
    for draft in drafts:
        found = draft
        for each in by_path.pop(draft.path, []):
            line = lines[draft.path][each.at.line]
            left_out += _left_out(draft, line, each)
            found = found.without(line.rule, line.destination)
        yield found
    if by_path.keys() - {PLATFORM}:
        raise rejected


def _left_out(draft: Draft, line: Line, problem: Problem) -> Iterator[LeftOut]:
    imported = draft.rule_named(line.rule)
    for space in sorted(imported.rule.namespaces or draft.spaces) or [""]:
        for pointer in imported.pointers:
            yield LeftOut(
                object=imported.object,
                pointer=pointer,
                why=f"values cannot have it on this cluster: {problem.message}",
                namespace=space,
            )
