"""What people write where a host belongs, and what they mean by it.

A proposal reaches what was written and nothing else: a port that stands in a host becomes a port of
that destination alone, and a range stays the range that it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import (
    IPv4Address,
    IPv6Address,
    ip_address,
    ip_network,
)

from transire.model.net import MAX_PORT, parse_cidr

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PORTS = {"http": 80, "https": 443}
_SHOWN = 80


_MAP = re.compile(r"\{[^{}]*:[^{}]*\}")
_PASSWORD = re.compile(r"//[^/]*@")


class HostMistake(ValueError):  # noqa: N818 - reads as the sentence it is
    """Text that is no host: the sentence, what to do, and what to write where that is one value.

    `proposal` is YAML in one line that takes the place of the text; empty where there is none.
    """

    def __init__(self, message: str, advice: str, proposal: str = "") -> None:
        super().__init__(f"{message}; {advice}")
        self.message, self.advice, self.proposal = message, advice, proposal


def clip(text: str) -> str:
    """The text short enough for one line of a message."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def lookalike(written: str, is_host: Callable[[str], bool]) -> HostMistake | None:
    """What is written instead of a host, if anything; `is_host` tells whether a text is one."""
    if _MAP.fullmatch(written):
        return HostMistake(f"{clip(written)!r} is a map in quotes", "write it without quotes")
    url = _SCHEME.match(written)
    if url is not None:
        return _url(written, url[1].lower(), written[url.end() :], is_host)
    if "/" in written:
        return _range(written) or _path(written, is_host)
    return _address(written) or _with_port(written, is_host)


def _quoted(text: str) -> str:
    """A host as YAML has it in one line: in quotes where it has a star."""
    return f'"{text}"' if "*" in text else text


def _write(message: str, proposal: str, instead: str) -> HostMistake:
    if proposal:
        return HostMistake(message, f"write {proposal}", proposal)
    return HostMistake(message, instead)


def _range(written: str) -> HostMistake | None:
    """An address range, as `to` has it under another key."""
    address, _, length = written.partition("/")
    try:
        host = ip_address(address)
    except ValueError:
        return None
    message = f"{clip(written)!r} is an address range, not a host"
    try:
        network = parse_cidr(written)
    except ValueError:
        if not _is_length(length, host):
            most = host.max_prefixlen
            return HostMistake(message, f"write {{cidr: ADDRESS/LENGTH}}, LENGTH from 1 to {most}")
        whole = ip_network(written, strict=False)
        one = f"write {_cidr(host)} for the address alone"
        return HostMistake(message, f"{one}, or {{cidr: {whole}}} for all of it")
    if not network.prefixlen:
        return HostMistake(message, "write the hosts or ranges that are needed")
    return _write(message, f"{{cidr: {network}}}", "")


def _is_length(text: str, host: IPv4Address | IPv6Address) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= host.max_prefixlen


def _cidr(host: IPv4Address | IPv6Address) -> str:
    """The address alone, one of IPv4 in its own spelling, as YAML."""
    mapped = host.ipv4_mapped if isinstance(host, IPv6Address) else None
    return f"{{cidr: {ip_network(mapped or host)}}}"


def _address(written: str) -> HostMistake | None:
    """An IPv6 address; one of IPv4 has the form of a host, and is a guardrail's."""
    try:
        address = IPv6Address(written.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    if address.scope_id is not None:
        return None
    message = f"{written!r} is an address, not a host"
    return _write(message, _cidr(address), "")


def _with_port(written: str, is_host: Callable[[str], bool]) -> HostMistake | None:
    host, colon, port = written.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()):
        if ":" not in written:
            return None
        return HostMistake(f"{clip(written)!r} is not a host name", _ADDRESS)
    message = f"{clip(written)!r} has a port in the host"
    return _write(message, _destination(host, int(port), is_host), _PORT_APART)


_ADDRESS = "write a host such as api.example.com, or an address as {cidr: ...}"
_PORT_APART = "write the host alone, and its ports as {host: NAME, ports: [...]}"


def _destination(host: str, port: int, is_host: Callable[[str], bool]) -> str:
    """A destination with a port of its own, as YAML; empty where the text is none."""
    if not 1 <= port <= MAX_PORT:
        return ""
    try:
        address = ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return f"{{host: {_quoted(host)}, ports: [{port}]}}" if is_host(host) else ""
    if isinstance(address, IPv6Address) and (address.scope_id or not host.startswith("[")):
        return ""
    return f"{_cidr(address)[:-1]}, ports: [{port}]}}"


def _url(written: str, scheme: str, rest: str, is_host: Callable[[str], bool]) -> HostMistake:
    """A URL: the host with the port that it names or its scheme stands for."""
    place = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    host, colon, port = place.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and len(port) <= len(str(MAX_PORT))):
        host, port = place, str(_PORTS.get(scheme, 0))
    message = f"{clip(_PASSWORD.sub('//...@', written))!r} is a URL, not a host"
    return _write(message, _destination(host, int(port), is_host), _PORT_APART)


def _path(written: str, is_host: Callable[[str], bool]) -> HostMistake:
    """A host with a path behind it: what is behind is beyond every policy of names."""
    host = written.partition("/")[0]
    message = f"{clip(written)!r} has a path behind the host"
    return _write(message, _quoted(host) if is_host(host) else "", "write the host alone")
