"""Sources and destinations in the notation of `explain --from` and `--to`.

```text
from   NAMESPACE[/k=v,...][@SERVICEACCOUNT]
to     host:port[/proto]   ip:port[/proto]   [v6]:port[/proto]
       pod:NAMESPACE[/k=v,...]:port[/proto]
       entity:NAME:port[/proto]
       dns:name[@ip:port[/proto]]
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address
from types import MappingProxyType

from transire.model.intent import EntityKind
from transire.model.names import is_account_name
from transire.model.net import Address
from transire.queries.cluster_state import EMPTY
from transire.queries.query import Connection, DnsQuery, HttpRequest, Source

ICMP = ("ICMP", "ICMPv6")
PROTOCOLS = ("TCP", "UDP", "SCTP", *ICMP)
ENTITIES = tuple(each.value for each in EntityKind)
_BY_UPPER = {name.upper(): name for name in PROTOCOLS}
_NAME = re.compile(r"(?:[-a-zA-Z0-9_]+\.)*[-a-zA-Z0-9_]+\.?|\.")
_NAMESPACE = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_KEY = re.compile(
    r"(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
)
_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MOST_SERVICES = 4096
_CLEAR, _SIX = 80, 6


def source_from(text: str) -> Source:
    """The pod that `NAMESPACE[/k=v,...][@SERVICEACCOUNT]` describes; without labels it has none.

    Raises:
        ValueError: with a sentence that names what is wrong.
    """
    pod, at, account = text.partition("@")
    if at and not is_account_name(account):
        raise ValueError(f"{account!r} in {text!r} is not the name of a service account")
    found = _pod(pod, text)
    return replace(found, account=account) if at else found


def _pod(written: str, text: str) -> Source:
    namespace, slash, labels = written.partition("/")
    if _NAMESPACE.fullmatch(namespace) is None:
        raise ValueError(f"{namespace!r} in {text!r} is not the name of a namespace")
    return Source(namespace=namespace, labels=_labels(labels, text) if slash else EMPTY)


def destination_from(text: str) -> DnsQuery | Connection:
    """The connection or DNS query that a destination in the notation above means.

    Raises:
        ValueError: with a sentence that names what is wrong.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind == "dns":
        return _dns_query(rest, text)
    if colon and kind == "pod" and ":" in rest:
        return _to_pod(rest, text)
    if colon and kind == "entity" and ":" in rest:
        return _to_entity(rest, text)
    where, (port, protocol) = _port(text, text, "TCP")
    if where.startswith("[") and where.endswith("]"):
        return Connection(port=port, protocol=protocol, ip=_address(where[1:-1]))
    if ":" not in where and not where[-1].isdigit():  # quicker to see than it is to parse
        return Connection(port=port, protocol=protocol, host=host_from(where))
    try:
        address = ip_address(where)
    except ValueError:
        return Connection(port=port, protocol=protocol, host=host_from(where))
    if address.version == 6:  # noqa: PLR2004 - IPv6
        raise ValueError(f"{text!r} holds a bare IPv6 address; write it as [{where}]:{port}")
    return Connection(port=port, protocol=protocol, ip=address)


def host_from(text: str) -> str:
    """A name to look up, in lower case and without the trailing dot; the root is `.`.

    Raises:
        ValueError: if no resolver could be queried for it.
    """
    if not text.isascii():
        raise ValueError(f"{text!r} is not ASCII; write the name in punycode")
    if len(text) > 254 or _NAME.fullmatch(text) is None:  # noqa: PLR2004 - 253 and a dot
        raise ValueError(f"{text!r} is not a host name")
    return text if text == "." else text.lower().removesuffix(".")


def _dns_query(rest: str, text: str) -> DnsQuery:
    host, at, server = rest.partition("@")
    if not at:
        return DnsQuery(host=host_from(host))
    where, (port, protocol) = _port(server, text, "UDP")
    if protocol in ICMP:
        raise ValueError(f"{text!r} asks a resolver over {protocol}; write UDP or TCP")
    inner = where[1:-1] if where.startswith("[") and where.endswith("]") else where
    return DnsQuery(
        host=host_from(host), dns_server=str(_address(inner)), port=port, protocol=protocol
    )


def _to_pod(rest: str, text: str) -> Connection:
    where, (port, protocol) = _port(rest, text, "TCP")
    peer = _pod(where, where)
    return Connection(
        port=port, protocol=protocol, peer_namespace=peer.namespace, peer_labels=peer.labels
    )


def _to_entity(rest: str, text: str) -> Connection:
    entity, (port, protocol) = _port(rest, text, "TCP")
    if entity not in ENTITIES:
        raise ValueError(f"{entity!r} in {text!r} is no entity; write {' or '.join(ENTITIES)}")
    return Connection(port=port, protocol=protocol, entity=entity)


def _port(written: str, text: str, usual: str) -> tuple[str, tuple[int, str]]:
    where, colon, last = written.rpartition(":")
    if not colon or not where:
        raise ValueError(f"{text!r} has no port; write it as api.example.com:443 or .../UDP")
    try:
        return where, _service(last, usual)
    except ValueError as error:
        what, wrong = error.args
        raise ValueError(f"{what} in {text!r} {wrong}") from error


@lru_cache(maxsize=_MOST_SERVICES)
def _service(last: str, usual: str) -> tuple[int, str]:
    """The port and protocol that a destination ends in; many end alike.

    Raises:
        ValueError: with what is wrong in it, and why.
    """
    number, slash, name = last.partition("/")
    protocol = _BY_UPPER.get(name.upper()) if slash else usual
    if protocol is None:
        raise ValueError(f"{name!r}", f"is no protocol; write {', '.join(PROTOCOLS)}")
    lowest, highest = port_range(protocol)
    if not (number.isascii() and number.isdigit() and len(number) < 6):  # noqa: PLR2004 - 65535
        raise ValueError(f"{number!r}", f"is no port; write {lowest} to {highest}")
    if not lowest <= int(number) <= highest:
        raise ValueError(number, f"is no port; write {lowest} to {highest}")
    return int(number), protocol


def port_range(protocol: str) -> tuple[int, int]:
    """The lowest and the highest port of a protocol; for ICMP these are types."""
    return (0, 255) if protocol in ICMP else (1, 65535)


def _address(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not an address") from error


def _labels(written: str, text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for pair in written.split(","):
        key, equals, value = pair.partition("=")
        if not equals or _KEY.fullmatch(key) is None or _VALUE.fullmatch(value) is None:
            raise ValueError(f"{pair!r} in {text!r} is no label; write it as app=checkout")
        if key in found:
            raise ValueError(f"the label {key!r} in {text!r} is written twice")
        found[key] = value
    return MappingProxyType(found)


def with_request(what: DnsQuery | Connection, method: str, path: str) -> Connection:
    """The connection with one request in clear over it, for the host that it leads to.

    The authority is that host, with the port where it is not 80.

    Raises:
        ValueError: with a sentence, if no such connection carries a request, or it is none.
    """
    if isinstance(what, DnsQuery) or what.protocol != "TCP":
        raise ValueError("a method and a path are those of a request over TCP")
    if _METHOD.fullmatch(method) is None:
        raise ValueError(f"{method!r} is not a method such as GET")
    if not path.startswith("/"):
        raise ValueError(f"path {path!r} does not begin with /")
    if not (path.isascii() and path.isprintable()) or " " in path:
        raise ValueError(f"path {path!r} has a character that no request has as it is")
    host = what.host or (f"[{what.ip}]" if what.ip and what.ip.version == _SIX else what.ip or "")
    authority = str(host) if what.port == _CLEAR or not host else f"{host}:{what.port}"
    return replace(what, request=HttpRequest(method=method, path=path, host=authority))
