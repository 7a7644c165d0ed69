"""A host has more addresses, or changes them faster, than the agent keeps."""

from __future__ import annotations

from collections.abc import Iterator

from transire.review.doctor.case import Case
from transire.review.doctor.causes.address_life import kept_for
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.policy_use import listed_host
from transire.review.doctor.troubles import How, Trouble, lines_of, lookup

ID = "too-many-addresses"
WHETHER = "whether a host has more addresses than the agent keeps"
NEEDS = ("ConfigMap",)


def find(case: Case) -> Iterator[Cause]:
    """Denied addresses of hosts that were answered with more than are kept."""
    cap = _cap(case)
    if cap is None or case.is_open:
        return
    for trouble in case.troubles:
        if trouble.how is not How.DENIED or not trouble.address:
            continue
        for host in trouble.asked or trouble.names:
            found = case.seen.answers(host)
            addresses = {ip for each in found for ip in lookup(each).addresses or ()}
            if len(addresses) > cap and listed_host(case, trouble, host):
                yield _cause(case, trouble, host, (len(addresses), cap))


def _cap(case: Case) -> int | None:
    """How many addresses of a name are kept, None without a bound."""
    written = case.setting(case.facts.cap) if case.facts.cap else ""
    if written.isdecimal():
        return int(written) or None
    return case.facts.usual_cap(case.release)


def _cause(case: Case, trouble: Trouble, host: str, counts: tuple[int, int]) -> Cause:
    number, cap = counts
    found = case.seen.answers(host)
    ttls = [ttl for each in found if (ttl := lookup(each).ttl) is not None]
    lives = f", each for {min(ttls)} seconds" if ttls and not kept_for(case) else ""
    return Cause(
        id=ID,
        text=(
            f"{host} rotates over many addresses: {number} different ones were answered{lives}, "
            f"and the agent keeps at most {cap} of a name ({case.facts.cap}); {trouble.address} "
            "is no longer among them, so connections to it are dropped"
        ),
        evidence=(
            *_setting(case),
            *lines_of(found, f"answers with {number} different addresses"),
            *lines_of(trouble.events, f"{trouble.address} is denied, without a name"),
        ),
        fix=(
            f"raise {case.facts.cap} of the agent above {number}, or allow the ranges that the "
            "vendor publishes"
        ),
        weight=Weight.PROVEN + 8,
    )


def _setting(case: Case) -> Iterator[Evidence]:
    found = case.settings.get(case.facts.cap)
    if found:
        yield case.objects.where(found.manifest).shows(found.at, f"at most {found.value}")
