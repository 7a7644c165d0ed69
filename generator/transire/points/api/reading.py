"""Configuration as a point reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from transire.flows.request_set import Request, RequestSet
from transire.model.engine import Release
from transire.model.net import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class PointUnmodelled:
    """A place in the configuration that this program does not model, which nobody judges.

    `file` is its name, `key` a JSON pointer or a line, and `why` a sentence in lower case.
    `listener` is empty where every listener may be concerned.
    """

    file: str
    key: str
    why: str
    listener: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What else one listener keeps to, beside the names, ports and requests that it lets through.

    `port` is where it listens, 0 where it has no port of its own. `audit`: what is not let through
    passes all the same, and is logged. `denied` are ranges whose addresses no name may lead to,
    merged and sorted. `server_names`: a tunnel carries TLS for the name that it is for.

    `aside` are requests that the program treats in a way of its own, of which the caveats of the
    configuration speak, and `moot` ranges that it never connects to, whatever is denied; the proof
    compares the rest.
    """

    port: int
    audit: bool = False
    denied: tuple[Network, ...] = ()
    server_names: bool = False
    aside: RequestSet = RequestSet.nothing()
    moot: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDecision:
    """The verdict about one request: `rule` is what let it through, or why nothing did."""

    allowed: bool
    rule: str


class PointReading(Protocol):
    """Configuration as a point reads it: what it lets through, and what is not modelled."""

    @property
    def listeners(self) -> tuple[str, ...]:
        """The names of the listeners that it has, sorted; a stranger's are among them."""
        ...

    @property
    def unmodelled(self) -> tuple[PointUnmodelled, ...]:
        """Everything in the configuration that this program does not model."""
        ...

    def requests(self, listener: str) -> RequestSet:
        """What the listener lets through; in audit, what it would let through without.

        Raises:
            KeyError: if there is none of that name.
            Unjudgeable: if it holds what is not modelled.
        """
        ...

    def guard(self, listener: str) -> Guard:
        """What else the listener keeps to.

        Raises:
            KeyError: if there is none of that name.
        """
        ...

    def decide(self, listener: str, request: Request) -> PointDecision:
        """The verdict about one request, found in another way than `requests`.

        Raises:
            KeyError: if there is no listener of that name.
            Unjudgeable: if it holds what is not modelled.
        """
        ...


class PointReader(Protocol):
    """How a point reads its configuration."""

    def __call__(self, files: Mapping[str, str], release: Release) -> PointReading:
        """The files, all of them together."""
        ...
