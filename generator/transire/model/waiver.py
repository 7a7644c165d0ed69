"""Approved exceptions: what one is from, for whom, for what, and until when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from transire.model.destinations import Entity, Pods
from transire.model.ends import End
from transire.model.names import HostPattern
from transire.model.net import Network, PortRange
from transire.model.pod_selector import EVERY_POD, PodSelector
from transire.model.problems import Position


@dataclass(frozen=True, slots=True, order=True)
class HostCount:
    """How many hosts a team names."""

    number: int


@dataclass(frozen=True, slots=True, order=True)
class ClusterName:
    """A cluster on which something is found."""

    name: str


Reached = HostPattern | Network | Pods | Entity
"""What an entry reaches; pods and entities have no ports here."""


@dataclass(frozen=True, slots=True)
class OnPort:
    """What an entry reaches on some ports, where a guardrail is about those."""

    what: Reached
    port: PortRange


Subject = Reached | OnPort | HostCount | ClusterName
"""What a guardrail finds in an entry, and what an exception approves there."""

_NOWHERE = Position(path="")
_PLAIN = re.compile(r"[A-Za-z][-A-Za-z0-9./_]*|[0-9]+(?:[.-][0-9]+)*/[A-Z0-9]+")
"""What every YAML reader takes for text without quotes, but for these."""
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """One item of an exception: hosts, addresses or pods, and ports, with all that lies inside."""

    subject: Subject
    at: Position = field(default=_NOWHERE, compare=False, repr=False)

    @property
    def tree(self) -> dict[str, Any]:
        """The item as a file holds it."""
        match self.subject:
            case HostPattern(text=text):
                return {"host": text}
            case OnPort(what=what, port=port):
                return {**Approved(subject=what).tree, "port": str(port)}
            case Pods(namespace_labels=having, labels=labels, cluster=cluster) as pods:
                there = {"cluster": cluster} if cluster else {}
                where = {"namespaceLabels": dict(having)} if having else {}
                chosen = {"pods": dict(labels)} if labels else {}
                return {**there, **(where or {"namespace": pods.namespace}), **chosen}
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
        return inline({**self.tree, **self._shown})

    @property
    def _shown(self) -> dict[str, str]:
        """A host as messages show it, which is not always as DNS has it."""
        what = self.subject.what if isinstance(self.subject, OnPort) else self.subject
        return {"host": what.shown} if isinstance(what, HostPattern) else {}

    @property
    def written(self) -> str:
        """As a file may have it in one line, in quotes where YAML needs them."""
        return inline(self.tree, quoted=True)


def inline(tree: object, *, quoted: bool = False) -> str:
    """Maps, lists and texts in one line, texts in quotes where YAML needs them."""
    match tree:
        case Mapping():
            items = (
                f"{inline(key, quoted=quoted)}: {inline(value, quoted=quoted)}"
                for key, value in tree.items()
            )
            return f"{{{', '.join(items)}}}"
        case list():
            return f"[{', '.join(inline(each, quoted=quoted) for each in tree)}]"
        case _:
            plain = not quoted or isinstance(tree, int) or _is_plain(str(tree))
            return str(tree) if plain else f'"{tree}"'


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Where:
    """A namespace on a cluster for which something was agreed.

    `namespace` is empty where it stands for all that are enrolled there.
    """

    namespace: str
    cluster: str
    at: Position = field(default=_NOWHERE, compare=False, repr=False)

    def has(self, other: Where) -> bool:
        """Whether the other is this place, or one of these."""
        return self.cluster == other.cluster and self.namespace in {"", other.namespace}

    def __str__(self) -> str:
        """Such as `shop on eu`."""
        return f"{self.namespace or 'everything'} on {self.cluster}"


def where_tree(places: Iterable[Where]) -> dict[str, Any]:
    """The keys `clusters` and `namespaces` with which a file writes the places."""
    clusters: list[str] = []
    namespaces: dict[str, list[str]] = {}
    for each in sorted(places):
        (namespaces.setdefault(each.namespace, []) if each.namespace else clusters).append(
            each.cluster
        )
    found = {"clusters": clusters, "namespaces": namespaces}
    return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An approved exception: one guardrail, for one team's entry, until it ends.

    `entry` is the rule's name, or the namespace where the guardrail is about one. `approved` holds
    what it is for, `places` where, both sorted, and `sources` for which pods there. The first is
    empty where it is for the entry as a whole, the second where the guardrail is not about a rule.
    """

    rule: str
    team: str
    entry: str
    approved_by: str
    reason: str
    until: End
    approved: tuple[Approved, ...] = ()
    places: tuple[Where, ...] = ()
    sources: tuple[PodSelector, ...] = EVERY_POD
    at: Position = field(default=_NOWHERE, compare=False, repr=False)

    def __repr__(self) -> str:
        whose = f"{self.team}/" if self.team else ""
        return f"<Waiver {self.rule} for {whose}{self.entry} until {self.until}>"
