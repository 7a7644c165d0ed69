"""Exceptions that could not be read: what they may be for is not judged until they can."""

from __future__ import annotations

from dataclasses import dataclass

from transire.values.proposals import is_slip


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """One exception with a mistake in it; None where nobody can see what it names."""

    rule: str | None
    team: str | None
    entry: str | None

    def may_be_for(self, rule: str, team: str, entry: str) -> bool:
        """Whether the exception may be for this guardrail and entry, a slip of the pen allowed."""
        pairs = ((self.rule, rule), (self.team, team), (self.entry, entry))
        return all(
            written is None or written == wanted or is_slip(written, wanted)
            for written, wanted in pairs
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Every exception that could not be read.

    `text` is a whole file that is no YAML: it may hold an exception for whatever it names.
    """

    exceptions: tuple[Doubtful, ...] = ()
    text: str = ""

    def cover(self, rule: str, team: str, entry: str) -> bool:
        """Whether one of them may be for this guardrail and entry."""
        in_text = bool(self.text) and entry in self.text and rule in self.text
        return in_text or any(each.may_be_for(rule, team, entry) for each in self.exceptions)


NO_DOUBTS = Doubts()
