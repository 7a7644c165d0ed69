"""Two hosts share an address, and what is checked, or is not, is the server name.

A host that no rule lists is reset where the rule of its neighbour checks server names, and passes
where no rule does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from transire.engines.api.policy_shape import Policy, Rule
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.policy_use import listed_host
from transire.review.doctor.troubles import How, Trouble, lines_of

ID = "shared-address"
WHETHER = "whether another host has the same address"
NEEDS = ()


def find(case: Case) -> Iterator[Cause]:
    """Hosts without a rule at the address of a host with one."""
    for trouble in case.troubles:
        if trouble.peers or not trouble.address:
            continue
        meant = [each for each in trouble.hosts if each in case.symptom.hosts] or trouble.hosts
        for host in meant:
            if listed_host(case, trouble, host) is not None:
                continue
            for other in trouble.hosts:
                found = None if other == host else listed_host(case, trouble, other)
                if found is not None:
                    yield from _cause(case, trouble, (host, other), *found)
                    break


def _cause(
    case: Case, trouble: Trouble, names: tuple[str, str], policy: Policy, rule: Rule
) -> Iterator[Cause]:
    host, other = names
    shared = f"it has the address {trouble.address} of {other}"
    evidence = (
        case.placed(policy).shows(rule.at, f"{other} is listed, and {host} is not"),
        *lines_of(trouble.events, "one address with both names, taken by that rule"),
        *lines_of(case.seen.answers(host, trouble.address), f"{host} has that address"),
    )
    if case.is_open and trouble.how in {How.PASSED, How.AUDITED}:
        alone = replace(trouble, names=(host,), asked=(), address="")
        if case.denies(alone):
            yield Cause(
                id=ID,
                text=(
                    f"no rule lists {host}; {shared}, which {title(policy)} allows, and without "
                    "a check of TLS server names the address is let through for both"
                ),
                evidence=evidence,
                fix=f"check server names in the rule for {other}, or accept that they share it",
                weight=Weight.PROVEN,
            )
    elif trouble.how is How.RESET and rule.narrowed:
        resets = lines_of(case.collector.resets(trouble), "the connection is reset")
        yield Cause(
            id=ID,
            text=(
                f"no rule lists {host}; {shared}, whose rule {title(policy)} checks TLS server "
                f"names, so a handshake for {host} is reset"
            ),
            evidence=(*evidence, *resets),
            fix=f"add {host} to the rule that lists {other}, as a host and as a server name",
            weight=Weight.PROVEN + 9,
        )
