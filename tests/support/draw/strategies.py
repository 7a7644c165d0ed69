"""Draw what people may mean: whole organisations, and every part of one.

Everything drawn is canonical, as loading gives it: sorted, merged, without repetition. So a drawn
value can be compared with one that went through files, charts or engines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import TypedDict

from hypothesis import strategies as st

from support.draw.destinations import (
    known_networks,
    own_destinations,
    vetted,
    with_bundles,
    with_networks_of,
)
from support.draw.drawn_claims import claims
from support.draw.drawn_observation import monitoring, observe
from support.draw.drawn_requests import requests_to
from support.draw.drawn_scopes import PLACES, scopes
from support.draw.drawn_waivers import waivers
from support.draw.publish import PUBLISH
from support.draw.strategies_parts import (
    APPROXIMATIONS,
    CHANCE,
    HOSTILE_TEXTS,
    cluster_networks,
    codeowners,
    definitions,
    dns,
    ends,
    guardrails,
    hardening,
    host_patterns,
    labels,
    modes,
    names,
    networks,
    ports,
    probes,
    sources,
    texts,
)
from transire.engines.registry import ENGINES
from transire.meaning.target import Target, targets_of
from transire.model.bundle_source import BundleSource
from transire.model.ends import End
from transire.model.engine import Release, Version
from transire.model.intent import (
    AddressRange,
    Approximation,
    Bundle,
    Cluster,
    Destination,
    GitOps,
    Host,
    InCluster,
    KnownNetwork,
    Mesh,
    Mode,
    Organisation,
    Platform,
    Pods,
    ProxyFallback,
    Publication,
    Rule,
    SetFallback,
    Team,
    Tier,
    with_networks,
)
from transire.model.names import HostKind
from transire.model.net import PortRange
from transire.model.pod_selector import PodSelector
from transire.model.publish import ArgoCdSync
from transire.model.scoped import Place

__all__ = [
    "ENGINE_VERSIONS",
    "ENVIRONMENTS",
    "HOSTILE_TEXTS",
    "bundles",
    "clusters",
    "ends",
    "host_patterns",
    "labels",
    "names",
    "networks",
    "organisations",
    "platforms",
    "ports",
    "rules",
    "sources",
    "targets",
    "teams",
    "texts",
]

ENGINE_VERSIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cilium": ("1.14", "1.15", "1.16", "1.17", "1.18", "1.18.4", "1.19", "1.19.2", "1.20"),
        "calico": ("3.29", "3.30", "3.31.1", "3.32"),
        "calico-enterprise": ("3.21", "3.22", "3.23.1"),
        "kubernetes": ("", "1.29", "1.33.2"),
    }
)
"""Versions that are drawn for each engine; the empty one stands for none."""

_MESH = Mesh(name="eks-a", clusters=("eks-b", "eks-c"))
ENVIRONMENTS = ("prod", "staging", "edge")


@cache
def _names_of(min_size: int, max_size: int) -> st.SearchStrategy[set[str]]:
    return st.sets(names(), min_size=min_size, max_size=max_size)


@st.composite
def rules(
    draw: st.DrawFn,
    *,
    name: str = "",
    source: str = "",
    places: Sequence[Place] = PLACES,
    bundles: Sequence[Bundle] = (),
    known: Sequence[KnownNetwork] = (),
) -> Rule:
    """One rule; `source` is the text before its name in provenance."""
    name = name or draw(names())
    said = draw(_sayings())
    named = draw(st.lists(st.sampled_from(bundles), unique=True)) if bundles else []
    if not said["own"] and not named:
        said["own"] = (Host(pattern=draw(host_patterns())),)
    reached = with_bundles(draw(with_networks_of(said["own"], known)), named)
    scope = draw(scopes(places))
    return Rule(
        name=name,
        reason=said["reason"],
        **draw(requests_to(reached, said["ports"])),
        source=(source or "values/teams/payments.yaml#") + name,
        sources=said["sources"],
        ticket=said["ticket"],
        expires=said["expires"],
        bundles=tuple(sorted(each.name for each in named)),
        environments=scope.environments,
        clusters=scope.clusters,
        namespaces=scope.namespaces,
        server_names=not said["ticket"] or draw(CHANCE),
        approximate=said["approximate"],
    )


class _Saying(TypedDict):
    """What a rule says that depends on nothing else."""

    own: tuple[Destination, ...]
    reason: str
    ticket: str
    ports: tuple[PortRange, ...]
    sources: tuple[PodSelector, ...]
    expires: End | None
    approximate: frozenset[Approximation]


@cache
def _sayings() -> st.SearchStrategy[_Saying]:
    return st.builds(
        _Saying,
        own=own_destinations(),
        reason=st.just("") | texts(),
        ticket=st.just("") | texts(),
        ports=ports(),
        sources=sources(),
        expires=st.none() | ends(),
        approximate=APPROXIMATIONS,
    )


@st.composite
def rule_lists(
    draw: st.DrawFn,
    *,
    source: str,
    places: Sequence[Place] = PLACES,
    bundles: Sequence[Bundle] = (),
    known: Sequence[KnownNetwork] = (),
    max_size: int = 3,
) -> tuple[Rule, ...]:
    """Rules of one file, sorted by name."""
    chosen = draw(_names_of(0, max_size))
    return tuple(
        draw(rules(name=name, source=source, places=places, bundles=bundles, known=known))
        for name in sorted(chosen)
    )


@st.composite
def clusters(
    draw: st.DrawFn, *, engine: str | None = None, name: str = "", environment: str = ""
) -> Cluster:
    """One cluster of the engine, or of any."""
    chosen = engine or draw(st.sampled_from(tuple(ENGINES)))
    version = draw(st.sampled_from(ENGINE_VERSIONS[chosen]))
    release = Release(engine=chosen, version=Version.parse(version) if version else None)
    cilium = chosen == "cilium"
    network = draw(cluster_networks())
    sixth = "true" if "IPv6" in network.families else "false"
    flags = {"enable-ipv6": sixth, "enable-l7-proxy": "true", "enable-policy": "always"}
    agent = draw(st.sets(st.sampled_from(sorted(flags.items())))) if cilium else set()
    fallback = _fallbacks()
    return Cluster(
        name=name or draw(names()),
        release=release,
        environment=environment or draw(st.sampled_from(ENVIRONMENTS)),
        dns=draw(dns(engine=chosen)),
        gitops=draw(st.sampled_from(GitOps)),
        network=network,
        **draw(hardening(cilium=cilium)),
        agent=tuple(sorted(agent)),
        definitions=draw(definitions(release)),
        approximate=draw(APPROXIMATIONS),
        fallback=draw(fallback),
        mesh=draw(st.sampled_from([None, _MESH])) if cilium else None,
        policy_writers=draw(st.sampled_from([(), ("operators/kafka", "strimzi/operator.a")])),
    )


@cache
def _fallbacks() -> st.SearchStrategy[ProxyFallback | SetFallback | None]:
    pods = st.builds(Pods, namespace=names(), labels=labels(min_size=1))
    ranges = st.builds(AddressRange, cidr=networks())
    exact = host_patterns().filter(lambda each: each.kind is HostKind.EXACT)
    proxies = st.builds(
        ProxyFallback,
        to=pods | ranges | st.builds(Host, pattern=exact),
        port=st.sampled_from([3128, 8080]),
    )
    return st.none() | proxies | st.builds(SetFallback, labels=labels(min_size=1))


@st.composite
def bundles(draw: st.DrawFn, *, name: str = "") -> Bundle:
    """A vetted set of at least one host or range."""
    name = name or draw(names())
    hosts, ranges = draw(vetted(name))
    return Bundle(
        name=name,
        owner=draw(texts()),
        reason=draw(texts()),
        hosts=hosts,
        ranges=ranges,
        path=f"values/bundles/{name}.yaml",
        source=draw(st.none() | bundle_sources()),
    )


@cache
def bundle_sources() -> st.SearchStrategy[BundleSource]:
    """The vendor's file that a bundle was made of."""
    return st.builds(
        BundleSource,
        vendor=st.sampled_from(["aws", "github"]),
        day=st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1)),
        version=st.sampled_from(["", "1763674988"]),
        only=st.sampled_from([(), ("region=eu-west-1", "service=S3")]),
    )


@st.composite
def platforms(draw: st.DrawFn, *, engine: str | None = None) -> Platform:
    """What the platform team decides, with one to three clusters."""
    named = sorted(draw(_names_of(1, 3)))
    known = draw(known_networks(named))
    chosen = tuple(with_networks(draw(clusters(engine=engine, name=name)), known) for name in named)
    system = sorted(draw(st.sets(st.sampled_from(["kube-system", "egress-proxy"]))))
    mode, until = draw(modes())
    source = "values/platform.yaml#everyone."
    admission = draw(CHANCE)
    syncs = [ArgoCdSync.IMPERSONATION] if admission else [*ArgoCdSync, None]
    return Platform(
        path="values/platform.yaml",
        mode=mode,
        until=until,
        ports=draw(ports()),
        in_cluster=draw(st.sampled_from(InCluster)),
        clusters=chosen,
        publish=draw(st.sampled_from(PUBLISH)),
        tier=Tier(
            name=draw(st.sampled_from(["egress", "t1"])), order=draw(st.integers(1, 999_999))
        ),
        enrol=tuple(sorted(draw(_names_of(0, 2)) - set(system))),
        system=tuple(system),
        organisation=draw(st.sampled_from(["", "Example Ltd", "Bücher & Söhne"])),
        networks=known,
        everyone=draw(
            rule_lists(
                source=source,
                places=[each.place() for each in chosen],
                known=known,
                max_size=2,
            )
        ),
        guardrails=draw(guardrails()),
        admission=admission,
        argocd_sync=draw(st.sampled_from(syncs)),
        codeowners=draw(st.none() | codeowners()),
        observe=draw(st.none() | observe(chosen)),
        monitoring=draw(st.none() | monitoring(chosen)),
        probe=draw(st.none() | probes()),
    )


@st.composite
def teams(
    draw: st.DrawFn,
    *,
    name: str = "",
    places: Sequence[Place] = PLACES,
    bundles: Sequence[Bundle] = (),
    default: tuple[Mode, End | None] = (Mode.ENFORCE, None),
    known: Sequence[KnownNetwork] = (),
) -> Team:
    """One team that publishes some of the namespaces to some of the clusters.

    An audit below a `default` that is one, and that ends, ends with it at the latest.
    """
    name = name or draw(names())
    path = f"values/teams/{name}.yaml"
    published = []
    held = sorted(draw(st.sets(st.sampled_from(list(places)), min_size=1, max_size=3)))
    for place in held:
        mode, until = draw(modes())
        if mode is default[0] and until is None:
            until = default[1]
        published.append(
            Publication(namespace=place.namespace, cluster=place.cluster, mode=mode, until=until)
        )
    return Team(
        name=name,
        contact=draw(texts()),
        path=path,
        publications=tuple(published),
        rules=draw(rule_lists(source=f"{path}#", places=held, bundles=bundles, known=known)),
    )


@st.composite
def organisations(
    draw: st.DrawFn, *, engine: str | None = None, min_teams: int = 0
) -> Organisation:
    """A whole organisation, of every engine or of one."""
    platform = draw(platforms(engine=engine))
    vetted = tuple(draw(bundles(name=name)) for name in sorted(draw(_names_of(0, 2))))
    members = tuple(
        draw(
            teams(
                name=name,
                places=[
                    each.place(f"ns-{index}-{end}")
                    for end in ("prod", "batch")
                    for each in platform.clusters
                ],
                bundles=vetted,
                default=(platform.mode, platform.until),
                known=platform.networks,
            )
        )
        for index, name in enumerate(sorted(draw(_names_of(min_teams, 3))))
    )
    platform = replace(platform, teams=draw(claims(members)))
    unique = {
        (each.rule, each.team, each.entry): each
        for each in draw(st.lists(waivers(platform, members), max_size=2))
    }
    return Organisation(
        platform=platform,
        teams=members,
        bundles=vetted,
        waivers=tuple(unique[key] for key in sorted(unique)),
    )


@st.composite
def targets(draw: st.DrawFn, *, engine: str | None = None) -> Target:
    """One target of a drawn organisation, of every engine or of one."""
    organisation = draw(organisations(engine=engine, min_teams=1))
    return draw(
        st.sampled_from(
            [target for team in organisation.teams for target in targets_of(organisation, team)]
        )
    )
