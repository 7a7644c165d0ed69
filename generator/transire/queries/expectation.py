"""What somebody expects of flows, and whether verdicts meet it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from transire.model.problems import Position
from transire.queries.query import Connection, Decision, DnsQuery, Expected, Query, Source, Verdict


class Outcome(StrEnum):
    """What becomes of a flow, once every audit has ended."""

    ALLOW = "allow"
    DENY = "deny"
    DELEGATED = "delegated"
    UNJUDGEABLE = "unjudgeable"

    @property
    def done(self) -> str:
        """The outcome in a sentence."""
        return _DONE[self]


_DONE = {
    Outcome.ALLOW: "allowed",
    Outcome.DENY: "denied",
    Outcome.DELEGATED: "delegated",
    Outcome.UNJUDGEABLE: "not judged",
}


class Standing(StrEnum):
    """Whether an outcome is the one that is expected."""

    MET = "met"
    FAILED = "failed"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One expectation of a file: from where, to where, and what has to become of it.

    `origin` and `destination` are as the file has them, in the notation of `explain --from` and
    `--to`. `clusters` are those that it names, each with its place; without any it is about every
    cluster that has the namespace.
    """

    origin: str
    destination: str
    source: Source
    what: DnsQuery | Connection
    expect: Expected
    clusters: tuple[tuple[str, Position], ...] = ()
    reason: str = ""
    at: Position = field(default=Position(path=""), compare=False, repr=False)
    source_at: Position = field(default=Position(path=""), compare=False, repr=False)

    @property
    def query(self) -> Query:
        """The expectation as `explain --queries` takes it."""
        return Query(
            id=f"{self.at.line}:{self.at.column}",
            source=self.source,
            what=self.what,
            expect=self.expect,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationFile:
    """The expectations of one file; `team` is whose namespaces they are about, or empty."""

    path: str
    expectations: tuple[Expectation, ...]
    team: str = ""
    team_at: Position = field(default=Position(path=""), compare=False, repr=False)


def outcome_of(query: Query, decision: Decision) -> Outcome:
    """What becomes of the flow: what an audit would allow or deny counts as if it were enforced.

    A connection to a host that is delegated is delegated, whatever the objects make of its address;
    lookups are not, since the resolver is reached or is not.
    """
    if decision.verdict is Verdict.UNJUDGEABLE:
        return Outcome.UNJUDGEABLE
    if isinstance(query.what, Connection) and any(each.delegated for each in decision.caveats):
        return Outcome.DELEGATED
    later = (each.once_enforced for each in decision.caveats if each.once_enforced is not None)
    return Outcome(next(later, decision.verdict))


def is_failed(query: Query, decision: Decision) -> bool:
    """Whether something else is expected of the flow than becomes of it."""
    if query.expect is None:
        return False
    return standing_of(query.expect, outcome_of(query, decision)) is Standing.FAILED


def standing_of(expect: Expected, outcome: Outcome) -> Standing:
    """Whether the outcome is what is expected."""
    if outcome is Outcome.UNJUDGEABLE:
        return Standing.UNJUDGED
    return Standing.MET if expect.value == outcome.value else Standing.FAILED
