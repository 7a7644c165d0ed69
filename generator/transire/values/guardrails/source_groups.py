"""Which rules count together: those that select one and the same pod."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.flows.pod_set import PodSet
from transire.meaning.source_pods import pods_of
from transire.model.intent import Rule
from transire.values.guardrails.context import Entry

_MOST = 256
"""How many sets of pods are told apart; beyond that all rules count together."""


def by_source(entries: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    """The largest groups of entries such that some pod is selected by all of a group, in order."""
    found: list[tuple[PodSet, frozenset[int]]] = [(PodSet.everything(), frozenset())]
    pods = [_pods(entry.rule) for entry in entries]
    sources = list(dict.fromkeys(pods))
    for number, source in enumerate(sources):
        meeting = [(shared, ids | {number}) for some, ids in found if (shared := some & source)]
        found += meeting
        if len(found) > _MOST:
            yield tuple(entries)
            return
    groups = [ids for _, ids in found]
    for ids in sorted(groups, key=sorted):
        if ids and not any(ids < other for other in groups):
            chosen = {sources[number] for number in ids}
            yield tuple(
                entry for entry, source in zip(entries, pods, strict=True) if source in chosen
            )


def _pods(rule: Rule) -> PodSet:
    return pods_of(rule.sources)
