"""The causes by their modules, and how they are run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol, cast

from transire.review.doctor.case import Case
from transire.review.doctor.causes import (
    address_cap,
    address_life,
    denied_by_others,
    destination_side,
    dns_names,
    dns_rule,
    dns_unseen,
    entry_ended,
    host_network,
    ipv6_answered,
    later_policy,
    name_on_wire,
    node_address,
    not_enforced,
    not_listed,
    not_published,
    only_reported,
    opened_by_others,
    outside,
    proxy_refuses,
    proxy_unused,
    refused_object,
    release_fault,
    search_names,
    selects_no_pod,
    server_name,
    service_port,
    slow_lookups,
    wildcard_depth,
)
from transire.review.doctor.findings import Cause, Diagnosed, Unseen
from transire.review.doctor.unseen import unseen_of


class CauseModule(Protocol):
    """A cause: its id, what it is in a clause, the kinds that it looks at, and how it is found."""

    ID: str
    WHETHER: str
    NEEDS: tuple[str, ...]

    def find(self, case: Case) -> Iterator[Cause]:
        """The cause wherever it is."""
        ...


_MODULES = (
    not_published,
    not_enforced,
    refused_object,
    only_reported,
    selects_no_pod,
    host_network,
    later_policy,
    denied_by_others,
    opened_by_others,
    service_port,
    node_address,
    dns_rule,
    dns_names,
    search_names,
    dns_unseen,
    server_name,
    wildcard_depth,
    ipv6_answered,
    proxy_refuses,
    proxy_unused,
    name_on_wire,
    address_cap,
    address_life,
    release_fault,
    entry_ended,
    destination_side,
    slow_lookups,
    outside,
    not_listed,
)

CAUSES: Mapping[str, CauseModule] = MappingProxyType(
    {each.ID: cast("CauseModule", each) for each in _MODULES}
)
"""Causes by id; of two that weigh the same, the first one comes first."""


def diagnose(case: Case, more: tuple[Unseen, ...] = ()) -> Diagnosed:
    """The causes of a case, the best first, and what could not be seen.

    `more` is what was not seen while reading.
    """
    order = {name: place for place, name in enumerate(CAUSES)}
    found = [cause for module in CAUSES.values() for cause in module.find(case)]
    found.sort(key=lambda each: (-each.weight, order[each.id], each.text))
    causes = tuple(_merged(found))
    unseen = unseen_of(case, CAUSES, causes)
    return Diagnosed(causes=causes, unseen=(*more, *case.unread, *unseen), judged=_is_judged(case))


def _is_judged(case: Case) -> bool:
    """Whether anything that was given concerns the namespace."""
    governed = any(each.namespace in {"", case.namespace} for each in case.context.policies)
    return governed or bool(case.pods) or not case.seen.is_empty


def _merged(found: Iterable[Cause]) -> Iterator[Cause]:
    """Each cause once: those that the same change mends are one, with the evidence of all."""
    by_fix: dict[tuple[str, str], list[Cause]] = {}
    for each in found:
        by_fix.setdefault((each.id, each.fix), []).append(each)
    for held in by_fix.values():
        evidence = dict.fromkeys(one for each in held for one in each.evidence)
        yield replace(held[0], evidence=tuple(evidence))
