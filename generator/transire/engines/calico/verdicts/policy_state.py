"""All objects together, as one release of Calico holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType

from transire.engines.calico.objects.domains import Domain, domain_fault
from transire.engines.calico.objects.felix import Fate
from transire.engines.calico.objects.fields import read_net
from transire.engines.calico.objects.from_cluster_policy import cluster_policy, cluster_tier
from transire.engines.calico.objects.from_networkpolicy import (
    ORDER,
    converted_rules,
    converted_selector,
)
from transire.engines.calico.objects.object_validation import policy_tier, tie_break, tier_fault
from transire.engines.calico.objects.releases import DEFAULT, OPERATOR_TIERS, Dialect, TieBreak
from transire.engines.calico.objects.rules import AddressGroup, CalicoPolicy, Nets, Tier
from transire.engines.calico.objects.selector import NAME, NAMESPACE, OF_NAMESPACE, Labels
from transire.engines.calico.objects.selector_grammar import IntricateSelectorError
from transire.engines.calico.verdicts.hosts import Hosts
from transire.engines.calico.verdicts.notes import dropped, notes_on, notes_on_networkpolicy
from transire.engines.calico.verdicts.stored import Note, ScopedUnmodelled, StoredObject
from transire.k8s.admission import Refused
from transire.k8s.cluster_policies import EDITIONS
from transire.k8s.manifests import ObjectRef, Tree
from transire.k8s.networkpolicy import NetworkPolicy, ParsedPolicies
from transire.k8s.unmodelled import Unmodelled
from transire.queries.cluster_state import ClusterState

KUBERNETES_KIND = "KubernetesNetworkPolicy"
"""What Calico calls a converted NetworkPolicy when it breaks ties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyState:
    """Tiers in the order in which a packet meets them, and the sets that selectors may find."""

    tiers: tuple[Tier, ...] = ()
    groups: tuple[AddressGroup, ...] = ()
    refused: tuple[Refused, ...] = ()
    unmodelled: tuple[ScopedUnmodelled, ...] = ()
    notes: tuple[Note, ...] = ()


def compile_world(
    calico: Sequence[StoredObject],
    kubernetes: ParsedPolicies,
    dialect: Dialect,
    cluster: ClusterState,
) -> PolicyState:
    """What a cluster holds after these objects were applied, whatever their order.

    Args:
        calico: objects of `projectcalico.org/v3`, and cluster-wide policies of Kubernetes.
        kubernetes: the NetworkPolicies beside them.
        dialect: the release.
        cluster: for the labels of namespaces.
    """
    build = _Build(dialect=dialect, cluster=cluster)
    for given in sorted(calico, key=lambda each: each.object.kind != "Tier"):
        build.read(given)
    for policy in kubernetes.policies:
        build.convert(policy)
    build.finish()
    unmodelled = [
        ScopedUnmodelled(entry=each, namespace=each.object.namespace)
        for each in kubernetes.unmodelled
    ]
    refused = sorted([*build.refused, *kubernetes.refused], key=lambda each: each.manifest)
    return PolicyState(
        tiers=build.sorted_tiers(),
        groups=tuple(build.groups),
        refused=tuple(refused),
        unmodelled=(*build.unmodelled, *unmodelled),
        notes=tuple(build.notes),
    )


@dataclass(slots=True)
class _Build:
    dialect: Dialect
    cluster: ClusterState
    tiers: dict[str, Tier] = field(init=False)
    policies: dict[str, list[CalicoPolicy]] = field(default_factory=dict)
    groups: list[AddressGroup] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unmodelled: list[ScopedUnmodelled] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    seen: dict[tuple[str, str, str], Tree] = field(default_factory=dict)
    hosts: Hosts = field(default_factory=Hosts)
    unreadable: dict[str, ObjectRef] = field(default_factory=dict)
    """By kind, an object that does not decode."""

    def __post_init__(self) -> None:
        self.tiers = {
            each.name: Tier(name=each.name, order=each.order, passes=each.passes)
            for each in self.dialect.tiers
        }

    def read(self, given: StoredObject) -> None:
        """Take an object in, or note why not."""
        ref, body = given.object, given.decoded.value
        meta, spec = body.get("metadata", {}), body.get("spec", {})
        if not ref.name and meta.get("generateName"):
            self.entry(ref, "/metadata/generateName", "the API server makes the name")
            return
        misfits = given.decoded.misfits
        fault = misfits[0] if misfits else self.fault(given)
        if fault:
            refused = Refused(manifest=given.manifest, object=ref, by="api-server", why=fault)
            self.refused.append(refused)
        elif not self.is_repeated(ref, body) and not self.note_unmodelled(given):
            self.notes += notes_on(given, self.cluster.definitions)
            if not self.fails(given):
                self.take(given, spec)

    def fails(self, given: StoredObject) -> bool:
        """Note why Felix does not enforce the object, if that is so."""
        failure = given.failure(self.dialect)
        if failure is None:
            return False
        ref, (key, _, why) = given.object, failure.why.partition(" ")
        if failure.fate is Fate.FATAL:
            why = f"{why}: Felix stops with an error, so it is not known what the cluster enforces"
            entry = Unmodelled(object=ref, key=key, why=why)
            self.unmodelled.append(ScopedUnmodelled(entry=entry))
            return True
        if ref.kind.startswith("Staged"):
            return True
        if failure.fate is Fate.UNREADABLE:
            self.unreadable[ref.kind] = ref
        self.notes.append(dropped(given, failure.why))
        return True

    def finish(self) -> None:
        """Note what only all objects together leave open."""
        policies = [each for some in self.policies.values() for each in some]
        for each in policies:
            spoilt = self.unreadable.get(each.object.kind)
            if spoilt is not None:
                why = f"{spoilt} does not decode, so Felix may not read any {spoilt.kind}"
                self.entry(each.object, "/spec", why)
        for doubt in self.hosts.unmodelled(policies):
            self.unmodelled.append(ScopedUnmodelled(entry=doubt))

    def fault(self, given: StoredObject) -> str:
        """What the API server refuses first in the object, or the empty string."""
        kind, spec = given.object.kind, given.decoded.value.get("spec", {})
        fault = given.fault(self.dialect)
        if kind in EDITIONS:
            return fault
        in_tier = kind.endswith("NetworkPolicy") and kind != "StagedKubernetesNetworkPolicy"
        checked = given.is_checked(self.dialect)
        if not fault and in_tier and checked and policy_tier(spec) not in OPERATOR_TIERS:
            return tier_fault(spec, self.tiers)
        return fault

    def note_unmodelled(self, given: StoredObject) -> bool:
        """Note what keeps a whole object from being judged."""
        ref, body = given.object, given.decoded.value
        found: tuple[str, str] | None = None
        tier = policy_tier(body.get("spec", {}))
        if ref.kind.startswith("Staged"):
            return False
        if not ref.namespace and ref.kind in {"NetworkPolicy", "NetworkSet"}:
            why = "the object names no namespace, so it is not known which pods it concerns"
            found = "/metadata/namespace", why
        elif self.seen[self.identity(ref)] is not body:
            why = "the object is given twice, so it is not known which one the cluster holds"
            found = "/metadata/name", why
        elif given.labels is None:
            found = "/metadata/annotations", "the metadata that Calico keeps there does not decode"
        elif tier in OPERATOR_TIERS and tier not in self.tiers:
            found = "/spec/tier", f"{tier} exists only where the operator installed Calico"
        if found:
            self.entry(ref, *found)
        return found is not None

    def is_repeated(self, ref: ObjectRef, body: Tree) -> bool:
        """Whether an object of the same content was there before, which changes nothing."""
        before = self.seen.setdefault(self.identity(ref), body)
        return before is not body and before == body

    def identity(self, ref: ObjectRef) -> tuple[str, str, str]:
        """What two objects share if they are one; until 3.31 the prefix `default.` is no part."""
        name = ref.name
        if self.dialect.prefixed_names:
            name = name.removeprefix(f"{DEFAULT.name}.")
        return ref.kind, ref.namespace, name

    def entry(self, ref: ObjectRef, key: str, why: str) -> None:
        """Note a doubt; only a namespaced policy leaves the other namespaces alone."""
        namespace = ref.namespace if ref.kind == "NetworkPolicy" else ""
        entry = Unmodelled(object=ref, key=key, why=why)
        self.unmodelled.append(ScopedUnmodelled(entry=entry, namespace=namespace))

    def take(self, given: StoredObject, spec: Tree) -> None:
        ref = given.object
        match ref.kind:
            case "Tier":
                unordered = DEFAULT.order if given.is_checked(self.dialect) else inf
                order = float(spec.get("order", unordered))
                passes = spec.get("defaultAction", "Deny") == "Pass"
                self.tiers[ref.name] = Tier(name=ref.name, order=order, passes=passes)
            case "NetworkSet" | "GlobalNetworkSet":
                self.take_group(given, spec)
            case "StagedKubernetesNetworkPolicy":
                return
            case "HostEndpoint":
                self.groups += self.hosts.endpoint(ref, given.labels or {}, spec)
            case kind if kind in EDITIONS:
                self.take_cluster_wide(ref, spec)
            case _:
                try:
                    self.take_policy(given, spec)
                except IntricateSelectorError as error:
                    self.entry(ref, "/spec", f"a selector cannot be followed: {error}")

    def take_policy(self, given: StoredObject, spec: Tree) -> None:
        """Keep a policy if it governs the egress of pods."""
        ref, namespace = given.object, given.namespace
        if spec.get("applyOnForward"):
            self.hosts.forwarding(ref, given.ruling[0])
        untracked = spec.get("doNotTrack") or spec.get("preDNAT")
        if untracked or not given.governs_egress(self.dialect):
            return
        tier = policy_tier(spec)
        self.tiers.setdefault(tier, Tier(name=tier, order=inf, passes=False, exists=False))
        selector, rules = given.ruling
        policy = CalicoPolicy(
            object=ref,
            namespace=namespace,
            key=(float(spec.get("order", inf)), tie_break(ref, namespace, tier, self.dialect)),
            selector=selector,
            staged=ref.kind.startswith("Staged"),
            rules=rules,
        )
        self.policies.setdefault(tier, []).append(policy)

    def convert(self, policy: NetworkPolicy) -> None:
        self.notes += notes_on_networkpolicy(policy)
        name = f"knp.default.{policy.object.name}"
        taken = "NetworkPolicy", policy.object.namespace, name
        if self.dialect.tie_break is TieBreak.KEY and taken in self.seen:
            why = f"the policy {name} has the key of this one, so one of them replaces the other"
            entry = Unmodelled(object=policy.object, key="/metadata/name", why=why)
            place = ScopedUnmodelled(entry=entry, namespace=policy.object.namespace)
            self.unmodelled.append(place)
        if "Egress" not in policy.types:
            return
        name, namespace = policy.object.name, policy.object.namespace
        tie = f"{name}/{namespace}/{KUBERNETES_KIND}"
        if self.dialect.tie_break is TieBreak.KEY:
            tie = f"{namespace}/knp.default.{name}"
        self.policies.setdefault(DEFAULT.name, []).append(
            CalicoPolicy(
                object=policy.object,
                namespace=namespace,
                key=(ORDER, tie),
                selector=converted_selector(policy),
                rules=converted_rules(policy),
            )
        )

    def take_cluster_wide(self, ref: ObjectRef, spec: Tree) -> None:
        """Keep a cluster-wide policy of Kubernetes if it has egress rules."""
        found = cluster_policy(ref, spec, self.dialect)
        if isinstance(found, Unmodelled):
            self.unmodelled.append(ScopedUnmodelled(entry=found))
        elif found is not None:
            self.policies.setdefault(cluster_tier(ref.kind, spec), []).append(found)

    def take_group(self, given: StoredObject, spec: Tree) -> None:
        ref = given.object
        nets = [each for text in spec.get("nets", ()) if (each := read_net(text))]
        domains = [text.lower() for text in spec.get("allowedEgressDomains", ())]
        if any(map(domain_fault, (text.removesuffix(".") for text in domains))):
            self.entry(ref, "/spec/allowedEgressDomains", "what one of them does is not documented")
        if any(text.endswith(".") for text in domains):
            self.entry(
                ref, "/spec/allowedEgressDomains", "what a trailing dot does is not documented"
            )
        self.groups.append(
            AddressGroup(
                object=ref,
                labels=self.group_labels(ref, given.labels or {}),
                nets=Nets(tuple(nets)),
                domains=tuple(Domain(text) for text in domains),
            )
        )

    def group_labels(self, ref: ObjectRef, own: Mapping[str, str]) -> Labels:
        if ref.kind == "GlobalNetworkSet":
            return Labels(known=MappingProxyType(dict(own)))
        inherited = inherited_labels(self.cluster, ref.namespace)
        known = {**inherited, **own, NAMESPACE: ref.namespace}
        return Labels(known=MappingProxyType(known))

    def sorted_tiers(self) -> tuple[Tier, ...]:
        found = (
            Tier(
                name=each.name,
                order=each.order,
                passes=each.passes,
                exists=each.exists,
                policies=tuple(
                    sorted(self.policies.get(each.name, ()), key=lambda policy: policy.key)
                ),
            )
            for each in self.tiers.values()
        )
        return tuple(
            sorted(
                (each for each in found if each.policies),
                key=lambda tier: (not tier.exists, tier.order, tier.name),
            )
        )


def inherited_labels(cluster: ClusterState, namespace: str) -> dict[str, str]:
    """The labels that an endpoint or set has from its namespace.

    Kubernetes itself keeps `kubernetes.io/metadata.name` since 1.21, and Calico adds the name
    under a label of its own.
    """
    labels = {"kubernetes.io/metadata.name": namespace}
    labels.update(cluster.namespace_labels.get(namespace, {}))
    labels[NAME] = namespace
    return {OF_NAMESPACE + key: value for key, value in labels.items()}
