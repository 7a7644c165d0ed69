"""Teams' files as an import would leave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from transire.model.destinations import Destination
from transire.review.migration.rules import Imported
from transire.values.rule_text import Line, quoted, rule_lines
from transire.values.yaml_places import place_for_namespace, place_for_rules
from transire.workspace.value_paths import TEAMS

NO_CONTACT = "nobody yet"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One team's file: what is there, and the rules and namespaces that are added to it.

    `known` are names of rules that the file has already, as where it was imported before.
    """

    team: str
    cluster: str
    spaces: tuple[str, ...]
    rules: tuple[Imported, ...]
    before: str | None = None
    known: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """Where it is in the repository."""
        return f"{TEAMS}/{self.team}.yaml"

    def written(self) -> tuple[str, Mapping[int, Line]]:
        """The text, and what its lines are about, by number from 1, as far as they are new.

        Raises:
            Rejected: if the file that is there has a form that cannot be edited.
        """
        if self.before is None:
            return _numbered([*self._head(), *self._rules("  ")], 1)
        text = self.before
        place = place_for_rules(text, self.path)
        lines = list(self._rules(" " * place.indent))
        text = place.insert(text, [each.text for each in lines])
        numbers = dict(enumerate(lines, start=place.line + 1))
        for space in self.spaces:
            where = place_for_namespace(text, self.path, space, self.cluster)
            if where is None:
                continue
            added = [f"{' ' * where.indent}{quoted(space)}: [{quoted(self.cluster)}]"]
            text = where.insert(text, added)
            shift = len(added) if where.line < place.line else 0
            numbers = {number + shift: line for number, line in numbers.items()}
        return text, numbers

    def _head(self) -> Iterator[Line]:
        yield Line(text="# yaml-language-server: $schema=../.schema/team-egress.schema.json")
        yield Line(text="apiVersion: transire/v1")
        yield Line(text="kind: TeamEgress")
        yield Line(text=f"team: {quoted(self.team)}")
        yield Line(text=f"contact: {NO_CONTACT}  # write who answers questions about this file")
        yield Line(text="namespaces:")
        for each in self.spaces:
            yield Line(text=f"  {quoted(each)}: [{quoted(self.cluster)}]")
        yield Line(text="egress:" if self.rules else "egress: []")

    def _rules(self, indent: str) -> Iterator[Line]:
        for each in self.rules:
            if each.rule.name not in self.known:
                yield from rule_lines(each.rule, indent)

    def without(self, rule: str, destination: Destination | None) -> Draft:
        """The draft without a destination of a rule; without the rule where none is given."""
        kept = []
        for each in self.rules:
            if each.rule.name != rule:
                kept.append(each)
                continue
            left = tuple(d for d in each.rule.destinations if d != destination)
            if destination is not None and left:
                kept.append(replace(each, rule=replace(each.rule, destinations=left)))
        return replace(self, rules=tuple(kept))

    def rule_named(self, name: str) -> Imported:
        """The rule of that name.

        Raises:
            KeyError: if there is none.
        """
        for each in self.rules:
            if each.rule.name == name:
                return each
        raise KeyError(name)


def _numbered(lines: list[Line], start: int) -> tuple[str, Mapping[int, Line]]:
    text = "".join(f"{each.text}\n" for each in lines)
    return text, dict(enumerate(lines, start=start))
