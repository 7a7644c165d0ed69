"""One cluster of the platform's file."""

from __future__ import annotations

from transire.engines.registry import ENGINES
from transire.model.engine import Release, Version
from transire.model.intent import (
    Cluster,
    ClusterNetwork,
    Dns,
    DnsProfile,
    GitOps,
    Labels,
    ProxyFallback,
    Resolver,
    SetFallback,
)
from transire.values.egress_rules import approximations, networks
from transire.values.mapping_reader import Fields, each, entries
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.scalars import (
    choice,
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
from transire.yamlio import Entry, Node, taken_for


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
    network = fields.get("network", _network, ClusterNetwork())
    hardening = fields.get("hardening", each(_text), ())
    agent = fields.get("agent", _flags, ())
    approximate = fields.get("approximate", approximations, frozenset())
    fallback = fields.get("fallback", _fallback, None)
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
        server_names="sni" in hardening,
        agent=agent,
        approximate=approximate,
        fallback=fallback,
        at=entry.key.at,
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
            f"{shown(written.text)} is not a version",
            'write a minor such as "1.19", or one patch such as "1.18.4"',
        ) from error


def _text(node: Node, _collector: ProblemCollector) -> str:
    return scalar(node).text


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
    families = fields.get("families", each(_text), ("IPv4", "IPv6"))
    return ClusterNetwork(
        pod_cidrs=fields.get("podCIDRs", networks, ()),
        service_cidrs=fields.get("serviceCIDRs", networks, ()),
        node_cidrs=fields.get("nodeCIDRs", networks, ()),
        domain=fields.get("domain", domain, "cluster.local"),
        families=tuple(sorted(set(families))),
    )


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
    return ProxyFallback(
        namespace=fields.need("namespace", name, ""),
        labels=fields.need("pods", labels, ()),
        port=fields.need("port", whole, 0),
    )


def _set(node: Node, collector: ProblemCollector) -> SetFallback:
    return SetFallback(labels=Fields.of(node, collector).need("labels", labels, ()))
