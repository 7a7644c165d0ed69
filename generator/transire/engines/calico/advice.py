"""Settings of Felix in Calico Enterprise that decide whether names work.

Open source Calico has no names, so that nothing here counts for it.
Sources: the reference of FelixConfiguration of Enterprise, and its page on policies by domain.
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.advice import Advice, Advised, Topic, seconds_in, standing
from transire.model.intent import DnsProfile

_REFERENCE = "the reference of FelixConfiguration"
_FELIX = "felixconfiguration default"
_EXTRA = 60
_TRUSTED = {
    DnsProfile.OPENSHIFT: "k8s-service:openshift-dns/dns-default",
    DnsProfile.COREDNS: "k8s-service:kube-dns",
    DnsProfile.NODELOCAL: "k8s-service:kube-dns",
}
"""Who is trusted to answer, where it follows from the profile."""


def advise(advised: Advised) -> tuple[Advice, ...]:
    """Nothing: there are no names."""
    del advised
    return ()


def advise_enterprise(advised: Advised) -> tuple[Advice, ...]:
    """What to set, in the order of the topics."""
    return (*_lifetimes(advised), *_lookups(advised))


def _lifetimes(advised: Advised) -> Iterator[Advice]:
    extra = advised.value("dnsExtraTTL", "0s")
    yield Advice(
        topic=Topic.LIFETIMES,
        setting="dnsExtraTTL",
        where=_FELIX,
        now=extra,
        value=f"{_EXTRA}s or more",
        standing=standing(extra, fine=(seconds_in(extra) or 0) >= _EXTRA),
        why="an application that keeps an address for longer than its answer lives is dropped with "
        "the first connection after that; JVMs keep it for 30 s",
        source=_REFERENCE,
        risk="an address stays allowed for that long after its name has moved on",
    )
    saved = advised.value("dnsCacheSaveInterval", "60s")
    yield Advice(
        topic=Topic.CACHES,
        setting="dnsCacheSaveInterval",
        where=_FELIX,
        now=saved,
        value="60s or less",
        standing=standing(saved, fine=(seconds_in(saved) or 0) <= _EXTRA),
        why="what was learnt since the last save is gone when Felix restarts, and connections to "
        "it are dropped until the next lookup",
        source=_REFERENCE,
        risk="more writes on every node",
    )


def _lookups(advised: Advised) -> Iterator[Advice]:
    mode = advised.value("dnsPolicyMode", "DelayDeniedPacket")
    yield Advice(
        topic=Topic.LOOKUPS,
        setting="dnsPolicyMode",
        where=f"{_FELIX}; bpfDNSPolicyMode with eBPF, nftablesDNSPolicyMode with nftables",
        now=mode,
        value="anything but NoDelay",
        standing=standing(mode, fine=mode != "NoDelay"),
        why="without a delay the first packet to a name may come before its address is open, and "
        "is dropped; Inline takes wildcards at the front of a name alone",
        source="the page on policies by domain",
        risk="packets wait up to dnsPacketsNfqueueMaxHoldDuration, 3 s",
    )
    profile = advised.cluster.dns.profile
    usual = "k8s-service:kube-dns"
    trusted = advised.value("dnsTrustedServers", usual)
    wanted = _TRUSTED.get(profile, "the resolver that pods really use")
    known = profile in _TRUSTED
    yield Advice(
        topic=Topic.LOOKUPS,
        setting="dnsTrustedServers",
        where=_FELIX,
        now=trusted if known else "",
        value=wanted,
        standing=standing(trusted if known else "", fine=wanted in trusted),
        why="answers of any other resolver are not looked at, and names then match nothing",
        source=_REFERENCE,
        risk="whoever can answer as such a server can open addresses",
    )
