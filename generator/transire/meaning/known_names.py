"""Finding out whether a host of the values has a name of a list, wildcards on either side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.meaning.host_sets import host_set
from transire.meaning.hosts import matches
from transire.model.names import HostKind, HostPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """The names of a list, exact ones and wildcards apart.

    `ends` are the fixed ends of the wildcards, outside of which no name is one of theirs, and
    `above` every domain above a name of the list: other wildcards cannot have one.
    """

    exact: Mapping[str, None]
    wild: tuple[HostPattern, ...]
    ends: tuple[str, ...]
    above: frozenset[str]

    @classmethod
    def of(cls, patterns: Iterable[HostPattern]) -> KnownNames:
        """The list of these names, in their order."""
        listed = tuple(dict.fromkeys(patterns))
        wild = tuple(each for each in listed if each.kind is not HostKind.EXACT)
        return cls(
            exact=dict.fromkeys(each.text for each in listed if each.kind is HostKind.EXACT),
            wild=wild,
            ends=tuple(_end(each.text) for each in wild),
            above=frozenset(domain for each in listed for domain in _above(each.text)),
        )

    def shared_with(self, pattern: HostPattern) -> str | None:
        """The first name of the list that the host stands for, or None.

        It is an example where both are wildcards.
        """
        if pattern.kind is HostKind.EXACT:
            return pattern.text if self._holds(pattern.text) else None
        domain = _end(pattern.text).partition(".")[2]
        if domain not in self.above and not f".{domain}".endswith(self.ends):
            return None
        for name in self.exact:
            if matches(pattern, name):
                return name
        for each in self.wild:
            if _may_meet(pattern.text, each.text):
                name = (host_set(pattern) & host_set(each)).witness() or ""
                if name:
                    return name
        return None

    def _holds(self, name: str) -> bool:
        if name in self.exact:
            return True
        return name.endswith(self.ends) and any(matches(each, name) for each in self.wild)


def _above(name: str) -> Iterator[str]:
    """Every domain above a name, the root included."""
    while name:
        name = name.partition(".")[2]
        yield name


def _end(pattern: str) -> str:
    return pattern.rpartition("*")[2]


def _may_meet(one: str, other: str) -> bool:
    """Whether the fixed ends of two wildcards are not at odds."""
    return _end(one).endswith(_end(other)) or _end(other).endswith(_end(one))
