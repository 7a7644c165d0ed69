"""Targets that change in the same way, told once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transire.review.diff.change import Event, Side, TargetChange
from transire.review.diff.example import destination_of
from transire.review.diff.grants import Destination, Grant, GrantKind

_EVENTS = {
    Event.GOVERNED: "comes under policy: what no rule allows is dropped from now on",
    Event.RELEASED: "is governed no longer: every destination is open",
    Event.ENFORCED: "leaves audit: what no rule allows is dropped from now on",
    Event.AUDITED: "goes into audit: nothing is dropped any more",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that opens or closes: `sign` is `+` or `-`, `said` what that means here."""

    sign: str
    said: str
    who: str
    to: str
    ports: str
    example: str
    detail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Targets of one team with the same change; the first stands for all where they are alike."""

    targets: tuple[TargetChange, ...]

    @property
    def first(self) -> TargetChange:
        """The target that stands for all."""
        return self.targets[0]

    @property
    def title(self) -> str:
        """Whose targets they are."""
        return self.first.side.team or "no team"

    @property
    def places(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The namespaces, each with its clusters."""
        found: dict[str, list[str]] = {}
        for each in self.targets:
            found.setdefault(each.namespace, []).append(each.cluster)
        return tuple((namespace, tuple(clusters)) for namespace, clusters in found.items())

    @property
    def notes(self) -> tuple[str, ...]:
        """What happens to the namespaces as a whole, and other facts that are no rows."""
        said = [f"the namespace {_EVENTS[each]}" for each in self.first.events]
        if self.first.pending and (self.first.gains or self.first.losses):
            said.append("audit: what opens and closes counts once audit ends")
        if self.first.unjudged:
            said.append(f"nobody knows what this does: {self.first.unjudged}")
        said += _sides(self.first.before, self.first.after)
        begun, ended = self.first.delegated
        said += [f"{to} decides about {host} from now on" for host, to in begun]
        said += [f"{to} no longer decides about {host}" for host, to in ended]
        return tuple(said)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What opens and closes, new destinations before details."""
        opened = "may reach" if Event.GOVERNED in self.first.events else "opens"
        rows = [_row("+", opened, each) for each in self.first.gains if not each.implied]
        rows += [_row("-", "closes", each) for each in self.first.losses if not each.implied]
        return tuple(sorted(rows, key=lambda each: each.detail))


def grouped(targets: Iterable[TargetChange]) -> tuple[Group, ...]:
    """The changes, those of a team that read the same together, in the order of the first."""
    found: dict[tuple[object, ...], list[TargetChange]] = {}
    for each in targets:
        alone = Group(targets=(each,))
        reads = (
            each.side.team, each.change, each.risk, each.side.environment, alone.notes, alone.rows,
            each.reasons,
        )  # fmt: skip
        found.setdefault(reads, []).append(each)
    return tuple(Group(targets=tuple(each)) for each in found.values())


def _sides(before: Side | None, after: Side | None) -> list[str]:
    if before is None or after is None:
        return []
    said = []
    if before.team != after.team:
        said.append(f"the team was {before.team or 'nobody'}")
    if before.engine != after.engine:
        said.append(f"the engine was {before.engine} and is {after.engine}")
    return said


def _row(sign: str, said: str, grant: Grant) -> Row:
    detail = grant.kind is GrantKind.DETAIL
    other = {"+": "instead of", "-": "leaves"}[sign]
    return Row(
        sign=sign,
        said=f"{said}, same destinations" if detail else said,
        who=grant.who,
        to=", ".join(
            f"{each.shown} ({other} {', '.join(each.instead_of)})"
            if each.instead_of
            else each.shown
            for each in grant.destinations
        ),
        ports=grant.ports,
        example=destination_of(grant.example),
        detail=detail,
    )


def _destination(each: Destination, other: str) -> str:
    also = f" ({other} {', '.join(each.instead_of)})" if each.instead_of else ""
    return f"{each.shown}{also}"


def counted(targets: Iterable[TargetChange], looked_at: int) -> str:
    """How many targets change, by class."""
    classes = [str(each.change) for each in targets]
    if not classes:
        return f"nothing changes for any of {looked_at} targets"
    by_class = ", ".join(f"{classes.count(each)} {each}" for each in dict.fromkeys(classes))
    verb = "changes" if len(classes) == 1 else "change"
    return f"{len(classes)} of {max(looked_at, len(classes))} targets {verb}: {by_class}"
