"""Graphs of states: strongly connected components, and the coarsest stable partition."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence


def components(targets: Callable[[int], Sequence[int]], start: int = 0) -> Iterator[list[int]]:
    """The components that can be reached from `start`, each after all that it leads to.

    Tarjan's algorithm without recursion, since a chain may be as long as a label.
    """
    index = {start: 0}
    lowest = {start: 0}
    waiting = [start]
    place = {start: 0}
    path = [(start, iter(targets(start)))]
    while path:
        state, following = path[-1]
        for to in following:
            if to not in index:
                index[to] = lowest[to] = len(index)
                place[to] = len(waiting)
                waiting.append(to)
                path.append((to, iter(targets(to))))
                break
            if to in place:
                lowest[state] = min(lowest[state], index[to])
        else:
            path.pop()
            if path:
                before = path[-1][0]
                lowest[before] = min(lowest[before], lowest[state])
            if lowest[state] == index[state]:
                component = waiting[place[state] :]
                del waiting[place[state] :]
                for each in component:
                    del place[each]
                yield component


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
