"""The L4 and L7 part of an egress item."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.fqdn import ANY_DEPTH_SINCE, NamePattern
from transire.engines.cilium.objects.icmp import IPV4_TYPES, IPV6_TYPES
from transire.engines.cilium.objects.ports import is_service_name, parse_number, protocol_number
from transire.engines.cilium.objects.regex import Regex, judge
from transire.engines.cilium.objects.rules import L7, NO_PROXY, Parser, Port, PortGroup, Proxy
from transire.engines.cilium.objects.schema import V17, V18, V20
from transire.engines.cilium.objects.validate import has_l7
from transire.flows.port_set import Protocol
from transire.k8s.manifests import ObjectRef, Tree
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import MAX_PORT

ANY_PROTOCOL = (Protocol.TCP, Protocol.UDP, Protocol.SCTP)
"""What a port without protocol, or with ANY, stands for; never ICMP."""
_WORD = 31
"""How many bits the agent keeps of a number that stands for an ICMP type, less the sign."""
_CONTEXTS = ("terminatingTLS", "originatingTLS")
_LOWEST_PRIORITY = 127
"""The priority that the agent turns round: of two proxies the lower one comes first."""
_OWN_PARSERS = frozenset({"http", "kafka", "dns", "tls", "crd"})


def port_groups(item: Tree, agent: Agent) -> tuple[PortGroup, ...] | None:
    """The port groups of an item, or None where it names neither ports nor ICMP types.

    An empty group stays: it allows nothing, yet the item no longer means every port.
    """
    rules, icmps = item.get("toPorts", ()), item.get("icmps", ())
    if not rules and not icmps:
        return None
    found = [
        PortGroup(
            ports=tuple(
                port for each in rule.get("ports", ()) for port in _ports(each, agent.minor)
            ),
            l7=_l7(rule, agent),
        )
        for rule in rules
    ]
    found += [
        PortGroup(ports=tuple(_icmp(each) for each in rule.get("fields", ()))) for rule in icmps
    ]
    return tuple(found)


def _ports(tree: Tree, minor: int) -> Iterator[Port]:
    """Every port that an entry means; a range that begins at 0 is one until 1.19."""
    text = tree.get("port", "") or "0"
    word = tree.get("protocol", "ANY")
    protocols = ANY_PROTOCOL if word == "ANY" else (protocol_number(word),)
    for protocol in protocols:
        if is_service_name(text):
            yield Port(protocol=protocol, text=text.lower(), name=text.lower())
        else:
            first, last = parse_number(text) or 0, tree.get("endPort", 0)
            if not first and (minor >= V20 or last == MAX_PORT):
                last = 0
            yield Port(protocol=protocol, text=text, first=first, last=last)


def _icmp(tree: Tree) -> Port:
    """A type of 0, the echo reply, stands for every type, as port 0 does for every port.

    A number that no type has is read as a port would be, so that one below 0 is 0 as well.
    """
    sixth = tree["family"] == "IPv6"
    known = IPV6_TYPES if sixth else IPV4_TYPES
    number = int(known.get(tree["type"], tree["type"]))
    protocol = Protocol.ICMPv6 if sixth else Protocol.ICMP
    return Port(protocol=protocol, text=str(number), first=min(max(number, 0), MAX_PORT))


def _l7(rule: Tree, agent: Agent) -> L7 | None:
    minor = agent.minor
    rules, listener = rule.get("rules", {}), rule.get("listener")
    proxy = _listener(listener) if listener else _proxy(rule)
    if proxy is NO_PROXY:
        return None
    return L7(
        proxy=proxy,
        names=tuple(name for each in rules.get("dns", ()) for name in _names(each, minor)),
        server_names=tuple(server_name(each, minor) for each in rule.get("serverNames", ())),
        http=tuple(rules.get("http", ())),
        has_rules=has_l7(rules),
        contexts={key: _secret(rule[key]) for key in _CONTEXTS if key in rule},
        running=agent.l7_proxy,
    )


def _secret(tree: Tree) -> str:
    secret = tree["secret"]
    return f"{secret.get('namespace', '')}/{secret['name']}"


def _listener(tree: Tree) -> Proxy:
    """The proxy that a policy names; one with a priority of its own comes before all others."""
    config = tree["envoyConfig"]
    name = "/".join((config.get("kind", ""), config["name"], tree["name"]))
    priority = tree.get("priority", 0)
    rank = _LOWEST_PRIORITY - priority if priority else int(Parser.LISTENER)
    return Proxy(parser=Parser.LISTENER, name=name, rank=rank)


def _proxy(rule: Tree) -> Proxy:
    """The proxy that rules, server names or a TLS context require."""
    rules = rule.get("rules", {})
    for key, parser in (("dns", Parser.DNS), ("http", Parser.HTTP), ("kafka", Parser.KAFKA)):
        if rules.get(key):
            return Proxy(parser=parser)
    if rules.get("l7proto"):
        return Proxy(parser=Parser.OTHER, name=rules["l7proto"])
    secured = rule.get("serverNames") or rule.keys() & {*_CONTEXTS}
    return Proxy(parser=Parser.TLS) if secured else NO_PROXY


def server_name(text: str, minor: int) -> NamePattern:
    """From 1.18 a leading `*.` or `**.` is a wildcard, from 1.20 any star; before, none is.

    The proxy writes what a client names in lower case and without a trailing dot.
    """
    if minor < V18 and ("*" in text or text != text.lower() or text.endswith(".")):
        return NamePattern(key=text, labels=("",))
    return NamePattern.of(text, minor=ANY_DEPTH_SINCE)


def _names(entry: Tree, minor: int) -> Iterator[NamePattern]:
    written = [entry[key] for key in ("matchName", "matchPattern") if entry.get(key)]
    for text in written or ["."]:
        yield NamePattern.of(text, minor=minor)


def unmodelled_ports(item: Tree, agent: Agent, ref: ObjectRef, at: str) -> Unmodelled | None:
    """The first thing in the L4 and L7 part of an item that is not modelled."""
    for place, rule in enumerate(item.get("toPorts", ())):
        for key, why in _unmodelled_rule(rule, agent):
            return Unmodelled(object=ref, key=f"{at}/toPorts/{place}{key}", why=why)
    for place, rule in enumerate(item.get("icmps", ())):
        for number, each in enumerate(rule.get("fields", ())):
            kind = each["type"]
            if isinstance(kind, int) and kind >> _WORD not in {0, -1}:
                key = f"{at}/icmps/{place}/fields/{number}/type"
                why = f"the ICMP type {kind} is more than the agent can read"
                return Unmodelled(object=ref, key=key, why=why)
    return None


def _unmodelled_rule(rule: Tree, agent: Agent) -> Iterator[tuple[str, str]]:
    for key in _CONTEXTS:
        if key in rule and agent.minor < V17:
            yield f"/{key}", "before 1.17 a missing secret leaves the pod without a policy"
    yield from _unmodelled_server_names(rule, agent)
    rules = rule.get("rules", {})
    for place, entry in enumerate(rules.get("http", ())):
        for key in ("path", "method"):
            if judge(entry.get(key, "")) is Regex.UNKNOWN:
                why = f"whether the agent takes the expression {entry[key][:80]!r} is not known"
                yield f"/rules/http/{place}/{key}", why
    if rules.get("l7proto") in _OWN_PARSERS:
        why = f"what {rules['l7proto']!r} does as the name of another protocol is not modelled"
        yield "/rules/l7proto", why
    ranged = any(each.get("endPort", 0) for each in rule.get("ports", ()))
    if rules.get("dns") and ranged and agent.minor < V17:
        yield "/rules/dns", "DNS rules on a range of ports are modelled from 1.17 only"


def _unmodelled_server_names(rule: Tree, agent: Agent) -> Iterator[tuple[str, str]]:
    servers = rule.get("serverNames", ())
    if V18 <= agent.minor < V20 and any(each.endswith(".") for each in servers):
        yield "/serverNames", "a proxy refuses a server name with a trailing dot"
