"""Draw the small parts of what people mean: names, text, hosts, labels, ranges, ports, days.

Strategies that take nothing are built once: Hypothesis checks each new one at its first draw.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from ipaddress import ip_network
from typing import TypedDict

from hypothesis import strategies as st

from transire.engines.api.capabilities import Never
from transire.engines.registry import ENGINES
from transire.meaning.source_pods import pods_of
from transire.model.ends import End
from transire.model.engine import Definitions, Release
from transire.model.guardrail import Guardrails
from transire.model.intent import (
    Approximation,
    ClusterNetwork,
    Dns,
    DnsProfile,
    Labels,
    Mode,
    Resolver,
)
from transire.model.names import HostPattern
from transire.model.net import ECHO, Network, PortRange, Protocol, merge_networks, merge_ports
from transire.model.owners import Codeowners, OwnersFile
from transire.model.pod_selector import LabelCondition, Operator, PodSelector
from transire.model.probe import Canary, ProbeSettings
from transire.model.problems import Level

_WORDS = ("a", "a-b", "api", "api-2", "cdn", "db", "no", "on", "y", "x-1", "0755", "1e3")
_PARENTS = (
    *("example.com", "api.example.com", "storage.example.net", "example.co.uk", "x.test"),
    *("xn--bcher-kva.example", "a.b.c.d.example.org", "_tcp.example.com", "10.20.30.40"),
)
_PARTIAL = ("s3-*", "*-x", "a*b*c", "*1", "*.api", "api.*")
_RANGES = (
    *("198.51.100.0/24", "198.51.100.16/28", "198.51.100.32/28", "203.0.113.7/32", "8.8.8.8/32"),
    *("169.254.169.254/32", "169.254.0.0/16", "10.0.0.0/8", "10.1.2.0/24", "0.0.0.0/0", "::/0"),
    *("2001:db8::/32", "2001:db8:1::/48", "2001:db8::1/128", "fd00:ec2::254/128", "128.0.0.0/1"),
)
_RESOLVERS = ("169.254.20.10", "10.96.0.10", "169.254.10.0/24", "fd00::a", "169.254.169.254")
_PORT_EDGES = (1, 22, 53, 80, 443, 444, 3128, 5432, 6443, 8000, 8010, 32768, 65534, 65535)
HOSTILE_TEXTS = (
    *("y", "no", "~", "null", "0755", "1e3", "12:30", "1_000", "{{ .Release.Name }}", "it's"),
    *('say "x"', "back\\slash", "# not a comment", "a: b", "- a", "&a *b !c", "%d", "$(id)"),
    *("| pipe |", "<b>bold</b>", "`x`", "bücher", "😀 emoji", "日本", " spaced ", "2027-03-31"),
)
"""Reasons, contacts and tickets that are legal and that careless programs change or run."""

_LABEL_KEYS = ("app", "on", "y", "k8s-app", "example.com/part", "App.Kind_1")
_LABEL_VALUES = ("web", "y", "no", "0755", "1e3", "true", "", "1.20", "A_b-c.d")
_VISIBLE = st.characters(categories=["L", "N", "P", "S"], include_characters=" ")

CHANCE = st.booleans()
APPROXIMATIONS = st.frozensets(st.sampled_from(Approximation))


@cache
def names() -> st.SearchStrategy[str]:
    """Names of teams, namespaces, clusters, rules and bundles: DNS labels."""
    any_name = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
    return st.sampled_from(_WORDS) | any_name


@cache
def texts() -> st.SearchStrategy[str]:
    """One visible line of text, at least one character."""
    any_text = st.text(_VISIBLE, min_size=1, max_size=40).filter(str.strip)
    return st.sampled_from(HOSTILE_TEXTS) | any_text


@cache
def host_patterns() -> st.SearchStrategy[HostPattern]:
    """Hosts of every kind but the bare wildcard."""
    first = st.one_of(*(st.sampled_from(each) for each in (_WORDS, ("*",), ("**",), _PARTIAL)))
    written = st.builds("{}.{}".format, first, st.sampled_from(_PARENTS))
    return (written | st.sampled_from(_PARENTS)).map(HostPattern.parse)


@cache
def labels(*, min_size: int = 0) -> st.SearchStrategy[Labels]:
    """Pod labels, values that look like booleans and numbers often among them."""
    drawn = st.dictionaries(
        st.sampled_from(_LABEL_KEYS), st.sampled_from(_LABEL_VALUES), min_size=min_size, max_size=3
    )
    return drawn.map(lambda each: tuple(sorted(each.items())))


@cache
def sources(*, accounts: bool = True) -> st.SearchStrategy[tuple[PodSelector, ...]]:
    """Which pods a rule is for: all of them, labels, or a list of selectors, some pods in each."""
    account = st.sampled_from(["", "billing", "web.v2"]) if accounts else st.just("")
    selector = st.builds(
        PodSelector,
        labels=labels(),
        expressions=st.sets(_conditions(), max_size=2).map(lambda each: tuple(sorted(each))),
        service_account=account,
    ).filter(_selects)
    several = st.sets(selector, min_size=1, max_size=3).map(lambda each: tuple(sorted(each)))
    plain = labels().map(lambda each: (PodSelector(labels=each),))
    return plain | several


@cache
def _conditions() -> st.SearchStrategy[LabelCondition]:
    key, value = st.sampled_from(_LABEL_KEYS), st.sampled_from(_LABEL_VALUES)
    presence = st.sampled_from([Operator.EXISTS, Operator.DOES_NOT_EXIST])
    return st.builds(LabelCondition, key=key, operator=presence) | st.builds(
        LabelCondition,
        key=key,
        operator=st.sampled_from([Operator.IN, Operator.NOT_IN]),
        values=st.sets(value, min_size=2, max_size=3).map(lambda each: tuple(sorted(each))),
    )


def _selects(selector: PodSelector) -> bool:
    return bool(selector) and bool(pods_of((selector,)))


class Hardening(TypedDict):
    """What a cluster checks of TLS server names."""

    server_names: bool
    server_names_optional: bool


@cache
def hardening(*, cilium: bool) -> st.SearchStrategy[Hardening]:
    """None, all or all but of rules that turn them off, where the engine sees server names."""
    levels = [(False, False), (False, False), (True, False), (True, True)]
    drawn = st.sampled_from(levels if cilium else levels[:1])
    return drawn.map(lambda each: Hardening(server_names=each[0], server_names_optional=each[1]))


@cache
def networks() -> st.SearchStrategy[Network]:
    """Address ranges of both families: public, private, metadata addresses, everything."""
    return st.sampled_from([ip_network(each) for each in _RANGES])


@cache
def ports() -> st.SearchStrategy[tuple[PortRange, ...]]:
    """At least one port range, merged."""
    edge = st.sampled_from(_PORT_EDGES) | st.integers(1, 65535)
    one = st.builds(_range, st.sampled_from(Protocol), edge, st.just(0) | edge)
    return st.lists(one, min_size=1, max_size=4).map(merge_ports)


def _range(protocol: Protocol, one: int, other: int) -> PortRange:
    other = other or one
    if protocol is Protocol.ICMP:
        return ECHO
    return PortRange(protocol=protocol, first=min(one, other), last=max(one, other))


@cache
def ends() -> st.SearchStrategy[End]:
    """Days of four-digit years, and times of day in them to the second."""
    days = st.dates(date(2000, 1, 1), date(9999, 12, 31)).map(End.on)
    times = st.datetimes(datetime(2000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
    return days | times.map(lambda each: End(last=each.replace(microsecond=0)))


@cache
def modes() -> st.SearchStrategy[tuple[Mode, End | None]]:
    """Enforce, or audit with or without an end."""
    audit = st.tuples(st.just(Mode.AUDIT), st.none() | ends())
    return st.just((Mode.ENFORCE, None)) | audit


def resolver_addresses(min_size: int, max_size: int) -> st.SearchStrategy[tuple[Network, ...]]:
    """Addresses where resolvers live: node-local, services, clouds."""
    one = st.sampled_from([ip_network(each) for each in _RESOLVERS])
    return st.sets(one, min_size=min_size, max_size=max_size).map(merge_networks)


@cache
def resolvers() -> st.SearchStrategy[Resolver]:
    """A resolver of profile `custom`: pods of a namespace, addresses, or both."""
    port = st.sampled_from([53, 5353, 8053])
    outside = st.builds(Resolver, addresses=resolver_addresses(1, 2), port=port)
    return outside | st.builds(
        Resolver,
        namespace=names(),
        labels=labels(),
        addresses=resolver_addresses(0, 1),
        port=port,
    )


@cache
def dns(*, engine: str) -> st.SearchStrategy[Dns]:
    """How a cluster of that engine resolves names; addresses wherever a profile may need them."""
    return st.sampled_from(DnsProfile).flatmap(lambda profile: _dns(engine, profile))


@cache
def _dns(engine: str, profile: DnsProfile) -> st.SearchStrategy[Dns]:
    pods_only = {DnsProfile.COREDNS, DnsProfile.OPENSHIFT, DnsProfile.CUSTOM}
    return st.builds(
        Dns,
        profile=st.just(profile),
        restrict=CHANCE if engine == "cilium" else st.just(value=False),
        addresses=st.just(()) if profile in pods_only else resolver_addresses(1, 2),
        search=st.sampled_from([(), ("corp.example",), ("corp.example", "x.test")]),
        resolver=resolvers() if profile is DnsProfile.CUSTOM else st.none(),
    )


@cache
def cluster_networks() -> st.SearchStrategy[ClusterNetwork]:
    """The ranges of a cluster: none, some or all of them declared, with IPv6 or without."""
    own = (
        ("10.0.0.0/16", "fd00:10::/56"),
        ("10.96.0.0/12", "fd00:96::/112"),
        ("192.168.10.0/24", "fd00:168::/64"),
    )
    both = tuple(tuple(ip_network(each) for each in pair) for pair in own)
    four = tuple(pair[:1] for pair in both)
    declared = [(), four[:1], four, both]
    return st.builds(
        _cluster_network,
        st.sampled_from(declared),
        st.sampled_from(["cluster.local", "k8s.example.internal"]),
        st.sampled_from([("IPv4",), ("IPv4", "IPv6"), ("IPv6",)]),
    )


def _cluster_network(
    ranges: tuple[tuple[Network, ...], ...], domain: str, families: tuple[str, ...]
) -> ClusterNetwork:
    pods, services, nodes = (*ranges, (), (), ())[:3]
    return ClusterNetwork(
        pod_cidrs=pods,
        service_cidrs=services,
        node_cidrs=nodes,
        domain=domain,
        families=families,
    )


@cache
def codeowners() -> st.SearchStrategy[Codeowners]:
    """Who owns what the teams do not."""
    owners = st.sampled_from(["@example/platform", "@a_b", "@group/sub.group/x", "a+b@c.example"])
    return st.builds(
        Codeowners,
        platform=st.lists(owners, min_size=1, max_size=2).map(tuple),
        security=st.lists(owners, max_size=2).map(tuple),
        path=st.sampled_from(OwnersFile),
    )


def probes() -> st.SearchStrategy[ProbeSettings]:
    """Images and canaries of probes."""
    canaries = st.builds(
        Canary,
        name=st.sampled_from(["example.com", "canary.example.net"]),
        port=st.integers(1, 65_535),
    ) | st.builds(
        Canary,
        address=st.sampled_from(["192.0.2.1", "2001:db8::1"]).map(ip_network),
        port=st.integers(1, 65_535),
    )
    return st.builds(
        ProbeSettings,
        image=st.sampled_from(["curl", "registry.example.com:5000/a/curl_x:8.1"]).map(
            lambda name: f"{name}@sha256:{'0f' * 32}"
        ),
        canaries=st.sets(canaries, min_size=1, max_size=3).map(
            lambda found: tuple(sorted(found, key=str))
        ),
        control=st.sampled_from(["", "egress-probes"]),
    )


@cache
def guardrails() -> st.SearchStrategy[Guardrails]:
    """Settings of the guardrails."""
    ids = st.sampled_from(["redundant-host", "no-world-cidr", "expires-soon", "missing-reason"])
    return st.builds(
        Guardrails,
        allowed_ports=st.just(()) | ports(),
        max_hosts_per_team=st.integers(1, 10_000),
        expires_soon_days=st.integers(0, 365),
        require_ticket_for=st.frozensets(st.sampled_from(["wildcard", "cidr"])),
        levels=st.dictionaries(ids, st.sampled_from([Level.ERROR, Level.WARNING, None])),
    )


def definitions(release: Release) -> st.SearchStrategy[Definitions | None]:
    """How a cluster of the release may serve its API."""
    native = ENGINES[release.engine].capabilities.native_definitions
    if isinstance(native, Never):
        return st.none()
    known = tuple(Definitions) if native.has(release) else (Definitions.API_SERVER,)
    return st.none() | st.sampled_from(known)
