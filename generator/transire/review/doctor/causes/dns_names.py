"""A name is refused, since the rules for DNS list names and not this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from transire.review.doctor.case import Case, title
from transire.review.doctor.causes.search_names import plain_name, title_of
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.policy_use import listed_host
from transire.review.doctor.troubles import How, Trouble, lines_of

ID = "dns-name-not-listed"
WHETHER = "whether the rules for DNS list the name"
NEEDS = ()


def find(case: Case) -> Iterator[Cause]:
    """Refused names that are no search name of one that is let through."""
    if case.is_open:
        return
    for trouble in case.troubles:
        if trouble.how is not How.REFUSED or not trouble.pods or not case.denies(trouble):
            continue
        if plain_name(case, trouble) is None:
            yield _cause(case, trouble)


def _cause(case: Case, trouble: Trouble) -> Cause:
    name = trouble.names[0]
    found = case.decide(trouble)
    deciding = found.decided_by if found else None
    placed = case.of_ref(deciding.object) if deciding else None
    rules = f"the DNS rules of {title_of(deciding)}" if deciding else "the DNS rules of its pods"
    listed = listed_host(case, replace(trouble, port=None), name)
    shown = (
        [placed.shows(deciding.rule, "the names that are listed")] if placed and deciding else []
    )
    beside = f", although {title(listed[0])} lists it as a destination" if listed else ""
    return Cause(
        id=ID,
        text=(
            f"{rules} do not list {name}, so lookups of {trouble.source} for it are refused{beside}"
        ),
        evidence=(
            *shown,
            *lines_of(trouble.events, f"{name} is refused"),
        ),
        fix=f"list {name} in the DNS rules as well, or let the pods query every name",
        weight=Weight.PROVEN + (6 if listed else 0),
    )
