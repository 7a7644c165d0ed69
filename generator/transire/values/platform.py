"""The platform's file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transire.engines.registry import tier_maker
from transire.model.guardrail import Guardrails
from transire.model.intent import (
    NOWHERE,
    Cluster,
    InCluster,
    Mode,
    Platform,
    Tier,
    with_networks,
)
from transire.model.names import is_dns_label
from transire.model.problems import Level
from transire.model.publish import ArgoCdSync, Publish, SignatureProvider, Verify
from transire.values import rule_places
from transire.values.cluster import cluster
from transire.values.egress_rules import RuleReader, ports
from transire.values.guardrails.destinations import port_not_allowed
from transire.values.guardrails.entries import expires_soon, too_many_hosts
from transire.values.mapping_reader import Fields, Make, each, entries
from transire.values.meshes import check_meshes
from transire.values.networks import known_networks, network_names
from transire.values.observation import monitoring, observe
from transire.values.owners import codeowners
from transire.values.probe import probe
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.publications import mode
from transire.values.references import References
from transire.values.scalars import (
    choice,
    filled_line,
    flag,
    line,
    name,
    name_key,
    scalar,
    text,
    whole,
)
from transire.values.team_claims import claims_by_team, team_claims
from transire.yamlio import Document, MappingNode, Node

ALWAYS_SYSTEM = frozenset({"kube-system"})
"""Namespaces that no team may claim, whatever the platform's file holds."""

_SETTINGS = frozenset(
    {"allowedPorts", "bundleMaxAge", "maxHostsPerTeam", "expiresSoonDays", "requireTicketFor"}
)
BY_SETTING = {
    "allowedPorts": port_not_allowed.ID,
    "maxHostsPerTeam": too_many_hosts.ID,
    "expiresSoonDays": expires_soon.ID,
}
"""Guardrails that would find too much without what the platform sets for them."""

_REGISTRY = re.compile(r"oci://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")
_GIT = re.compile(
    r"(?:https?://|ssh://(?:[A-Za-z0-9._-]+@)?|[A-Za-z0-9._-]+@)[A-Za-z0-9.-]+(?::[0-9]{1,5})?"
    r"[:/][A-Za-z0-9._~/+-]+"
)

_FOLDER = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_PASSWORD = re.compile(r"//[^/]*@")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPart:
    """A platform of which the values of some keys, `unread`, are misfits, wholly or in part.

    `unread` is None where nothing could be read.
    """

    platform: Platform
    unread: frozenset[str] | None


def references_of(document: Document | None) -> References:
    """What other files may refer to, from the platform's file as far as it can be read."""
    silent = ProblemCollector()
    with silent:
        if document is not None:
            fields = Fields.of(document.root, silent)
            return _references(fields, silent)
    return References(system=ALWAYS_SYSTEM)


def _references(fields: Fields, silent: ProblemCollector) -> References:
    stand_in = References()
    named, until = Mode.ENFORCE, None
    usual = stand_in.ports
    with silent:
        defaults = fields.need("defaults", Fields.of, None)
        if defaults is not None:
            named, until = defaults.need("mode", mode, (named, until))
            usual = defaults.need("ports", ports, usual) or usual
    clusters = fields.entry("clusters")
    found = clusters.value if clusters and isinstance(clusters.value, MappingNode) else None
    placed = None if found is None else _environments(found, silent)
    return References(
        clusters=None if found is None else frozenset(found.entries),
        environments=None if placed is None else frozenset(placed.values()),
        placed=placed,
        networks=fields.get("networks", network_names, {}),
        teams=fields.get("teams", claims_by_team, None),
        system=ALWAYS_SYSTEM | frozenset(fields.get("system", each(name), ())),
        ports=usual,
        mode=named,
        until=until,
    )


def _environments(clusters: MappingNode, silent: ProblemCollector) -> dict[str, str] | None:
    misfits = silent.misfits
    found = {}
    for entry in clusters.entries.values():
        with silent:
            placed = Fields.of(entry.value, silent).need("environment", name, "")
            found[entry.key.text] = placed
    return None if silent.misfits > misfits else found


def platform(
    document: Document, collector: ProblemCollector, *, references: References
) -> Platform:
    """What the file holds.

    Raises:
        Misfit: if not all of it can be used.
    """
    misfits = collector.misfits
    fields = Fields.of(document.root, collector)
    publish = fields.need("publish", _publish, Publish())
    in_cluster = InCluster.DECLARED
    defaults = fields.need("defaults", Fields.of, None)
    if defaults is not None:
        defaults.need("mode", mode, None)
        defaults.need("ports", ports, ())
        in_cluster = defaults.need("inCluster", choice(InCluster), in_cluster)
    every = rule_places.clusters(references)
    book = RuleReader(
        references=references, source=f"{document.path}#everyone.", places=every, everyone=True
    )
    clusters = fields.need("clusters", _clusters, ())
    check_meshes(clusters, collector)
    tier = fields.get("tier", _tier, Tier())
    enrol = fields.get("enrol", each(_enrolled(references)), ())
    system = fields.get("system", each(name), ())
    organisation = fields.get("organisation", text, "")
    networks = fields.get("networks", known_networks(references.clusters), ())
    everyone = fields.get("everyone", book.rules, ())
    teams = fields.get("teams", team_claims(references.clusters), None)
    guardrails = fields.get("guardrails", _guardrails, Guardrails())
    admission = fields.get("admission", flag, default=False)
    admission_entry = fields.entry("admission")
    argocd_sync = fields.get("argocd", _argocd_sync, None)
    owned = fields.get("codeowners", codeowners, None)
    observed = fields.get("observe", observe(references.clusters, clusters), None)
    monitored = fields.get("monitoring", monitoring(references.clusters), None)
    probes = fields.get("probe", probe, None)
    made = Platform(
        path=document.path,
        mode=references.mode,
        until=references.until,
        ports=references.ports,
        in_cluster=in_cluster,
        clusters=tuple(with_networks(each_one, networks) for each_one in clusters),
        publish=publish,
        tier=tier,
        enrol=tuple(sorted(set(enrol))),
        system=tuple(sorted(set(system))),
        networks=networks,
        teams=teams,
        everyone=everyone,
        guardrails=guardrails,
        admission=admission,
        admission_at=NOWHERE if admission_entry is None else admission_entry.key.at,
        argocd_sync=argocd_sync,
        codeowners=owned,
        organisation=organisation,
        observe=observed,
        monitoring=monitored,
        probe=probes,
    )
    if collector.misfits > misfits:
        collector.keep(PlatformPart(platform=made, unread=frozenset(fields.unread)))
        raise Misfit
    return made


def _clusters(node: Node, collector: ProblemCollector) -> tuple[Cluster, ...]:
    found = []
    for entry in entries(node):
        with collector:
            name_key(entry.key, collector)
        with collector:
            found.append(cluster(entry, collector))
    return tuple(sorted(found, key=lambda one: one.name))


def _enrolled(references: References) -> Make[str]:
    def make(node: Node, collector: ProblemCollector) -> str:
        namespace = name(node, collector)
        if namespace in references.system:
            collector.note(
                node.at,
                "system-namespace",
                f"{namespace} is a system namespace, which nothing of ours selects",
                "remove it from enrol",
            )
        return namespace

    return make


def _publish(node: Node, collector: ProblemCollector) -> Publish:
    fields = Fields.of(node, collector)
    if not (fields.entry("registry") or fields.entry("git")):
        collector.note(
            fields.at,
            "missing-key",
            "'publish' has neither 'registry' nor 'git'",
            "write where charts go: registry: oci://..., or git: https://..., or both",
        )
    usual = Publish()
    return Publish(
        registry=fields.get("registry", _registry, usual.registry),
        git=fields.get("git", _git, usual.git),
        credentials=fields.get("credentials", _secret, usual.credentials),
        ca=fields.get("ca", _secret, usual.ca),
        verify=_verify(fields, collector),
        folder=fields.get("folder", _folder, usual.folder),
    )


def _verify(fields: Fields, collector: ProblemCollector) -> Verify | None:
    entry = fields.entry("verify")
    if entry is not None and fields.entry("registry") is None:
        collector.note(
            entry.key.at,
            "missing-key",
            "'verify' is about charts of a registry, and 'publish' has none",
            "write registry: oci://..., or take verify away",
        )
    return fields.get("verify", _signatures, None)


def _signatures(node: Node, collector: ProblemCollector) -> Verify:
    fields = Fields.of(node, collector)
    return Verify(
        provider=fields.need("provider", choice(SignatureProvider), SignatureProvider.COSIGN),
        secret=fields.need("secret", _filled_secret, ""),
    )


def _filled_secret(node: Node, collector: ProblemCollector) -> str:
    filled_line(node, collector)
    return _secret(node, collector)


def _registry(node: Node, collector: ProblemCollector) -> str:
    written = filled_line(node, collector)
    if _REGISTRY.fullmatch(written):
        return written
    raise collector.refuse(
        node.at,
        "bad-url",
        f"{shown(_PASSWORD.sub('//...@', written))} is not an OCI registry",
        "write oci://registry.example.com/egress, without a slash at the end",
    )


def _git(node: Node, collector: ProblemCollector) -> str:
    written = filled_line(node, collector)
    if _GIT.fullmatch(written):
        return written
    raise collector.refuse(
        node.at,
        "bad-url",
        f"{shown(_PASSWORD.sub('//...@', written))} is not the address of a Git repository",
        "write https://git.example.com/platform/egress.git, without a password",
    )


def _folder(node: Node, collector: ProblemCollector) -> str:
    written = filled_line(node, collector)
    if _FOLDER.fullmatch(written) and not {".", ".."} & set(written.split("/")):
        return written
    raise collector.refuse(
        node.at,
        "bad-text",
        f"{shown(written)} is not a folder of a Git repository",
        "write its path from the top, such as platform/egress, with letters, digits, -, _ and dots",
    )


def _secret(node: Node, collector: ProblemCollector) -> str:
    written = line(node, collector)
    if not written or all(is_dns_label(part) for part in written.split(".")):
        return written
    raise collector.refuse(
        node.at,
        "bad-name",
        f"{shown(written)} is not the name of a Secret",
        "use lower-case letters, digits, inner hyphens and dots",
    )


def _argocd_sync(node: Node, collector: ProblemCollector) -> ArgoCdSync:
    fields = Fields.of(node, collector)
    return fields.need("sync", choice(ArgoCdSync), ArgoCdSync.CONTROLLER)


def _tier(node: Node, collector: ProblemCollector) -> Tier:
    fields = Fields.of(node, collector)
    usual = Tier()
    return Tier(
        name=fields.get("name", _tier_name, usual.name),
        order=fields.get("order", whole, usual.order),
    )


def _tier_name(node: Node, collector: ProblemCollector) -> str:
    written = name(node, collector)
    maker = tier_maker(written)
    if maker is not None:
        raise collector.refuse(
            node.at,
            "reserved-tier",
            f"{shown(written)} is a tier that {maker.title} makes itself",
            "write another name, such as egress",
        )
    return written


def _guardrails(node: Node, collector: ProblemCollector) -> Guardrails:
    fields = Fields.of(node, collector)
    usual = Guardrails()
    levels: dict[str, Level | None] = {}
    for entry in entries(node):
        if entry.key.text not in _SETTINGS:
            levels[entry.key.text] = None
            with collector:
                levels[entry.key.text] = _level(entry.value)
    allowed = fields.get("allowedPorts", ports, usual.allowed_ports)
    most = fields.get("maxHostsPerTeam", whole, usual.max_hosts_per_team)
    levels |= {rule: None for key, rule in BY_SETTING.items() if key in fields.unread}
    return Guardrails(
        allowed_ports=allowed,
        max_hosts_per_team=most,
        expires_soon_days=fields.get("expiresSoonDays", whole, usual.expires_soon_days),
        bundle_max_age=fields.get("bundleMaxAge", whole, usual.bundle_max_age),
        require_ticket_for=frozenset(fields.get("requireTicketFor", each(_text), ())),
        levels=levels,
    )


def _level(node: Node) -> Level | None:
    """The level by its word; `off` needs no quotes here, since nothing else reads this file."""
    written = scalar(node).text
    if written == "off":
        return None
    if written not in {Level.ERROR, Level.WARNING}:
        raise Misfit
    return Level(written)


def _text(node: Node, _collector: ProblemCollector) -> str:
    return scalar(node).text
