"""Strongly connected components of a graph, successors before predecessors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence


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
