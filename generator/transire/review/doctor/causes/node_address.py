"""A range names a node or the API server, which the engine knows by what they are."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from transire.engines.api.policy_shape import Policy, Rule
from transire.k8s.go_cidr import parse_address
from transire.k8s.json_pointer import inner, maps, text
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.placed import Placed
from transire.review.doctor.services import NODE_PORTS, endpoint_addresses
from transire.review.doctor.troubles import Trouble, lines_of

ID = "node-by-address"
WHETHER = "whether the destination is a node, a NodePort or the API server"
NEEDS = ("Node", "EndpointSlice")
_API_SERVER = "default/kubernetes"
_API_SERVER_SHOWN = "the API server (kube-apiserver)"


def find(case: Case) -> Iterator[Cause]:
    """Nodes and API servers to which a range of a rule would lead, were they outside."""
    if case.is_open or case.engine.view.ranges_cover_pods:
        return
    for trouble in case.troubles:
        kind, shown = _kind(case, trouble)
        if not kind or case.lets(trouble):
            continue
        for policy in case.governing(trouble):
            for rule in policy.rules:
                if policies.allows(rule) and _has_range(case, rule, trouble):
                    yield _cause(case, trouble, (policy, rule), (kind, shown))


def _kind(case: Case, trouble: Trouble) -> tuple[str, list[Evidence]]:
    """What a destination is, and what shows it."""
    api = list(_api_server(case))
    addresses = {ip for each in api for ip in endpoint_addresses((each,))}
    if trouble.address in addresses:
        shown = [each.shows("/endpoints", "an endpoint of the API server") for each in api]
        return _API_SERVER_SHOWN, shown
    for node in case.objects.of("Node"):
        for at, each in maps(inner(node.manifest.body, "status"), "addresses", "/status"):
            if trouble.address and text(each, "address") == trouble.address:
                name = node.manifest.ref.name
                return f"the node {name}", [node.shows(at, f"an address of node {name}")]
    return case.facts.entities.get(trouble.entity, ""), []


def _api_server(case: Case) -> Iterator[Placed]:
    for each in case.services:
        if each.shown == _API_SERVER:
            yield from each.slices
    for placed in case.objects.of("Endpoints", "EndpointSlice"):
        if title(placed.manifest) == _API_SERVER:
            yield placed


def _has_range(case: Case, rule: Rule, trouble: Trouble) -> bool:
    """Whether the rule has the address as a range, or that of the service in front of it."""
    if policies.reaches_address(rule, trouble.address):
        return True
    for each in case.services:
        behind = trouble.address in set(endpoint_addresses(each.slices))
        for address in each.addresses if behind else ():
            found = parse_address(address)
            if found and any(one.holds(ip_network(found)) for one in rule.blocks):
                return True
    return False


def _cause(
    case: Case,
    trouble: Trouble,
    found: tuple[Policy, Rule],
    what: tuple[str, list[Evidence]],
) -> Cause:
    policy, rule = found
    kind, shown = what
    ranges = ", ".join(str(each.cidr) for each in rule.blocks[:3])
    node_port = f" (a NodePort, {trouble.port})" if trouble.port in NODE_PORTS else ""
    return Cause(
        id=ID,
        text=(
            f"{trouble.shown} is {kind}{node_port}, which {case.engine.title} knows by its "
            f"identity: the range {ranges} of {title(policy)} stands for addresses outside the "
            "cluster and never selects it"
        ),
        evidence=(
            case.placed(policy).shows(rule.at, f"the range {ranges}"),
            *shown,
            *lines_of(trouble.events, f"{trouble.shown} is {trouble.how}, as {kind}"),
        ),
        fix=f"allow {kind} as what it is (an entity, by its identity), with port {trouble.port}",
        weight=Weight.PROVEN + 10 if trouble.events else Weight.SHOWN + 10,
    )
