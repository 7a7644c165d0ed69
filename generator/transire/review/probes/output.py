"""What probes print, read again: TAP of probes and of their control, judged together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from transire.model.problems import UsageError

_LINE = re.compile(
    r"(?P<not>not )?ok (?P<number>[0-9]+) - (?P<text>.*?)(?: # SKIP (?P<why>.*))?", re.ASCII
)
_PLAN = re.compile(r"1\.\.([0-9]+)")
HEAD = "TAP version 13"
"""The first line of what a probe prints."""

_UNPROVED = "cannot judge: nothing shows that it is up"
_UNTRIED = "not tried: "
_CANARY = re.compile(r"(?P<place>\S+ port [0-9]+) is (?:not )?reached \(canary\)")


class Outcome(StrEnum):
    """What one line of a probe comes to."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "cannot judge"
    UNTRIED = "not tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of a probe; `text` is what has to hold, and what is seen where it does not.

    `why` tells why it was not judged, or not tried.
    """

    outcome: Outcome
    text: str
    why: str = ""

    @property
    def canary(self) -> str:
        """Where the canary is, for one that was tried."""
        found = _CANARY.match(self.text)
        return found["place"] if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What one probe printed; `name` is the file's. It is a control if it reaches canaries."""

    name: str
    results: tuple[Result, ...]
    missing: int
    """How many lines of its plan are not there: it was cut short."""

    @property
    def is_control(self) -> bool:
        """Whether it is what a pod without policies printed."""
        return bool(self.results) and all(
            " is reached (canary)" in each.text for each in self.results
        )


def read_output(name: str, text: str) -> Output:
    """What a probe printed, from the log of its pod.

    Raises:
        UsageError: if it is no output of a probe.
    """
    lines = text.splitlines()
    if HEAD not in lines:
        raise UsageError(
            f"{name} is not what a probe printed: no line is {HEAD!r}; give the output of kubectl "
            "logs job/egress-probe"
        )
    lines = lines[lines.index(HEAD) + 1 :]
    planned = next((int(found[1]) for each in lines if (found := _PLAN.fullmatch(each))), 0)
    results = tuple(_result(found) for each in lines if (found := _LINE.fullmatch(each)))
    if planned == 0 and not results:
        raise UsageError(f"{name} is what a probe printed that tried nothing")
    return Output(name=name, results=results, missing=max(planned - len(results), 0))


def _result(found: re.Match[str]) -> Result:
    text, why = found["text"], found["why"] or ""
    if found["not"]:
        return Result(outcome=Outcome.FAILS, text=text)
    if not why:
        return Result(outcome=Outcome.HOLDS, text=text)
    if why.startswith(_UNTRIED):
        return Result(outcome=Outcome.UNTRIED, text=text, why=why.removeprefix(_UNTRIED))
    return Result(outcome=Outcome.UNKNOWN, text=text, why=why.removeprefix("cannot judge: "))


def together(outputs: Sequence[Output]) -> tuple[Output, ...]:
    """The outputs of probes, with what those of controls show about canaries.

    A canary that does not answer a probe and answers a control is blocked.
    """
    up = {
        each.canary
        for output in outputs
        if output.is_control
        for each in output.results
        if each.outcome is Outcome.HOLDS
    }
    return tuple(
        replace(each, results=tuple(_with(result, up) for result in each.results))
        for each in outputs
    )


def _with(result: Result, up: set[str]) -> Result:
    unproved = f"cannot judge: {result.why}" == _UNPROVED
    if result.outcome is Outcome.UNKNOWN and unproved and result.canary in up:
        return replace(result, outcome=Outcome.HOLDS, why="")
    return result


def probe_exit_code(outputs: Iterable[Output]) -> int:
    """1 where something does not hold, else 3 where something was not judged or is missing."""
    held = list(outputs)
    found = {result.outcome for each in held for result in each.results}
    if Outcome.FAILS in found:
        return 1
    return 3 if Outcome.UNKNOWN in found or any(each.missing for each in held) else 0
