"""The axes along which flows differ, in the one order that every diagram keeps.

The order decides how large a diagram gets. What a rule leads to comes first, hosts and addresses,
ports and peers, and the pods that it is for come after: a destination stands in few rules, so each
leads to a short tail of its own, while pods opt in by label keys that overlap, and would multiply
if they came first.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

MOST_LABELS = 127
"""A name in the DNS has at most 255 octets, so at most 127 labels (RFC 1035, 2.3.4)."""

HOST_LETTERS = "-0123456789_abcdefghijklmnopqrstuvwxyz"
"""The characters of a label of a host name, in lower case."""


class Axis(IntEnum):
    """One kind of variable; the number is its place in the order."""

    KIND = 0
    PEER = 1
    RESERVED = 2
    HOST = 3
    QUERIED = 4
    ADDRESS = 5
    PROTOCOL = 6
    PORT = 7
    WAY = 8
    PEER_NAMESPACE = 10
    PEER_NAMESPACE_LABEL = 11
    PEER_LABEL = 12
    PEER_ACCOUNT = 13
    PEER_ACCOUNT_LABEL = 14
    NAMESPACE = 20
    NAMESPACE_LABEL = 21
    LABEL = 22
    ACCOUNT = 23
    ACCOUNT_LABEL = 24
    SERVER_NAME = 30
    METHOD = 31
    PATH = 32
    HTTP_HOST = 33
    HEADER = 34


PEER_SHIFT = Axis.PEER_NAMESPACE - Axis.NAMESPACE
"""From an axis of the source pod to the same axis of the peer pod."""

IPV6_FIRST = 1 << 32
"""Addresses of both families lie on one line: IPv4 first, then IPv6 from here."""

PAST: Mapping[int, int] = MappingProxyType(
    {
        Axis.KIND: 2,
        Axis.PEER: 3,
        Axis.RESERVED: 2,
        Axis.ADDRESS: IPV6_FIRST + (1 << 128),
        Axis.PROTOCOL: 1 << 8,
        Axis.PORT: 1 << 16,
        Axis.WAY: 3,
    }
)
"""The number past the last value, for the axes that count."""

KEYED_AXES = frozenset(
    {
        Axis.NAMESPACE_LABEL,
        Axis.LABEL,
        Axis.ACCOUNT_LABEL,
        Axis.PEER_NAMESPACE_LABEL,
        Axis.PEER_LABEL,
        Axis.PEER_ACCOUNT_LABEL,
        Axis.HEADER,
    }
)
"""Axes with one variable for each label key or header name."""

Variable = tuple[int, int | str]
"""An axis and, where it has many variables, the label key or the place in the name."""

NO_KEY = ""
