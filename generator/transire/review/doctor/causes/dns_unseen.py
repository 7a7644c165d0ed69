"""Lookups do not pass the DNS proxy, so that no address of a host is ever learnt."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.flowlogs.located import Located
from transire.flowlogs.record import Outcome
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.resolvers import Resolver
from transire.review.doctor.troubles import DNS_PORTS, How, Trouble, flow, lines_of

ID = "dns-not-seen"
WHETHER = "whether lookups pass the DNS proxy, from which addresses of hosts are learnt"
NEEDS = ("Pod",)
_NEVER_LEARNT = "name-never-learned"


def find(case: Case) -> Iterator[Cause]:
    """Hosts that a rule lists and of which no address is learnt."""
    if case.is_open:
        return
    for trouble in case.troubles:
        if trouble.peers or not trouble.hosts or trouble.is_lookup:
            continue
        listed = _listing(case, trouble)
        if listed is None or not case.api_of(listed[0]).learns_from_dns_rules:
            continue
        found = case.decide(trouble)
        unlearnt = found and any(each.id == _NEVER_LEARNT for each in found.caveats)
        through = _plain_dns(case, trouble)
        if unlearnt and through and case.denies(trouble):
            yield _cause(case, trouble, listed, through)
        elif case.lets(trouble) and trouble.events and not trouble.names_in_log:
            yield from _elsewhere(case, trouble, listed[0])


def _elsewhere(case: Case, trouble: Trouble, policy: Policy) -> Iterator[Cause]:
    """Lookups that go to another resolver than the cluster's, past the DNS proxy."""
    usual = {each.address for each in case.resolvers if each.pod} | {
        str(ip) for each in case.resolvers if each.pod for ip in each.pod.ips
    }
    found = [
        each
        for each in case.seen.flows
        if (record := flow(each)).port in DNS_PORTS
        and record.outcome is Outcome.PASSED
        and not each.detail.handed
        and not record.destination.pod
        and record.destination.address not in usual
    ]
    if not found or case.seen.answers(trouble.hosts[0]):
        return
    address = flow(found[0]).destination.address
    through = ", ".join(dict.fromkeys(one.name for each in found for one in flow(each).policies))
    rule = f" by {through}" if through else ""
    yield Cause(
        id=ID,
        text=(
            f"lookups of {trouble.source} go to {address}, which is let through{rule} without a "
            f"DNS rule, so they do not pass the agent's DNS proxy, no address of "
            f"{trouble.hosts[0]} is ever learnt, and the rule of {title(policy)} matches nothing"
        ),
        evidence=(
            *lines_of(found, f"lookups go to {address}, and are not handed to the proxy"),
            *lines_of(trouble.events, "the address has no name"),
        ),
        fix=f"let {trouble.source} ask the cluster's resolver, or add {case.facts.see_lookups}",
        weight=Weight.PROVEN + 6,
    )


def _listing(case: Case, trouble: Trouble) -> tuple[Policy, Rule] | None:
    """The rule that lists the host of a trouble."""
    for policy in case.governing(trouble):
        rule = case.would_allow(policy, trouble)
        if rule is not None and rule.hosts:
            return policy, rule
    return None


def _cause(
    case: Case, trouble: Trouble, listed: tuple[Policy, Rule], through: tuple[Policy, Rule]
) -> Cause:
    (policy, rule), (dns, dns_rule) = listed, through
    who = trouble.source or case.namespace
    events = trouble.events or _unknown(case)
    return Cause(
        id=ID,
        text=(
            f"{title(dns)} lets lookups of {who} pass without a DNS rule, so they do not go "
            f"through the agent's DNS proxy, no address of {trouble.hosts[0]} is ever learnt, and "
            f"the rule of {title(policy)} for it matches nothing"
        ),
        evidence=(
            case.placed(dns).shows(dns_rule.at, "no DNS rule for the port"),
            case.placed(policy).shows(rule.at, "the rule that waits for addresses"),
            *lines_of(events, "the address has no name"),
            *_forwarded(case, trouble),
        ),
        fix=f"add {case.facts.see_lookups} of {title(dns)}",
        weight=Weight.PROVEN + 7 if events else Weight.SHOWN + 7,
    )


def _plain_dns(case: Case, trouble: Trouble) -> tuple[Policy, Rule] | None:
    """The rule that lets lookups pass without looking at them."""
    resolver = next((each for each in case.resolvers if each.pod), None)
    for policy in case.governing(trouble):
        for rule in policy.rules:
            if (
                policies.allows(rule)
                and not rule.narrowed
                and _is_for(case, policy, rule, resolver)
            ):
                return policy, rule
    return None


def _is_for(case: Case, policy: Policy, rule: Rule, resolver: Resolver | None) -> bool:
    port = resolver.port if resolver else 53
    if not policies.has_port(rule, "UDP", port):
        return False
    if resolver is None or resolver.pod is None:
        return not rule.hosts
    return case.is_for(policy, rule, _to(resolver))


def _to(resolver: Resolver) -> Trouble:
    pods = (resolver.pod,) if resolver.pod else ()
    return Trouble(source="", pods=(), how=How.ASSUMED, peers=pods, port=resolver.port)


def _unknown(case: Case) -> tuple[Located, ...]:
    return tuple(
        event
        for each in case.troubles
        if each.how is How.DENIED and not each.names and not each.peers
        for event in each.events
    )


def _forwarded(case: Case, trouble: Trouble) -> Iterator[Evidence]:
    """Lookups that went past the proxy, and what the resolver logged of them."""
    plain = [
        each
        for each in case.seen.flows
        if flow(each).port in DNS_PORTS and not each.detail.handed and flow(each).egress
    ]
    yield from lines_of(plain, "lookups are forwarded, and not handed to the proxy")
    asked = [
        each for each in case.seen.lookups if getattr(each.record, "name", "") in trouble.hosts
    ]
    yield from lines_of(asked, "the resolver answers")
