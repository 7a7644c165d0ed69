"""One expectation on one target with its verdict, and the finding where it is not met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from transire.model.problems import Problem
from transire.queries.expectation import Expectation, Outcome, Standing, outcome_of, standing_of
from transire.queries.query import Decision, Expected

FAILED = "expectation"
UNJUDGED = "expectation-unjudged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One expectation on one target, and what its objects make of it."""

    expectation: Expectation
    target: str
    cluster: str
    decision: Decision

    @property
    def outcome(self) -> Outcome:
        """What becomes of the flow."""
        return outcome_of(self.expectation.query, self.decision)

    @property
    def standing(self) -> Standing:
        """Whether that is what is expected."""
        return standing_of(self.expectation.expect, self.outcome)

    @property
    def flow(self) -> str:
        """From where to where, and on which cluster."""
        about = self.expectation
        return f"{about.origin} to {about.destination} on {self.cluster}"

    def __repr__(self) -> str:
        return f"<Tested {self.flow}: {self.standing}>"


def problems_of(tested: Sequence[Tested]) -> tuple[Problem, ...]:
    """A finding for each that is not met, or could not be judged."""
    return tuple(_problem(each) for each in tested if each.standing is not Standing.MET)


def _problem(tested: Tested) -> Problem:
    about, decision = tested.expectation, tested.decision
    wanted = Outcome(about.expect.value).done
    why = f": {decision.reason}{_decided(decision)}"
    stands_for = f" ({about.reason})" if about.reason else ""
    if tested.standing is Standing.UNJUDGED:
        return Problem(
            at=about.at,
            id=UNJUDGED,
            message=f"{tested.flow} cannot be judged, and has to be {wanted}{stands_for}{why}",
            help="write an address in place of a name, or name clusters where it can be judged",
        )
    return Problem(
        at=about.at,
        id=FAILED,
        message=f"{tested.flow} is {tested.outcome.done}, and has to be {wanted}{stands_for}{why}",
        help=_help(about.expect, tested.outcome),
    )


def _decided(decision: Decision) -> str:
    decided = decision.decided_by
    return "" if decided is None else f", by {decided.object} at {decided.rule}"


def _help(expected: Expected, outcome: Outcome) -> str:
    change = {
        Expected.ALLOW: "open it in the values",
        Expected.DENY: "close it in the values",
        Expected.DELEGATED: "list the host where the cluster delegates hosts",
    }[expected]
    return f"{change}, or write expect: {outcome} if that is what is wanted"


def counts(tested: Sequence[Tested]) -> dict[Standing, int]:
    """How many are met, failed and unjudged."""
    found = Counter(each.standing for each in tested)
    return {each: found[each] for each in Standing}


def test_exit_code(tested: Sequence[Tested]) -> int:
    """1 where an expectation is not met, else 3 where one could not be judged, else 0."""
    found = counts(tested)
    if found[Standing.FAILED]:
        return 1
    return 3 if found[Standing.UNJUDGED] else 0
