"""The name that is looked up is not the name that is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.policy_use import listed_host
from transire.review.doctor.troubles import How, Trouble, lines_of, lookup

ID = "other-name-on-wire"
WHETHER = "whether the name on the wire is the one that is allowed"
NEEDS = ()
_LIKE = 0.75
"""How alike two names are that somebody may have taken for one another."""


def find(case: Case) -> Iterator[Cause]:
    """Denied names that are an allowed one with a suffix, or much like it."""
    if case.is_open:
        return
    for trouble in (*case.troubles, *_others(case)):
        if trouble.peers or trouble.how not in {How.DENIED, How.REFUSED, How.RESET}:
            continue
        for name in trouble.hosts:
            if listed_host(case, trouble, name) is not None:
                continue
            for allowed, where in _allowed(case, trouble):
                if _is_taken_for(case, name, allowed):
                    yield _cause(case, trouble, (name, allowed), where)


def _others(case: Case) -> Iterator[Trouble]:
    """Names of the same pods that are like one of the symptom."""
    for each in case.all_troubles:
        if case.is_meant(each) or not each.hosts:
            continue
        if any(_is_taken_for(case, each.hosts[0], host) for host in case.symptom.hosts):
            yield each


def _allowed(case: Case, trouble: Trouble) -> Iterator[tuple[str, str]]:
    """The exact names that rules of the pods list, and where."""
    for policy in case.governing(trouble):
        for rule in policy.allows:
            for host in rule.hosts:
                if "*" not in host.text:
                    yield host.text, f"{title(policy)} {host.at or rule.at}"


def _is_taken_for(case: Case, name: str, allowed: str) -> bool:
    if name == allowed or name.endswith((".cluster.local", ".in-addr.arpa")):
        return False
    if name.startswith(f"{allowed}."):
        return True
    meant = allowed in case.symptom.hosts or (
        name in case.symptom.hosts and name.partition(".")[2].endswith(allowed.split(".", 1)[-1])
    )
    return meant and SequenceMatcher(None, name, allowed).ratio() >= _LIKE


def _cause(case: Case, trouble: Trouble, names: tuple[str, str], where: str) -> Cause:
    name, allowed = names
    if name.startswith(f"{allowed}."):
        suffix = name.removeprefix(f"{allowed}.")
        why = f"{allowed} with the search suffix {suffix}, which answers every name"
        fix = f"query {allowed}. with a dot at its end, or set ndots:1 for {trouble.source}"
    else:
        why = f"not {allowed}, which the rule lists"
        fix = f"list {name} as well, or let {trouble.source} use {allowed}"
    asked = [each for each in case.seen.lookups if lookup(each).name == name]
    policy, _, at = where.partition(" ")
    placed = next((each for each in case.objects.placed if title(each.manifest) == policy), None)
    return Cause(
        id=ID,
        text=f"the name on the wire is {name}: {why}; {policy} allows {allowed} alone",
        evidence=(
            *([placed.shows(at, f"{allowed} is listed")] if placed else []),
            *lines_of(asked, f"the query is for {name}"),
            *lines_of(trouble.events, f"{name} is {trouble.how}"),
        ),
        fix=fix,
        weight=Weight.PROVEN + 7,
    )
