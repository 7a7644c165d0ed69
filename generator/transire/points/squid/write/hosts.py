"""Hosts as lists of access: names, names below a domain, and regular expressions.

`dstdomain` has no form for one label or for a domain without its apex. So a one-label wildcard is
what is below its parent and has that many labels, and an any-depth wildcard what is below it and
not the parent itself. Always `-n`: without it, Squid also compares the reverse lookup of an address
that a client names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transire.model.names import HostKind, HostPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class HostList:
    """One way in which a rule names hosts: its key, a list, and what goes with it in a rule.

    `labels` is the number of labels that names must have, 0 for any. `apexes` are names that are
    not meant although the list has them.
    """

    key: str
    kind: str
    values: tuple[str, ...]
    labels: int = 0
    apexes: tuple[str, ...] = ()


def host_lists(hosts: Iterable[HostPattern]) -> Iterator[HostList]:
    """The lists whose union is these hosts."""
    by_kind: dict[HostKind, list[HostPattern]] = {}
    for host in sorted(set(hosts)):
        by_kind.setdefault(host.kind, []).append(host)
    exact = tuple(host.text for host in by_kind.get(HostKind.EXACT, ()))
    if exact:
        yield HostList(key="e", kind="dstdomain -n", values=exact)
    yield from _of_one_label(by_kind.get(HostKind.ONE_LABEL, ()))
    parents = _uncovered(host.parent for host in by_kind.get(HostKind.ANY_DEPTH, ()))
    if parents:
        below = tuple(f".{parent}" for parent in parents)
        yield HostList(key="d", kind="dstdomain -n", values=below, apexes=parents)
    partial = tuple(_expression(host) for host in by_kind.get(HostKind.PARTIAL, ()))
    if partial:
        yield HostList(key="x", kind="dstdom_regex -n -i", values=partial)


def _of_one_label(hosts: Iterable[HostPattern]) -> Iterator[HostList]:
    by_labels: dict[int, list[str]] = {}
    for host in hosts:
        by_labels.setdefault(host.text.count(".") + 1, []).append(f".{host.parent}")
    for labels, below in sorted(by_labels.items()):
        yield HostList(key=f"o{labels}", kind="dstdomain -n", values=tuple(below), labels=labels)


def _uncovered(parents: Iterable[str]) -> tuple[str, ...]:
    """Those that are not below another: `not the apex` is right for these alone.

    Squid also refuses to start where a name stands before another one that covers it.
    """
    known = set(parents)
    return tuple(sorted(each for each in known if known.isdisjoint(_above(each))))


def _above(name: str) -> Iterator[str]:
    while "." in name:
        name = name.partition(".")[2]
        yield name


def label_count(labels: int) -> str:
    """The expression of names that have exactly so many labels."""
    return f"^[^.]+([.][^.]+){{{labels - 1}}}$"


def _expression(host: HostPattern) -> str:
    return f"^{'[.]'.join(map(_label, host.text.split('.')))}$"


def _label(label: str) -> str:
    if label == "**":
        return "[^.]+([.][^.]+)*"
    return "[^.]+" if label == "*" else label.replace("*", "[^.]*")
