"""Texts of logs as times, addresses and names; what is none of them is unreadable."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from transire.flowlogs.record import Unreadable

MAX_PORT = 65_535
_MAX_NAME = 253
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_FRACTION = re.compile(r"\.(\d{1,6})\d*")
_SECONDS_LONG = len("2026-05-04T09:12:44Z")
_MILLION = 1_000_000
_MICROSECONDS = len("2026-05-04T09:12:44.118232Z")
"""What is longer may have digits that Python takes for none."""
_LAST = 4_102_444_800.0
"""The year 2100, in seconds since the epoch."""
_THOUSAND = 1000.0
_SECONDS = 1e11
"""Seconds since the epoch stay below this for three thousand years; above are milliseconds, above
a thousand times this microseconds, and above that nanoseconds."""


@lru_cache(maxsize=4096)
def _whole_seconds(text: str) -> int:
    """Microseconds since the epoch of a time in UTC without a fraction."""
    return int(_checked(f"{text}Z") * _MILLION)


def time_of(text: str) -> float:
    """RFC 3339 with any number of digits of a second, as seconds since the epoch.

    Raises:
        Unreadable: if it is none, or lacks a zone.
    """
    if len(text) > _SECONDS_LONG and text[-1] == "Z" and text[19] == ".":
        fraction = text[20:-1]
        if fraction.isascii() and fraction.isdecimal():
            return (_whole_seconds(text[:19]) + int(fraction[:6].ljust(6, "0"))) / _MILLION
    if len(text) > _MICROSECONDS:
        text = _FRACTION.sub(r".\1", text, count=1)
    return _checked(text)


def _checked(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("a time that is no RFC 3339") from None
    if found.tzinfo is None:
        raise Unreadable("a time without a zone")
    seconds = found.timestamp()
    if not 0 <= seconds < _LAST:
        raise Unreadable("a time that is out of range")
    return seconds


def seconds_of(number: float) -> float:
    """Seconds since the epoch, or thousandths, millionths and so on of them, as seconds.

    Raises:
        Unreadable: if it is no time after 1970.
    """
    seconds, most = number, _SECONDS
    while number > most and most < _SECONDS * _THOUSAND**3:
        seconds, most = seconds / _THOUSAND, most * _THOUSAND
    if not 0 <= seconds < _LAST:
        raise Unreadable("a time that is out of range")
    return seconds


@lru_cache(maxsize=65_536)
def address_of(text: str) -> str:
    """An address in its shortest form; IPv4 in IPv6 as IPv4, without brackets or a zone.

    Raises:
        Unreadable: if it is none.
    """
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        raise Unreadable("an address that is none") from None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


@lru_cache(maxsize=65_536)
def is_address(text: str) -> bool:
    """Whether a text is an address, in brackets or not."""
    try:
        address_of(text)
    except Unreadable:
        return False
    return True


@lru_cache(maxsize=65_536)
def name_of(text: str) -> str:
    """A host name in lower case without a trailing dot.

    Raises:
        Unreadable: if it is none: control characters, empty labels, letters outside ASCII, which
            never stand in DNS, or more than 253 characters.
    """
    name = text.lower().removesuffix(".")
    if len(name) > _MAX_NAME or not _NAME.fullmatch(name) or is_address(name):
        raise Unreadable("a name that is none")
    return name


ODD_NAMES = "some names, which are none"
"""What a flow lacks of whose names some are none, and are left out."""


@lru_cache(maxsize=65_536)
def names_of(written: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of a flow, and what it lacks where some are none; no rule can have those.

    Raises:
        Unreadable: if all are none.
    """
    if not written:
        return (), ()
    found: list[str] = []
    for each in written:
        try:
            found.append(name_of(each))
        except Unreadable:
            continue
    if not found:
        raise Unreadable("a name that is none")
    return tuple(found), (ODD_NAMES,) if len(found) < len(written) else ()


def port_of(text: str | int) -> int:
    """A port.

    Raises:
        Unreadable: if it is none.
    """
    if isinstance(text, str) and not (text.isascii() and text.isdecimal()):
        raise Unreadable("a port that is none")
    number = int(text)
    if not 0 <= number <= MAX_PORT:
        raise Unreadable("a port that is none")
    return number


def host_and_port(text: str) -> tuple[str, int | None]:
    """A host and a port that may be left out: `a.example:443`, `[2001:db8::1]:443`, `a.example`.

    Raises:
        Unreadable: if the port is none, or a bracket is not closed.
    """
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or rest[:1] not in {"", ":"}:
            raise Unreadable("a host that is none")
        return host, port_of(rest[1:]) if rest[1:] else None
    if text.count(":") > 1:
        return text, None
    host, colon, port = text.partition(":")
    return host, port_of(port) if colon and port else None
