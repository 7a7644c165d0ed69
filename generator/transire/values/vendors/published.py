"""What every vendor's file comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from transire.model.names import HostPattern
from transire.model.net import Network, PortRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Hosts and ranges that a vendor publishes together.

    `fields` holds what filters see, by the vendor's own name for it. `ports` is empty where the
    vendor names none.
    """

    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hosts: tuple[HostPattern, ...] = ()
    ranges: tuple[Network, ...] = ()
    ports: tuple[PortRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A whole file; `date` is None and `version` empty where the vendor writes none into it."""

    offers: tuple[Offer, ...]
    date: date | None = None
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A vendor, what filters see of its file, where the file comes from, and what reads it.

    `read` takes the text and the path that messages show, and raises `Rejected`.
    """

    name: str
    title: str
    filters: tuple[str, ...]
    url: str
    read: Callable[[str, str], Published]
