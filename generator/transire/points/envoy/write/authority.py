"""The regular expressions on `:authority` that a route asks for: a host, and the origin's ports.

Envoy matches them with RE2 from end to end. The virtual host that holds a route has fixed the end
of the name, and compares without case; so does what is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from transire.model.names import HostKind, HostPattern
from transire.model.net import PortRange, merge_ports
from transire.points.envoy.facts import USUAL_PORT

ANY_HOST = "[^:]+"
"""Every name that the virtual host takes; an address of IPv6 is none, for its colons."""

_LABEL = r"[^.:]+"
_PART = r"[^.:]*"


def expression(host: str, ports: Sequence[PortRange], *, bare: bool) -> str:
    """The expression for a host, as `host_expression` gives it, and ports.

    With `bare` the port may be left out, which stands for the usual one of the scheme.
    """
    port = f"(?::(?:{ports_expression(ports)}))"
    return f"(?i){host}{port}{'?' if bare else ''}"


def may_be_bare(ports: Iterable[PortRange], *, tls: bool) -> bool:
    """Whether a request without a port is for one of these: 443 where Envoy goes on by TLS."""
    usual = USUAL_PORT[tls]
    return any(each.first <= usual <= each.last for each in ports)


def host_expression(pattern: HostPattern) -> str:
    """What a name has to look like so that the pattern stands for it.

    The name is known to lie below the literal labels at the end of the pattern.
    """
    if pattern.kind is HostKind.EXACT or pattern.text == "**":
        return ANY_HOST
    labels = pattern.text.split(".")
    if pattern.kind is HostKind.ANY_DEPTH:
        return ANY_HOST
    if pattern.kind is HostKind.ONE_LABEL:
        return _LABEL + rf"(?:\.{_LABEL}){{{len(labels) - 1}}}"
    deep = rf"(?:{_LABEL}\.)+" if labels[0] == "**" else ""
    return deep + r"\.".join(map(_label, labels[bool(deep) :]))


def _label(label: str) -> str:
    if label == "*":
        return _LABEL
    return _PART.join(label.split("*"))


def ports_expression(ports: Iterable[PortRange]) -> str:
    """The ports of TCP in decimal, without leading zeros."""
    merged = merge_ports(ports)
    return "|".join(part for each in merged for part in _range(each.first, each.last))


def _range(first: int, last: int) -> Iterable[str]:
    """Expressions of digits for the numbers from `first` to `last`, both included."""
    for length in range(len(str(first)), len(str(last)) + 1):
        low = max(first, 10 ** (length - 1))
        high = min(last, 10**length - 1)
        yield from _same_length(str(low), str(high))


def _same_length(low: str, high: str) -> Iterable[str]:
    """The same for two numbers with as many digits."""
    if not low:
        yield ""
    elif low[0] == high[0]:
        yield from (low[0] + rest for rest in _same_length(low[1:], high[1:]))
    else:
        rest = len(low) - 1
        first, last = low[0], high[0]
        if low[1:] != "0" * rest:
            yield from (first + each for each in _same_length(low[1:], "9" * rest))
            first = chr(ord(first) + 1)
        upper = last if high[1:] == "9" * rest else chr(ord(last) - 1)
        if first <= upper:
            yield _digits(first, upper) + "[0-9]" * rest
        if upper != last:
            yield from (last + each for each in _same_length("0" * rest, high[1:]))


def _digits(first: str, last: str) -> str:
    return first if first == last else f"[{first}-{last}]"
