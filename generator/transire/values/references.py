"""What a file may refer to: clusters, environments, bundles, networks, and defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transire.model.claims import TeamClaims
from transire.model.ends import End
from transire.model.intent import Bundle, KnownNetwork, Mode
from transire.model.net import PortRange, Protocol
from transire.model.problems import Position
from transire.values import proposals
from transire.values.problem_collector import ProblemCollector, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What the platform's file and the bundles define, as far as they can be read.

    `clusters`, `environments`, `bundles` and `networks` are None where a broken file hides them:
    then names are not judged, since a guess would only mislead. `placed` is the environment of each
    cluster, and None where one of them is hidden. A bundle or a network is None where something is
    wrong with it.
    `teams` is what each team may claim, None where that is not limited, or hidden.
    `ports` and `mode` are the platform's defaults, or stand-ins while those are broken.
    """

    clusters: frozenset[str] | None = None
    environments: frozenset[str] | None = None
    placed: Mapping[str, str] | None = None
    bundles: Mapping[str, Bundle | None] | None = None
    networks: Mapping[str, KnownNetwork | None] | None = None
    teams: Mapping[str, TeamClaims | None] | None = None
    system: frozenset[str] = frozenset()
    ports: tuple[PortRange, ...] = (PortRange(protocol=Protocol.TCP, first=443, last=443),)
    mode: Mode = Mode.ENFORCE
    until: End | None = None


def check_reference(
    kind: str,
    name: str,
    names: Iterable[str] | None,
    at: Position,
    collector: ProblemCollector,
    *,
    otherwise: str = "",
) -> None:
    """Refuse a `name` that is not one of `names`; nothing where these are None.

    `otherwise` is what to do about a name that was one and is gone.

    Raises:
        Misfit: if it is not one of them.
    """
    if names is None or name in (ordered := sorted(names)):
        return
    proposal = proposals.name(at, name, ordered)
    advice = "; ".join(filter(None, [proposals.listed(kind, ordered), otherwise]))
    raise collector.refuse(
        at,
        f"unknown-{kind}",
        f"there is no {kind} {shown(name)}",
        f"write {proposal.text}" if proposal else advice,
        proposal,
    )
