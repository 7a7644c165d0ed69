"""The coarsest partition of an automaton's states that its moves respect."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence


def coarsest(kinds: Mapping[int, Hashable], moves: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """Blocks of states of one kind that every move takes into one block, numbered from 0.

    Each of `moves` leads from some states to another; all states of one kind have the same moves.
    Hopcroft's algorithm: only the smaller part of a split block is looked at again.
    """
    numbers: dict[Hashable, int] = {}
    block = {state: numbers.setdefault(kind, len(numbers)) for state, kind in kinds.items()}
    members: list[set[int]] = [set() for _ in numbers]
    for state, number in block.items():
        members[number].add(state)
    backward: list[dict[int, list[int]]] = []
    for move in moves:
        sources: dict[int, list[int]] = {}
        for state, to in move.items():
            sources.setdefault(to, []).append(state)
        backward.append(sources)
    waiting = set(range(len(members)))
    while waiting:
        targets = tuple(members[waiting.pop()])
        for sources in backward:
            for number, part in _met(targets, sources, block).items():
                rest = members[number] - part
                if not rest:
                    continue
                small, large = (part, rest) if len(part) < len(rest) else (rest, part)
                members[number] = large
                block.update(dict.fromkeys(small, len(members)))
                waiting.add(len(members))
                members.append(small)
    return block


def _met(
    targets: Sequence[int], sources: Mapping[int, Sequence[int]], block: Mapping[int, int]
) -> dict[int, set[int]]:
    """The states that lead to `targets`, by their block."""
    met: dict[int, set[int]] = {}
    for target in targets:
        for state in sources.get(target, ()):
            met.setdefault(block[state], set()).add(state)
    return met
