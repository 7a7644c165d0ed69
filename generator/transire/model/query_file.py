"""Questions as people and scripts write them.

```text
from   NAMESPACE[/k=v,...]
to     host:port[/proto]   ip:port[/proto]   [v6]:port[/proto]
       pod:NAMESPACE[/k=v,...]:port[/proto]
       dns:name[@ip:port[/proto]]
```

As JSON lines either `{"id": "1", "from": "shop/app=web", "to": "api.example.com:443"}`, or the
long form:

```json
{"id": "1", "source": {"namespace": "shop", "labels": {"app": "web"}, "pod": "web-1"},
 "query": {"kind": "connect", "host": "api.example.com", "ip": "198.51.100.10", "port": 443,
           "protocol": "TCP", "prior_lookups": [{"host": "b.example.com", "ip": "198.51.100.11"}]},
 "agent_options": {"enable-ipv6": "false"}}
```

`query.kind` is `connect` or `dns`; the other keys are those of `Connect` and `Ask`, and
`destination` says what an address is where no cluster file does. Keys that a recorded case carries
beside these, such as its verdict, are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from types import MappingProxyType
from typing import TypeVar

from transire.model.cluster import EMPTY, Address
from transire.model.json_form import Form, json_document
from transire.model.problems import Position
from transire.model.query import Ask, Connect, Lookup, Query, Source

RULE = "query"
ICMP = ("ICMP", "ICMPv6")
PROTOCOLS = ("TCP", "UDP", "SCTP", *ICMP)

_BY_UPPER = {name.upper(): name for name in PROTOCOLS}
_NAME = re.compile(r"(?:[-a-zA-Z0-9_]+\.)*[-a-zA-Z0-9_]+\.?|\.")
_COULD_BE_ADDRESS = re.compile(r":|[0-9]$")
"""A colon or a digit at the end; quicker to see than an address is to parse."""
_NAMESPACE = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_KEY = re.compile(
    r"(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
)
_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_CASE_NOTES = (
    "topic", "manifests", "verdict", "rejected_stage", "rejected_manifests",
    "agent_alone_accepts", "verdict_ignoring_rejected", "pruned_unknown_fields", "detail", "why",
    "engine", "engine_version", "source_of_verdict", "checked_with", "same_on",
    "oss_would_prune",
)  # fmt: skip
_PLAIN = frozenset({"id", "from", "to"})
_LOOKUP_NOTES = ("destination",)
_MOST = 4096
_Known = TypeVar("_Known")


def source_from(text: str) -> Source:
    """The pod that `NAMESPACE[/k=v,...]` describes; without labels it is a pod that has none.

    Raises:
        ValueError: with a sentence that says what is wrong.
    """
    namespace, slash, labels = text.partition("/")
    if _NAMESPACE.fullmatch(namespace) is None:
        raise ValueError(f"{namespace!r} in {text!r} is not the name of a namespace")
    return Source(namespace=namespace, labels=_labels(labels, text) if slash else EMPTY)


def destination_from(text: str) -> Ask | Connect:
    """What `host:port`, `ip:port`, `pod:...:port` or `dns:name` asks for.

    Raises:
        ValueError: with a sentence that says what is wrong.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind == "dns":
        return _ask(rest, text)
    if colon and kind == "pod" and ":" in rest:
        return _to_pod(rest, text)
    where, port, protocol = _port(text, text, "TCP")
    if where.startswith("[") and where.endswith("]"):
        return Connect(port=port, protocol=protocol, ip=_address(where[1:-1]))
    if not _COULD_BE_ADDRESS.search(where):
        return Connect(port=port, protocol=protocol, host=host_from(where))
    try:
        address = ip_address(where)
    except ValueError:
        return Connect(port=port, protocol=protocol, host=host_from(where))
    if address.version == 6:  # noqa: PLR2004 - IPv6
        raise ValueError(f"{text!r} holds a bare IPv6 address; write it as [{where}]:{port}")
    return Connect(port=port, protocol=protocol, ip=address)


def host_from(text: str) -> str:
    """A name to look up, in lower case and without the trailing dot; the root is `.`.

    Raises:
        ValueError: if no resolver could be asked for it.
    """
    if not text.isascii():
        raise ValueError(f"{text!r} is not ASCII; write the name in punycode")
    if len(text) > 254 or _NAME.fullmatch(text) is None:  # noqa: PLR2004 - 253 and a dot
        raise ValueError(f"{text!r} is not a host name")
    return text if text == "." else text.lower().removesuffix(".")


def _ask(rest: str, text: str) -> Ask:
    host, at, server = rest.partition("@")
    if not at:
        return Ask(host=host_from(host))
    where, port, protocol = _port(server, text, "UDP")
    if protocol in ICMP:
        raise ValueError(f"{text!r} asks a resolver over {protocol}; write UDP or TCP")
    inner = where[1:-1] if where.startswith("[") and where.endswith("]") else where
    return Ask(host=host_from(host), dns_server=str(_address(inner)), port=port, protocol=protocol)


def _to_pod(rest: str, text: str) -> Connect:
    where, port, protocol = _port(rest, text, "TCP")
    peer = source_from(where)
    return Connect(
        port=port, protocol=protocol, peer_namespace=peer.namespace, peer_labels=peer.labels
    )


def _port(written: str, text: str, usual: str) -> tuple[str, int, str]:
    where, colon, last = written.rpartition(":")
    if not colon or not where:
        raise ValueError(f"{text!r} has no port; write it as api.example.com:443 or .../UDP")
    number, slash, name = last.partition("/")
    protocol = _BY_UPPER.get(name.upper()) if slash else usual
    if protocol is None:
        raise ValueError(f"{name!r} in {text!r} is no protocol; write {', '.join(PROTOCOLS)}")
    lowest, highest = _range(protocol)
    if not (number.isascii() and number.isdigit() and len(number) < 6):  # noqa: PLR2004 - 65535
        raise ValueError(f"{number!r} in {text!r} is no port; write {lowest} to {highest}")
    if not lowest <= int(number) <= highest:
        raise ValueError(f"{number} in {text!r} is no port; write {lowest} to {highest}")
    return where, int(number), protocol


def _range(protocol: str) -> tuple[int, int]:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryReader:
    """Reads the lines of one file of queries; sources and destinations seen before are reused."""

    path: str
    sources: dict[str, Source] = field(default_factory=dict)
    destinations: dict[str, Ask | Connect] = field(default_factory=dict)

    def query(self, text: str, *, line: int) -> Query:
        """The query of one line.

        Raises:
            Rejected: with every mistake of the line.
        """
        at = Position(path=self.path, line=line)
        document = json_document(text, at=at, rule=RULE)
        found = self._plain(document)
        if found is None:
            form = Form.of(document, at=at, rule=RULE)
            found = self._short(form) if "to" in form.fields else _long(form)
            form.done()
        return found

    def _plain(self, document: object) -> Query | None:
        """A query in the short form that holds nothing more; None where a form has to look."""
        if not isinstance(document, dict) or document.keys() != _PLAIN:
            return None
        name, source, what = document["id"], document["from"], document["to"]
        if not (name and all(isinstance(each, str) for each in (name, source, what))):
            return None
        try:
            return Query(id=name, source=self._source_of(source), what=self._destination_of(what))
        except ValueError:
            return None

    def _short(self, form: Form) -> Query:
        form.known("id", "from", "to", "agent_options")
        return Query(
            id=form.text("id"),
            source=self._source(form, form.text("from")),
            what=self._destination(form, form.text("to")),
            options=form.labels("agent_options") if "agent_options" in form.fields else EMPTY,
        )

    def _source(self, form: Form, text: str) -> Source:
        try:
            return self._source_of(text)
        except ValueError as error:
            form.wrong("from", f"is wrong: {error}", "write it as NAMESPACE/app=checkout")
            return Source(namespace="")

    def _source_of(self, text: str) -> Source:
        found = self.sources.get(text)
        if found is None:
            found = source_from(text)
            _remember(self.sources, text, found)
        return found

    def _destination(self, form: Form, text: str) -> Ask | Connect:
        try:
            return self._destination_of(text)
        except ValueError as error:
            form.wrong("to", f"is wrong: {error}", "write it as api.example.com:443/TCP")
            return Ask(host="")

    def _destination_of(self, text: str) -> Ask | Connect:
        found = self.destinations.get(text)
        if found is None:
            found = destination_from(text)
            _remember(self.destinations, text, found)
        return found


def _long(form: Form) -> Query:
    form.known("id", "source", "query", "agent_options", *_CASE_NOTES)
    source, asked = form.inner("source"), form.inner("query")
    source.known("namespace", "labels", "pod")
    return Query(
        id=form.text("id"),
        source=Source(
            namespace=source.text("namespace"),
            labels=source.labels("labels"),
            pod=source.text("pod", ""),
        ),
        what=_what(asked),
        options=form.labels("agent_options") if "agent_options" in form.fields else EMPTY,
    )


def _what(form: Form) -> Ask | Connect:
    kind = form.text("kind")
    if kind == "dns":
        form.known("kind", "host", "dns_server", "port", "protocol", *_LOOKUP_NOTES)
        return Ask(
            host=_host(form, "host"),
            dns_server=form.text("dns_server", ""),
            port=_number(form, "port", 53, "UDP"),
            protocol=_protocol(form, ("UDP", "TCP"), "UDP"),
        )
    if kind not in {"connect", ""}:
        form.wrong("kind", f"is {kind!r}", "write connect or dns")
    form.known(
        "kind", "ip", "host", "port", "protocol", "dns_server", "dns_port", "pod", "node",
        "destination", "prior_lookups",
    )  # fmt: skip
    peer = form.inner("destination")
    if peer.fields:
        peer.known("type", "namespace", "labels", "reserved")
    protocol = _protocol(form, PROTOCOLS, "TCP")
    return Connect(
        port=_number(form, "port", None, protocol),
        protocol=protocol,
        ip=_ip(form, "ip") if "ip" in form.fields else None,
        host=_host(form, "host") if "host" in form.fields else "",
        dns_server=form.text("dns_server", ""),
        dns_port=_number(form, "dns_port", 53, "UDP"),
        pod=form.text("pod", ""),
        node=form.text("node", ""),
        prior_lookups=tuple(_lookup(each) for each in form.forms("prior_lookups")),
        peer_namespace=peer.text("namespace", ""),
        peer_labels=peer.labels("labels") if "labels" in peer.fields else None,
        peer_reserved=frozenset(peer.texts("reserved")),
    )


def _lookup(form: Form) -> Lookup:
    form.known("host", "ip", "pod")
    address = _ip(form, "ip") or ip_address("0.0.0.0")  # noqa: S104 - stands for a noted mistake
    return Lookup(host=_host(form, "host"), ip=address, pod=form.text("pod", ""))


def _host(form: Form, key: str) -> str:
    text = form.text(key)
    try:
        return host_from(text) if text else ""
    except ValueError as error:
        form.wrong(key, f"is wrong: {error}", "write it as api.example.com")
        return ""


def _ip(form: Form, key: str) -> Address | None:
    text = form.text(key)
    try:
        return ip_address(text) if text else None
    except ValueError:
        form.wrong(key, f"is {text!r}, which is no address", "write it as 198.51.100.10")
        return None


def _protocol(form: Form, legal: tuple[str, ...], usual: str) -> str:
    protocol = form.text("protocol", usual)
    if protocol not in legal:
        form.wrong("protocol", f"is {protocol!r}", f"write one of {', '.join(legal)}")
    return protocol


def _number(form: Form, key: str, usual: int | None, protocol: str) -> int:
    lowest, highest = _range(protocol)
    if usual is not None and key not in form.fields:
        return usual
    return form.number(key, lowest=lowest, highest=highest)


def _remember(known: dict[str, _Known], text: str, value: _Known) -> None:
    if len(known) >= _MOST:
        known.clear()
    known[text] = value
