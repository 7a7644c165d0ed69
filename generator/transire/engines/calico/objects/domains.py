"""Domain names of Calico Enterprise: exact, or one `*` that stands for one or more labels.

Source: the documentation of `domains` and `allowedEgressDomains`, the same from 3.21 to 3.24.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from transire.flows.host_set import HostSet, NamePatterns, Wild

_LABEL = re.compile(r"[A-Za-z0-9_](?:[-A-Za-z0-9_]*[A-Za-z0-9_])?")
_EXACT = re.compile(rf"{_LABEL.pattern}(?:\.{_LABEL.pattern})*")


@dataclass(frozen=True, slots=True, order=True)
class Domain:
    """A pattern in lower case; build one from a text without fault."""

    text: str
    parts: tuple[str, str] | None = field(init=False, repr=False, compare=False)
    """What stands before and after the `*`, or None for an exact name."""

    def __post_init__(self) -> None:
        """Part the text once."""
        before, star, after = self.text.partition("*")
        object.__setattr__(self, "parts", (before, after) if star else None)

    def matches(self, name: str) -> bool:
        """Whether a lower-case name without a trailing dot is one of those meant."""
        if self.parts is None:
            return name == self.text
        before, after = self.parts
        return (
            len(name) > len(before) + len(after)
            and name.startswith(before)
            and name.endswith(after)
            and not name.startswith(".")
        )


def host_names(domains: Iterable[Domain]) -> NamePatterns:
    """The names that any of these matches."""
    return NamePatterns.of(map(_pattern, domains))


def host_set(domains: Iterable[Domain]) -> HostSet:
    """The same as a set."""
    return host_names(domains).hosts()


def _pattern(domain: Domain) -> Sequence[str | Wild]:
    if domain.parts is None:
        return (domain.text,)
    before, after = domain.parts
    return [part for part in (before, Wild.LABELS, after) if part]


def domain_fault(text: str) -> str:
    """What is wrong with a domain, or the empty string."""
    if _EXACT.fullmatch(text):
        return ""
    labels = text.split(".")
    if any("*" in label and label != "*" for label in labels):
        return "has * in part of a label, and it may only be a whole one"
    if labels.count("*") > 1:
        return "has more than one *"
    if labels[-1] == "*":
        return "has * as its last label"
    for label in labels:
        if label != "*" and _LABEL.fullmatch(label) is None:
            return f"has the label {label[:60]!r}, which is not one of a domain name"
    return ""
