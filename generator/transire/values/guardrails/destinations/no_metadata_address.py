"""Refuse the addresses where clouds hand out credentials.

What it does: reports ranges that lie within a metadata address of a cloud, also in an IPv6 form
(NAT64, 6to4, mapped), hosts that resolve there, and names such as `169-254-169-254.nip.io`. A
larger range that covers one is rendered with that address left out. The list of clouds is of
2026-11-30.
Why is this bad? Whoever reaches it can act as the node.
Bad:
    {name: identity, reason: find the region, ticket: SEC-1, to: [{cidr: 169.254.169.254/32}]}
    {name: ipv6, reason: find the region, ticket: SEC-1, to: [{cidr: "64:ff9b::a9fe:a9fe/128"}]}
    {name: tencent, reason: find the region, to: [metadata.tencentyun.com]}
    {name: by-name, reason: find the region, to: [169-254-169-254.nip.io]}
Good:
    {name: identity, reason: find the region, to: [sts.eu-west-1.amazonaws.com]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.meaning.address_names import addresses_in
from transire.meaning.known_names import KnownNames
from transire.meaning.premises.metadata_services import METADATA, NAMES, is_metadata
from transire.model.guardrail import Finding
from transire.model.intent import Host
from transire.model.problems import Level
from transire.values.guardrails.context import Entry, GuardrailContext

ID = "no-metadata-address"
LEVEL = Level.ERROR

_HELP = "give the workload an identity of its own instead of the node's"
_NAMES = KnownNames.of(NAMES)


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every range inside a metadata address, and every host that covers one of the names."""
    for entry in review.entries():
        for each in entry.rule.ranges:
            if is_metadata(each.cidr):
                yield entry.finding(
                    each.at, f"{each.cidr} is a cloud metadata address", _HELP, each.cidr
                )
        for host in entry.rule.hosts:
            resolves = _resolves(review, entry, host)
            if resolves:
                yield entry.finding(
                    host.at, f"{host.pattern.shown} {resolves}", _HELP, host.pattern
                )


def _resolves(review: GuardrailContext, entry: Entry, host: Host) -> str:
    """How the host leads to a metadata address, or the empty string."""
    for reading, where in review.readings(entry, host.pattern):
        name = _NAMES.shared_with(reading)
        if name is not None:
            read = f", {reading.text} on {where}," if where else ""
            covered = "" if name == host.pattern.text else f"covers {name}, which "
            return f"{read}{' ' if read else ''}{covered}resolves to a cloud metadata address"
    for address in addresses_in(host.pattern.text):
        if any(address in each for each in METADATA):
            return f"resolves to {address}, a cloud metadata address"
    return ""
