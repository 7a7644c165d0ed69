"""Queries as JSON lines.

Either `{"id": "1", "from": "shop/app=web", "to": "api.example.com:443"}`, with a source and a
destination in the notation of `query_text`, or the long form:

```json
{"id": "1", "source": {"namespace": "shop", "labels": {"app": "web"}, "pod": "web-1"},
 "query": {"kind": "connect", "host": "api.example.com", "ip": "198.51.100.10", "port": 443,
           "protocol": "TCP", "prior_lookups": [{"host": "b.example.com", "ip": "198.51.100.11"}]},
 "agent_options": {"enable-ipv6": "false"}}
```

The short form may have `"method"` and `"path"` of one request in clear that the connection carries,
and `query` of the long form `"request": {"method": "GET", "path": "/v1", "host": "api.example.com",
"headers": {"x-team": "a"}}`.
Both forms may have `"expect": "allow"`, `"deny"` or `"delegated"`: what the verdict has to be.
`query.kind` is `connect` or `dns`; the other keys are those of `Connection` and `DnsQuery`, and
`destination` gives what an address is where no cluster file does. Keys that a recorded case carries
beside these, such as its verdict, are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TypeVar

from transire.model.names import is_account_name
from transire.model.net import Address
from transire.model.problems import Position
from transire.queries.cluster_state import EMPTY
from transire.queries.json_reader import Form, json_document
from transire.queries.query import (
    Connection,
    DnsQuery,
    Expected,
    HttpRequest,
    Lookup,
    Query,
    Source,
)
from transire.queries.query_notation import (
    ENTITIES,
    PROTOCOLS,
    destination_from,
    host_from,
    port_range,
    source_from,
    with_request,
)

RULE = "query"
_CASE_NOTES = (
    "topic", "manifests", "verdict", "rejected_stage", "rejected_manifests",
    "agent_alone_accepts", "verdict_ignoring_rejected", "pruned_unknown_fields", "detail", "why",
    "engine", "engine_version", "source_of_verdict", "checked_with", "same_on",
    "oss_would_prune", "with_native_crds",
)  # fmt: skip
_SHORT = frozenset({"id", "from", "to"})
_SPACE = r"[ \t\n\r]*+"
_FIELD = rf'{_SPACE}"(id|from|to)"{_SPACE}:{_SPACE}"([^"\\\x00-\x1f]*+)"{_SPACE}'
_PLAIN = re.compile(rf"{_SPACE}\{{{_FIELD},{_FIELD},{_FIELD}\}}{_SPACE}")
"""The short form without escapes, in any order; quicker to match than JSON is to parse."""
_LOOKUP_NOTES = ("destination",)
_MOST = 4096
_Key = TypeVar("_Key")
_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryReader:
    """Reads the lines of one file of queries; sources and destinations seen before are reused."""

    path: str
    sources: dict[object, Source] = field(default_factory=dict)
    destinations: dict[str, DnsQuery | Connection] = field(default_factory=dict)

    def query(self, text: str, *, line: int) -> Query:
        """The query of one line.

        Raises:
            Rejected: with every mistake of the line.
        """
        found = self._plain(text)
        if found is None:
            at = Position(path=self.path, line=line)
            form = Form.of(json_document(text, at=at, rule=RULE), at=at, rule=RULE)
            found = self._short(form) if "to" in form.fields else self._long(form)
            form.done()
        return found

    def _plain(self, text: str) -> Query | None:
        """A right query in the plainest form; None where a form has to look."""
        line = _PLAIN.fullmatch(text)
        if line is None:
            return None
        one, its, other, of_other, third, of_third = line.groups()
        fields = {one: its, other: of_other, third: of_third}
        if fields.keys() != _SHORT or not fields["id"]:
            return None
        try:
            return Query(
                id=fields["id"],
                source=self._source_of(fields["from"]),
                what=self._destination_of(fields["to"]),
            )
        except ValueError:
            return None

    def _short(self, form: Form) -> Query:
        form.known("id", "from", "to", "method", "path", "agent_options", "expect")
        return Query(
            id=form.text("id"),
            source=self._source(form, form.text("from")),
            what=_carrying(form, self._destination(form, form.text("to"))),
            options=form.labels("agent_options") if "agent_options" in form.fields else EMPTY,
            expect=_expected(form),
        )

    def _long(self, form: Form) -> Query:
        form.known("id", "source", "query", "agent_options", "expect", *_CASE_NOTES)
        source, query = form.inner("source"), form.inner("query")
        source.known("namespace", "labels", "pod", "service_account")
        return Query(
            id=form.text("id"),
            source=self._same(
                Source(
                    namespace=source.text("namespace"),
                    labels=source.labels("labels"),
                    pod=source.text("pod", ""),
                    account=_account(source),
                )
            ),
            what=_what(query),
            options=form.labels("agent_options") if "agent_options" in form.fields else EMPTY,
            expect=_expected(form),
        )

    def _same(self, source: Source) -> Source:
        """The equal source that was seen before, if one was."""
        key = source.namespace, source.pod, source.account, tuple(source.labels.items())
        found = self.sources.get(key)
        if found is None:
            found = source
            _remember(self.sources, key, found)
        return found

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

    def _destination(self, form: Form, text: str) -> DnsQuery | Connection:
        try:
            return self._destination_of(text)
        except ValueError as error:
            form.wrong("to", f"is wrong: {error}", "write it as api.example.com:443/TCP")
            return DnsQuery(host="")

    def _destination_of(self, text: str) -> DnsQuery | Connection:
        found = self.destinations.get(text)
        if found is None:
            found = destination_from(text)
            _remember(self.destinations, text, found)
        return found


def _expected(form: Form) -> Expected | None:
    if "expect" not in form.fields:
        return None
    written, words = form.text("expect"), [each.value for each in Expected]
    if written in words:
        return Expected(written)
    if written:
        form.wrong("expect", f"is {written!r}", f"write one of {', '.join(words)}")
    return None


def _account(form: Form) -> str:
    name = form.text("service_account", "")
    if name and not is_account_name(name):
        form.wrong(
            "service_account",
            f"is {name!r}",
            "write the name of a service account, such as default",
        )
    return name


def _what(form: Form) -> DnsQuery | Connection:
    kind = form.text("kind")
    if kind == "dns":
        form.known("kind", "host", "dns_server", "port", "protocol", *_LOOKUP_NOTES)
        return DnsQuery(
            host=_host(form, "host"),
            dns_server=form.text("dns_server", ""),
            port=_number(form, "port", 53, "UDP"),
            protocol=_protocol(form, ("UDP", "TCP"), "UDP"),
        )
    if kind not in {"connect", ""}:
        form.wrong("kind", f"is {kind!r}", "write connect or dns")
    form.known(
        "kind", "ip", "host", "port", "protocol", "dns_server", "dns_port", "pod", "node",
        "destination", "prior_lookups", "entity", "request",
    )  # fmt: skip
    peer = form.inner("destination")
    if peer.fields:
        peer.known("type", "namespace", "labels", "reserved")
    protocol = _protocol(form, PROTOCOLS, "TCP")
    return Connection(
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
        entity=_entity(form),
        request=_request(form),
    )


def _carrying(form: Form, what: DnsQuery | Connection) -> DnsQuery | Connection:
    if not form.fields.keys() & {"method", "path"}:
        return what
    try:
        return with_request(what, form.text("method", "GET"), form.text("path", "/"))
    except ValueError as error:
        form.wrong("path", f"or its method is wrong: {error}", "write them as GET and /v1/items")
        return what


def _request(form: Form) -> HttpRequest | None:
    if "request" not in form.fields:
        return None
    inner = form.inner("request")
    inner.known("method", "path", "host", "headers")
    headers = inner.labels("headers") if "headers" in inner.fields else {}
    return HttpRequest(
        method=inner.text("method"),
        path=inner.text("path"),
        host=inner.text("host", ""),
        headers={name.lower(): value for name, value in headers.items()},
    )


def _entity(form: Form) -> str:
    entity = form.text("entity", "")
    if entity and entity not in ENTITIES:
        form.wrong("entity", f"is {entity!r}", f"write {' or '.join(ENTITIES)}")
    return entity


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
    lowest, highest = port_range(protocol)
    if usual is not None and key not in form.fields:
        return usual
    return form.number(key, lowest=lowest, highest=highest)


def _remember(known: dict[_Key, _Known], key: _Key, value: _Known) -> None:
    if len(known) >= _MOST:
        known.clear()
    known[key] = value
