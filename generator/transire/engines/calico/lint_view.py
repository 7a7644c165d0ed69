"""Calico's policies and sets, and NetworkPolicy on Calico, as lint reads and corrects them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from transire.engines.api.networkpolicy_api import NetworkPolicyApi
from transire.engines.api.policy_kinds import MODELLED
from transire.engines.api.policy_shape import (
    Action,
    HostName,
    PodPeer,
    Policy,
    Rule,
    TierFacts,
    WrittenPort,
)
from transire.engines.api.policy_view import (
    Borrowed,
    EgressGap,
    EmptyList,
    NamespaceChoice,
    PeerItem,
    PolicyApi,
    PolicyView,
    no_flag,
)
from transire.engines.calico import facts
from transire.engines.calico.lint_corrections import CalicoCorrections
from transire.engines.calico.lint_policies import (
    ENFORCED,
    SETS,
    STAGED,
    dialect_of,
    is_calico,
    read_calico,
    written_ports,
)
from transire.engines.calico.objects.from_networkpolicy import ORDER
from transire.engines.calico.objects.releases import DEFAULT, DEFAULT_ORDER
from transire.engines.calico.objects.rule_compiler import API_SERVER
from transire.engines.calico.objects.schema import shapes
from transire.engines.calico.objects.selector import Labels
from transire.engines.calico.objects.selector_grammar import is_only_global, parse_selector
from transire.k8s.admission import Refused
from transire.k8s.cluster_policies import GROUP as CLUSTER_GROUP
from transire.k8s.json_pointer import inner, is_empty_list, is_null, items, text, texts
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.typed_decoding import field_names
from transire.model.engine import Release

_STAGED_NETWORKPOLICY = "StagedKubernetesNetworkPolicy"
"""The kind that has the fields of NetworkPolicy and none of Calico's."""
_ENTITY = ("nets", "selector", "domains", "ports")


class CalicoApi(PolicyApi):
    """The kinds of `projectcalico.org`."""

    title = "Calico's policies"
    kinds = (MODELLED[facts.GROUP], MODELLED[facts.STORAGE])
    distinctive_fields = frozenset(
        {
            "action", "destination", "nets", "order", "selector", "services", "source", "tier",
            "types",
        }
    )  # fmt: skip
    corrections = CalicoCorrections()
    names_ports_outside = False
    labels_name_namespaces = True
    denies_the_rest = "its tier drops whatever no rule of a policy in it matches"
    learns_from_dns_rules = False
    whole_namespaces = "every pod of the namespaces"

    def has(self, manifest: Manifest) -> bool:
        """Whether it is of Calico's API or of its storage."""
        return is_calico(manifest)

    def policies(
        self, manifest: Manifest, tree: Tree, namespace: str, release: Release, *, in_force: bool
    ) -> Iterator[Policy]:
        """The policy of one object, staged ones included."""
        return read_calico(manifest, tree, namespace, release, in_force=in_force)

    def hosts(self, manifest: Manifest, tree: Tree) -> Iterator[HostName]:
        """The domains of a set."""
        if manifest.ref.kind in SETS:
            for at, written in texts(inner(tree, "spec"), "allowedEgressDomains", "/spec"):
                yield HostName(at=at, text=written.lower().removesuffix("."))

    def host_labels(self, host: str, release: Release) -> tuple[str, ...]:
        """As a star stands for any depth."""
        del release
        labels = host.lower().removesuffix(".").split(".")
        return tuple("**" if each == "*" else each for each in labels)

    def ports(self, manifest: Manifest, tree: Tree) -> Iterator[WrittenPort]:
        """The ports of every rule."""
        return written_ports(manifest, tree)

    def fields(self, kind: str, way: Sequence[str], release: Release) -> tuple[str, ...]:
        """As the release's definitions have them."""
        return field_names(shapes(dialect_of(release)).get(kind), way)

    def where_else(self, kind: str, way: Sequence[str], release: Release) -> str:
        """Calico Enterprise, or the first other kind with such a field in that place."""
        if tuple(way[:1]) != ("spec",):
            return ""
        *holder, name = way
        if name in self.fields(kind, holder, Release(engine=facts.ENTERPRISE)):
            return EnterpriseApi.title
        others = (each for each in shapes(dialect_of(release)) if each != _STAGED_NETWORKPOLICY)
        return next((each for each in others if name in self.fields(each, holder, release)), "")

    def remainder(self, manifest: Manifest, tree: Tree, way: Sequence[str]) -> str:
        """What a set still holds."""
        if manifest.ref.kind not in SETS or tuple(way[:1]) != ("spec",):
            return ""
        count = len(items(inner(tree, "spec"), "nets"))
        return f"what is left of the set has no domains and {count or 'no'} nets"

    def egress_gap(self, manifest: Manifest, tree: Tree) -> EgressGap | None:
        """Rules of egress in a policy whose types do not name it."""
        spec = inner(tree, "spec")
        types = items(spec, "types")
        about_egress = any(str(each).lower() == "egress" for each in types)
        silent = types and not about_egress and items(spec, "egress")
        if not silent or manifest.ref.kind not in (*ENFORCED, *STAGED):
            return None
        message = "types do not name Egress, so the egress rules are ignored and nothing is denied"
        return EgressGap(at="/spec/types", field="types", message=message)

    def empty_lists(self, rule: Rule, release: Release) -> Iterator[EmptyList]:
        """An empty list or text of the destination requires nothing, nor does a null."""
        del release
        if rule.action is Action.DENY:
            return
        if rule.anywhere and is_null(rule.tree, "destination"):
            yield EmptyList(
                at=f"{rule.at}/destination",
                message="destination is null, which Calico reads as not given: the rule is for "
                "every destination",
            )
        destination = inner(rule.tree, "destination")
        for key in _ENTITY:
            what = _emptiness(destination, key)
            if what and (key == "ports" or rule.anywhere):
                yield EmptyList(
                    at=f"{rule.at}/destination/{key}",
                    message=f"{key} is {what}, which Calico reads as not given: the rule then "
                    "demands nothing of it",
                )

    def mistaken_labels(self, rule: Rule, peer: PodPeer) -> dict[str, str]:
        """None: labels are written as pods have them."""
        del rule, peer
        return {}

    def namespaces_by(self, rule: Rule, label: str) -> Iterator[NamespaceChoice]:
        """A namespace selector that requires something of the label."""
        condition = rf"(?<![A-Za-z0-9_./-]){re.escape(label)}[ \t]*(?:==|in[ \t]*\{{)"
        if re.search(condition, text(inner(rule.tree, "destination"), "namespaceSelector")):
            yield NamespaceChoice(
                at=f"{rule.at}/destination/namespaceSelector",
                sure_label=f"{facts.GROUP}/name",
            )

    def borrowed(self, rule: Rule) -> Iterator[Borrowed]:
        """Global sets, and services but for the API server's."""
        destination = inner(rule.tree, "destination")
        if is_only_global(text(destination, "namespaceSelector")):
            yield Borrowed(
                at=f"{rule.at}/destination/selector",
                what="every GlobalNetworkSet whose labels fit",
                group=facts.GROUP,
                kind=SETS[1],
                fits=partial(_selects, text(destination, "selector")),
            )
        service = inner(destination, "services")
        name, space = text(service, "name"), text(service, "namespace")
        if name and service != API_SERVER:
            yield Borrowed(
                at=f"{rule.at}/destination/services",
                what=f"the service {space}/{name}",
                group="",
                kind="Service",
                name=name,
                namespace=space,
            )

    def peer_items(self, policy: Policy, rule: Rule) -> tuple[PeerItem, ...]:
        """None: a rule has one destination."""
        del policy, rule
        return ()


def _selects(selector: str, labels: Mapping[str, str]) -> bool:
    """Whether a selector chooses a set with these labels."""
    return parse_selector(selector).holds(Labels(known=labels)) is not False


def _emptiness(tree: Tree, key: str) -> str:
    """How a list or a text is empty, or the empty string."""
    if is_null(tree, key):
        return "null"
    blank = key in tree and isinstance(tree[key], str) and not text(tree, key).strip()
    return "empty" if blank or is_empty_list(tree, key) else ""


class EnterpriseApi(CalicoApi):
    """The same kinds with the fields of Calico Enterprise."""

    title = "Calico Enterprise"
    distinctive_fields = frozenset({"domains"})


class NetworkPolicyOnCalico(NetworkPolicyApi):
    """NetworkPolicy, which Calico puts into its default tier."""

    def policies(
        self, manifest: Manifest, tree: Tree, namespace: str, release: Release, *, in_force: bool
    ) -> Iterator[Policy]:
        """The policy of one object, with its place in the tier."""
        found = super().policies(manifest, tree, namespace, release, in_force=in_force)
        for each in found:
            name = each.ref.name or "generated"
            yield replace(each, tier=DEFAULT.name, order=(ORDER, name))


def _tiers(objects: Iterable[tuple[Manifest, Tree]], release: Release) -> Mapping[str, TierFacts]:
    """Tiers that the release makes itself, and those of the input."""
    found = {
        each.name: TierFacts(order=each.order, passes=each.passes)
        for each in (DEFAULT, *dialect_of(release).tiers)
    }
    for manifest, tree in objects:
        if manifest.ref.kind == facts.TIER.kind and is_calico(manifest):
            spec = inner(tree, "spec")
            order = spec.get("order", DEFAULT_ORDER)
            if isinstance(order, int | float):
                passes = spec.get("defaultAction") == "Pass"
                found[manifest.ref.name] = TierFacts(order=float(order), passes=passes)
    return found


def _waits(refused: Refused) -> bool:
    """Whether only the tier is missing."""
    return refused.why.startswith("/spec/tier ") and refused.why.endswith(" does not exist")


def _view(api: PolicyApi) -> PolicyView:
    return PolicyView(
        apis=(api, NetworkPolicyOnCalico()),
        shared_groups=frozenset({CLUSTER_GROUP}),
        denies=True,
        ranges_cover_pods=True,
        tiers=_tiers,
        waits=_waits,
        needed_flag=no_flag,
    )


VIEW = _view(CalicoApi())
ENTERPRISE_VIEW = _view(EnterpriseApi())
