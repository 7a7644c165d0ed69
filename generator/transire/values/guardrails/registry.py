"""The guardrails, and how levels and exceptions turn findings into problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol, cast

from transire.model.ends import instant
from transire.model.guardrail import Finding
from transire.model.intent import Organisation
from transire.model.problems import Level, Problem, in_order
from transire.values.doubts import NO_DOUBTS, Doubts
from transire.values.guardrails.addresses import (
    ipv4_side_channel,
    missing_family,
    no_world_cidr,
    private_cidr,
)
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.destinations import (
    all_ports_of_nodes,
    no_metadata_address,
    port_not_allowed,
    resolver_bypass,
    straight_to_proxy,
    system_pods,
)
from transire.values.guardrails.entries import (
    cidr_needs_ticket,
    duplicate_in_rule,
    enrolled_in_audit,
    expired_entry,
    expires_soon,
    missing_reason,
    stale_bundle,
    too_many_hosts,
    wildcard_needs_ticket,
)
from transire.values.guardrails.fixed import (
    namespace_owned_twice,
    rule_without_target,
    unknown_bundle,
    unknown_cluster,
)
from transire.values.guardrails.hosts import (
    duplicate_across_rules,
    in_cluster_name,
    ip_is_not_a_host,
    mixed_script_name,
    name_without_address,
    no_bare_wildcard,
    no_public_suffix_wildcard,
    redundant_host,
    single_label_host,
)
from transire.values.guardrails.weigh import Weighed, exception_problems, weigh
from transire.values.readable import Readable


class Page(Protocol):
    """A module whose docstring is the page of a guardrail."""

    ID: str
    LEVEL: Level
    __doc__: str | None


class Guardrail(Page, Protocol):
    """A module that is a guardrail."""

    def check(self, review: GuardrailContext) -> Iterator[Finding]:
        """Everything in the organisation that breaks it."""
        ...


_MODULES = (
    all_ports_of_nodes,
    cidr_needs_ticket,
    duplicate_across_rules,
    duplicate_in_rule,
    enrolled_in_audit,
    expired_entry,
    expires_soon,
    in_cluster_name,
    ip_is_not_a_host,
    ipv4_side_channel,
    missing_family,
    missing_reason,
    mixed_script_name,
    name_without_address,
    no_bare_wildcard,
    no_metadata_address,
    no_public_suffix_wildcard,
    no_world_cidr,
    port_not_allowed,
    private_cidr,
    redundant_host,
    resolver_bypass,
    single_label_host,
    stale_bundle,
    straight_to_proxy,
    system_pods,
    too_many_hosts,
    wildcard_needs_ticket,
)

GUARDRAILS: Mapping[str, Guardrail] = MappingProxyType(
    {module.ID: cast("Guardrail", module) for module in _MODULES}
)
"""Every guardrail about values that were read, by its id."""

FIXED: Mapping[str, Page] = MappingProxyType(
    {
        module.ID: cast("Page", module)
        for module in (namespace_owned_twice, rule_without_target, unknown_bundle, unknown_cluster)
    }
)
"""Those that are looked at while values are read; without them there is nothing to generate, so
their level cannot be changed and no exception can be granted."""


ACROSS = frozenset(
    {duplicate_across_rules.ID, missing_family.ID, no_world_cidr.ID, too_many_hosts.ID}
)
"""Those that look at several rules at once, or at where a rule holds: a rule of which only a part
could be read is none of theirs."""


def review(organisation: Organisation, as_of: date) -> tuple[Problem, ...]:
    """Every finding that stands at that instant, and every exception that does not, in order."""
    now = instant(as_of)
    found = _findings(organisation, organisation, NO_DOUBTS, now)
    problems = [each for weighed in found for each in (*weighed.problems, *weighed.unneeded)]
    used = frozenset(each for weighed in found for each in weighed.used)
    problems.extend(exception_problems(organisation, used, GUARDRAILS, now))
    return in_order(problems)


def review_parts(found: Readable, as_of: date) -> tuple[Problem, ...]:
    """Every finding about what could be read of values with mistakes in them, in order.

    Exceptions that nothing needs are not looked for, since what needs one may be unread.
    """
    weighed = _findings(
        found.organisation, found.parts, found.doubts, instant(as_of), hidden=found.unread
    )
    return in_order(problem for each in weighed for problem in each.problems)


def _findings(
    organisation: Organisation,
    parts: Organisation,
    doubts: Doubts,
    now: datetime,
    *,
    hidden: frozenset[str] | None = frozenset(),
) -> tuple[Weighed, ...]:
    """What guardrails find, with levels and exceptions applied, one after another."""
    whole = GuardrailContext(organisation=organisation, as_of=now, hidden=hidden)
    partly = GuardrailContext(organisation=parts, as_of=now, hidden=hidden)
    weighed = []
    for rule_id, guardrail in GUARDRAILS.items():
        found = guardrail.check(whole if rule_id in ACROSS else partly)
        judged = (each for each in found if not doubts.cover(rule_id, each.team, each.entry))
        weighed.append(weigh(rule_id, guardrail.LEVEL, judged, whole))
    return tuple(weighed)
