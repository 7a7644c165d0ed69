"""The agent is older than the release that mends its fault."""

from __future__ import annotations

from collections.abc import Iterator

from transire.review.doctor.case import Case
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.troubles import How, Trouble, lines_of

ID = "release-has-fault"
WHETHER = "whether the agents are older than the release that mends a fault"
NEEDS = ("DaemonSet",)


def find(case: Case) -> Iterator[Cause]:
    """Agents with a known fault, where policies allow a host that is denied."""
    if case.is_open:
        return
    for trouble in case.troubles:
        if trouble.how not in {How.DENIED, How.FAILED, How.RESET} or not trouble.hosts:
            continue
        if not trouble.names or not case.lets(trouble):
            continue
        yield from _faults(case, trouble)


def _faults(case: Case, trouble: Trouble) -> Iterator[Cause]:
    for placed, version in case.agents:
        for each in case.facts.mended:
            if not each.concerns(version):
                continue
            line = f"{each.line[0]}.{each.line[1]}.{each.patch}"
            yield Cause(
                id=ID,
                text=(
                    f"the agent runs {case.engine.title} {version}, older than {line}, which mends "
                    f"a fault of it: {each.what}; the policies allow {trouble.shown}, and the "
                    "agent drops it"
                ),
                evidence=(
                    placed.shows("/spec", f"the image has the tag {version}"),
                    *lines_of(trouble.events, f"known as {trouble.names[0]}, and denied"),
                ),
                fix=f"upgrade the agents to {line} or newer",
                weight=Weight.PROVEN + 5,
            )
            return
