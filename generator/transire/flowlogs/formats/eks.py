"""The network policy agent of EKS: its file, and its lines in CloudWatch.

Both have addresses and ports alone (`pkg/ebpf/events/events.go`). What passes is written only where
the agent logs at the level debug.
"""

from __future__ import annotations

import re

from transire.flowlogs.format import Format
from transire.flowlogs.record import Flow, Outcome, Peer, Record, Seen, Unreadable
from transire.flowlogs.scalars import address_of, port_of, time_of

_FILE = re.compile(
    r"Src IP:?\W+(?P<source>[0-9a-fA-F.:]+)\W+Src Port:?\W+\d+\W+Dest IP:?\W+"
    r"(?P<destination>[0-9a-fA-F.:]+?)[\s\"',;]+Dest Port:?\W+(?P<port>\d+)\W+Proto:?\W+"
    r"(?P<protocol>\w+)\W+Verdict:?\W+(?P<verdict>[A-Z/]+)(?:\W+Direction:?\W+(?P<way>\w+))?"
)
_CLOUDWATCH = re.compile(
    r"Node: (?P<node>[^;]*);SIP: (?P<source>[^;]*);SPORT: \d+;DIP: (?P<destination>[^;]*);"
    r"DPORT: (?P<port>\d+);PROTOCOL: (?P<protocol>\w+);PolicyVerdict: (?P<verdict>[A-Z/]+)"
)
_TIME = re.compile(r'"(?:ts|timestamp|time)":\s*"([^"]+)"|^(\d{4}-\d\d-\d\dT\S+)')
_OUTCOMES = {"DENY": Outcome.DENIED, "ACCEPT": Outcome.PASSED}


def _read(line: bytes) -> Record | None:
    shown = line.decode("utf-8", "replace")
    found = _CLOUDWATCH.search(shown) or _FILE.search(shown)
    if found is None:
        raise Unreadable("another form than the agent's flow lines")
    fields = found.groupdict()
    if fields["verdict"] not in _OUTCOMES:
        return None
    when = _TIME.search(shown)
    at = time_of(when[1] or when[2]) if when else None
    return Flow(
        first=at,
        last=at,
        seen=Seen.DECISION,
        outcome=_OUTCOMES[fields["verdict"]],
        source=Peer(address=address_of(fields["source"])),
        destination=Peer(address=address_of(fields["destination"])),
        protocol=fields["protocol"].upper(),
        port=port_of(fields["port"]),
        egress={"egress": True, "ingress": False}.get(fields.get("way") or ""),
        node=fields.get("node") or "",
    )


EKS = Format(
    name="eks",
    title="network policy agent of EKS",
    recognises=lambda line: (
        b"PolicyVerdict: " in line
        or (b"Src IP" in line and b"Dest IP" in line and b"Verdict" in line)
    ),
    read=_read,
    never=frozenset({"names", "pods"}),
)
