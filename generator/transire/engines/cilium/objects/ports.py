"""Ports as the agent reads them, which is not how people do.

Source: `PortProtocol.sanitize` with Go's `strconv.ParseUint(port, 0, 16)` and `pkg/iana`.
"""

from __future__ import annotations

import re

from transire.flows.port_set import Protocol
from transire.model.net import MAX_PORT

_PORTLESS = {"IPIP": 4, "IPV6": 41, "GRE": 47, "ESP": 50, "AH": 51}
"""Protocols that only Cilium calls by name, with their numbers (IANA)."""
_NAMES = {number: name for name, number in _PORTLESS.items()}

_SPELLINGS = (
    (re.compile(r"([1-9](?:_?[0-9])*)"), 10),
    (re.compile(r"0[oO]?((?:_?[0-7])+)"), 8),
    (re.compile(r"0[xX]((?:_?[0-9a-fA-F])+)"), 16),
    (re.compile(r"0[bB]((?:_?[01])+)"), 2),
)
"""The spellings of a number, with its digits as the one group, and their bases."""
_SERVICE_NAME = re.compile(r"[a-z0-9](?:-?[a-z0-9])*", re.IGNORECASE | re.ASCII)
_LONGEST_SERVICE_NAME = 15
_MOST_DIGITS = 16
"""Digits of the highest port in base 2, and so the most in any base."""


def protocol_number(name: str) -> int:
    """The number of a protocol that a rule names."""
    return _PORTLESS.get(name) or Protocol[name]


def protocol_name(number: int) -> str:
    """The name of a protocol that a rule can have."""
    return _NAMES.get(number) or Protocol(number).name


def is_service_name(text: str) -> bool:
    """Whether the agent takes a port for a name: letters, digits and single hyphens, one letter.

    So `0x1bb` is a name and not 443.
    """
    return (
        0 < len(text) <= _LONGEST_SERVICE_NAME
        and _SERVICE_NAME.fullmatch(text) is not None
        and any(character.isalpha() for character in text)
    )


def parse_number(text: str) -> int | None:
    """The number that a port means, or None: `0443` is 291, and `4_43` is 443."""
    if text == "0":
        return 0
    for spelling, base in _SPELLINGS:
        found = spelling.fullmatch(text)
        if found is not None:
            digits = found[1].replace("_", "").lstrip("0")
            number = int(digits or "0", base) if len(digits) <= _MOST_DIGITS else MAX_PORT + 1
            return number if number <= MAX_PORT else None
    return None


def plain_number(text: str, minor: int) -> int:
    """The number that the same port has as a key among others, where only decimals count.

    Source: `parsePortProtocol` in `pkg/policy/l4.go` until 1.19, which reads base 10 and takes a
    failure for 0; so `0443` and `443` share one place, and the first of them decides what it means.
    Since 1.20 the key is the number that the port means.
    """
    if minor >= 20:  # noqa: PLR2004 - 1.20
        return parse_number(text) or 0
    if not (text.isascii() and text.isdigit()):
        return 0
    digits = text.lstrip("0")
    return min(int(digits or "0"), MAX_PORT) if len(digits) <= _MOST_DIGITS else MAX_PORT
