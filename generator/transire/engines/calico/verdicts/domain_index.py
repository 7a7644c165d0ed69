"""Which of several lists of domains know a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transire.engines.calico.objects.domains import Domain


@dataclass(frozen=True, slots=True, eq=False)
class DomainIndex:
    """Lists of domains by their place; names that the same lists know are alike to every rule."""

    exact: Mapping[str, tuple[int, ...]]
    wild: Mapping[str, tuple[tuple[Domain, int], ...]]
    """Domains with a `*`, by what stands behind it."""

    @classmethod
    def of(cls, lists: Iterable[Iterable[Domain]]) -> DomainIndex:
        """The index of these lists."""
        exact: dict[str, list[int]] = {}
        wild: dict[str, list[tuple[Domain, int]]] = {}
        for place, domains in enumerate(lists):
            for each in domains:
                if each.parts is None:
                    exact.setdefault(each.text, []).append(place)
                else:
                    wild.setdefault(each.parts[1], []).append((each, place))
        return cls(
            {name: tuple(places) for name, places in exact.items()},
            {behind: tuple(each) for behind, each in wild.items()},
        )

    def knowing(self, name: str) -> frozenset[int]:
        """The places of the lists with a domain that matches the name."""
        found = frozenset(self.exact.get(name, ()))
        dot = name.find(".") if self.wild else -1
        while dot >= 0:
            entries = self.wild.get(name[dot:], ())
            found |= {place for each, place in entries if each.matches(name)}
            dot = name.find(".", dot + 1)
        return found
