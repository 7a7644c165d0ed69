"""An organisation as the values files that people would write for it."""

from __future__ import annotations

from collections.abc import Iterable

from transire.model.bundle_source import BundleSource
from transire.model.claims import TeamClaims
from transire.model.http import Http
from transire.model.intent import (
    AddressRange,
    Bundle,
    Cluster,
    ClusterNetwork,
    Destination,
    Dns,
    Entity,
    Host,
    KnownNetwork,
    Labels,
    Mode,
    Organisation,
    Platform,
    Pods,
    ProxyFallback,
    Publication,
    Rule,
    SetFallback,
    Team,
    Waiver,
)
from transire.model.net import Network, PortRange
from transire.model.observation import Monitoring, Observe
from transire.model.owners import Codeowners
from transire.model.pod_selector import LabelCondition, PodSelector
from transire.model.probe import ProbeSettings
from transire.model.waiver import where_tree
from transire.yamlio import YamlTree, write


def values_of(organisation: Organisation) -> dict[str, bytes]:
    """The files by path from the root of the repository; loading them gives the organisation."""
    trees: dict[str, YamlTree] = {organisation.platform.path: _platform(organisation.platform)}
    trees.update((each.path, _bundle(each)) for each in organisation.bundles)
    trees.update((each.path, _team(each)) for each in organisation.teams)
    if organisation.waivers:
        trees["values/exceptions.yaml"] = {
            **_head("Exceptions"),
            "exceptions": [_waiver(each) for each in organisation.waivers],
        }
    return {path: write(tree).encode() for path, tree in trees.items()}


def _head(kind: str) -> dict[str, YamlTree]:
    return {"apiVersion": "transire/v1", "kind": kind}


def _platform(platform: Platform) -> YamlTree:
    defaults: dict[str, YamlTree] = {
        **_mode(platform.mode, platform.until, as_map=True),
        "ports": _ports(platform.ports),
        "inCluster": platform.in_cluster,
    }
    publish = {
        "registry": platform.publish.registry,
        "git": platform.publish.git,
    }
    kept: dict[str, YamlTree] = {key: value for key, value in publish.items() if value}
    kept["credentials"] = platform.publish.credentials
    kept["ca"] = platform.publish.ca
    verify = platform.publish.verify
    if verify is not None:
        kept["verify"] = {"provider": verify.provider, "secret": verify.secret}
    guardrails = platform.guardrails
    return {
        **_head("Platform"),
        "publish": kept,
        "defaults": defaults,
        "tier": {"name": platform.tier.name, "order": platform.tier.order},
        "clusters": {each.name: _cluster(each) for each in platform.clusters},
        "enrol": platform.enrol,
        "system": platform.system,
        "organisation": platform.organisation,
        "networks": {each.name: _known(each) for each in platform.networks},
        **(
            {"teams": {each.name: _claims(each) for each in platform.teams}}
            if platform.teams
            else {}
        ),
        "everyone": [_rule(each) for each in platform.everyone],
        "guardrails": {
            "allowedPorts": _ports(guardrails.allowed_ports),
            "maxHostsPerTeam": guardrails.max_hosts_per_team,
            "expiresSoonDays": guardrails.expires_soon_days,
            "requireTicketFor": sorted(guardrails.require_ticket_for),
            **{name: level or "off" for name, level in guardrails.levels.items()},
        },
        "admission": platform.admission,
        **({} if platform.argocd_sync is None else {"argocd": {"sync": platform.argocd_sync}}),
        **({} if platform.codeowners is None else {"codeowners": _codeowners(platform.codeowners)}),
        **({} if platform.observe is None else {"observe": _observe(platform.observe)}),
        **({} if platform.monitoring is None else {"monitoring": _monitoring(platform.monitoring)}),
        **({} if platform.probe is None else {"probe": _probe(platform.probe)}),
    }


def _known(network: KnownNetwork) -> YamlTree:
    tree: dict[str, YamlTree] = {"cidrs": _ranges(network.cidrs), "about": network.about}
    if network.clusters is not None:
        tree["clusters"] = sorted(network.clusters)
    return tree


def _codeowners(codeowners: Codeowners) -> YamlTree:
    tree: dict[str, YamlTree] = {"platform": codeowners.platform, "path": codeowners.path}
    if codeowners.security:
        tree["security"] = codeowners.security
    return tree


def _observe(observe: Observe) -> YamlTree:
    tree: dict[str, YamlTree] = {"agents": dict(observe.agents)}
    if observe.clusters is not None:
        tree["clusters"] = observe.clusters
    if observe.until is not None:
        tree["until"] = str(observe.until)
    return tree


def _monitoring(monitoring: Monitoring) -> YamlTree:
    tree: dict[str, YamlTree] = {
        "namespace": monitoring.namespace,
        "labels": dict(monitoring.labels),
        "proxies": monitoring.proxies,
    }
    if monitoring.clusters is not None:
        tree["clusters"] = monitoring.clusters
    if monitoring.cluster_label:
        tree["clusterLabel"] = monitoring.cluster_label
    if monitoring.runbooks:
        tree["runbooks"] = monitoring.runbooks
    return tree


def _probe(probe: ProbeSettings) -> YamlTree:
    return {
        "image": probe.image,
        "canaries": [
            {"host" if each.name else "address": each.host, "port": each.port}
            for each in probe.canaries
        ],
        **({"control": probe.control} if probe.control else {}),
    }


def _hardening(cluster: Cluster) -> list[YamlTree]:
    if cluster.server_names_optional:
        return ["sni-optional"]
    return ["sni"] if cluster.server_names else []


def _cluster(cluster: Cluster) -> YamlTree:
    tree: dict[str, YamlTree] = {
        "engine": cluster.release.engine,
        "environment": cluster.environment,
        "dns": _dns(cluster.dns),
        "gitops": cluster.gitops,
        "network": _network(cluster.network),
        "hardening": _hardening(cluster),
        "agent": dict(cluster.agent),
        "approximate": sorted(cluster.approximate),
    }
    if cluster.policy_writers:
        tree["policyWriters"] = cluster.policy_writers
    if cluster.mesh is not None:
        tree["mesh"] = {"name": cluster.mesh.name, "clusters": cluster.mesh.clusters}
    if cluster.definitions is not None:
        tree["definitions"] = cluster.definitions
    if cluster.release.version is not None:
        tree["version"] = str(cluster.release.version)
    match cluster.fallback:
        case ProxyFallback(to=to, port=port):
            written = _without_ports(to)
            proxy = {"host": written} if isinstance(written, str) else written
            tree["fallback"] = {"proxy": {**proxy, "port": port}}
        case SetFallback(labels=labels):
            tree["fallback"] = {"networkSet": {"labels": dict(labels)}}
    return tree


def _dns(dns: Dns) -> YamlTree:
    tree: dict[str, YamlTree] = {
        "profile": dns.profile,
        "restrict": dns.restrict,
        "addresses": _ranges(dns.addresses),
        "search": dns.search,
    }
    given = dns.resolver
    if given is not None:
        resolver: dict[str, YamlTree] = {"addresses": _ranges(given.addresses), "port": given.port}
        if given.namespace:
            resolver.update(namespace=given.namespace, pods=dict(given.labels))
        tree["resolver"] = resolver
    return tree


def _network(network: ClusterNetwork) -> YamlTree:
    return {
        "podCIDRs": _ranges(network.pod_cidrs),
        "serviceCIDRs": _ranges(network.service_cidrs),
        "nodeCIDRs": _ranges(network.node_cidrs),
        "domain": network.domain,
        "families": network.families,
    }


def _team(team: Team) -> YamlTree:
    namespaces: dict[str, YamlTree] = {}
    for namespace in dict.fromkeys(each.namespace for each in team.publications):
        held = [each for each in team.publications if each.namespace == namespace]
        namespaces[namespace] = _publications(held)
    return {
        **_head("TeamEgress"),
        "team": team.name,
        "contact": team.contact,
        "namespaces": namespaces,
        "egress": [_rule(each) for each in team.rules],
    }


def _publications(held: list[Publication]) -> YamlTree:
    """The clusters, as a list where they have one mode, and as a map of what differs elsewhere."""
    usual = min(held, key=lambda each: each.until is not None)
    tree = _mode(usual.mode, usual.until)
    if all((each.mode, each.until) == (usual.mode, usual.until) for each in held):
        return {"clusters": [each.cluster for each in held], **tree}
    own: dict[str, YamlTree] = {
        each.cluster: _mode(each.mode, each.until, as_map=each.cluster < usual.cluster)
        if (each.mode, each.until) != (usual.mode, usual.until)
        else {}
        for each in held
    }
    return {"clusters": own, **tree}


def _mode(mode: Mode, until: object, *, as_map: bool = False) -> dict[str, YamlTree]:
    if until is None:
        return {"mode": mode}
    if as_map:
        return {"mode": {"mode": mode, "until": str(until)}}
    return {"mode": mode, "until": str(until)}


def _bundle(bundle: Bundle) -> YamlTree:
    return {
        **_head("Bundle"),
        "bundle": bundle.name,
        "owner": bundle.owner,
        "reason": bundle.reason,
        "to": [_destination(each) for each in (*bundle.hosts, *bundle.ranges)],
        **_published(bundle.source),
    }


def _published(source: BundleSource | None) -> dict[str, YamlTree]:
    if source is None:
        return {}
    tree: dict[str, YamlTree] = {"source": source.vendor, "date": source.day.isoformat()}
    if source.version:
        tree["version"] = source.version
    if source.only:
        tree["only"] = source.only
    return {"published": tree}


def _waiver(waiver: Waiver) -> YamlTree:
    team: dict[str, YamlTree] = {"team": waiver.team} if waiver.team else {}
    items: list[YamlTree] = [each.tree for each in waiver.approved]
    approved: dict[str, YamlTree] = {"for": items} if items else {}
    approved.update(where_tree(waiver.places))
    if any(waiver.sources):
        approved["from"] = _sources(waiver.sources)
    return {
        "rule": waiver.rule,
        **team,
        "entry": waiver.entry,
        **approved,
        "approvedBy": waiver.approved_by,
        "reason": waiver.reason,
        "until": str(waiver.until),
    }


def _rule(rule: Rule) -> YamlTree:
    own = [each for each in rule.destinations if not getattr(each, "bundle", "")]
    tree: dict[str, YamlTree] = {"name": rule.name}
    optional: dict[str, YamlTree] = {
        "reason": rule.reason,
        "ticket": rule.ticket,
        "expires": str(rule.expires or ""),
        "from": _sources(rule.sources),
        "to": _once(_destination(each) for each in own),
        "bundles": rule.bundles,
        "ports": _ports(rule.ports),
        "environments": sorted(rule.environments or ()),
        "clusters": sorted(rule.clusters or ()),
        "namespaces": sorted(rule.namespaces or ()),
        "http": _http(rule.http),
        "tls": rule.tls or "",
        "approximate": sorted(rule.approximate),
    }
    tree.update((key, value) for key, value in optional.items() if value)
    return tree if rule.server_names else {**tree, "serverNames": False}


def _http(http: Http | None) -> YamlTree:
    if http is None:
        return {}
    parts = {"methods": list(http.methods), "paths": [each.text for each in http.paths]}
    return {key: value for key, value in parts.items() if value}


def _claims(claims: TeamClaims) -> YamlTree:
    on: dict[str, YamlTree] = {"clusters": sorted(claims.clusters)} if claims.clusters else {}
    return {"namespaces": list(claims.namespaces), **on}


def _once(trees: Iterable[YamlTree]) -> list[YamlTree]:
    """Each tree once: all ranges of a known network are one."""
    found: list[YamlTree] = []
    for each in trees:
        if each not in found:
            found.append(each)
    return found


def _sources(sources: tuple[PodSelector, ...]) -> YamlTree:
    if len(sources) == 1 and sources[0].is_plain:
        return _labels(sources[0].labels)
    return [_selector(each) for each in sources]


def _selector(each: PodSelector) -> YamlTree:
    optional: dict[str, YamlTree] = {
        "labels": _labels(each.labels),
        "matchExpressions": [_condition(one) for one in each.expressions],
        "serviceAccount": each.service_account,
    }
    return {key: value for key, value in optional.items() if value}


def _condition(each: LabelCondition) -> YamlTree:
    values: dict[str, YamlTree] = {"values": list(each.values)} if each.values else {}
    return {"key": each.key, "operator": each.operator, **values}


def _destination(destination: Destination) -> YamlTree:
    own: dict[str, YamlTree] = {"ports": _ports(destination.ports)} if destination.ports else {}
    plain = _without_ports(destination)
    if not own:
        return plain
    return {**({"host": plain} if isinstance(plain, str) else plain), **own}


def _without_ports(destination: Destination) -> str | dict[str, YamlTree]:
    match destination:
        case Host(pattern=pattern):
            return pattern.text
        case AddressRange(network=network) if network:
            return {"network": network}
        case AddressRange(cidr=cidr):
            return {"cidr": str(cidr)}
        case Pods(namespace=namespace, namespace_labels=having, labels=labels, cluster=cluster):
            where: dict[str, YamlTree] = {"namespace": namespace}
            if cluster:
                where["cluster"] = cluster
            if having:
                where = {"namespaceLabels": _labels(having)}
            return {**where, "pods": _labels(labels)}
        case Entity(kind=kind):
            return {"entity": kind}


def _labels(labels: Labels) -> dict[str, YamlTree]:
    return dict(labels)


def _ports(ports: tuple[PortRange, ...]) -> list[YamlTree]:
    return [str(each) for each in ports]


def _ranges(ranges: tuple[Network, ...]) -> list[YamlTree]:
    return [str(each) for each in ranges]
