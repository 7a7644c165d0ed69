"""What a file may refer to: clusters, environments, bundles, networks, and defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from transire.model.ends import End
from transire.model.intent import Bundle, KnownNetwork, Mode
from transire.model.net import PortRange, Protocol
from transire.model.problems import Position
from transire.values.problem_collector import ProblemCollector, one_of, shown

_MANY = 12
_FAR = 3
"""Names whose lengths differ by more are not compared: that takes time, and finds no slip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What the platform's file and the bundles define, as far as they can be read.

    `clusters`, `environments`, `bundles` and `networks` are None where a broken file hides them:
    then names are not judged, since a guess would only mislead. A bundle or a network is None where
    something is wrong with it.
    `ports` and `mode` are the platform's defaults, or stand-ins while those are broken.
    """

    clusters: frozenset[str] | None = None
    environments: frozenset[str] | None = None
    bundles: Mapping[str, Bundle | None] | None = None
    networks: Mapping[str, KnownNetwork | None] | None = None
    system: frozenset[str] = frozenset()
    ports: tuple[PortRange, ...] = (PortRange(protocol=Protocol.TCP, first=443, last=443),)
    mode: Mode = Mode.ENFORCE
    until: End | None = None


def check_reference(
    kind: str, name: str, names: Iterable[str] | None, at: Position, collector: ProblemCollector
) -> None:
    """Refuse a `name` that is not one of `names`; nothing where these are None.

    Raises:
        Misfit: if it is not one of them.
    """
    if names is None or name in (ordered := sorted(names)):
        return
    raise collector.refuse(
        at, f"unknown-{kind}", f"there is no {kind} {shown(name)}", remedy(name, ordered, kind)
    )


def remedy(written: str, names: list[str], kind: str) -> str:
    """What to write instead of `written`."""
    near = [name for name in names if abs(len(name) - len(written)) <= _FAR]
    close = get_close_matches(written, near, n=1)
    if close:
        return f"write {close[0]}"
    if not names:
        return f"there is none; declare the {kind} first"
    more = f", and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return f"write {one_of(names[:_MANY])}{more}"
