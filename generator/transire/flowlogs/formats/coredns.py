"""Lines of CoreDNS's plugin `log` in its common form.

`{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags}
{rsize} {duration}` (`plugin/log/README.md`): no answers, no pod, and no time of its own, which
comes from the container's log where that has one.
"""

from __future__ import annotations

import re

from transire.flowlogs.format import Format
from transire.flowlogs.record import Lookup, Outcome, Peer, Record, Unreadable
from transire.flowlogs.scalars import address_of, host_and_port, name_of, time_of

_LINE = re.compile(
    r"(?:(?P<time>\d{4}-\d\d-\d\dT\S+)\s+)?\[INFO\]\s+(?:plugin/log: )?(?P<client>\S+) - \d+ "
    r'"(?P<type>[A-Z0-9]+) [A-Z0-9]+ (?P<name>\S+) (?:udp|tcp|https|tls|grpc|quic)\S* '
    r'\d+ \S+ \d+" (?P<code>[A-Z0-9-]+) '
)
_REFUSED = "REFUSED"


def _read(line: bytes) -> Record | None:
    found = _LINE.match(line.decode("utf-8", "replace"))
    if found is None:
        raise Unreadable("another form than CoreDNS's common log")
    if found["code"] == "-":
        return None
    at = time_of(found["time"]) if found["time"] else None
    if found["name"] == ".":
        return None
    return Lookup(
        first=at,
        last=at,
        outcome=Outcome.DENIED if found["code"] == _REFUSED else Outcome.PASSED,
        client=Peer(address=address_of(host_and_port(found["client"])[0])),
        name=name_of(found["name"]),
        type=found["type"],
        code=found["code"],
    )


COREDNS = Format(
    name="coredns",
    title="CoreDNS, plugin log",
    recognises=lambda line: b"[INFO]" in line and b" - " in line and b" IN " in line,
    read=_read,
    never=frozenset({"addresses", "pods", "answers"}),
)
