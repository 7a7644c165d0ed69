"""From decoded objects without fault to rules.

Source: `libcalico-go/lib/backend/syncersv1/updateprocessors` (how selectors are joined) and
`felix/calc/rule_scanner.go` (how a negated selector narrows a positive one) of Calico.
"""

from __future__ import annotations

from transire.engines.calico.objects.domains import Domain, domain_fault
from transire.engines.calico.objects.fields import (
    ICMP,
    ICMPV6,
    read_icmp,
    read_net,
    read_ports,
    stored_protocol,
)
from transire.engines.calico.objects.rules import CalicoAction, CalicoRule, Entity, Nets
from transire.engines.calico.objects.selector import (
    NAMESPACE,
    OF_NAMESPACE,
    OF_SERVICE_ACCOUNT,
    SERVICE_ACCOUNT,
    Everything,
    Has,
    Not,
    OneOf,
    Selector,
    both,
    equals,
    prefixed,
)
from transire.engines.calico.objects.selector_grammar import parse_selector
from transire.k8s.manifests import ObjectRef, Tree
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import Network

API_SERVER: Tree = {"name": "kubernetes", "namespace": "default"}
"""The one service whose endpoints are known: those of the cluster's API server."""

_BESIDE_DOMAINS = (
    "nets", "notNets", "selector", "notSelector", "namespaceSelector", "serviceAccounts",
)  # fmt: skip
_IN_NAMESPACE = Has(NAMESPACE)


def policy_selector(spec: Tree, namespace: str) -> Selector:
    """Which endpoints a policy governs; `namespace` is empty for a global policy."""
    spaces, accounts = spec.get("namespaceSelector", ""), spec.get("serviceAccountSelector", "")
    found = both(
        equals(NAMESPACE, namespace) if namespace else None,
        prefixed(parse_selector(spaces), OF_NAMESPACE, _IN_NAMESPACE) if spaces else None,
        prefixed(parse_selector(accounts), OF_SERVICE_ACCOUNT, Has(SERVICE_ACCOUNT))
        if accounts
        else None,
        parse_selector(spec.get("selector", "")),
    )
    return found or Everything()


def compile_rule(rule: Tree, at: str, *, namespace: str, of: ObjectRef) -> CalicoRule | None:
    """One egress rule; None for one that matches no packet.

    Entries that are no range are left out, as Felix leaves them out: a rule without any other
    matches every address.

    Args:
        rule: the decoded rule, of a policy that Felix enforces.
        at: its JSON pointer.
        namespace: the policy's, empty for a global policy.
        of: the policy.

    Raises:
        IntricateSelectorError: if a selector is nested too deeply to be judged.
    """
    source, destination = rule.get("source", {}), rule.get("destination", {})
    families = _families(rule)
    if not families or _finds_no_service(source, destination, namespace):
        return None
    found = _unmodelled(rule, at)
    return CalicoRule(
        pointer=at,
        action=CalicoAction(rule["action"]),
        family=next(iter(families)) if len(families) == 1 else None,
        protocol=stored_protocol(rule["protocol"]) if "protocol" in rule else None,
        not_protocol=stored_protocol(rule["notProtocol"]) if "notProtocol" in rule else None,
        icmp=read_icmp(rule.get("icmp")),
        not_icmp=read_icmp(rule.get("notICMP")),
        source=_entity(source, namespace),
        destination=_entity(destination, namespace),
        api_server=destination.get("services") == API_SERVER,
        entry=Unmodelled(object=of, key=found[0], why=found[1]) if found else None,
    )


def _finds_no_service(source: Tree, destination: Tree, namespace: str) -> bool:
    """Whether the rule names a service that is none: a sender's, or a global policy's own."""
    of_sender, of_receiver = source.get("services", {}), destination.get("services", {})
    homeless = not namespace and not of_receiver.get("namespace")
    return bool(of_sender.get("name") or (of_receiver.get("name") and homeless))


def _entity(tree: Tree, namespace: str) -> Entity:
    members, excluded = _members(tree, namespace), None
    if tree.get("notSelector"):
        excluded = parse_selector(tree["notSelector"])
        if members is not None:
            members, excluded = both(members, Not(excluded)), None
    return Entity(
        nets=Nets(_nets(tree.get("nets", []))),
        not_nets=Nets(_nets(tree.get("notNets", []))),
        ports=read_ports(tree.get("ports", [])),
        not_ports=read_ports(tree.get("notPorts", [])),
        members=members,
        excluded=excluded,
        domains=tuple(Domain(text.lower()) for text in tree.get("domains", ())),
    )


def _members(tree: Tree, namespace: str) -> Selector | None:
    """The positive selector; a namespaced policy stays in its namespace as soon as one is used."""
    spaces, own = tree.get("namespaceSelector", ""), tree.get("selector", "")
    inside = both(_accounts(tree.get("serviceAccounts", {})), parse_selector(own) if own else None)
    if spaces:
        return both(_spaces(spaces), inside)
    if namespace and (inside is not None or tree.get("notSelector")):
        return both(equals(NAMESPACE, namespace), inside)
    return inside


def _spaces(text: str) -> Selector:
    return prefixed(parse_selector(text), OF_NAMESPACE, _IN_NAMESPACE, Not(_IN_NAMESPACE))


def _accounts(tree: Tree) -> Selector | None:
    text, names = tree.get("selector", ""), tree.get("names", [])
    labelled = prefixed(parse_selector(text), OF_SERVICE_ACCOUNT, Everything()) if text else None
    return both(labelled, OneOf(SERVICE_ACCOUNT, frozenset(names)) if names else None)


def _nets(texts: list[str]) -> tuple[Network, ...]:
    return tuple(each for text in texts if (each := read_net(text)))


def _families(rule: Tree) -> frozenset[int]:
    """The IP versions that the rule is programmed for: those of each list of ranges."""
    version = rule.get("ipVersion")
    found = frozenset({4, 6} if version is None else {version})
    for side in ("source", "destination"):
        for key in ("nets", "notNets"):
            networks = _nets(rule.get(side, {}).get(key, []))
            if networks:
                found &= {each.version for each in networks}
    return found


def _unmodelled(rule: Tree, at: str) -> tuple[str, str] | None:
    """The first thing that the rule requires and this model does not know."""
    destination = rule.get("destination", {})
    services = destination.get("services", {})
    if services.get("name") and services != API_SERVER:
        return f"{at}/destination/services", "the endpoints of services are not modelled"
    beside = {key for key, value in destination.items() if value} - {"services"}
    if services.get("name") and beside:
        return f"{at}/destination/{min(beside)}", "what it does beside services is not modelled"
    if destination.get("domains") and rule["action"] != CalicoAction.ALLOW:
        return f"{at}/destination/domains", "what they do in other rules than Allow is not known"
    without_name = stored_protocol(rule.get("protocol", 0)) not in {ICMP, ICMPV6}
    if without_name and "type" in rule.get("notICMP", {}):
        return f"{at}/notICMP", "without the protocol ICMP or ICMPv6 it is not known what it does"
    if rule.get("source", {}).get("domains"):
        return f"{at}/source/domains", "what they do on this side of a rule is not known"
    for side in ("source", "destination"):
        found = _unmodelled_entity(rule.get(side, {}), f"{at}/{side}")
        if found:
            return found
    return None


def _unmodelled_entity(tree: Tree, at: str) -> tuple[str, str] | None:
    names = tree.get("serviceAccounts", {}).get("names", [])
    if any("'" in name for name in names):
        return f"{at}/serviceAccounts/names", "a name with a quote is not a service account"
    domains = tree.get("domains", [])
    for key in _BESIDE_DOMAINS:
        if domains and tree.get(key):
            return f"{at}/{key}", "what it does beside domains is not documented"
    for place, text in enumerate(domains):
        if domain_fault(text.removesuffix(".")):
            return f"{at}/domains/{place}", f"what the domain {text[:80]!r} does is not documented"
    if any(text.endswith(".") for text in domains):
        return f"{at}/domains", "what a trailing dot does is not documented"
    return None
