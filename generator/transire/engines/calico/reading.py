"""Objects as one release of Calico reads them, and its verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from transire.engines.api.policy_kinds import is_foreign_policy
from transire.engines.calico.objects.releases import Dialect
from transire.engines.calico.objects.schema import shapes
from transire.engines.calico.sets.flows import Symbols
from transire.engines.calico.verdicts.pod_questions import UNSURE_ORDER, Questions, Setting
from transire.engines.calico.verdicts.policy_state import (
    PolicyState,
    ScopedUnmodelled,
    StoredObject,
    compile_world,
)
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.source_pods import Sources
from transire.k8s.admission import Pruned, Refused
from transire.k8s.api_kinds import group_of, refusal, unserved
from transire.k8s.cluster_policies import EDITIONS
from transire.k8s.cluster_policies import GROUP as CLUSTER_GROUP
from transire.k8s.manifests import Manifest, ObjectRef
from transire.k8s.networkpolicy import (
    ParsedPolicies,
    is_networkpolicy,
    parse_networkpolicies,
)
from transire.k8s.typed_decoding import decode
from transire.k8s.unmodelled import Unmodelled
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import ClusterState
from transire.queries.directory import Directory, NotFoundError
from transire.queries.pod_questions import unclear, unjudgeable
from transire.queries.query import Decision, Query, Source

GROUP = "projectcalico.org"
_STORAGE = "crd.projectcalico.org"
_NEUTRAL = frozenset(
    {
        "BGPConfiguration", "BGPFilter", "BGPPeer", "CalicoNodeStatus", "ClusterInformation",
        "IPAMConfiguration", "IPPool", "IPReservation", "KubeControllersConfiguration",
        "LicenseKey", "UISettings", "UISettingsGroup", "AlertException", "GlobalAlert",
        "GlobalAlertTemplate", "GlobalReport", "GlobalReportType", "PacketCapture",
        "SecurityEventWebhook",
    }
)  # fmt: skip
"""Kinds of Calico that no verdict depends on."""

_CACHED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class CalicoReading:
    """What the cluster takes, what it drops, and what it decides."""

    refused: tuple[Refused, ...]
    pruned: tuple[Pruned, ...]
    scoped: tuple[ScopedUnmodelled, ...]
    """Objects that are not judged; a pod they concern gets no verdict."""
    setting: Setting
    _pods: dict[tuple[str, str, frozenset[tuple[str, str]]], Questions] = field(
        default_factory=dict, compare=False, repr=False
    )
    _seen: dict[int, tuple[Source, Questions]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Sources by identity, for callers that ask from the same value again and again."""

    def decide(self, query: Query) -> Decision:
        """The verdict for one flow, never a guess: what is not modelled is unjudgeable."""
        source = query.source
        for each in self.scoped:
            if each.namespace in {"", source.namespace}:
                return unjudgeable(each.entry)
        if query.options:
            return unclear(f"the option {min(query.options)!r} is not modelled")
        try:
            seen = self._seen.get(id(source))
            questions = self._questions(source) if seen is None else seen[1]
            return questions.decide(query.what)
        except NotFoundError as error:
            return unclear(str(error))

    @property
    def unmodelled(self) -> tuple[Unmodelled, ...]:
        """The places, whichever pods they concern."""
        return tuple(each.entry for each in self.scoped)

    def flows(
        self, source: PodSet | Sources | None = None, api_server_ports: PortSet | None = None
    ) -> FlowSet:
        """Every flow that these pods are allowed, names asked at a reachable resolver included.

        Args:
            source: the pods that are asked about; None for every pod that could exist.
            api_server_ports: the ports of the API server's endpoints. A rule that names its
                service is understood only where somebody vouches for them.

        Raises:
            Unjudgeable: if an object or a rule that concerns them holds what is not modelled.
        """
        sources = Sources.of(source)
        for each in self.scoped:
            if sources.any_in(each.namespace):
                raise each.entry.error()
        first, *others = (
            Symbols(world, sources, api_server_ports).flows() for world in self.setting.worlds
        )
        if any(each != first for each in others):
            raise Unjudgeable("release", "/spec/order", UNSURE_ORDER)
        return first

    def _questions(self, source: Source) -> Questions:
        key = source.namespace, source.pod, frozenset(source.labels.items())
        found = self._pods.get(key)
        if found is None:
            if len(self._pods) >= _CACHED:
                self._pods.clear()
            found = self._pods[key] = self.setting.questions(source)
        if len(self._seen) >= _CACHED:
            self._seen.clear()
        self._seen[id(source)] = source, found
        return found


def read_calico(
    manifests: Sequence[Manifest],
    dialects: tuple[Dialect, ...],
    cluster: ClusterState,
    *,
    product: str,
) -> CalicoReading:
    """Read objects as a release does that is one of these dialects.

    Args:
        manifests: any objects; those that are no network policy are left alone.
        dialects: the only one, or all that the release may be; then a verdict needs them to agree.
        cluster: what the cluster holds.
        product: the product's name, for messages.
    """
    sorted_out = _Sorted()
    for manifest in manifests:
        sorted_out.add(manifest, dialects, product)
    first = dialects[0]
    calico = [
        each.once((StoredObject, first), lambda one: _given(one, first))
        for each in sorted_out.calico
    ]
    kubernetes = parse_networkpolicies(sorted_out.kubernetes)
    worlds = tuple(compile_world(calico, kubernetes, each, cluster) for each in dialects)
    everywhere = set(worlds[0].refused).intersection(*(world.refused for world in worlds[1:]))
    somewhere = {each for world in worlds for each in world.refused} - everywhere
    refused = sorted([*sorted_out.refused, *everywhere], key=lambda each: each.manifest)
    unmodelled = (
        *sorted_out.unmodelled,
        *worlds[0].unmodelled,
        *(_release_doubt(each) for each in somewhere),
    )
    return CalicoReading(
        refused=tuple(refused),
        pruned=_pruned(calico, kubernetes),
        scoped=unmodelled,
        setting=Setting(_distinct(worlds), Directory(cluster), dialects[0].domains),
    )


def _given(manifest: Manifest, dialect: Dialect) -> StoredObject:
    """The object as releases of this dialect decode it."""
    kind = manifest.ref.kind
    shape = shapes(dialect).get(kind) or EDITIONS[kind].shape
    decoded = decode(manifest.body, shape)
    return StoredObject(manifest=manifest.index, object=manifest.ref, decoded=decoded)


def _pruned(calico: Sequence[StoredObject], kubernetes: ParsedPolicies) -> tuple[Pruned, ...]:
    found = [
        Pruned(manifest=each.manifest, path=path) for each in calico for path in each.decoded.pruned
    ]
    return tuple(sorted([*found, *kubernetes.pruned], key=lambda each: each.manifest))


@dataclass(slots=True)
class _Sorted:
    calico: list[Manifest] = field(default_factory=list)
    kubernetes: list[Manifest] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unmodelled: list[ScopedUnmodelled] = field(default_factory=list)

    def add(self, manifest: Manifest, dialects: tuple[Dialect, ...], product: str) -> None:
        """Put an object where it belongs; what no verdict depends on goes nowhere."""
        kind, group = manifest.ref.kind, group_of(manifest)
        wrong = unserved(manifest)
        if wrong is not None:
            self.refused.append(wrong)
        elif is_networkpolicy(manifest):
            self.kubernetes.append(manifest)
        elif group == GROUP and manifest.api_version != f"{GROUP}/v3":
            self.refused.append(refusal(manifest, f"no cluster serves {manifest.api_version}"))
        elif group == GROUP:
            self._own(manifest, dialects)
        elif group == _STORAGE and kind not in _NEUTRAL:
            why = "this is Calico's own storage, which it reads without defaults or checks"
            self._doubt(manifest.ref, "/apiVersion", f"{why}; write {GROUP}/v3")
        elif group == CLUSTER_GROUP and any(kind in each.cluster_policies for each in dialects):
            self._cluster_wide(manifest, dialects)
        elif is_foreign_policy(manifest):
            self.refused.append(
                refusal(manifest, f"{product} does not enforce {kind} of {group}", by="engine")
            )

    def _own(self, manifest: Manifest, dialects: tuple[Dialect, ...]) -> None:
        kind = manifest.ref.kind
        if kind in shapes(dialects[0]):
            self.calico.append(manifest)
        elif kind.startswith("Staged"):
            self.refused.append(refusal(manifest, f"this release has no {kind}"))
        elif kind not in _NEUTRAL:
            self._doubt(manifest.ref, "/kind", f"{kind} of {GROUP} is not modelled")

    def _cluster_wide(self, manifest: Manifest, dialects: tuple[Dialect, ...]) -> None:
        kind = manifest.ref.kind
        if manifest.api_version != EDITIONS[kind].api_version:
            why = f"{manifest.api_version} has no {kind}; write {EDITIONS[kind].api_version}"
            self.refused.append(refusal(manifest, why))
        elif all(kind in each.cluster_policies for each in dialects):
            self.calico.append(manifest)
        elif _has_egress(manifest):
            why = f"it is not known whether this release enforces {kind}"
            self._doubt(manifest.ref, "/kind", why)

    def _doubt(self, ref: ObjectRef, key: str, why: str) -> None:
        self.unmodelled.append(ScopedUnmodelled(entry=Unmodelled(object=ref, key=key, why=why)))


def _has_egress(manifest: Manifest) -> bool:
    spec = manifest.body.get("spec")
    return not isinstance(spec, dict) or bool(spec.get("egress"))


def _release_doubt(refused: Refused) -> ScopedUnmodelled:
    key, _, why = refused.why.partition(" ")
    entry = Unmodelled(
        object=refused.object,
        key=key,
        why=f"some releases refuse it ({why}), and it is not known whether this one does",
    )
    return ScopedUnmodelled(entry=entry)


def _distinct(worlds: tuple[PolicyState, ...]) -> tuple[PolicyState, ...]:
    """The worlds without those that hold the same policies in the same order as the first."""
    first = _order(worlds[0])
    return worlds[:1] if all(_order(each) == first for each in worlds) else worlds


def _order(world: PolicyState) -> list[tuple[str, list[ObjectRef]]]:
    return [(tier.name, [each.object for each in tier.policies]) for tier in world.tiers]
