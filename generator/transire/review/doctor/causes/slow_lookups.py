"""Lookups or policies are slow: many patterns, a full table, answers that expire fast."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import HostName
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.placed import Placed
from transire.review.doctor.troubles import How, lines_of, lookup

ID = "policies-too-heavy"
WHETHER = "whether there are more patterns or entries than agents take well"
NEEDS = ("ConfigMap",)
_SHORT = 5
"""Seconds of a TTL below which most connections need a new lookup."""
_FULL = ("MAP_FULL", "MAP_INSERTION_FAILED", "MAP_UPDATE_FAILED")


def find(case: Case) -> Iterator[Cause]:
    """What makes agents slow, where a symptom tells of it or drops show it."""
    full = [each for each in case.seen.flows if _is_full(each.detail.drop)]
    if full:
        yield Cause(
            id=ID,
            text=(
                "a table of the agent is full (map pressure), so flows are dropped that policies "
                "allow"
            ),
            evidence=(*lines_of(full, f"dropped: {full[0].detail.drop}"), *_heavy(case)),
            fix="use fewer and more exact patterns and ports, or raise the size of the table",
            weight=Weight.PROVEN + 6,
        )
    if not case.symptom.is_slow or any(each.how is How.DENIED for each in case.troubles):
        return
    patterns = list(_patterns(case))
    if len({each.text for _, each in patterns}) > case.facts.most_patterns:
        yield _many(case, patterns)
    bare = [each for each in patterns if not each[1].text.strip("*.")]
    if bare:
        yield _bare(case, bare)
    yield from _short(case)


def _is_full(reason: str) -> bool:
    return any(word in reason.upper() for word in _FULL)


def _patterns(case: Case) -> Iterator[tuple[Placed, HostName]]:
    for policy in case.context.policies:
        if policy.namespace in {"", case.namespace} and policy.in_force:
            for rule in policy.allows:
                for host in rule.hosts:
                    yield case.placed(policy), host


def _heavy(case: Case) -> Iterator[Evidence]:
    counts: dict[str, tuple[Placed, int]] = {}
    for placed, _ in _patterns(case):
        name = title(placed.manifest)
        counts[name] = placed, counts.get(name, (placed, 0))[1] + 1
    for placed, number in sorted(counts.values(), key=lambda each: -each[1])[:3]:
        yield placed.shows("/spec", f"{number} hosts and patterns")


def _many(case: Case, patterns: list[tuple[Placed, HostName]]) -> Cause:
    number = len({each.text for _, each in patterns})
    return Cause(
        id=ID,
        text=(
            f"{number} different hosts and patterns concern the pods of {case.namespace}, more "
            f"than the {case.facts.most_patterns} up to which agents take them well: lookups and "
            "policy updates are slow (performance)"
        ),
        evidence=tuple(_heavy(case)),
        fix="merge patterns, list exact hosts, and remove those that nothing uses",
        weight=Weight.SHOWN + 5,
    )


def _bare(case: Case, patterns: list[tuple[Placed, HostName]]) -> Cause:
    names = ", ".join(sorted({title(placed.manifest) for placed, _ in patterns}))
    return Cause(
        id=ID,
        text=(
            f"{names} has the pattern {patterns[0][1].text}, which matches every name: the agent "
            "keeps each address that anybody looks up, with an identity and entries in the policy "
            f"table of the pods of {case.namespace} (performance, map pressure)"
        ),
        evidence=tuple(
            placed.shows(host.at, f"the pattern {host.text}") for placed, host in patterns[:3]
        ),
        fix="list hosts, or open the world by its range, in place of a pattern for every name",
        weight=Weight.SHOWN + 5,
    )


def _short(case: Case) -> Iterator[Cause]:
    """Answers that live for so short that nearly each connection waits for a lookup."""
    brief = [
        each
        for each in case.seen.lookups
        if (ttl := lookup(each).ttl) is not None
        and ttl <= _SHORT
        and (not case.symptom.hosts or lookup(each).name in case.symptom.hosts)
    ]
    if len(brief) < _SHORT:
        return
    name = lookup(brief[0]).name
    yield Cause(
        id=ID,
        text=(
            f"answers for {name} live {lookup(brief[0]).ttl} seconds, so that nearly each "
            "connection waits for a lookup through the agent (performance)"
        ),
        evidence=lines_of(brief, f"TTL {lookup(brief[0]).ttl}"),
        fix="raise the TTL at its origin or in the resolver's cache",
        weight=Weight.FITS,
    )
