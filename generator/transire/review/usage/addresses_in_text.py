"""Hosts and ports that a text names: URLs, connection strings, lists of brokers, names alone.

Only the host and the port leave this module: what else a text holds may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from transire.flowlogs.record import Unreadable
from transire.flowlogs.scalars import host_and_port, is_address, name_of
from transire.meaning.public_suffixes import is_top_level

_SCHEMES = {
    "amqp": 5672, "amqps": 5671, "ftp": 21, "git": 9418, "grpc": None, "http": 80, "https": 443,
    "kafka": 9092, "ldap": 389, "ldaps": 636, "mariadb": 3306, "mongodb": 27017, "mqtt": 1883,
    "mqtts": 8883, "mysql": 3306, "nats": 4222, "oci": 443, "postgres": 5432, "postgresql": 5432,
    "rediss": 6379, "redis": 6379, "sftp": 22, "smtp": 25, "smtps": 465, "sqlserver": 1433,
    "ssh": 22, "tcp": None, "tls": None, "udp": None, "ws": 80, "wss": 443,
}  # fmt: skip
"""Schemes whose authority is a host, with the ports that they stand for, where they have one."""
_URL = re.compile(r"(?<![\w+.-])([a-z][a-z0-9+.-]*)://([^\s/?#'\"<>]+)", re.IGNORECASE)
_PAIR = re.compile(
    r"(?i)(?<![\w.-])(?:host|hostname|server|data source|addr|address|endpoint|hostaddr)\s*[=:]\s*"
    r"(?:tcp:)?(?P<host>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)(?:[,:](?P<port>\d{1,5}))?"
)
_PORT = re.compile(r"(?i)(?<![\w.-])port\s*[=:]\s*(\d{1,5})")
_WORD = re.compile(r"[^\s,;|'\"\[\]{}()<>]+")
_NAMED = re.compile(r"(?:[A-Za-z0-9_-]+\.)+[A-Za-z]{2,}(?::\d{1,5})?\.?")
_INSIDE = (".svc", ".local", ".localhost", ".cluster", ".test", ".invalid")
_FILES = frozenset(
    {
        "cc", "cfg", "conf", "config", "crt", "css", "csv", "env", "gz", "html", "ini", "jar",
        "java", "js", "json", "key", "log", "md", "mjs", "pem", "php", "pl", "properties", "py",
        "rb", "rs", "sh", "so", "sql", "tar", "tf", "toml", "ts", "txt", "xml", "yaml", "yml",
        "zip",
    }
)  # fmt: skip
"""Last labels that are names of files at least as often as they are domains."""
_HINTS = re.compile(
    r"(?i)(host|url|uri|endpoint|addr|server|broker|domain|bootstrap|proxy|dsn|remote|api|issuer)"
)
_FEWEST_LABELS = 3


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Named:
    """A host, or an address, that a text names, with its port where that is known."""

    host: str
    port: int | None = None


def named_in(text: str, key: str = "") -> tuple[Named, ...]:
    """What a text names outside of its cluster, sorted; `key` is the name that it stands under.

    Of names that stand alone, without a scheme or a port, those count whose key is about an
    address, or that have three labels and do not end as a file does.
    """
    found = {each for each in _all(text, key) if _is_outside(each.host)}
    with_port = {each.host for each in found if each.port is not None}
    kept = (each for each in found if each.port is not None or each.host not in with_port)
    return tuple(sorted(kept, key=_order))


def _order(each: Named) -> tuple[str, int]:
    return each.host, each.port or 0


def _all(text: str, key: str) -> Iterator[Named]:
    rest = text
    for url in _URL.finditer(text):
        rest = rest.replace(url[0], " ")
        yield from _of_authority(url[1].lower(), url[2])
    port = _PORT.search(rest)
    for pair in _PAIR.finditer(rest):
        number = pair["port"] or (port[1] if port else None)
        yield from _named(pair["host"], int(number) if number else None)
    for word in _WORD.findall(rest):
        if not _NAMED.fullmatch(word):
            continue
        host, number = _split(word)
        if number is not None or _stands_alone(host, key):
            yield from _named(host, number)


def _of_authority(scheme: str, authority: str) -> Iterator[Named]:
    """The hosts of a URL, several in the lists of databases; what is before an at sign is secret.

    With `+srv` the name is that of a service, whose port is among its records.
    """
    kind, _, way = scheme.partition("+")
    if kind not in _SCHEMES:
        return
    for each in authority.rpartition("@")[2].split(","):
        host, port = _split(each)
        usual = None if way == "srv" else _SCHEMES[kind]
        yield from _named(host, usual if port is None else port)


def _split(text: str) -> tuple[str, int | None]:
    try:
        return host_and_port(text)
    except Unreadable:
        return "", None


def _named(host: str, port: int | None) -> Iterator[Named]:
    if is_address(host):
        yield Named(host=host.strip("[]"), port=port)
        return
    try:
        yield Named(host=name_of(host), port=port)
    except Unreadable:
        return


def _stands_alone(host: str, key: str) -> bool:
    labels = host.removesuffix(".").split(".")
    if host != host.lower() or labels[-1] in _FILES:
        return False
    return bool(_HINTS.search(key)) or len(labels) >= _FEWEST_LABELS


def _is_outside(host: str) -> bool:
    """Whether a host is neither in the cluster nor on the machine, and ends in a known domain."""
    if is_address(host):
        found = ip_address(host)
        return not (found.is_loopback or found.is_unspecified)
    if "." not in host or host.endswith(_INSIDE):
        return False
    return is_top_level(host.rpartition(".")[2])
