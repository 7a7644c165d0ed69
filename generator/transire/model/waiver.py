"""Approved exceptions: what one is from, for whom, for what, and until when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transire.model.destinations import Entity, Pods
from transire.model.ends import End
from transire.model.names import HostPattern
from transire.model.net import Network, PortRange
from transire.model.problems import Position


@dataclass(frozen=True, slots=True, order=True)
class HostCount:
    """How many hosts a team names."""

    number: int


@dataclass(frozen=True, slots=True, order=True)
class ClusterName:
    """A cluster on which something is found."""

    name: str


Subject = HostPattern | Network | PortRange | Pods | Entity | HostCount | ClusterName
"""What a guardrail finds in an entry, and what an exception approves there.

Pods and entities have no ports here: where ports matter they are subjects of their own.
"""

_NOWHERE = Position(path="")
_PLAIN = re.compile(r"[A-Za-z][-A-Za-z0-9./_]*|[0-9]+(?:[.-][0-9]+)*/[A-Z0-9]+")
"""What every YAML reader takes for text without quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """One item of an exception: hosts, addresses, ports or pods, with all that lies inside."""

    subject: Subject
    at: Position = field(default=_NOWHERE, compare=False, repr=False)

    @property
    def tree(self) -> dict[str, Any]:
        """The item as a file holds it."""
        match self.subject:
            case HostPattern(text=text):
                return {"host": text}
            case PortRange():
                return {"port": str(self.subject)}
            case Pods(namespace=namespace, labels=labels, cluster=cluster):
                there = {"cluster": cluster} if cluster else {}
                chosen = {"pods": dict(labels)} if labels else {}
                return {**there, "namespace": namespace, **chosen}
            case Entity(kind=kind):
                return {"entity": kind.value}
            case HostCount(number=number):
                return {"hosts": number}
            case ClusterName(name=name):
                return {"cluster": name}
            case _:
                return {"cidr": str(self.subject)}

    def __str__(self) -> str:
        """As the file writes it: `{cidr: 10.80.4.0/24}`."""
        if isinstance(self.subject, HostPattern):
            return f"{{host: {self.subject.shown}}}"
        return _inline(self.tree)

    @property
    def written(self) -> str:
        """As a file may have it in one line, in quotes where YAML needs them."""
        return _inline(self.tree, quoted=True)


def _inline(tree: Mapping[str, Any], *, quoted: bool = False) -> str:
    def one(value: object) -> str:
        if isinstance(value, dict):
            return _inline(value, quoted=quoted)
        return f'"{value}"' if quoted and not _PLAIN.fullmatch(str(value)) else str(value)

    return f"{{{', '.join(f'{key}: {one(value)}' for key, value in tree.items())}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An approved exception: one guardrail, for one team's entry, until it ends.

    `entry` is the rule's name, or the namespace where the guardrail is about one. `approved` holds
    what it is for, sorted; it is empty where it is for the entry as a whole.
    """

    rule: str
    team: str
    entry: str
    approved_by: str
    reason: str
    until: End
    approved: tuple[Approved, ...] = ()
    at: Position = field(default=_NOWHERE, compare=False, repr=False)


def kind_of(subject: Subject) -> str:
    """The key under which an exception writes it: `host`, `cidr`, `port`, or the like."""
    return next(iter(Approved(subject=subject).tree))
