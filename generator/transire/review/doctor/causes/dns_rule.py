"""A rule for DNS does not select the resolver.

Its selector has another label or namespace, its port is that of the service and not of the pods,
it has one protocol alone, or pods ask a cache on their node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from transire.engines.api.policy_shape import Policy, Rule
from transire.flows.pod_set import written_labels
from transire.queries.cluster_state import Pod
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.resolvers import Resolver
from transire.review.doctor.troubles import DNS_PORTS, How, Trouble, lines_of

ID = "dns-rule-misses-resolver"
WHETHER = "whether the rules for DNS select the resolver that pods use"
NEEDS = ("Pod", "Service")


def find(case: Case) -> Iterator[Cause]:
    """The rules for DNS of the pods that cannot ask their resolver."""
    for trouble in map(partial(_known, case), _blocked(case)):
        rules = list(_meant(case, trouble))
        for policy, rule in rules:
            why = _why(case, policy, rule, trouble)
            if why:
                yield _cause(case, policy, rule, trouble, why)
        if not rules:
            yield _without(case, trouble)


def _blocked(case: Case) -> Iterator[Trouble]:
    """Lookups that policies deny, whatever the name: those of logs, else of every resolver."""
    if case.is_open:
        return
    seen = [each for each in case.all_troubles if each.how is How.DENIED and _is_dns(each)]
    named = case.symptom.is_about_names or not case.symptom.text
    for each in seen:
        own = any(pod in each.pods for trouble in case.troubles for pod in trouble.pods)
        if (named or own or case.is_meant(each)) and (case.denies(each) or not each.peers):
            yield each
    if seen or not (named or any(each.how is How.ASSUMED and each.names for each in case.troubles)):
        return
    for resolver in case.resolvers:
        trouble = _of_resolver(case, resolver)
        if trouble and case.denies(trouble):
            yield trouble
            return


def _known(case: Case, trouble: Trouble) -> Trouble:
    """With the address of the cache on nodes, where a log has none and there is one."""
    caches = [each.address for each in case.resolvers if each.address]
    if trouble.peers or trouble.address or not caches:
        return trouble
    return replace(trouble, address=caches[0])


def _is_dns(trouble: Trouble) -> bool:
    return trouble.port in DNS_PORTS


def _of_resolver(case: Case, resolver: Resolver) -> Trouble | None:
    pods = case.collector.source_pods
    if not pods:
        return None
    return Trouble(
        source=pods[0].name,
        pods=pods,
        how=How.ASSUMED,
        address=resolver.address,
        peers=(resolver.pod,) if resolver.pod else (),
        port=resolver.port,
        protocol="UDP",
    )


def _meant(case: Case, trouble: Trouble) -> Iterator[tuple[Policy, Rule]]:
    """Rules of the pods that are for DNS, by their ports."""
    for policy in case.governing(trouble):
        for rule in policy.rules:
            if policies.allows(rule) and not rule.every_port and _for_dns(rule):
                yield policy, rule


def _for_dns(rule: Rule) -> bool:
    sets = (policies.port_set(each, port) for each in ("UDP", "TCP") for port in DNS_PORTS)
    named = any(each.name.startswith("dns") for each in rule.named)
    return named or any(each is not None and each <= rule.ports for each in sets)


def _why(case: Case, policy: Policy, rule: Rule, trouble: Trouble) -> str:
    resolver = trouble.peers[0] if trouble.peers else None
    if resolver is None:
        return _why_not_address(case, rule, trouble)
    if case.is_for(policy, rule, trouble):
        return _why_not_port(case, rule, trouble)
    where = f"{resolver.namespace}/{resolver.name}"
    if any(each.implied for each in rule.pods) and resolver.namespace != policy.namespace:
        return (
            f"it selects pods without naming a namespace, so it only looks in "
            f"{policy.namespace}, and the resolver {where} is in namespace {resolver.namespace}"
        )
    if rule.pods:
        return _why_not_selected(case, rule, resolver)
    if rule.blocks:
        ranges = ", ".join(str(each.cidr) for each in rule.blocks)
        return f"it allows the range {ranges}, and the resolver is the pod {where}"
    return ""


def _why_not_selected(case: Case, rule: Rule, resolver: Pod) -> str:
    own = case.workload(resolver)
    for peer in rule.pods:
        witness = peer.pods.witness()
        if witness and replace(own, namespace=witness.namespace) in peer.pods:
            return (
                f"it selects pods of namespace {witness.namespace}, and the resolver "
                f"{resolver.name} is in namespace {resolver.namespace}"
            )
    wanted = " or ".join(str(each.pods) for each in rule.pods)
    labels = written_labels(resolver.labels)
    return (
        f"it selects the pods {wanted}, and the resolver {resolver.namespace}/{resolver.name} has "
        f"the labels {labels}"
    )


def _why_not_port(case: Case, rule: Rule, trouble: Trouble) -> str:
    if policies.has_port(rule, trouble.protocol, trouble.port):
        return ""
    other = "TCP" if trouble.protocol == "UDP" else "UDP"
    if policies.has_port(rule, other, trouble.port):
        return f"it allows {other} alone, and queries come by {trouble.protocol}"
    behind = next((each for each in case.resolvers if each.pod in trouble.peers), None)
    service = f" behind the service {behind.service}" if behind and behind.service else ""
    return (
        f"it does not allow port {trouble.port}, on which the resolver's pods{service} listen "
        "and which policies see"
    )


def _why_not_address(case: Case, rule: Rule, trouble: Trouble) -> str:
    if policies.reaches_address(rule, trouble.address):
        return ""
    if not trouble.address:
        return "queries leave for an address that is no pod, which it does not select"
    local = any(each.address == trouble.address for each in case.resolvers)
    kind = "of the cache on each node (node-local DNS)" if local or _link(trouble) else ""
    return f"queries go to the address {trouble.address} {kind}, which it does not select".replace(
        " ,", ","
    )


def _link(trouble: Trouble) -> bool:
    return trouble.address.startswith("169.254.")


def _cause(case: Case, policy: Policy, rule: Rule, trouble: Trouble, why: str) -> Cause:
    placed = case.placed(policy)
    who = trouble.source or case.namespace
    text = f"the rule for DNS of {title(policy)} does not select the resolver: {why}; "
    end = f"queries of {who} are dropped, so no name is resolved"
    shown = [placed.shows(rule.at, "the rule that is meant for DNS")]
    return Cause(
        id=ID,
        text=text + end,
        evidence=(*shown, *_shown(case, trouble)),
        fix=f"let the rule of {title(policy)} {_mended(trouble)}",
        weight=Weight.PROVEN + 8 if trouble.events else Weight.SHOWN + 8,
    )


def _mended(trouble: Trouble) -> str:
    if trouble.peers:
        pod = trouble.peers[0]
        return (
            f"select the pods {written_labels(pod.labels)} of namespace {pod.namespace} on port "
            f"{trouble.port}, by UDP and TCP"
        )
    return f"allow {trouble.address or 'the resolver'} on port {trouble.port}, by UDP and TCP"


def _shown(case: Case, trouble: Trouble) -> Iterator[Evidence]:
    for pod in trouble.peers[:1]:
        placed = case.object_of(pod)
        if placed:
            yield placed.shows("/metadata", f"the resolver runs in namespace {pod.namespace}")
    for each in case.resolvers:
        if (each.address and each.address == trouble.address) or each.pod in trouble.peers:
            for placed in each.shown_by[:2]:
                yield placed.shows("", f"it is asked on port {trouble.port}")
            break
    yield from lines_of(trouble.events, f"queries of {trouble.source} are denied")


def _without(case: Case, trouble: Trouble) -> Cause:
    who = trouble.source or case.namespace
    denying = [each for each in case.governing(trouble) if each.confines]
    names = ", ".join(title(each) for each in denying)
    return Cause(
        id=ID,
        text=(
            f"no rule lets {who} query the resolver {trouble.shown}: its egress is limited by "
            f"{names or 'policies'}, and none of them has a rule for DNS"
        ),
        evidence=(
            *(case.placed(each).shows(each.at, "egress is limited") for each in denying[:3]),
            *_shown(case, trouble),
        ),
        fix=f"add a rule for DNS: {_mended(trouble)}",
        weight=Weight.PROVEN if trouble.events else Weight.SHOWN,
    )
