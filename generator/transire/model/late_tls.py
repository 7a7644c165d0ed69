"""Ports on which TLS starts only after an exchange without it, if at all.

A connection there begins with a greeting, so whoever looks for a TLS server name in its first bytes
finds none. Sources: RFC 4217 (FTP), 3207 (SMTP), 2595 (POP3, IMAP), 4642 (NNTP), 4511 (LDAP), 5804
(ManageSieve) and 6120 (XMPP); the protocol documents of PostgreSQL, MySQL, TDS and RDP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from transire.model.net import PortRange, Protocol

LATE_TLS: Mapping[int, str] = MappingProxyType(
    {
        21: "FTP",
        25: "SMTP",
        110: "POP3",
        119: "NNTP",
        143: "IMAP",
        389: "LDAP",
        587: "SMTP submission",
        1433: "SQL Server",
        2525: "SMTP",
        3306: "MySQL",
        3389: "RDP",
        4190: "ManageSieve",
        5222: "XMPP",
        5269: "XMPP",
        5432: "PostgreSQL",
        6432: "PgBouncer",
        33060: "MySQL",
    }
)
"""What is spoken on each of these TCP ports by custom."""


def late_tls(ports: Iterable[PortRange]) -> tuple[int, ...]:
    """The ports of these on which TLS starts late, each once, sorted."""
    tcp = [each for each in ports if each.protocol is Protocol.TCP]
    return tuple(port for port in LATE_TLS if any(each.first <= port <= each.last for each in tcp))


def named(port: int) -> str:
    """A port of the table with what is spoken there, such as `5432/TCP (PostgreSQL)`."""
    return f"{port}/TCP ({LATE_TLS[port]})"
