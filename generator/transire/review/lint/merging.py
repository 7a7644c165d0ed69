"""One mistake is one finding, and findings have an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from transire.model.problems import Level
from transire.review.lint.finding import LintFinding

NOT_JUDGED = "not-judged"
"""The rule id of what could not be looked at."""
REFUSED = "refused-object"
TAKEN = "taken-by-native"
"""The rule id of what nothing refuses, though it should."""
MISSPELT = "pruned-field"
_EXPLAINED = frozenset(
    {
        "blank-selector",
        "empty-egress",
        "end-port",
        "label-no-pod-has",
        "port-range-spelling",
        "selector-syntax",
        "tier-prefix",
        "too-many-ports",
    }
)
"""Rules that name the cause of a refusal, with what to write instead."""
_DEPTH_OF_RULES = 2
"""Pointers with fewer steps lead to a whole object, about which a note is never left out."""


def merged(found: Sequence[LintFinding]) -> list[LintFinding]:
    """Without repetition, without refusals whose cause is a finding, and in order.

    A note about a place that has something worse, or is in such a place, is left out.
    """
    causes = list(_causes(found))
    refusals = {refusal for _, refusal in causes}
    judged = {(each.manifest, each.path) for each in found if each.rule in _EXPLAINED}
    weighty = dict(causes)
    kept = [
        _as_refusal(each, weighty[each]) if each in weighty else each
        for each in found
        if each not in refusals
        and not (each.rule == NOT_JUDGED and (each.manifest, each.path) in judged)
    ]
    worse = {
        (each.manifest, above)
        for each in kept
        if each.level is not Level.NOTE
        for above in _with_parents(each.path)
    }
    shown = dict.fromkeys(
        each
        for each in kept
        if each.level is not Level.NOTE
        or each.path.count("/") < _DEPTH_OF_RULES
        or (each.manifest, each.path) not in worse
    )
    return sorted(shown, key=lambda each: (each.manifest, each.path, each.rule, each.message))


def _causes(found: Sequence[LintFinding]) -> Iterator[tuple[LintFinding, LintFinding]]:
    """Findings that name the cause of a refusal, with it."""
    refused: dict[int, list[LintFinding]] = {}
    for each in found:
        if each.rule in {REFUSED, TAKEN}:
            refused.setdefault(each.manifest, []).append(each)
    for each in found:
        for refusal in refused.get(each.manifest, ()):
            if _is_cause(each, refusal):
                yield each, refusal


def _is_cause(found: LintFinding, refusal: LintFinding) -> bool:
    if found.rule == MISSPELT:
        wanted = found.help.removeprefix("write ")
        parent = found.path.rpartition("/")[0]
        return found.fix is not None and parent == refusal.path and wanted in refusal.message
    inside = found.path == refusal.path or found.path.startswith(f"{refusal.path}/")
    return found.rule in _EXPLAINED and bool(refusal.path) and inside


def _as_refusal(found: LintFinding, refusal: LintFinding) -> LintFinding:
    who = refusal.message.partition(":")[0]
    return replace(found, level=Level.ERROR, message=f"{found.message}; {who}")


def _with_parents(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]
