"""Cilium's policies, and NetworkPolicy on Cilium, as lint reads and corrects them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from transire.engines.api.networkpolicy_api import NetworkPolicyApi
from transire.engines.api.policy_kinds import MODELLED
from transire.engines.api.policy_shape import HostName, PodPeer, Policy, Rule, WrittenPort
from transire.engines.api.policy_view import (
    Borrowed,
    Edit,
    EgressGap,
    EmptyList,
    NamespaceChoice,
    PeerItem,
    PolicyApi,
    PolicyView,
    never_waits,
    no_tiers,
)
from transire.engines.cilium.facts import CIDR_GROUP, GROUP
from transire.engines.cilium.lint_corrections import CiliumCorrections
from transire.engines.cilium.lint_fields import fields_of, where_else
from transire.engines.cilium.lint_policies import (
    EMPTY_SELECTS_NOTHING,
    is_policy,
    minor_of,
    mistaken_labels,
    read_cilium,
    written_ports,
)
from transire.engines.cilium.lint_selectors import cilium_demands
from transire.engines.cilium.objects.cluster_policy import FLAG, is_readable
from transire.engines.cilium.objects.fqdn import NamePattern
from transire.engines.cilium.objects.identity import CLUSTER, NAMESPACE, NAMESPACE_LABELS, RESERVED
from transire.engines.cilium.objects.selectors import Demand
from transire.k8s.json_pointer import find, inner, is_empty_list, is_null, maps, text
from transire.k8s.label_selector import read_selector, well_formed
from transire.k8s.manifests import Manifest, Tree
from transire.model.engine import Release

_PEERS = ("toEndpoints", "toCIDR", "toCIDRSet", "toEntities", "toNodes", "toServices", "toGroups")
"""Lists of peers that opened everything when they were empty."""


class CiliumApi(PolicyApi):
    """CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy."""

    title = "Cilium's policies"
    kinds = (MODELLED[GROUP],)
    distinctive_fields = frozenset({"icmps"})
    corrections = CiliumCorrections()
    names_ports_outside = True
    labels_name_namespaces = True
    denies_the_rest = "deny rules turn default deny on"
    learns_from_dns_rules = True
    whole_namespaces = "every endpoint of the namespaces"

    def has(self, manifest: Manifest) -> bool:
        """Whether it is one of the two."""
        return is_policy(manifest)

    def policies(
        self, manifest: Manifest, tree: Tree, namespace: str, release: Release, *, in_force: bool
    ) -> Iterator[Policy]:
        """One for each spec; those about nodes are passed over."""
        return read_cilium(manifest, tree, namespace, release, in_force=in_force)

    def hosts(self, manifest: Manifest, tree: Tree) -> tuple[HostName, ...]:
        """None: there are no sets of hosts."""
        del manifest, tree
        return ()

    def host_labels(self, host: str, release: Release) -> tuple[str, ...]:
        """As the agent matches patterns."""
        pattern = NamePattern.of(host, minor=minor_of(release))
        many = pattern.any_depth or pattern.everything
        return ("**", *pattern.labels) if many else pattern.labels

    def ports(self, manifest: Manifest, tree: Tree) -> Iterator[WrittenPort]:
        """The ports of every rule."""
        return written_ports(manifest, tree)

    def fields(self, kind: str, way: Sequence[str], release: Release) -> tuple[str, ...]:
        """Both kinds have the same fields."""
        return fields_of(way, minor_of(release)) if kind in self.kinds[0].policies else ()

    def where_else(self, kind: str, way: Sequence[str], release: Release) -> str:
        """Other releases, or `egress` for what cannot be denied."""
        del kind
        return where_else(way, minor_of(release))

    def remainder(self, manifest: Manifest, tree: Tree, way: Sequence[str]) -> str:
        """Nothing: each object is a policy."""
        del manifest, tree, way
        return ""

    def egress_gap(self, manifest: Manifest, tree: Tree) -> EgressGap | None:
        """None: rules govern the direction that they are for."""
        del manifest, tree
        return None

    def empty_lists(self, rule: Rule, release: Release) -> Iterator[EmptyList]:
        """Lists that count as not given, and rules of DNS without names.

        The API server drops a null before anything reads it.
        """
        old = minor_of(release) < EMPTY_SELECTS_NOTHING
        for key in ("toFQDNs", *_PEERS) if rule.anywhere else ():
            if is_null(rule.tree, key) or (
                is_empty_list(rule.tree, key) and (old or key == "toFQDNs")
            ):
                yield EmptyList(
                    at=f"{rule.at}/{key}",
                    message=f"{key} is {_emptiness(rule.tree, key)}, and next to ports Cilium then "
                    "opens them to every destination",
                    edit=_without_item(rule.at),
                )
                break
        if not rule.nothing and _emptiness(rule.tree, "toPorts"):
            yield EmptyList(
                at=f"{rule.at}/toPorts",
                message=f"toPorts is {_emptiness(rule.tree, 'toPorts')}, which leaves every port "
                "open",
                help="name the ports, or leave toPorts out if all of them are meant",
            )
        for at, group in maps(rule.tree, "toPorts", rule.at):
            if is_empty_list(inner(group, "rules"), "dns"):
                yield EmptyList(
                    at=f"{at}/rules/dns",
                    message="rules.dns is empty, so any name may be asked and Cilium sees no "
                    "answer",
                    help='list the names that may be asked, or {matchPattern: "*"} for all of them',
                )

    def mistaken_labels(self, rule: Rule, peer: PodPeer) -> Mapping[str, str]:
        """A source before a dot, and labels of namespaces."""
        return mistaken_labels(rule.tree, peer.at)

    def namespaces_by(self, rule: Rule, label: str) -> Iterator[NamespaceChoice]:
        """Selectors with the label behind the prefix of namespace labels."""
        for at, each in maps(rule.tree, "toEndpoints", rule.at):
            if any(one.key == f"{NAMESPACE_LABELS}{label}" for one in cilium_demands(each)):
                yield NamespaceChoice(at=at, sure_label=f"k8s:{NAMESPACE}")

    def borrowed(self, rule: Rule) -> Iterator[Borrowed]:
        """CIDR groups by name or by labels, services, and pods of other clusters."""
        for at, each in maps(rule.tree, "toCIDRSet", rule.at):
            if name := text(each, "cidrGroupRef"):
                what = f"the CIDR group {name}"
                yield Borrowed(
                    at=f"{at}/cidrGroupRef", what=what, group=GROUP, kind=CIDR_GROUP, name=name
                )
            elif "cidrGroupSelector" in each:
                what = "every CIDR group whose labels fit"
                yield Borrowed(
                    at=f"{at}/cidrGroupSelector",
                    what=what,
                    group=GROUP,
                    kind=CIDR_GROUP,
                    fits=partial(_selects, inner(each, "cidrGroupSelector")),
                )
        for at, each in maps(rule.tree, "toEndpoints", rule.at):
            for one in cilium_demands(each):
                if one.names(CLUSTER) and one.values:
                    what = f"each such pod of the cluster {', '.join(one.values)}"
                    yield Borrowed(at=at, what=what, group="", kind="")
        for at, each in maps(rule.tree, "toServices", rule.at):
            service = inner(each, "k8sService")
            if name := text(service, "serviceName"):
                space = text(service, "namespace")
                yield Borrowed(
                    at=f"{at}/k8sService",
                    what=f"the service {space}/{name}",
                    group="",
                    kind="Service",
                    name=name,
                    namespace=space,
                )

    def peer_items(self, policy: Policy, rule: Rule) -> Iterator[PeerItem]:
        """The items of `toEndpoints`; in a policy of the whole cluster they mean what they are."""
        for at, each in maps(rule.tree, "toEndpoints", rule.at):
            wanted = cilium_demands(each)
            spaces = bool(wanted) and all(one.names(NAMESPACE) for one in wanted)
            yield PeerItem(
                at=at,
                only_namespaces=bool(policy.namespace) and spaces,
                only_pods=bool(wanted) and not _is_elsewhere(wanted),
            )


def _selects(selector: Tree, labels: Mapping[str, str]) -> bool:
    """Whether a selector of groups chooses one with these labels."""
    return read_selector(well_formed(selector)).matches(labels)


def _emptiness(tree: Tree, key: str) -> str:
    """How a list is empty, or the empty string."""
    if is_null(tree, key):
        return "null, which create drops and server-side apply refuses"
    return "empty" if is_empty_list(tree, key) else ""


def _is_elsewhere(wanted: tuple[Demand, ...]) -> bool:
    return any(each.names(NAMESPACE) or each.source == RESERVED for each in wanted)


def _without_item(at: str) -> Edit:
    """Take the item away; an empty item keeps the default deny where it was the last."""

    def drop(body: dict[str, Any]) -> None:
        section, _, place = at.rpartition("/")
        rules = find(body, section)
        rules.pop(int(place))
        if not rules:
            rules.append({})

    return drop


class NetworkPolicyOnCilium(NetworkPolicyApi):
    """NetworkPolicy, whose egress rules Cilium enforces whatever `policyTypes` names."""

    without_type = "Cilium enforces the egress rules and no other engine does"
    enforces_without_type = True


def _needed_flag(release: Release, manifest: Manifest) -> str:
    """That of ClusterNetworkPolicy, from the release which brought it."""
    return FLAG if is_readable(manifest, minor_of(release)) else ""


API = CiliumApi()
VIEW = PolicyView(
    apis=(API, NetworkPolicyOnCilium()),
    shared_groups=frozenset(),
    denies=True,
    ranges_cover_pods=False,
    tiers=no_tiers,
    waits=never_waits,
    needed_flag=_needed_flag,
)
