"""Whether a pattern of host names has names that strangers can have, decided by what it matches.

A pattern is given by its labels: in each, `*` stands for any characters of one label, and a label
`**` for one or more labels. That is what every engine's grammar comes to, so that values and
rendered objects are judged by the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from transire.flows.patterns.globs import glob_matches
from transire.meaning.public_suffixes import is_public_suffix, suffixes_below, weight_of
from transire.meaning.suffix_facts import ANY_ADDRESS
from transire.model.problems import Level

MANY = "**"
"""A label that stands for one or more labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSuffix:
    """A suffix below which a pattern leaves open whose name it is.

    `label` is the label of the pattern in the place where strangers choose. `any_address` marks a
    service whose names answer with whatever address is written in them. `level` is given where
    rendered objects weigh less than an error.
    """

    suffix: str
    label: str
    any_address: bool = False

    @property
    def level(self) -> Level | None:
        """The level that lint gives it, None for its rule's own."""
        return None if self.any_address else weight_of(self.suffix)

    @property
    def why(self) -> str:
        """Which names those are, as the object of `lets in`."""
        if self.any_address:
            return f"names that answer with any address, such as 169.254.169.254.{self.suffix}"
        return f"names that anybody can register below {self.suffix or 'the root'}"


def shared_suffix(labels: Sequence[str]) -> SharedSuffix | None:
    """A suffix below which the pattern has more than one registrable name, or None.

    The suffix right of its last star goes first, then the shortest that the pattern's stars match.
    One fixed name below suffixes that differ is no more than that name written out.
    """
    return _shared(tuple(labels)) if any("*" in each for each in labels) else None


@lru_cache(maxsize=4_096)
def _shared(labels: tuple[str, ...]) -> SharedSuffix | None:
    fixed = 0
    while "*" not in labels[-1 - fixed]:
        fixed += 1
    tail = ".".join(labels[len(labels) - fixed :])
    service = _any_address(tail)
    if service:
        return SharedSuffix(suffix=service, label=labels[-1 - fixed], any_address=True)
    if is_public_suffix(tail):
        return SharedSuffix(suffix=tail, label=labels[-1 - fixed])
    return next(_longer(labels, tail), None)


def _any_address(tail: str) -> str:
    """The service that the fixed end of a pattern is or lies below, or the empty string."""
    found = (each for each in ANY_ADDRESS if f".{tail}".endswith(f".{each}"))
    return next(found, "")


def _longer(labels: Sequence[str], tail: str) -> Iterator[SharedSuffix]:
    """Suffixes and services that end in the fixed end of a pattern and that it has names below."""
    services = (each for each in sorted(ANY_ADDRESS) if each.endswith(f".{tail}"))
    for suffix in (*suffixes_below(tail), *services):
        label = _chosen_below(labels, suffix.split("."))
        if "*" in label:
            yield SharedSuffix(suffix=suffix, label=label, any_address=suffix in ANY_ADDRESS)


def _chosen_below(labels: Sequence[str], suffix: Sequence[str]) -> str:
    """The pattern's label right below a suffix longer than its fixed end; empty if it has none."""
    for depth, wanted in enumerate(reversed(suffix)):
        if depth == len(labels):
            return ""
        label = labels[-1 - depth]
        if label == MANY:
            return label
        if not glob_matches(label, wanted):
            return ""
    return labels[-1 - len(suffix)] if len(labels) > len(suffix) else ""
