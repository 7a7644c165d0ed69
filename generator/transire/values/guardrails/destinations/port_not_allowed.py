"""Hold destinations outside the cluster to the platform's ports.

What it does: reports ports that the platform's `allowedPorts` does not cover, for hosts and
address ranges. Pods, entities and the proxy are inside the cluster and not looked at, and neither
are the platform's known `networks`, whose owners answer for what listens there.
Why is this bad? Odd ports are how data leaves unseen, and how a database ends on the internet.
Bad:
    {name: shell, reason: log in somewhere, to: [bastion.example.com], ports: [2222]}
Good:
    {name: site, reason: read the site, to: [www.example.com], ports: [443]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.model.guardrail import Finding
from transire.model.intent import AddressRange, Destination, Host
from transire.model.net import PortRange, merge_ports
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "port-not-allowed"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every port of a rule to the outside that no allowed range covers."""
    platform = review.organisation.platform
    allowed = platform.guardrails.allowed_ports or platform.ports
    shown = ", ".join(map(str, allowed))
    for entry in review.entries():
        strangers = set(review.strangers(entry))
        outside = [each for each in entry.rule.destinations if _is_outside(each, strangers)]
        for port, of in entry.ports_to(outside):
            if not any(each.covers(port) for each in allowed):
                yield entry.finding(
                    entry.place_of(port.protocol, _outside(port, allowed), of),
                    f"port {port} of {entry.rule.name!r} is not allowed outside the cluster",
                    f"the platform allows {shown}; for another port ask for an entry in "
                    "values/exceptions.yaml",
                    *entry.on_port(port, of, outside),
                )


def _is_outside(destination: Destination, strangers: set[AddressRange]) -> bool:
    return isinstance(destination, Host) or destination in strangers


def _outside(port: PortRange, allowed: Sequence[PortRange]) -> int:
    """The first number of a range that no allowed one has."""
    number = port.first
    for each in merge_ports(allowed):
        if each.protocol is port.protocol and each.first <= number <= each.last:
            number = each.last + 1
    return min(number, port.last)
