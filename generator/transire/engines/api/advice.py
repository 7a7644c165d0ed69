"""What to set in a cluster so that names, caches and connections work: as data of each engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.model.intent import Cluster


class Topic(StrEnum):
    """What advice is about; the values are titles."""

    LIFETIMES = "lifetimes of addresses"
    CACHES = "caches"
    CONNECTIONS = "long connections"
    FAMILIES = "address families"
    LOOKUPS = "lookups"
    RELEASES = "releases"


class Standing(StrEnum):
    """How a setting stands to the advice."""

    CHANGE = "change"
    """It is known, and otherwise."""
    WEIGH = "weigh"
    """Both ways have a price, which only people can weigh."""
    LOOK = "look"
    """It is not known here."""
    FINE = "fine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One setting: what it is now, what it should be and why, and the risk of changing it.

    `now` is empty where it is not known; `where` is how it is set.
    """

    topic: Topic
    setting: str
    where: str
    now: str
    value: str
    standing: Standing
    why: str
    source: str
    risk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """A cluster with its settings as far as they are known.

    `settings` are those of the agents, by name; `whole` is true where they were read from the
    cluster itself, so that what is not there has its default. `hosts` is the number of different
    hosts that rules list there.
    """

    cluster: Cluster
    settings: Mapping[str, str]
    whole: bool
    hosts: int

    def value(self, name: str, default: str) -> str:
        """The value of a setting; empty where it is not known."""
        return self.settings.get(name, default if self.whole else "")


Advise = Callable[[Advised], tuple[Advice, ...]]

_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))+")
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_in(written: str) -> float | None:
    """A duration in seconds, as Go writes it or as a plain number of them; None for anything else.

    ```python
    assert seconds_in("1m30s") == 90
    ```
    """
    if written.isdigit():
        return float(written)
    if not _DURATION.fullmatch(written):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(written))


def standing(now: str, *, fine: bool) -> Standing:
    """How a setting stands to advice that it follows, or does not, where it is known."""
    if not now:
        return Standing.LOOK
    return Standing.FINE if fine else Standing.CHANGE
