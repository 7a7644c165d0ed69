"""The guardrails, and how levels and exceptions turn findings into problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Protocol, cast

from transire.intake.guardrails import (
    cidr_needs_ticket,
    duplicate_across_rules,
    expired_entry,
    expires_soon,
    in_cluster_name,
    ip_is_not_a_host,
    missing_reason,
    mixed_script_name,
    no_bare_wildcard,
    no_metadata_address,
    no_public_suffix_wildcard,
    no_world_cidr,
    port_not_allowed,
    private_cidr,
    redundant_host,
    resolver_bypass,
    too_many_hosts,
    wildcard_needs_ticket,
)
from transire.intake.guardrails.finding import Finding, Review
from transire.model.intent import Organisation, Waiver
from transire.model.problems import Level, Problem, in_order


class Guardrail(Protocol):
    """A module that is a guardrail; its docstring is its page."""

    ID: str
    LEVEL: Level
    __doc__: str | None

    def check(self, review: Review) -> Iterator[Finding]:
        """Everything in the organisation that breaks it."""
        ...


_MODULES = (
    cidr_needs_ticket,
    duplicate_across_rules,
    expired_entry,
    expires_soon,
    in_cluster_name,
    ip_is_not_a_host,
    missing_reason,
    mixed_script_name,
    no_bare_wildcard,
    no_metadata_address,
    no_public_suffix_wildcard,
    no_world_cidr,
    port_not_allowed,
    private_cidr,
    redundant_host,
    resolver_bypass,
    too_many_hosts,
    wildcard_needs_ticket,
)

GUARDRAILS: Mapping[str, Guardrail] = MappingProxyType(
    {module.ID: cast("Guardrail", module) for module in _MODULES}
)
"""Every guardrail by its id."""


def review(organisation: Organisation, as_of: date) -> tuple[Problem, ...]:
    """Every finding that stands on that day, in order.

    The platform's `guardrails` may change a rule's level or turn it off. An exception takes away
    one team's entry from one rule until its day; an exception that is past its day is reported.
    """
    looked_at = Review(organisation=organisation, as_of=as_of)
    waived = {
        (each.rule, each.team, each.entry) for each in organisation.waivers if each.until >= as_of
    }
    problems: list[Problem] = []
    for rule_id, guardrail in GUARDRAILS.items():
        level = organisation.platform.guardrails.levels.get(rule_id, guardrail.LEVEL)
        if level is None:
            continue
        problems.extend(
            _problem(rule_id, level, finding)
            for finding in guardrail.check(looked_at)
            if (rule_id, finding.team, finding.entry) not in waived
        )
    problems.extend(_past(each) for each in organisation.waivers if each.until < as_of)
    return in_order(problems)


def _problem(rule_id: str, level: Level, finding: Finding) -> Problem:
    return Problem(
        at=finding.at, id=rule_id, level=level, message=finding.message, help=finding.help
    )


def _past(waiver: Waiver) -> Problem:
    return Problem(
        at=waiver.at,
        id="expired-exception",
        level=Level.WARNING,
        message=f"the exception from {waiver.rule} for {waiver.team}/{waiver.entry} ended on "
        f"{waiver.until}",
        help="remove it, or have security agree on a new date",
    )
