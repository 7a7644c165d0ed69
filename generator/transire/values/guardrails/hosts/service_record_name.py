"""Refuse the name of an SRV record.

What it does: reports hosts with a label such as `_tcp` behind one that begins with an underscore,
which is how SRV records are called (RFC 2782).
Why is this bad? The answer to such a name holds other names, no address: no connection ever goes
to it, so the rule looks right and allows nothing.
Bad:
    {name: orders, reason: keep orders, to: [_mongodb._tcp.cluster0.example.net]}
Good:
    {name: orders, reason: keep orders, to: [shard0.example.net, shard1.example.net]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "service-record-name"
LEVEL = Level.ERROR

TRANSPORTS = frozenset({"_dccp", "_quic", "_sctp", "_tcp", "_tls", "_udp"})
"""What the second label of an SRV record's name says."""


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host that is the name of an SRV record."""
    for entry, host in review.hosts():
        if _is_record(host.pattern.text.split(".")):
            yield entry.finding(
                host.at,
                f"{host.pattern.shown} is the name of an SRV record, whose answer holds no address",
                _remedy(host.pattern.text),
                host.pattern,
            )


def _remedy(text: str) -> str:
    named = "name the hosts that its records hold"
    return named if "*" in text else f"{named}, as `dig SRV {text}` lists them"


def _is_record(labels: Sequence[str]) -> bool:
    """Whether the name has a service and a transport, or is a wildcard for services of one."""
    return any(
        transport in TRANSPORTS and service.startswith(("_", "*"))
        for service, transport in pairwise(labels)
    )
