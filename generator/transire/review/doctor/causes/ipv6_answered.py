"""A name has an IPv6 address, and what is allowed is IPv4."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.k8s.go_cidr import parse_address
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.troubles import How, Trouble, flow, lines_of, lookup

ID = "ipv6-not-allowed"
WHETHER = "whether connections use IPv6 while IPv4 is allowed"
NEEDS = ()
_SIX = 6


def find(case: Case) -> Iterator[Cause]:
    """Denied IPv6 addresses where a rule has ranges of IPv4 alone."""
    if case.is_open:
        return
    for trouble in (*case.troubles, *_beside(case)):
        address = parse_address(trouble.address) if trouble.address else None
        if address is None or address.version != _SIX or case.lets(trouble):
            continue
        rules = [found for found in _only_four(case, trouble) if _is_meant(case, trouble, *found)]
        for policy, rule in rules[:1]:
            yield _cause(case, trouble, policy, rule)


def _beside(case: Case) -> Iterator[Trouble]:
    """Denied IPv6 addresses of hosts that the symptom names, by lookups alone."""
    for each in case.all_troubles:
        other = not case.is_meant(each) and each.how is How.DENIED and ":" in each.address
        named = not case.symptom.hosts or set(each.hosts) & set(case.symptom.hosts)
        if other and named:
            yield each


def _only_four(case: Case, trouble: Trouble) -> Iterator[tuple[Policy, Rule]]:
    for policy in case.governing(trouble):
        for rule in policy.rules:
            fits = policies.allows(rule) and policies.has_port(rule, trouble.protocol, trouble.port)
            if fits and rule.blocks and all(each.cidr.version != _SIX for each in rule.blocks):
                yield policy, rule


def _is_meant(case: Case, trouble: Trouble, policy: Policy, rule: Rule) -> bool:
    """Whether the rule has an IPv4 address of the same host."""
    del policy
    found = {
        address
        for host in trouble.hosts
        for each in case.seen.answers(host)
        for address in lookup(each).addresses or ()
    }
    found |= {
        flow(event).destination.address
        for each in case.all_troubles
        if set(each.hosts) & set(trouble.hosts)
        for event in each.events
    }
    if any(policies.reaches_address(rule, each) for each in found if ":" not in each):
        return True
    return not trouble.hosts or (not found - {trouble.address} and policies.open_to_all(rule))


def _cause(case: Case, trouble: Trouble, policy: Policy, rule: Rule) -> Cause:
    host = next(iter((*trouble.hosts, *case.symptom.hosts)), "the destination")
    ranges = ", ".join(str(each.cidr) for each in rule.blocks[:3])
    quad = [each for name in trouble.hosts for each in case.seen.answers(name, trouble.address)]
    return Cause(
        id=ID,
        text=(
            f"{host} is answered with the IPv6 address {trouble.address} (AAAA), connections use "
            f"it, and {title(policy)} allows IPv4 alone ({ranges}): an IPv4 range means no IPv6 "
            "address"
        ),
        evidence=(
            case.placed(policy).shows(rule.at, f"ranges of IPv4: {ranges}"),
            *lines_of(quad, f"{host} has the address {trouble.address}"),
            *lines_of(trouble.events, f"{trouble.address} is denied"),
        ),
        fix=(
            f"allow the IPv6 ranges of {host} beside those of IPv4, or let {trouble.source} use "
            "IPv4 alone"
        ),
        weight=Weight.PROVEN + 8,
    )
