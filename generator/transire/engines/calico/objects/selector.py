"""Calico selectors as values, and which labels they select.

Results are True, False, or None where a label that decides is not known.
Source: `libcalico-go/lib/selector` of Calico.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from transire.queries.cluster_state import no_labels

NAMESPACE = "projectcalico.org/namespace"
ORCHESTRATOR = "projectcalico.org/orchestrator"
SERVICE_ACCOUNT = "projectcalico.org/serviceaccount"
NAME = "projectcalico.org/name"
OF_NAMESPACE = "pcns."
"""Prefix under which an endpoint inherits the labels of its namespace."""
OF_SERVICE_ACCOUNT = "pcsa."
"""Prefix under which a pod inherits the labels of its service account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Labels as a selector sees them; what `open_keys` and `open_prefix` name is not known."""

    known: Mapping[str, str] = field(default_factory=no_labels)
    open_keys: frozenset[str] = frozenset()
    open_prefix: str = ""

    def is_open(self, key: str) -> bool:
        """Whether nobody knows if the label is there."""
        if key in self.known:
            return False
        return key in self.open_keys or (
            bool(self.open_prefix) and key.startswith(self.open_prefix)
        )


@dataclass(frozen=True, slots=True)
class Everything:
    """`all()`, and the empty selector."""

    def holds(self, labels: Labels) -> bool | None:
        """Whether these labels are selected."""
        del labels
        return True


@dataclass(frozen=True, slots=True)
class Global:
    """`global()`: what has no namespace in a rule's `namespaceSelector`, elsewhere everything."""

    def holds(self, labels: Labels) -> bool | None:
        """Whether these labels are selected."""
        del labels
        return True


@dataclass(frozen=True, slots=True)
class Has:
    """`has(key)`."""

    key: str

    def holds(self, labels: Labels) -> bool | None:
        """Whether these labels are selected."""
        return None if labels.is_open(self.key) else self.key in labels.known


@dataclass(frozen=True, slots=True)
class OneOf:
    """`key == 'value'` and `key in {...}`; false where the label is absent."""

    key: str
    values: frozenset[str]

    def holds(self, labels: Labels) -> bool | None:
        """Whether these labels are selected."""
        if not self.values:
            return False
        found = labels.known.get(self.key)
        if found is None and labels.is_open(self.key):
            return None
        return found in self.values


class ValuePart(Enum):
    """Which part of a value a comparison looks at."""

    CONTAINS = "contains"
    STARTS = "starts with"
    ENDS = "ends with"


@dataclass(frozen=True, slots=True)
class HasPart:
    """`key contains`, `starts with` or `ends with 'text'`; false where the label is absent."""

    key: str
    part: ValuePart
    text: str

    def holds(self, labels: Labels) -> bool | None:
        """Whether these labels are selected."""
        found = labels.known.get(self.key)
        if found is None:
            return None if labels.is_open(self.key) else False
        return self.accepts(found)

    def accepts(self, value: str) -> bool:
        """Whether a label with this value is selected."""
        match self.part:
            case ValuePart.CONTAINS:
                return self.text in value
            case ValuePart.STARTS:
                return value.startswith(self.text)
            case ValuePart.ENDS:
                return value.endswith(self.text)


@dataclass(frozen=True, slots=True)
class Not:
    """`! inner`, `!=` and `not in`: true where an absent label makes the inner false."""

    inner: Selector

    def holds(self, labels: Labels) -> bool | None:
        """Whether these labels are selected."""
        found = self.inner.holds(labels)
        return None if found is None else not found


@dataclass(frozen=True, slots=True)
class AllOf:
    """`a && b`."""

    parts: tuple[Selector, ...]

    def holds(self, labels: Labels) -> bool | None:
        """Whether these labels are selected."""
        return conjunction(each.holds(labels) for each in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`a || b`."""

    parts: tuple[Selector, ...]

    def holds(self, labels: Labels) -> bool | None:
        """Whether these labels are selected."""
        return disjunction(each.holds(labels) for each in self.parts)


Term = Has | OneOf | HasPart
"""A demand on one label."""

Selector = Everything | Global | Term | Not | AllOf | AnyOf


def conjunction(results: Iterator[bool | None]) -> bool | None:
    """False if one is, else None if one is, else True."""
    found: bool | None = True
    for each in results:
        if each is False:
            return False
        if each is None:
            found = None
    return found


def disjunction(results: Iterator[bool | None]) -> bool | None:
    """True if one is, else None if one is, else False."""
    found: bool | None = False
    for each in results:
        if each:
            return True
        if each is None:
            found = None
    return found


def equals(key: str, value: str) -> OneOf:
    """`key == 'value'`."""
    return OneOf(key, frozenset({value}))


def both(*parts: Selector | None) -> Selector | None:
    """The selectors that are given, joined by `&&`; None if there are none."""
    given = tuple(each for each in parts if each is not None)
    if len(given) < 2:  # noqa: PLR2004 - nothing to join
        return given[0] if given else None
    return AllOf(given)


def keys_of(selector: Selector) -> Iterator[str]:
    """The keys of the labels that a selector asks for."""
    match selector:
        case Everything() | Global():
            return
        case Not(inner):
            yield from keys_of(inner)
        case AllOf(parts) | AnyOf(parts):
            for each in parts:
                yield from keys_of(each)
        case term:
            yield term.key


def prefixed(
    selector: Selector, prefix: str, everything: Selector, outside: Selector | None = None
) -> Selector:
    """The selector with `prefix` before every label key and `everything` in place of `all()`.

    `outside` stands in place of `global()`, where that is not left as it is.
    """

    def inside(part: Selector) -> Selector:
        return prefixed(part, prefix, everything, outside)

    match selector:
        case Everything():
            return everything
        case Global():
            return selector if outside is None else outside
        case Has(key):
            return Has(prefix + key)
        case OneOf(key, values):
            return OneOf(prefix + key, values)
        case HasPart(key, part, text):
            return HasPart(prefix + key, part, text)
        case Not(inner):
            return Not(inside(inner))
        case AllOf(parts):
            return AllOf(tuple(map(inside, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(inside, parts)))
