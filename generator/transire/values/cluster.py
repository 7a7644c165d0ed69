"""One cluster of the platform's file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from transire.engines.api.capabilities import Never
from transire.engines.registry import ENGINES
from transire.model.engine import Definitions, Release, Version
from transire.model.intent import (
    FAMILIES,
    AddressRange,
    Cluster,
    ClusterNetwork,
    Dns,
    DnsProfile,
    GitOps,
    Host,
    Labels,
    Mesh,
    Pods,
    ProxyFallback,
    Resolver,
    SetFallback,
)
from transire.model.names import HostPattern, is_dns_label
from transire.values.egress_rules import approximations, networks
from transire.values.mapping_reader import Fields, each, entries
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.scalars import (
    choice,
    cidr,
    domain,
    filled_line,
    flag,
    key,
    labels,
    name,
    scalar,
    text,
    whole,
)
from transire.yamlio import Entry, MappingNode, Node, taken_for


def cluster(entry: Entry, collector: ProblemCollector) -> Cluster:
    """The cluster that a key of `clusters` names.

    Raises:
        Misfit: if not all of it can be used.
    """
    misfits = collector.misfits
    fields = Fields.of(entry.value, collector)
    release = None
    with collector:
        release = _release(fields, collector)
    environment = fields.need("environment", name, "")
    dns = fields.need("dns", _dns, None)
    gitops = fields.need("gitops", choice(GitOps), GitOps.ARGOCD)
    agent = fields.get("agent", _flags, ())
    network = fields.get("network", _network, ClusterNetwork(families_assumed=True))
    if release is not None:
        with collector:
            network = _with_families(network, release.engine, fields, collector)
    hardening = fields.get("hardening", each(_text), ())
    definitions = fields.get("definitions", partial(_definitions, release), None)
    approximate = fields.get("approximate", approximations, frozenset())
    fallback = fields.get("fallback", _fallback, None)
    mesh = fields.get("mesh", partial(_mesh, release), None)
    policy_writers = fields.get("policyWriters", each(_account), ())
    writers_entry = fields.entry("policyWriters")
    collector.stop_after(misfits)
    if dns is None or release is None:
        raise Misfit
    return Cluster(
        name=entry.key.text,
        release=release,
        environment=environment,
        dns=dns,
        gitops=gitops,
        network=network,
        server_names=bool(hardening),
        server_names_optional="sni-optional" in hardening,
        agent=agent,
        definitions=definitions,
        approximate=approximate,
        fallback=fallback,
        mesh=mesh,
        policy_writers=tuple(sorted(set(policy_writers))),
        at=entry.key.at,
        policy_writers_at=entry.key.at if writers_entry is None else writers_entry.key.at,
    )


def _release(fields: Fields, collector: ProblemCollector) -> Release | None:
    engine = fields.need("engine", _engine, None)
    version = fields.get("version", _version, None)
    entry = fields.entry("version")
    if engine is None or (entry is not None and version is None):
        return None
    release, releases = Release(engine=engine, version=version), ENGINES[engine].releases
    if entry is None and not releases.newer:
        raise collector.refuse(
            fields.at,
            "missing-key",
            f"the cluster has no 'version', and {engine} needs one",
            f"add version: one of {releases}, in quotes",
        )
    fault = releases.fault(version)
    if fault:
        collector.note(
            fields.at if entry is None else entry.value.at,
            "unsupported-version",
            fault,
            releases.remedy,
        )
    return release


def _definitions(release: Release | None, node: Node, collector: ProblemCollector) -> Definitions:
    """Definitions that the release has, where the release is known."""
    written = choice(Definitions)(node, collector)
    if release is None:
        return written
    native = ENGINES[release.engine].capabilities.native_definitions
    if isinstance(native, Never):
        raise collector.refuse(
            node.at,
            "definitions",
            f"the API of {release.engine} is served in one way only",
            "remove definitions",
        )
    if written is Definitions.NATIVE and not native.has(release):
        raise collector.refuse(
            node.at,
            "definitions",
            f"{release} has no native definitions, which {release.engine} has {native}",
            "write definitions: api-server, or remove it",
        )
    return written


def _mesh(release: Release | None, node: Node, collector: ProblemCollector) -> Mesh:
    """The mesh of the cluster, where its engine has one."""
    misfits = collector.misfits
    if release is not None and isinstance(ENGINES[release.engine].capabilities.mesh, Never):
        raise collector.refuse(
            node.at,
            "mesh",
            f"{release.engine} knows no pods of other clusters, so it has no mesh",
            "remove mesh; ranges of the other cluster are written as {cidr: ...}",
        )
    fields = Fields.of(node, collector)
    own = fields.need("name", name, "")
    others = fields.need("clusters", each(name), ())
    if own in others:
        raise collector.refuse(
            node.at,
            "mesh",
            f"{shown(own)} is the name of the cluster itself, and among the others of its mesh",
            f"take {own} out of mesh.clusters",
        )
    collector.stop_after(misfits)
    return Mesh(name=own, clusters=tuple(sorted(set(others))), at=node.at)


def _engine(node: Node, _collector: ProblemCollector) -> str:
    written = scalar(node).text
    if written not in ENGINES:
        raise Misfit
    return written


def _version(node: Node, collector: ProblemCollector) -> Version:
    written = scalar(node)
    if written.plain and taken_for(written.text) == "a number":
        raise collector.refuse(
            node.at,
            "ambiguous-scalar",
            f"{written.text} without quotes is a number, to which 1.20 and 1.2 are the same",
            f'write "{written.text}" in quotes',
        )
    try:
        return Version.parse(text(node, collector))
    except ValueError as error:
        raise collector.refuse(
            node.at,
            "unsupported-version",
            f"{error}",
            "write the version in quotes",
        ) from error


def _text(node: Node, _collector: ProblemCollector) -> str:
    return scalar(node).text


def _account(node: Node, collector: ProblemCollector) -> str:
    written = filled_line(node, collector)
    namespace, slash, name_ = written.partition("/")
    if slash and is_dns_label(namespace) and all(map(is_dns_label, name_.split("."))):
        return written
    raise collector.refuse(
        node.at,
        "bad-name",
        f"{shown(written)} is not a service account",
        "write its namespace and its name, such as strimzi/strimzi-cluster-operator",
    )


def _dns(node: Node, collector: ProblemCollector) -> Dns:
    fields = Fields.of(node, collector)
    search = fields.get("search", each(domain), ())
    return Dns(
        profile=fields.need("profile", choice(DnsProfile), DnsProfile.COREDNS),
        restrict=fields.get("restrict", flag, default=False),
        addresses=fields.get("addresses", networks, ()),
        search=tuple(sorted(set(search))),
        resolver=fields.get("resolver", _resolver, None),
        at=fields.at,
    )


def _resolver(node: Node, collector: ProblemCollector) -> Resolver:
    fields = Fields.of(node, collector)
    return Resolver(
        namespace=fields.get("namespace", name, ""),
        labels=fields.get("pods", labels, ()),
        addresses=fields.get("addresses", networks, ()),
        port=fields.get("port", whole, 53),
    )


def _network(node: Node, collector: ProblemCollector) -> ClusterNetwork:
    fields = Fields.of(node, collector)
    families = fields.get("families", each(_text), FAMILIES)
    return ClusterNetwork(
        pod_cidrs=fields.get("podCIDRs", networks, ()),
        service_cidrs=fields.get("serviceCIDRs", networks, ()),
        node_cidrs=fields.get("nodeCIDRs", networks, ()),
        domain=fields.get("domain", domain, "cluster.local"),
        families=tuple(sorted(set(families))),
        families_assumed=fields.entry("families") is None,
    )


def _with_families(
    network: ClusterNetwork, engine: str, fields: Fields, collector: ProblemCollector
) -> ClusterNetwork:
    """The network with the families that the agent's flags leave, where none are given.

    Raises:
        Misfit: if the flags contradict the families that are given, or leave none.
    """
    flags = ENGINES[engine].family_flags
    agent = fields.entry("agent")
    written = agent.value.entries if agent and isinstance(agent.value, MappingNode) else {}
    found = {
        family: written[flag]
        for family, flag in flags.items()
        if flag in written and scalar(written[flag].value).text in {"true", "false"}
    }
    on = {family: scalar(entry.value).text == "true" for family, entry in found.items()}
    if network.families_assumed:
        left = tuple(family for family in FAMILIES if on.get(family, True))
        if not left:
            collector.note(
                found[FAMILIES[0]].key.at,
                "family-contradiction",
                f"{' and '.join(flags.values())} are both 'false', and an agent has one family",
                "write the flags as the running agent has them",
            )
            raise Misfit
        return replace(network, families=left, families_assumed=not found)
    wrong = [family for family in found if on[family] is not (family in network.families)]
    for family in wrong:
        has = "has no" if on[family] else "has"
        collector.note(
            found[family].key.at,
            "family-contradiction",
            f"{flags[family]} is {shown(scalar(found[family].value).text)}, and network.families "
            f"{has} {family}",
            f"correct one of them, or remove {flags[family]}, which follows from network.families",
        )
    if wrong:
        raise Misfit
    return network


def _flags(node: Node, collector: ProblemCollector) -> Labels:
    found = []
    for entry in entries(node):
        with collector:
            found.append((key(entry.key, collector), filled_line(entry.value, collector)))
    return tuple(sorted(found))


def _fallback(node: Node, collector: ProblemCollector) -> ProxyFallback | SetFallback:
    fields = Fields.of(node, collector)
    found: list[ProxyFallback | SetFallback | None] = [
        fields.get("proxy", _proxy, None),
        fields.get("networkSet", _set, None),
    ]
    for one in found:
        if one is not None:
            return one
    raise Misfit


def _proxy(node: Node, collector: ProblemCollector) -> ProxyFallback:
    fields = Fields.of(node, collector)
    misfits = collector.misfits
    at = fields.at
    found: AddressRange | Host | Pods | None
    if fields.entry("cidr"):
        network = fields.need("cidr", cidr, None)
        found = None if network is None else AddressRange(cidr=network, at=at)
    elif fields.entry("host"):
        called = fields.need("host", domain, "")
        found = Host(pattern=HostPattern(called), at=at)
    else:
        namespace = fields.need("namespace", name, "")
        found = Pods(namespace=namespace, labels=fields.need("pods", labels, ()), at=at)
    port = fields.need("port", whole, 0)
    collector.stop_after(misfits)
    if found is None:
        raise Misfit
    return ProxyFallback(to=found, port=port)


def _set(node: Node, collector: ProblemCollector) -> SetFallback:
    return SetFallback(labels=Fields.of(node, collector).need("labels", labels, ()))
