"""Decisions as they are worded, once it is known which rule decides a flow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from transire.engines.cilium.objects.identity import Identity
from transire.engines.cilium.objects.rules import Parser
from transire.engines.cilium.verdicts import reasons as wording
from transire.engines.cilium.verdicts.endpoint import Endpoint
from transire.engines.cilium.verdicts.http_requests import NotModelled, is_redirected, passes
from transire.engines.cilium.verdicts.policy_map import Candidate
from transire.engines.cilium.verdicts.slot import Slot, proxied_with
from transire.queries.query import Decision, HttpRequest, Verdict

MOST_DECISIONS = 4096


def allowed(
    seen: Sequence[Slot],
    found: Candidate,
    identity: Identity,
    where: tuple[int, int],
    *,
    lifted: bool,
) -> Decision:
    """The decision of an entry on the last of these levels, one object for the same flow."""
    known, key = seen[-1].decisions, (identity, where[1], id(found), lifted)
    decision = known.get(key)
    if decision is None:
        decision = wording.allowed_by(found, wording.port_wording(*where), identity, lifted=lifted)
        decision = with_open(decision, seen, identity)
        if len(known) >= MOST_DECISIONS:
            known.clear()
        known[key] = decision
    return decision


def by_default(
    endpoint: Endpoint, seen: Sequence[Slot], identity: Identity, protocol: int, port: int
) -> Decision:
    """The decision where no rule decides, one object for the same flow."""
    key = identity, protocol, port
    decision = endpoint.decisions.get(key)
    if decision is None:
        ports = wording.port_wording(protocol, port)
        if endpoint.default_deny:
            decision = wording.denied(f"no rule allows {ports} to {identity.wording}")
        else:
            why = f"no rule covers {ports} to {identity.wording}, and no policy denies by default"
            decision = wording.allowed(why, None)
        decision = with_open(decision, seen, identity)
        if len(endpoint.decisions) >= MOST_DECISIONS:
            endpoint.decisions.clear()
        endpoint.decisions[key] = decision
    return decision


def with_open(decision: Decision, seen: Iterable[Slot], identity: Identity) -> Decision:
    """The decision with what could turn it and is not given."""
    allowed = decision.verdict is Verdict.ALLOW
    caveats = [
        wording.not_given(each.entry.origins[0], each.missing)
        for slot in seen
        for each in slot.open
        if each.entry.deny is allowed and each.may_select(identity)
    ]
    return replace(decision, caveats=(*decision.caveats, *dict.fromkeys(caveats)))


def other_server(
    slot: Slot, found: Candidate, identity: Identity, names: Collection[str], host: str
) -> Decision:
    """What becomes of a client that names a server which no rule for the port lists."""
    beside = slot.open_beside(found, identity, names)
    if beside is None:
        return wording.other_server(found.entry.origins[0], host)
    proxied, opening = found.entry.origins[0].wording, beside.entry.origins[0].wording
    why = f"what the proxy for {proxied} makes of {opening}, which covers the port otherwise"
    return wording.unjudgeable(f"{why}, is not modelled")


def requested(
    decision: Decision, found: Candidate, entries: Iterable[Candidate], request: HttpRequest
) -> Decision:
    """The decision about a connection, with the request that it carries in clear."""
    if found.entry.parser is not Parser.HTTP:
        return decision
    origin = found.entry.origins[0]
    if is_redirected(request):
        return wording.redirected(origin, request)
    try:
        if not passes(entries, request):
            return wording.no_such_request(origin, request)
    except NotModelled as doubt:
        return wording.unjudgeable(str(doubt))
    kept = tuple(each for each in decision.caveats if each.id != wording.L7_RULES)
    reason = f"{decision.reason}, and {request}"
    return replace(decision, reason=reason, caveats=kept)


def random_order(found: Candidate, ports: str) -> Decision:
    """What becomes of a lookup on a port that the DNS proxy and another one are to share."""
    origin = found.entry.origins[0]
    why = "has DNS rules and others for different peers, and which proxy the agent takes is random"
    return wording.unjudgeable(f"{origin.wording}: {ports} {why}")


def proxy_missing(missed: Candidate, ports: str, *, otherwise: bool) -> tuple[Decision, None]:
    """What becomes of a connection that a rule hands to a proxy which the agent does not run.

    Releases differ on whether such a rule is left out, so that another may let it through.
    """
    sends = f"{missed.entry.origins[0].wording} sends {ports} to a proxy"
    why = f"{sends} that does not run (enable-l7-proxy=false)"
    if otherwise:
        return wording.unjudgeable(f"{why}, and whether it passes otherwise is not modelled"), None
    return wording.denied(why), None


def lifted(slot: Slot, found: Candidate, identity: Identity, names: Collection[str]) -> bool:
    """Whether a rule without demands beside this one makes its proxy pass everything."""
    if found.entry.parser in {Parser.NONE, Parser.DNS, Parser.LISTENER}:
        return False
    beside = slot.open_beside(found, identity, names)
    return beside is not None and proxied_with(beside, found)
