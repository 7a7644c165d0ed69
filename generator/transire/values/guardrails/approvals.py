"""What exceptions let pass of what a guardrail finds: what was approved, and nothing added later.

A finding passes where exceptions for its entry hold everything that it is about, in each place and
for all pods. Several exceptions count together. One to which nothing can be added, such as a
cluster of IPv6 alone, passes by an exception without `for`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network

from transire.meaning.host_sets import covers
from transire.meaning.source_pods import pods_of
from transire.model.destinations import Entity, Pods
from transire.model.names import HostPattern
from transire.model.net import PortRange, contains, merge_networks, merge_ports, overlaps
from transire.model.pod_selector import PodSelector
from transire.model.waiver import ClusterName, HostCount, OnPort, Subject, Waiver, Where
from transire.values.guardrails.needed import Needed


def granting(needed: Needed, waivers: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """Those of the exceptions for an entry by which a finding passes; nothing if it stands."""
    if not needed.about:
        return tuple(each for each in waivers if not each.approved)
    used: dict[Waiver, None] = {}
    for place, source in needed.parts:
        fitting = [each for each in waivers if is_for(each, place, source)]
        approved = [item.subject for each in fitting for item in each.approved]
        if not all(_passes(subject, needed, approved) for subject in needed.about):
            return ()
        used.update(dict.fromkeys(each for each in fitting if holds_some(each, needed.about)))
    return tuple(used)


def _passes(subject: Subject, needed: Needed, approved: Sequence[Subject]) -> bool:
    """Whether these hold the subject, on every port or on all on which it is open."""
    if _is_approved(subject, approved):
        return True
    if isinstance(subject, OnPort | HostCount | ClusterName):
        return False
    ports = needed.ports.get(subject, ())
    return bool(ports) and all(_is_approved(OnPort(subject, port), approved) for port in ports)


def is_for(waiver: Waiver, place: Where | None, source: PodSelector) -> bool:
    """Whether the exception is for all of these pods, in a place if the finding has some."""
    return (place is None or any(each.has(place) for each in waiver.places)) and (
        pods_of((source,)) <= pods_of(waiver.sources)
    )


def holds_some(waiver: Waiver, subjects: Sequence[Subject]) -> bool:
    """Whether the exception is for a part of what is found."""
    return any(meets(item.subject, subject) for item in waiver.approved for subject in subjects)


def meets(approved: Subject, subject: Subject) -> bool:
    """Whether what was approved is some part of the subject."""
    match approved, subject:
        case OnPort(what=there, port=port), OnPort(what=what, port=other):
            return meets(there, what) and _on_one_port(port, other)
        case OnPort(what=there), _:
            return meets(there, subject)
        case ((IPv4Network() | IPv6Network()), (IPv4Network() | IPv6Network())):
            return overlaps(approved, subject)
        case HostPattern(), HostPattern():
            return covers(approved, subject) or covers(subject, approved)
        case HostCount(), HostCount():
            return True
        case _:
            return _is_approved(subject, [approved])


def _on_one_port(one: PortRange, other: PortRange) -> bool:
    return one.protocol is other.protocol and one.first <= other.last and other.first <= one.last


def _is_approved(subject: Subject, approved: Sequence[Subject]) -> bool:
    """Whether these hold all of the subject, together where they are ranges or ports."""
    match subject:
        case OnPort(what=what, port=port):
            on_ports = (each for each in approved if isinstance(each, OnPort))
            ports = (each.port for each in on_ports if _is_approved(what, [each.what]))
            return any(each.covers(port) for each in merge_ports(ports))
        case HostPattern():
            hosts = (each for each in approved if isinstance(each, HostPattern))
            return any(covers(each, subject) for each in hosts)
        case Pods():
            pods = (each for each in approved if isinstance(each, Pods))
            return any(_chooses(each, subject) for each in pods)
        case Entity() | ClusterName():
            return subject in approved
        case HostCount():
            return any(isinstance(each, HostCount) and subject <= each for each in approved)
        case _:
            return any(contains(each, subject) for each in merge_networks(_ranges(approved)))


def _ranges(approved: Iterable[Subject]) -> Iterator[IPv4Network | IPv6Network]:
    return (each for each in approved if isinstance(each, IPv4Network | IPv6Network))


def _chooses(wide: Pods, narrow: Pods) -> bool:
    """Whether all pods of the one are pods of the other, by labels that the one has besides."""
    alike = replace(wide, labels=narrow.labels, namespace_labels=narrow.namespace_labels) == narrow
    return (
        alike
        and bool(wide.namespace_labels) is bool(narrow.namespace_labels)
        and set(wide.namespace_labels) <= set(narrow.namespace_labels)
        and set(wide.labels) <= set(narrow.labels)
    )
