"""What a regular expression on `:authority` takes: hosts, ports, and whether a port may be absent.

Its parts are found in the parsed expression, and what is not a host, or a host and a port, of a
form that is known here is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from transire.flows.host_set import HostSet, Wild
from transire.flows.patterns.regex_syntax import (
    Chars,
    Either,
    RegexPart,
    Repeated,
    Sequenced,
    parsed,
)
from transire.flows.port_set import PortSet, Protocol
from transire.model.problems import Unjudgeable

_COLON = Chars(frozenset(":"))
_DOT = Chars(frozenset("."))
_NO_COLON = Chars(frozenset(":"), others=True)
_IN_LABEL = Chars(frozenset(".:"), others=True)
_LABELS = [Repeated(_IN_LABEL, 1, None), _DOT]
_ANY_CASE = "(?i)"
_DIGITS = frozenset("0123456789")
_MOST_DIGITS = 5
_LAST_PORT = (1 << 16) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The authorities that a route takes: hosts with one of these ports, and without one."""

    hosts: HostSet
    ports: PortSet
    bare: bool


@lru_cache(maxsize=4_096)
def authority(expression: str) -> Authority:
    """What an expression takes.

    Raises:
        Unjudgeable: if it is of another form than those that are known.
    """
    if not expression.startswith(_ANY_CASE):
        raise Unjudgeable(
            "regular expression", expression, "it compares with case, which names do not have"
        )
    parts = list(_flat(parsed(expression.removeprefix(_ANY_CASE))))
    host, port, bare = _split(parts, expression)
    return Authority(hosts=_hosts(host, expression), ports=_ports(port, expression), bare=bare)


def _flat(part: RegexPart) -> Iterator[RegexPart]:
    if isinstance(part, Sequenced):
        for each in part.parts:
            yield from _flat(each)
    else:
        yield part


def _split(
    parts: Sequence[RegexPart], expression: str
) -> tuple[Sequence[RegexPart], RegexPart | None, bool]:
    """The parts of the host, what follows the colon, and whether that may be absent."""
    if _COLON in parts:
        place = parts.index(_COLON)
        return parts[:place], Sequenced(parts[place + 1 :]), False
    last = parts[-1] if parts else None
    if isinstance(last, Repeated) and (last.least, last.most) == (0, 1):
        inside = list(_flat(last.part))
        if inside[:1] == [_COLON]:
            return parts[:-1], Sequenced(inside[1:]), True
    if not parts:
        raise Unjudgeable("regular expression", expression, "it takes no host")
    return parts, None, True


def _hosts(parts: Sequence[RegexPart], expression: str) -> HostSet:
    if list(parts) == [Repeated(_NO_COLON, 1, None)]:
        return HostSet.everything()
    written = [each for part in parts for each in _written(part, expression)]
    try:
        return HostSet.pattern(written)
    except ValueError as error:
        raise Unjudgeable("regular expression", expression, str(error)) from None


def _written(part: RegexPart, expression: str) -> Iterator[str | Wild]:
    """A part as literals and wildcards of a host pattern."""
    match part:
        case Chars(named=named, others=False) if len(named) == 1:
            yield next(iter(named)).lower()
        case Repeated(part=inner, least=1, most=None) if inner == _IN_LABEL:
            yield Wild.LABEL
        case Repeated(part=inner, least=0, most=None) if inner == _IN_LABEL:
            yield Wild.CHARS
        case Repeated(part=inner, least=least, most=most) if least == most and least > 0:
            for each in list(_flat(inner)) * least:
                yield from _written(each, expression)
        case Repeated(part=inner, least=1, most=None) if list(_flat(inner)) == _LABELS:
            yield from (Wild.LABELS, ".")
        case _:
            raise Unjudgeable(
                "regular expression", expression, "its host is of a form that is not modelled"
            )


def _ports(part: RegexPart | None, expression: str) -> PortSet:
    if part is None:
        return PortSet.nothing()
    texts = _texts(part, expression)
    numbers = sorted({int(each) for each in texts if each.isdecimal() and each.isascii()})
    return PortSet.union(
        PortSet.of_port(Protocol.TCP, first, last)
        for first, last in _runs(each for each in numbers if 0 < each <= _LAST_PORT)
    )


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    for _, run in groupby(enumerate(numbers), lambda each: each[1] - each[0]):
        values = [number for _, number in run]
        yield values[0], values[-1]


def _texts(part: RegexPart, expression: str) -> frozenset[str]:
    """The texts of a part with at most as many characters as a port has."""
    match part:
        case Chars(named=named, others=False):
            return named & _DIGITS  # a text with another character is no port
        case Either(parts):
            return frozenset().union(*(_texts(each, expression) for each in parts))
        case Sequenced(parts):
            found = frozenset({""})
            for each in parts:
                found = _joined(found, _texts(each, expression))
            return found
        case Repeated(inner, least, most):
            return _repeated(_texts(inner, expression), least, most)
        case _:
            raise Unjudgeable(
                "regular expression", expression, "its port takes more than some characters"
            )


def _repeated(texts: frozenset[str], least: int, most: int | None) -> frozenset[str]:
    times = frozenset({""})
    for _ in range(min(least, _MOST_DIGITS + 1)):
        times = _joined(times, texts)
    found = set(times)
    for _ in range(_MOST_DIGITS if most is None else min(most - least, _MOST_DIGITS)):
        times = _joined(times, texts)
        found |= times
    return frozenset(found)


def _joined(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    return frozenset(
        one + other for one in left for other in right if len(one + other) <= _MOST_DIGITS
    )
