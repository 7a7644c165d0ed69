"""What the agent refuses in a rule that the schema took.

Source: `Rule.Sanitize` in `pkg/policy/api/rule_validation.go` of 1.17, 1.19 and 1.20. One fault
leaves the whole object out; only the first is reported, as the agent does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.icmp import IPV4_TYPES, IPV6_TYPES
from transire.engines.cilium.objects.kafka import kafka_faults
from transire.engines.cilium.objects.ports import is_service_name, parse_number
from transire.engines.cilium.objects.regex import Regex, judge
from transire.engines.cilium.objects.schema import (
    LONGEST_NAME,
    MOST_FIELDS,
    MOST_PORTS,
    PORTLESS_SINCE_19,
    PORTLESS_SINCE_20,
    V20,
)
from transire.engines.cilium.objects.selectors import fault_of
from transire.k8s.go_cidr import parse_address, parse_network
from transire.k8s.label_selector import selector_fault
from transire.k8s.manifests import Tree
from transire.model.net import Address, Network

_SECTIONS = ("ingress", "ingressDeny", "egress", "egressDeny")
_KINDS = ("Endpoints", "CIDR", "CIDRSet", "Entities", "Services", "FQDNs", "Groups", "Nodes")
_L7 = ("http", "kafka", "dns", "l7")
_PORTLESS = frozenset({*PORTLESS_SINCE_19, *PORTLESS_SINCE_20})


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """The checks of one agent on the rules of one kind of policy."""

    agent: Agent
    clusterwide: bool

    def fault(self, spec: Tree, at: str) -> str:
        """The first thing that the agent refuses in a rule, or the empty string."""
        return next(self._faults(spec, at), "")

    def deny_fault(self, spec: Tree, at: str) -> str:
        """The same for the deny sections alone, which releases before 1.18 do not check."""
        return next(self._deny_faults(spec, at), "")

    def _faults(self, spec: Tree, at: str) -> Iterator[str]:
        if self.agent.minor >= 18 and not any(spec.get(key) for key in _SECTIONS):  # noqa: PLR2004
            yield f"{at} needs an item in one of {', '.join(_SECTIONS)}"
        on_host = "nodeSelector" in spec
        if on_host and not self.clusterwide:
            yield f"{at}/nodeSelector is for a CiliumClusterwideNetworkPolicy only"
        subject = "nodeSelector" if on_host else "endpointSelector"
        yield from self._selector(spec[subject], f"{at}/{subject}")
        for way, section in (("from", "ingress"), ("to", "egress")):
            for place, item in enumerate(spec.get(section, ())):
                here = f"{at}/{section}/{place}"
                yield from self._peers(item, way, here)
                yield from self._l7(item, section, here, on_host=on_host)
                yield from self._ports_and_icmps(item, way, here)
        if self.agent.minor >= 18:  # noqa: PLR2004
            yield from self._deny_faults(spec, at)

    def _deny_faults(self, spec: Tree, at: str) -> Iterator[str]:
        for way, section in (("from", "ingressDeny"), ("to", "egressDeny")):
            for place, item in enumerate(spec.get(section, ())):
                here = f"{at}/{section}/{place}"
                yield from self._peers(item, way, here)
                yield from self._ports_and_icmps(item, way, here)

    def _peers(self, item: Tree, way: str, at: str) -> Iterator[str]:
        given = [f"{way}{kind}" for kind in _KINDS if item.get(f"{way}{kind}")]
        if len(given) > 1:
            yield f"{at} combines {' and '.join(given)}, one item takes one of them"
        if item.get("toServices") and item.get("toPorts") and self.agent.minor < 17:  # noqa: PLR2004
            yield f"{at} combines toServices and toPorts"
        for place, each in enumerate(item.get(f"{way}Endpoints", ())):
            yield from self._selector(each, f"{at}/{way}Endpoints/{place}")
        for place, each in enumerate(item.get(f"{way}Nodes", ())):
            yield from self._selector(each, f"{at}/{way}Nodes/{place}")
        for place, each in enumerate(item.get(f"{way}CIDR", ())):
            if _prefix(each) is None and parse_address(each) is None:
                yield f"{at}/{way}CIDR/{place} {each!r} is not an address range"
        for place, each in enumerate(item.get(f"{way}CIDRSet", ())):
            yield from self._cidr_rule(each, f"{at}/{way}CIDRSet/{place}")
        for place, each in enumerate(item.get("toFQDNs", ())):
            yield from _name(each, f"{at}/toFQDNs/{place}", both=False)
        if item.get(f"{way}Nodes") and not self.agent.node_labels:
            yield f"{at}/{way}Nodes needs the agent flag enable-node-selector-labels"

    def _selector(self, tree: Tree, at: str) -> tuple[str, ...]:
        return _some(fault_of(tree, at, self.agent.minor))

    def _cidr_rule(self, rule: Tree, at: str) -> Iterator[str]:
        if "cidrGroupSelector" in rule:
            yield from self._group_selector(rule["cidrGroupSelector"], f"{at}/cidrGroupSelector")
        if "cidr" not in rule or rule.get("cidrGroupRef"):
            return
        whole = _prefix(rule["cidr"])
        if whole is None:
            yield f"{at}/cidr {rule['cidr']!r} is not an address range"
            return
        for place, text in enumerate(rule.get("except", ())):
            part = _prefix(text)
            if part is None:
                yield f"{at}/except/{place} {text!r} is not an address range"
            elif part[0].version != whole[0].version or part[0] not in whole[1]:
                yield f"{at}/except/{place} {text!r} does not begin inside {rule['cidr']}"
            elif self.agent.minor >= V20 and part[1].prefixlen < whole[1].prefixlen:
                yield f"{at}/except/{place} {text!r} is wider than {rule['cidr']}"

    def _group_selector(self, tree: Tree, at: str) -> tuple[str, ...]:
        if self.agent.minor >= V20:
            return self._selector(tree, at)
        return _some(selector_fault(tree, at))

    def _l7(self, item: Tree, section: str, at: str, *, on_host: bool) -> Iterator[str]:
        rules = [each["rules"] for each in item.get("toPorts", ()) if has_l7(each.get("rules", {}))]
        if not rules:
            return
        if not self.agent.l7_proxy:
            yield f"{at} has L7 rules, which the agent flag enable-l7-proxy=false refuses"
        if section == "ingress" and any(each.get("dns") for each in rules):
            yield f"{at} has DNS rules, which ingress does not take"
        beyond_dns = any(not each.get("dns") for each in rules)
        if on_host and (self.agent.minor < 17 or beyond_dns or section == "ingress"):  # noqa: PLR2004
            yield f"{at} has L7 rules, which a policy for nodes does not take"

    def _ports_and_icmps(self, item: Tree, way: str, at: str) -> Iterator[str]:
        icmps, ports = item.get("icmps", ()), item.get("toPorts", ())
        if icmps and not self.agent.icmp_rules:
            yield f"{at}/icmps needs the agent flag enable-icmp-rules"
        if icmps and ports:
            yield f"{at} combines icmps and toPorts"
        for place, each in enumerate(ports):
            yield from self._port_rule(each, f"{at}/toPorts/{place}", ingress=way == "from")
        for place, each in enumerate(icmps):
            yield from _icmp_rule(each, f"{at}/icmps/{place}")

    def _port_rule(self, rule: Tree, at: str, *, ingress: bool) -> Iterator[str]:
        rules, names = rule.get("rules", {}), rule.get("serverNames", ())
        dns = bool(rules.get("dns"))
        if names and has_l7(rules) and "terminatingTLS" not in rule:
            yield f"{at} combines serverNames and rules without terminatingTLS"
        if "" in names:
            yield f"{at}/serverNames holds an empty name"
        ports = rule.get("ports", ())
        if len(ports) > MOST_PORTS:
            yield f"{at}/ports has {len(ports)} items, at most {MOST_PORTS} are taken"
        for place, port in enumerate(ports):
            yield from self._port(port, f"{at}/ports/{place}", dns=dns)
            if has_l7(rules) and not dns and port.get("protocol", "ANY") != "TCP":
                yield f"{at}/ports/{place} needs protocol TCP, since it has L7 rules"
        if "listener" in rule and (ingress or has_l7(rules)):
            yield f"{at}/listener is not taken {'on ingress' if ingress else 'beside rules'}"
        if has_l7(rules):
            if any(parse_number(port.get("port", "")) == 0 for port in ports):
                yield f"{at} has L7 rules, which port 0 does not take"
            yield from _l7_rules(rules, ports, f"{at}/rules")

    def _port(self, port: Tree, at: str, *, dns: bool) -> Iterator[str]:
        text = port.get("port", "")
        if not text:
            if not self.agent.extended_protocols:
                extended = port.get("protocol") in _PORTLESS
                how = ", which is taken with the agent's enable-extended-ip-protocols alone"
                yield f"{at} has no port{how if extended else ''}"
            return
        if is_service_name(text):
            return
        if text != "0" and port.get("protocol") in _PORTLESS:
            yield f"{at}/port {text!r} stands beside {port['protocol']}, which has no ports"
        number = parse_number(text)
        if number is None:
            yield f"{at}/port {text[:80]!r} is neither a port between 0 and 65535 nor a name"
        elif dns and self.agent.minor >= 17 and port.get("endPort", 0) > number:  # noqa: PLR2004
            yield f"{at} is a range of ports, which DNS rules do not take"


def has_l7(rules: Tree) -> bool:
    """Whether any L7 rule is given; an empty list is none, and a mere `l7proto` neither."""
    return any(rules.get(kind) for kind in _L7)


def _some(fault: str) -> tuple[str, ...]:
    return (fault,) if fault else ()


def _prefix(text: str) -> tuple[Address, Network] | None:
    """The range, as `netip.ParsePrefix` reads it: stricter than the schema about its length."""
    length = text.rpartition("/")[2]
    return None if len(length) > 1 and length.startswith("0") else parse_network(text)


def _name(entry: Tree, at: str, *, both: bool) -> Iterator[str]:
    if not both and entry.get("matchName") and entry.get("matchPattern"):
        yield f"{at} has matchName and matchPattern, one of them belongs"
    if len(entry.get("matchPattern", "")) > LONGEST_NAME:
        yield f"{at}/matchPattern has more than {LONGEST_NAME} characters"


def _icmp_rule(rule: Tree, at: str) -> Iterator[str]:
    fields = rule.get("fields", ())
    if len(fields) > MOST_FIELDS:
        yield f"{at}/fields has {len(fields)} items, at most {MOST_FIELDS} are taken"
    for place, field in enumerate(fields):
        known = IPV6_TYPES if field["family"] == "IPv6" else IPV4_TYPES
        kind = field["type"]
        if isinstance(kind, str) and not kind.isdigit() and kind not in known:
            yield f"{at}/fields/{place}/type {kind!r} is no type of {field['family']}"


def _l7_rules(rules: Tree, ports: object, at: str) -> Iterator[str]:
    kinds = [kind for kind in ("http", "kafka", "dns") if kind in rules]
    kinds += ["l7proto"] if rules.get("l7proto") else []
    if "l7" in rules and not rules.get("l7proto"):
        yield f"{at}/l7 is given without l7proto"
    if "dns" in rules and not ports:
        yield f"{at}/dns is given without ports"
    if len(kinds) > 1:
        yield f"{at} has {' and '.join(kinds)}, one of them belongs"
    for place, entry in enumerate(rules.get("dns", ())):
        yield from _name(entry, f"{at}/dns/{place}", both=True)
    for place, entry in enumerate(rules.get("kafka", ())):
        yield from kafka_faults(entry, f"{at}/kafka/{place}")
    for place, entry in enumerate(rules.get("http", ())):
        yield from _http_rule(entry, f"{at}/http/{place}")
    for place, entry in enumerate(rules.get("l7", ())):
        if "" in entry:
            yield f"{at}/l7/{place} has an empty key"


def _http_rule(rule: Tree, at: str) -> Iterator[str]:
    for key in ("path", "method"):
        if judge(rule.get(key, "")) is Regex.WRONG:
            yield f"{at}/{key} {rule[key][:80]!r} is not a regular expression"
