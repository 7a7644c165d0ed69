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
from transire.model.names import HostPattern

_SCHEMES = {
    "amqp": 5672, "amqps": 5671, "bolt": 7687, "cassandra": 9042, "clickhouse": None, "db2": 50000,
    "failover": 3306, "ftp": 21, "git": 9418, "grpc": None, "http": 80, "https": 443, "imap": 143,
    "imaps": 993, "kafka": 9092, "ldap": 389, "ldaps": 636, "loadbalance": 3306, "mariadb": 3306,
    "memcached": 11211, "mongodb": 27017, "mqtt": 1883, "mqtts": 8883, "mssql": 1433, "mysql": 3306,
    "nats": 4222, "neo4j": 7687, "neo4j+s": 7687, "oci": 443, "oracle": 1521, "postgres": 5432,
    "postgresql": 5432, "pulsar": 6650, "pulsar+ssl": 6651, "redis": 6379, "rediss": 6379,
    "redshift": 5439, "replication": 3306, "sequential": 3306, "sftp": 22, "smtp": 25, "smtps": 465,
    "snowflake": 443, "sqlserver": 1433, "ssh": 22, "tcp": None, "tcps": None, "tls": None,
    "trino": None, "udp": None, "ws": 80, "wss": 443,
}  # fmt: skip
"""Schemes whose authority is a host, with the ports that they stand for, where they have one."""
_URL = re.compile(r"(?<![\w+.-])([a-z][a-z0-9+.-]*)://([^\s/?#'\"<>]+)", re.IGNORECASE)
_PREFIX = re.compile(r"(?i)\b(?:sasl_)?(?:ssl|plaintext)://|jdbc:sqlserver://(?=;)")
"""What Kafka writes before each broker of a list, and a URL whose host is among its properties."""
_ORACLE = re.compile(
    r"(?i)jdbc:oracle:(?:thin|oci):\S*@(?:(?:tcps?:)?//)?(?P<host>[\w-]+(?:\.[\w-]+)+)"
    r"(?::(?P<port>\d{1,5}))?\S*"
)
_ORACLE_PORT = 1521
_KEYS = (
    "host|hostname|hostaddr|server|servername|server name|data source|network address|addr|"
    "address|endpoint|failover ?partner"
)
_PAIR = re.compile(
    rf"(?i)(?<![\w.-])(?:{_KEYS})[\"']?\s*[=:]\s*[\"']?(?:tcp:)?"
    r"(?P<host>[\w-]+(?:\.[\w-]+)+)(?:\\[\w$]+)?(?:[,:]\s*(?P<port>\d{1,5}))?"
)
_PORT = re.compile(r"(?i)(?<![\w.-])port(?:number)?[\"']?\s*[=:]\s*[\"']?(\d{1,5})")
_WORD = re.compile(r"[^\s,;|'\"\[\]{}()<>]+")
_NAMED = re.compile(r"(?:[\w-]+\.)+(?:[^\W\d_]{2,}|xn--[\w-]+)(?::\d{1,5})?\.?")
_NUMBERS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?")
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
    r"(?i)(host|url|uri|endpoint|addr|server|broker|domain|bootstrap|proxy|dsn|remote|api|issuer"
    r"|relay|smtp|imap|upstream|backend|fqdn|seeds|contact.?points)"
)
_PLACE = re.compile(
    r"(?i)(?:^|[._-]|[a-z](?=[A-Z]))(host|hostname|endpoint|server|addr|address|fqdn)$"
)
"""Names under which a value that is one word is a host, whatever it ends with."""
_SECRET = re.compile(r"(?i)pass|pwd|secret|token|credential|api.?key|private")
"""Names under which a word is no host; a URL there may hold one, and what else it holds stays."""
_INSTANCE = re.compile(r"\\[\w$]+")
"""An instance of SQL Server after its host."""
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
    rest = _PREFIX.sub(" ", text)
    for oracle in _ORACLE.finditer(rest):
        yield from _named(oracle["host"], int(oracle["port"] or _ORACLE_PORT))
    rest = _ORACLE.sub(" ", rest)
    for url in _URL.finditer(rest):
        yield from _of_authority(url[1].lower(), url[2])
    rest = _URL.sub(" ", rest)
    port = _PORT.search(rest)
    for pair in _PAIR.finditer(rest):
        number = pair["port"] or (port[1] if port else None)
        yield from _named(pair["host"], int(number) if number else None)
    words = _WORD.findall(rest)
    for word in words:
        name, equals, value = word.rpartition("=")
        yield from _of_word(value, name.lstrip("-") if equals else key, alone=len(words) == 1)


def _of_word(word: str, key: str, *, alone: bool) -> Iterator[Named]:
    """The host that a word is; `alone` is true where nothing else stands under the key."""
    if _SECRET.search(key):
        return
    is_place = alone and bool(_PLACE.search(key))
    if _NUMBERS.fullmatch(word):
        host, number = _split(word)
        if is_address(host) and (number is not None or is_place):
            yield Named(host=host, port=number)
    elif _NAMED.fullmatch(word):
        host, number = _split(word)
        if number is not None or is_place or _stands_alone(host, key):
            yield from _named(host, number)


def _of_authority(scheme: str, authority: str) -> Iterator[Named]:
    """The hosts of a URL, several in the lists of databases; what is before an at sign is secret.

    With `+srv` the name is that of a service, whose port is among its records.
    """
    kind, _, way = scheme.partition("+")
    kind = next((each for each in (scheme, way, kind) if each in _SCHEMES), "")
    if not kind:
        return
    # SQL Server has its properties, and passwords among them, after a semicolon.
    for each in authority.partition(";")[0].rpartition("@")[2].split(","):
        host, port = _split(_INSTANCE.sub("", each))
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
        yield Named(
            host=name_of(host if host.isascii() else HostPattern.parse(host).text), port=port
        )
    except (Unreadable, ValueError):
        return


def _stands_alone(host: str, key: str) -> bool:
    labels = host.removesuffix(".").split(".")
    if labels[-1] in _FILES or (host != host.lower() and not _HINTS.search(key)):
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
