"""The L4 and L7 part of an egress item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from transire.engines.cilium.crd import V17, V18
from transire.engines.cilium.fqdn import ANY_DEPTH_SINCE, NamePattern
from transire.engines.cilium.icmp import IPV4_TYPES, IPV6_TYPES
from transire.engines.cilium.ports import is_service_name, parse_number
from transire.engines.cilium.read_options import Agent
from transire.engines.cilium.regex import Regex, judge
from transire.engines.cilium.rules import L7, Parser, Port, PortGroup
from transire.model.doubt import Doubt
from transire.model.manifests import ObjectRef
from transire.model.ports import Protocol

Tree = Mapping[str, Any]

ANY_PROTOCOL = (Protocol.TCP, Protocol.UDP, Protocol.SCTP)
"""What a port without protocol, or with ANY, stands for; never ICMP."""
_HIGHEST_TYPE = 255


def port_groups(item: Tree, minor: int) -> tuple[PortGroup, ...] | None:
    """The port groups of an item, or None where it names neither ports nor ICMP types.

    An empty group stays: it allows nothing, yet the item no longer means every port.
    """
    rules, icmps = item.get("toPorts", ()), item.get("icmps", ())
    if not rules and not icmps:
        return None
    found = [
        PortGroup(
            ports=tuple(port for each in rule.get("ports", ()) for port in _ports(each)),
            l7=_l7(rule, minor),
        )
        for rule in rules
    ]
    found += [
        PortGroup(ports=tuple(_icmp(each) for each in rule.get("fields", ()))) for rule in icmps
    ]
    return tuple(found)


def _ports(tree: Tree) -> Iterator[Port]:
    text = tree.get("port", "") or "0"
    word = tree.get("protocol", "ANY")
    protocols = ANY_PROTOCOL if word == "ANY" else (Protocol[word],)
    for protocol in protocols:
        if is_service_name(text):
            yield Port(protocol=protocol, text=text.lower(), name=text.lower())
        else:
            first, last = parse_number(text) or 0, tree.get("endPort", 0)
            yield Port(protocol=protocol, text=text, first=first, last=last if last > first else 0)


def _icmp(tree: Tree) -> Port:
    """A type of 0, the echo reply, stands for every type, as port 0 does for every port."""
    sixth = tree["family"] == "IPv6"
    known = IPV6_TYPES if sixth else IPV4_TYPES
    number = known.get(tree["type"], tree["type"])
    protocol = Protocol.ICMPv6 if sixth else Protocol.ICMP
    return Port(protocol=protocol, text=str(int(number)), first=int(number))


def _l7(rule: Tree, minor: int) -> L7 | None:
    rules = rule.get("rules", {})
    servers = tuple(_server_name(each, minor) for each in rule.get("serverNames", ()))
    if rules.get("dns"):
        names = tuple(name for each in rules["dns"] for name in _names(each, minor))
        return L7(parser=Parser.DNS, names=names)
    for key, parser in (("http", Parser.HTTP), ("kafka", Parser.KAFKA), ("l7proto", Parser.OTHER)):
        if rules.get(key):
            return L7(parser=parser, http=tuple(rules.get("http", ())), server_names=servers)
    return L7(parser=Parser.TLS, server_names=servers) if servers else None


def _server_name(text: str, minor: int) -> NamePattern:
    """From 1.18 a leading `*.` or `**.` is a wildcard; before, only the very same text matches.

    The proxy writes what a client names in lower case and without a trailing dot.
    """
    if minor < V18 and ("*" in text or text != text.lower() or text.endswith(".")):
        return NamePattern(key=text, labels=("",))
    return NamePattern.of(text, minor=ANY_DEPTH_SINCE)


def _names(entry: Tree, minor: int) -> Iterator[NamePattern]:
    written = [entry[key] for key in ("matchName", "matchPattern") if entry.get(key)]
    for text in written or ["."]:
        yield NamePattern.of(text, minor=minor)


def port_doubt(item: Tree, agent: Agent, ref: ObjectRef, at: str) -> Doubt | None:
    """The first thing in the L4 and L7 part of an item that is not modelled."""
    for place, rule in enumerate(item.get("toPorts", ())):
        for key, why in _rule_doubts(rule, agent):
            return Doubt(object=ref, key=f"{at}/toPorts/{place}{key}", why=why)
    for place, rule in enumerate(item.get("icmps", ())):
        for number, each in enumerate(rule.get("fields", ())):
            kind = each["type"]
            if isinstance(kind, int) and not 0 <= kind <= _HIGHEST_TYPE:
                key = f"{at}/icmps/{place}/fields/{number}/type"
                why = f"what the ICMP type {kind} matches is not modelled"
                return Doubt(object=ref, key=key, why=why)
    return None


def _rule_doubts(rule: Tree, agent: Agent) -> Iterator[tuple[str, str]]:
    for key in ("listener", "terminatingTLS", "originatingTLS"):
        if key in rule:
            yield f"/{key}", "what a custom listener or TLS context lets through is not modelled"
    yield from _server_doubts(rule, agent)
    rules = rule.get("rules", {})
    for place, entry in enumerate(rules.get("http", ())):
        for key in ("path", "method"):
            if judge(entry.get(key, "")) is Regex.UNKNOWN:
                why = f"whether the agent takes the expression {entry[key][:80]!r} is not known"
                yield f"/rules/http/{place}/{key}", why
    for place, entry in enumerate(rules.get("kafka", ())):
        if entry.keys() & {"apiKey", "apiVersion", "clientID", "topic"}:
            yield f"/rules/kafka/{place}", "Kafka rules are modelled without fields only"
    ranged = any(each.get("endPort", 0) for each in rule.get("ports", ()))
    if rules.get("dns") and ranged and agent.minor < V17:
        yield "/rules/dns", "DNS rules on a range of ports are modelled from 1.17 only"


def _server_doubts(rule: Tree, agent: Agent) -> Iterator[tuple[str, str]]:
    servers = rule.get("serverNames", ())
    if servers and not agent.l7_proxy:
        yield "/serverNames", "server names without the L7 proxy are not modelled"
    if agent.minor >= V18 and any(each.endswith(".") for each in servers):
        yield "/serverNames", "a proxy refuses a server name with a trailing dot"
