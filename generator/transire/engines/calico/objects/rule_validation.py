"""What Calico refuses in a rule.

Source: `libcalico-go/lib/validator/v3` of Calico 3.30, 3.32 and 3.33; for domains, the documents
of Calico Enterprise. Each function gives the first fault as a sentence that begins with its JSON
pointer, or the empty string.
"""

from __future__ import annotations

from transire.engines.calico.objects.definitions import action_fault, icmp_fault
from transire.engines.calico.objects.domains import domain_fault
from transire.engines.calico.objects.fields import (
    ICMP,
    ICMPV6,
    NUMBERS,
    TCP,
    WITH_PORTS,
    all_named,
    port_item,
    protocol_number,
    read_net,
)
from transire.engines.calico.objects.releases import Dialect
from transire.engines.calico.objects.selector_grammar import (
    IntricateSelectorError,
    SelectorError,
    is_only_global,
    parse_selector,
)
from transire.k8s.go_cidr import parse_network
from transire.k8s.manifests import Tree
from transire.k8s.metadata_rules import is_subdomain, metadata_fault


def rule_fault(rule: Tree, at: str, *, egress: bool, named: bool, dialect: Dialect) -> str:
    """The first fault of one rule.

    Args:
        rule: the decoded rule.
        at: its JSON pointer.
        egress: whether it is an egress rule.
        named: whether services need a namespace, as they do in global policies.
        dialect: the release.
    """
    return (
        action_fault(rule, at)
        or _protocol_fault(rule, at, dialect)
        or _icmp_fault(rule, at, dialect)
        or _http_fault(rule, at, dialect, egress=egress)
        or _entity_fault(rule.get("source", {}), f"{at}/source", dialect)
        or _entity_fault(rule.get("destination", {}), f"{at}/destination", dialect)
        or _ports_fault(rule, at, dialect)
        or _families_fault(rule, at)
        or _services_fault(rule, at, egress=egress, named=named)
        or _domains_fault(rule, at, egress=egress)
        or _metadata_fault(rule, at)
    )


def selector_fault(text: str, at: str, dialect: Dialect) -> str:
    """The fault of a selector where `global()` has no meaning."""
    if ("global(" if dialect.limits else "global()") in text:
        return f"{at} uses global(), which only a rule's namespaceSelector may"
    return syntax_fault(text, at)


def syntax_fault(text: str, at: str) -> str:
    """The fault of a selector's grammar; one that is only too deep has none."""
    try:
        parse_selector(text)
    except IntricateSelectorError:
        return ""
    except SelectorError as error:
        return f"{at} {text[:80]!r} is no selector: {error}"
    return ""


def _protocol_fault(rule: Tree, at: str, dialect: Dialect) -> str:
    for key in ("protocol", "notProtocol"):
        value = rule.get(key)
        if value is not None and protocol_number(value) is None:
            return (
                f"{at}/{key} {value!r} is none of TCP, UDP, ICMP, ICMPv6, SCTP and UDPLite and no "
                "number from 1 to 255"
            )
    written = (rule.get("protocol"), rule.get("notProtocol"))
    version = rule.get("ipVersion")
    for name, family in (("ICMP", 4), ("ICMPv6", 6)):
        meant = (name, NUMBERS[name]) if dialect.limits else (name,)
        if version not in {None, family} and any(each in meant for each in written):
            return f"{at}/ipVersion {version} contradicts the protocol {name}"
    return ""


def _icmp_fault(rule: Tree, at: str, dialect: Dialect) -> str:
    fault = icmp_fault(rule, at)
    if fault:
        return fault
    meant = ("ICMP", "ICMPv6", ICMP, ICMPV6) if dialect.limits else ("ICMP", "ICMPv6")
    if "icmp" in rule and rule.get("protocol") not in meant:
        return f"{at}/icmp needs the protocol ICMP or ICMPv6"
    return ""


def _http_fault(rule: Tree, at: str, dialect: Dialect, *, egress: bool) -> str:
    http = rule.get("http")
    if http is None:
        return ""
    if egress:
        return f"{at}/http is taken in ingress rules only"
    if rule["action"] != "Allow":
        return f"{at}/http needs the action Allow"
    meant = ("TCP", TCP) if dialect.limits else ("TCP",)
    if "protocol" in rule and rule["protocol"] not in meant:
        return f"{at}/http needs the protocol TCP or none"
    methods = http.get("methods", [])
    if len(set(methods)) < len(methods):
        return f"{at}/http/methods name one method twice"
    for place, path in enumerate(http.get("paths", ())):
        given = [text for text in (path.get("exact", ""), path.get("prefix", "")) if text]
        if len(given) != 1:
            return f"{at}/http/paths/{place} needs either exact or prefix"
        if not given[0].startswith("/") or any(sign in given[0] for sign in "? #"):
            return f"{at}/http/paths/{place} {given[0][:80]!r} is no path"
    return ""


def _entity_fault(entity: Tree, at: str, dialect: Dialect) -> str:
    for key in ("nets", "notNets"):
        for place, text in enumerate(entity.get(key, ())):
            fault = _net_fault(text, negated=key == "notNets")
            if fault:
                return f"{at}/{key}/{place} {text!r} {fault}"
    for key in ("ports", "notPorts"):
        for place, value in enumerate(entity.get(key, ())):
            if port_item(value) is None:
                return (
                    f"{at}/{key}/{place} {value!r} is no port: a number from 1 to 65535, "
                    "a range such as '8000:8010' or a port name"
                )
    return _selectors_fault(entity, at, dialect)


def _net_fault(text: str, *, negated: bool) -> str:
    network = parse_network(text)
    if network is None:
        return "is no range such as 198.51.100.0/24; a single address needs /32 or /128"
    if network[0] != network[1].network_address:
        return f"has address bits behind the prefix, write {network[1]}"
    if negated and network[1].prefixlen == 0:
        return "excludes every address"
    return ""


def _selectors_fault(entity: Tree, at: str, dialect: Dialect) -> str:
    fault = selector_fault(entity.get("selector", ""), f"{at}/selector", dialect)
    spaces = entity.get("namespaceSelector", "")
    if "global(" in spaces and not is_only_global(spaces):
        fault = fault or f"{at}/namespaceSelector {spaces[:80]!r} joins global() with other terms"
    accounts = entity.get("serviceAccounts", {})
    return (
        fault
        or syntax_fault(spaces, f"{at}/namespaceSelector")
        or syntax_fault(entity.get("notSelector", ""), f"{at}/notSelector")
        or syntax_fault(accounts.get("selector", ""), f"{at}/serviceAccounts/selector")
    )


def _ports_fault(rule: Tree, at: str, dialect: Dialect) -> str:
    written = rule.get("protocol")
    if written is not None and protocol_number(written) in WITH_PORTS:
        return ""
    for side in ("source", "destination"):
        for key in ("ports", "notPorts"):
            values = rule.get(side, {}).get(key, [])
            if not values or (written is None and dialect.bare_named_ports and all_named(values)):
                continue
            return f"{at}/{side}/{key} need the protocol TCP, UDP or SCTP"
    return ""


def _families_fault(rule: Tree, at: str) -> str:
    seen: int | None = rule.get("ipVersion")
    first_at = "ipVersion"
    for side in ("source", "destination"):
        for key in ("nets", "notNets"):
            for place, text in enumerate(rule.get(side, {}).get(key, ())):
                network = read_net(text)
                version = network.version if network else seen
                here = f"{side}/{key}/{place}"
                if seen is not None and version != seen:
                    return f"{at}/{here} {text!r} is of another IP version than {first_at}"
                seen, first_at = version, here if seen is None else first_at
    return ""


def _services_fault(rule: Tree, at: str, *, egress: bool, named: bool) -> str:
    right, wrong = ("destination", "source") if egress else ("source", "destination")
    if "services" in rule.get(wrong, {}):
        return f"{at}/{wrong}/services are not taken on this side of the rule"
    entity = rule.get(right, {})
    services = entity.get("services")
    if services is None:
        return ""
    here = f"{at}/{right}/services"
    if not services.get("name"):
        return f"{here}/name is missing"
    for key in ("name", "namespace"):
        if services.get(key) and not is_subdomain(services[key]):
            return f"{here}/{key} {services[key][:60]!r} is not a DNS name in lower case"
    if named and not services.get("namespace"):
        return f"{here}/namespace is missing, which a global policy needs"
    beside = ["selector", "notSelector", "namespaceSelector", "nets", "notNets"]
    beside += ["ports", "notPorts"] if egress else []
    taken = [key for key in beside if entity.get(key)]
    taken += ["serviceAccounts"] if "serviceAccounts" in entity else []
    return f"{here} exclude {taken[0]} beside them" if taken else ""


def _domains_fault(rule: Tree, at: str, *, egress: bool) -> str:
    if rule.get("source", {}).get("domains"):
        return f"{at}/source/domains are taken in the destination of egress rules only"
    entity = rule.get("destination", {})
    domains = entity.get("domains", [])
    here = f"{at}/destination/domains"
    if domains and not egress:
        return f"{here} are taken in egress rules only"
    for place, text in enumerate(domains):
        fault = domain_fault(text.removesuffix("."))
        if fault:
            return f"{here}/{place} {text[:80]!r} {fault}"
    if domains and rule["action"] != "Allow":
        return f"{here} need the action Allow"
    for key in ("nets", "selector"):
        if domains and entity.get(key):
            return f"{here} exclude {key} beside them"
    return ""


def _metadata_fault(rule: Tree, at: str) -> str:
    fault = metadata_fault(rule.get("metadata", {}))
    return f"{at}{fault}" if fault else ""
