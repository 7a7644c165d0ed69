"""Which methods and paths the `http` of a rule stands for, as exact sets and for one request.

Whoever writes or reads the configuration of a proxy never sees these.
"""

from __future__ import annotations

from functools import lru_cache

from transire.flows.text_set import TextSet
from transire.model.http import BELOW, ONE_SEGMENT, Http, PathPattern


def method_set(http: Http) -> TextSet | None:
    """The methods that it lets through; None where it leaves them open."""
    return TextSet.of(http.methods) if http.methods else None


def path_set(http: Http) -> TextSet | None:
    """The normalised paths that it lets through; None where it leaves them open."""
    return _paths(http.paths) if http.paths else None


def path_set_with_query(http: Http) -> TextSet | None:
    """The same paths with any query behind them, or none, as a request's first line has both."""
    return _with_query(http.paths) if http.paths else None


@lru_cache(maxsize=1_024)
def _with_query(patterns: tuple[PathPattern, ...]) -> TextSet:
    return TextSet.union(
        TextSet.matching(_of_pattern(each, "[^/?]") + "([?].*)?") for each in patterns
    )


@lru_cache(maxsize=1_024)
def _paths(patterns: tuple[PathPattern, ...]) -> TextSet:
    exact = TextSet.of(each.text for each in patterns if each.is_exact)
    return TextSet.union([exact, *(_wild(each) for each in patterns if not each.is_exact)])


@lru_cache(maxsize=1_024)
def _wild(pattern: PathPattern) -> TextSet:
    return TextSet.matching(_of_pattern(pattern, "[^/]"))


def _of_pattern(pattern: PathPattern, char: str) -> str:
    """The pattern as an expression, where `char` is any character of a segment."""
    parts = (_expression(each, char) for each in pattern.segments)
    return "".join(f"/{each}" for each in parts)


def _expression(segment: str, char: str) -> str:
    if segment == BELOW:
        return f"({char}|/)*"
    return f"{char}+" if segment == ONE_SEGMENT else _quoted(segment)


def _quoted(text: str) -> str:
    return "".join(each if each.isalnum() else f"[{each}]" for each in text)


def path_matches(pattern: PathPattern, path: str) -> bool:
    """Whether a normalised path is one that the pattern stands for."""
    if not path.startswith("/"):
        return False
    given, wanted = path[1:].split("/"), pattern.segments
    if wanted[-1] == BELOW:
        wanted = wanted[:-1]
        if len(given) <= len(wanted):
            return False
        given = given[: len(wanted)]
    return len(given) == len(wanted) and all(map(_segment_matches, wanted, given))


def _segment_matches(wanted: str, given: str) -> bool:
    return bool(given) if wanted == ONE_SEGMENT else wanted == given


def lets_through(http: Http, method: str, path: str) -> bool:
    """Whether a request with this method and normalised path is one of those."""
    return (not http.methods or method in http.methods) and (
        not http.paths or any(path_matches(each, path) for each in http.paths)
    )
