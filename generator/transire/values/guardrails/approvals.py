"""What exceptions let pass of what a guardrail finds: what was approved, and nothing added later.

A finding about hosts, ranges or ports passes where exceptions for its entry hold all of them.
Several exceptions count together. One about an entry as a whole, such as a missing reason, passes
by an exception without `for`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network

from transire.meaning.host_sets import covers
from transire.model.destinations import Entity, Pods
from transire.model.guardrail import Finding
from transire.model.names import HostPattern
from transire.model.net import PortRange, contains, merge_networks, merge_ports, overlaps
from transire.model.waiver import Approved, ClusterName, HostCount, Subject, Waiver


def granting(finding: Finding, waivers: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """Those of the exceptions for the finding's entry by which it passes; nothing if it stands."""
    if not finding.about:
        return tuple(each for each in waivers if not each.approved)
    approved = [item for each in waivers for item in each.approved]
    if not all(_is_approved(subject, approved) for subject in finding.about):
        return ()
    return tuple(
        each
        for each in waivers
        if any(meets(item, subject) for item in each.approved for subject in finding.about)
    )


def meets(item: Approved, subject: Subject) -> bool:
    """Whether the item is for some part of the subject."""
    match item.subject, subject:
        case PortRange() as approved, PortRange():
            return (
                approved.protocol is subject.protocol
                and approved.first <= subject.last
                and subject.first <= approved.last
            )
        case (IPv4Network() | IPv6Network()) as approved, (IPv4Network() | IPv6Network()):
            return overlaps(approved, subject)
        case HostPattern() as approved, HostPattern():
            return covers(approved, subject) or covers(subject, approved)
        case HostCount(), HostCount():
            return True
        case _:
            return _is_approved(subject, [item])


def _is_approved(subject: Subject, items: Iterable[Approved]) -> bool:
    """Whether the items hold all of the subject, together where they are ranges or ports."""
    approved = [each.subject for each in items]
    match subject:
        case HostPattern():
            hosts = (each for each in approved if isinstance(each, HostPattern))
            return any(covers(each, subject) for each in hosts)
        case PortRange():
            ports = merge_ports(each for each in approved if isinstance(each, PortRange))
            return any(each.covers(subject) for each in ports)
        case Pods():
            pods = (each for each in approved if isinstance(each, Pods))
            return any(_chooses(each, subject) for each in pods)
        case Entity() | ClusterName():
            return subject in approved
        case HostCount():
            return any(isinstance(each, HostCount) and subject <= each for each in approved)
        case _:
            networks = (each for each in approved if isinstance(each, IPv4Network | IPv6Network))
            return any(contains(each, subject) for each in merge_networks(networks))


def _chooses(wide: Pods, narrow: Pods) -> bool:
    """Whether they differ in labels alone, and all of the one are asked of the other."""
    return set(wide.labels) <= set(narrow.labels) and replace(wide, labels=narrow.labels) == narrow
