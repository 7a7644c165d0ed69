"""Settings of Cilium's agent that decide whether names work.

Sources: Cilium's command reference, the values of its Helm chart, and issues where they are named.
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.advice import Advice, Advised, Topic, seconds_in, standing
from transire.engines.cilium.diagnosis import DIAGNOSIS
from transire.engines.cilium.facts import addresses_kept

_GRACE = 60
"""Seconds: longer than the JVM keeps an address by default, and than the agent's own cleaning."""
_CAP = 1000
_CAP_FLAG = "tofqdns-endpoint-max-ip-per-hostname"


def advise(advised: Advised) -> tuple[Advice, ...]:
    """What to set, in the order of the topics."""
    return (
        *_lifetimes(advised),
        *_lookups(advised),
        *_releases(advised),
    )


def _lifetimes(advised: Advised) -> Iterator[Advice]:
    grace = advised.value("tofqdns-idle-connection-grace-period", "0s")
    least = seconds_in(grace)
    yield Advice(
        topic=Topic.LIFETIMES,
        setting="tofqdns-idle-connection-grace-period",
        where="dnsProxy.idleConnectionGracePeriod",
        now=grace,
        value=f"{_GRACE}s or more",
        standing=standing(grace, fine=least is not None and least >= _GRACE),
        why="an application that keeps an address for longer than its answer lives is dropped with "
        "the first connection after that; JVMs keep it for 30 s",
        source="cilium/cilium#13687, #30936",
        risk="an address stays allowed for that long after its name has moved on",
    )
    least_ttl = advised.value("tofqdns-min-ttl", "0")
    yield Advice(
        topic=Topic.LIFETIMES,
        setting="tofqdns-min-ttl",
        where="dnsProxy.minTtl",
        now=least_ttl,
        value="0, and the grace period in its place",
        standing=standing(least_ttl, fine=seconds_in(least_ttl) == 0),
        why="every answer of a name that rotates is kept for that long, each address with an "
        "identity, and policy maps grow",
        source="cilium/cilium#21439",
        risk="applications that cached for longer are dropped: raise the grace period first",
    )
    cap = advised.value(_CAP_FLAG, str(addresses_kept(advised.cluster.release)))
    kept = cap or str(addresses_kept(advised.cluster.release))
    yield Advice(
        topic=Topic.LIFETIMES,
        setting=_CAP_FLAG,
        where="dnsProxy.endpointMaxIpPerHostname",
        now=cap,
        value=f"{_CAP} or more",
        standing=standing(cap, fine=kept.isdigit() and int(kept) >= _CAP),
        why="object stores, queues and CDNs rotate over more addresses than are kept, and the "
        "oldest are dropped; it was 50 before 1.17",
        source="cilium/cilium#20650, #28427",
        risk="memory of the agent, and entries in policy maps",
    )


def _lookups(advised: Advised) -> Iterator[Advice]:
    delay = advised.value("tofqdns-proxy-response-max-delay", "100ms")
    yield Advice(
        topic=Topic.LOOKUPS,
        setting="tofqdns-proxy-response-max-delay",
        where="dnsProxy.proxyResponseMaxDelay",
        now=delay,
        value="100ms, more only where proxy_datapath_update_timeout_total grows",
        standing=standing(delay, fine=(seconds_in(delay) or 0) > 0),
        why="an answer is held until its addresses are open; when that takes longer, the first "
        "packet may be dropped",
        source="Cilium's command reference",
        risk="lookups wait for that long where agents are busy",
    )
    shown = advised.value("dnsproxy-enable-transparent-mode", "false")
    yield Advice(
        topic=Topic.LOOKUPS,
        setting="dnsproxy-enable-transparent-mode",
        where="dnsProxy.enableTransparentMode",
        now=shown,
        value="true",
        standing=standing(shown, fine=shown == "true"),
        why="resolvers see pods in place of nodes, so that their logs can be joined to flows",
        source="Cilium's command reference; the Helm chart has it on, the flag alone does not",
        risk="policies that let only nodes reach the resolver deny lookups",
    )
    if advised.cluster.dns.restrict:
        code = advised.value("tofqdns-dns-reject-response-code", "refused")
        yield Advice(
            topic=Topic.LOOKUPS,
            setting="tofqdns-dns-reject-response-code",
            where="dnsProxy.dnsRejectResponseCode",
            now=code,
            value="nameError",
            standing=standing(code, fine=code == "nameError"),
            why="lookups are restricted here, and after REFUSED for a search domain some resolvers "
            "in pods, that of musl among them, do not try the name itself",
            source="Cilium's page on DNS-based policies",
            risk="a refused name looks like one that does not exist",
        )
    if advised.cluster.release.at_least("1.18"):
        most = DIAGNOSIS.most_patterns
        ahead = advised.value("tofqdns-preallocate-identities", "true")
        wanted = "false" if advised.hosts > most else "true"
        yield Advice(
            topic=Topic.LOOKUPS,
            setting="tofqdns-preallocate-identities",
            where="dnsProxy.preAllocateIdentities",
            now=ahead,
            value=wanted,
            standing=standing(ahead, fine=ahead == wanted),
            why=f"the values list {advised.hosts} different hosts here; beyond {most}, identities "
            "that are made ahead cost more than they save",
            source="Cilium's command reference",
            risk="policies take longer to act on a name that was not looked up yet",
        )


def _releases(advised: Advised) -> Iterator[Advice]:
    release = advised.cluster.release
    version = release.version
    if version is None:
        return
    for fault in DIAGNOSIS.mended:
        if version.line == fault.line:
            major, minor = fault.line
            known = version.patch is not None
            yield Advice(
                topic=Topic.RELEASES,
                setting="version",
                where="clusters in values/platform.yaml, and what is installed",
                now=str(version) if known else "",
                value=f"{major}.{minor}.{fault.patch} or later",
                standing=standing(str(version) if known else "", fine=not fault.concerns(version)),
                why=fault.what,
                source="the release notes of that line",
                risk="an upgrade of the agents, during which lookups wait",
            )
