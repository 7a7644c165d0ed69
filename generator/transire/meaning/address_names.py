"""Names that answer with the address that is written in them, as those below nip.io do.

Forms: `10.0.0.1.nip.io`, `app.10-0-0-1.nip.io`, `app-0a000001.nip.io` and, at sslip.io, IPv6 with
hyphens for colons, such as `--1.sslip.io`.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from transire.meaning.suffix_facts import ANY_ADDRESS
from transire.model.net import Address

_HEX = frozenset("0123456789abcdef")
_ENDS = tuple(f".{each}" for each in sorted(ANY_ADDRESS))
_NUMBERS = 4
_DIGITS = 8
_LONGEST = 3
_LARGEST = 255


def addresses_in(name: str) -> tuple[Address, ...]:
    """Every address that such a service may read in the name; none for names of others."""
    if not name.endswith(_ENDS):
        return ()
    service = next(each for each in _ENDS if name.endswith(each))
    return tuple(dict.fromkeys(_read(name.removesuffix(service))))


def _read(text: str) -> Iterator[Address]:
    labels = text.split(".")
    yield from _numbers(labels)
    for label in labels:
        yield from _numbers(label.split("-"))
        for part in label.split("-"):
            if len(part) == _DIGITS and _HEX.issuperset(part):
                yield IPv4Address(int(part, 16))
        if "-" in label and _HEX.issuperset(label.replace("-", "")):
            yield from _six(label)


def _numbers(parts: list[str]) -> Iterator[IPv4Address]:
    """The address that each four numbers in a row write; text may hang on by another separator."""
    for first in range(len(parts) - _NUMBERS + 1):
        four = parts[first : first + _NUMBERS]
        four[0], four[-1] = four[0].rpartition("-")[2], four[-1].partition("-")[0]
        if all(
            each.isdecimal() and len(each) <= _LONGEST and int(each) <= _LARGEST for each in four
        ):
            yield IPv4Address(".".join(str(int(each)) for each in four))


def _six(label: str) -> Iterator[IPv6Address]:
    try:
        yield IPv6Address(label.replace("-", ":"))
    except AddressValueError:
        return
