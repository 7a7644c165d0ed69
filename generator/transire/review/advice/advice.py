"""Advice for a cluster, from the platform's file and, where given, from its agents' settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from transire.engines.api.advice import Advice, Advised, Standing, Topic
from transire.engines.api.capabilities import OpenConnections
from transire.engines.api.observation import Observed, Unseen
from transire.engines.registry import engine_of
from transire.k8s.manifests import Manifest
from transire.meaning.target import all_targets
from transire.model.intent import FAMILIES, Cluster, DnsProfile, Organisation
from transire.model.observation import Observe

_OPEN = {
    OpenConnections.KEPT: "connections that are open stay when a rule goes: packets of established "
    "ones are not judged again",
    OpenConnections.CUT: "connections that are open are cut when a rule goes: the next packet of "
    "the pod is dropped",
    OpenConnections.UNDEFINED: "whoever implements the policies decides about connections that "
    "are open",
}
_ORDER = (Standing.CHANGE, Standing.LOOK, Standing.WEIGH, Standing.FINE)
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAdvice:
    """All advice for one cluster, what is to change first, and what its engine cannot see.

    `read` is true where settings of agents were given.
    """

    cluster: Cluster
    advice: tuple[Advice, ...]
    unseen: tuple[Unseen, ...]
    read: bool

    def __repr__(self) -> str:
        return f"<ClusterAdvice {self.cluster.name} advice={len(self.advice)}>"


def settings_of(cluster: Cluster, manifests: Sequence[Manifest]) -> dict[str, str]:
    """The settings of the cluster's agents among objects, by name."""
    read = engine_of(cluster.release).diagnosis.settings
    return {each.name: each.value for manifest in manifests for each in read(manifest)}


def advice_for(
    organisation: Organisation, cluster: Cluster, settings: Mapping[str, str] = _NOTHING
) -> ClusterAdvice:
    """What to set in a cluster; without settings those of `agent` in the platform's file count."""
    engine = engine_of(cluster.release)
    advised = Advised(
        cluster=cluster,
        settings={**dict(cluster.agent), **settings},
        whole=bool(settings),
        hosts=_hosts(organisation, cluster),
    )
    found = [*engine.advise(advised), *_of_values(advised)]
    asked = organisation.platform.observe or Observe()
    seen = Observed(
        cluster=cluster,
        tier=organisation.platform.tier,
        windows=(),
        fields={},
        agent=asked.agent(cluster.name),
    )
    return ClusterAdvice(
        cluster=cluster,
        advice=tuple(sorted(found, key=lambda each: _ORDER.index(each.standing))),
        unseen=engine.observation.unseen(seen),
        read=bool(settings),
    )


def _hosts(organisation: Organisation, cluster: Cluster) -> int:
    """How many different hosts rules list on the cluster."""
    return len(
        {
            host.pattern.text
            for target in all_targets(organisation)
            if target.cluster.name == cluster.name
            for rule in (*target.rules, *target.everyone)
            for host in rule.hosts
        }
    )


def _of_values(advised: Advised) -> Iterator[Advice]:
    """What follows from values, whatever the engine's own settings are."""
    engine = engine_of(advised.cluster.release)
    if engine.capabilities.hosts.has(advised.cluster.release):
        yield from _caches(advised)
    cut = engine.revocation.become is OpenConnections.CUT
    yield from _audit(advised.cluster)
    yield Advice(
        topic=Topic.CONNECTIONS,
        setting="open connections after a narrowing",
        where="kubectl rollout restart, after a rule was narrowed",
        now=str(engine.revocation.become),
        value="nothing to do" if cut else "restart the workloads that transire diff names",
        standing=Standing.FINE if cut else Standing.WEIGH,
        why=_OPEN[engine.revocation.become],
        source=f"{engine.title}: transire docs diff",
        risk="a restart drops what the connections were doing",
    )
    yield from _families(advised.cluster)
    if engine.capabilities.dns_names.has(advised.cluster.release):
        yield _restricted(advised.cluster)


def _audit(cluster: Cluster) -> Iterator[Advice]:
    """The release from which on policies can report without blocking, where it is not reached."""
    audit = engine_of(cluster.release).capabilities.audit
    if not audit.support.has(cluster.release):
        yield Advice(
            topic=Topic.RELEASES,
            setting="version",
            where="clusters in values/platform.yaml, and what is installed",
            now=str(cluster.release),
            value=audit.instead,
            standing=Standing.WEIGH,
            why=f"mode: audit needs {audit.through}; without it a change is tried on a staging "
            "cluster, or by transire backtest",
            source="the table of engines in README.md",
            risk="that of every upgrade: transire verify --release shows what policies come to",
        )


def _caches(advised: Advised) -> Iterator[Advice]:
    yield Advice(
        topic=Topic.CACHES,
        setting="networkaddress.cache.ttl",
        where="java.security of every JVM, or -Dsun.net.inetaddr.ttl",
        now="",
        value="30 or less",
        standing=Standing.LOOK,
        why="a JVM with a security manager keeps addresses for ever, and connects to what is no "
        "longer allowed",
        source="the properties of java.net.InetAddress",
        risk="more lookups",
    )
    profile = advised.cluster.dns.profile
    if profile in {DnsProfile.COREDNS, DnsProfile.NODELOCAL, DnsProfile.OPENSHIFT}:
        more = ", and so does the cache of each node" if profile is DnsProfile.NODELOCAL else ""
        yield Advice(
            topic=Topic.CACHES,
            setting="cache",
            where="Corefile",
            now="",
            value="30 seconds or less, as it is by default",
            standing=Standing.LOOK,
            why=f"CoreDNS hands out what is left of an answer's life, 0 to 30 s{more}: engines "
            "forget addresses that soon, however long the name's owner lets them live",
            source="the README of CoreDNS's plugin cache",
            risk="more queries to resolvers outside",
        )


def _families(cluster: Cluster) -> Iterator[Advice]:
    network = cluster.network
    shown = " and ".join(network.families)
    if network.families_assumed:
        yield Advice(
            topic=Topic.FAMILIES,
            setting="network.families",
            where="clusters in values/platform.yaml",
            now="",
            value="[IPv4], [IPv6] or both, as pods have addresses",
            standing=Standing.LOOK,
            why="it is not declared, so that both are taken to be there, and proofs are about both",
            source="transire docs values",
            risk="none where it is true",
        )
    elif len(network.families) < len(FAMILIES):
        yield Advice(
            topic=Topic.FAMILIES,
            setting="network.families",
            where="clusters in values/platform.yaml",
            now=shown,
            value=shown,
            standing=Standing.FINE,
            why="answers of the other family are of no use to pods without such an address; rules "
            "with ranges of it are refused",
            source="transire docs values",
            risk="pods that do get such addresses are denied there: declare the family first",
        )
    else:
        yield Advice(
            topic=Topic.FAMILIES,
            setting="network.families",
            where="clusters in values/platform.yaml",
            now=shown,
            value="ranges of both families in every rule with ranges",
            standing=Standing.WEIGH,
            why="pods take the address that answers first: a rule with ranges of IPv4 alone fails "
            "for hosts that also have IPv6, sometimes only; rules with names open both",
            source="RFC 8305",
            risk="ranges of IPv6 that vendors do not publish cannot be listed: name the host",
        )


def _restricted(cluster: Cluster) -> Advice:
    now = "true" if cluster.dns.restrict else "false"
    return Advice(
        topic=Topic.LOOKUPS,
        setting="dns.restrict",
        where="clusters in values/platform.yaml",
        now=now,
        value="true, once no lookup that is needed would be refused",
        standing=Standing.FINE if cluster.dns.restrict else Standing.WEIGH,
        why="as long as every name may be looked up, a resolver carries data out of the cluster in "
        "names",
        source="transire docs values",
        risk="a name that is missing fails as a lookup, which is seen later than a denied "
        "connection; lookups stop while agents restart",
    )
