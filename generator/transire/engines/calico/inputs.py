"""Objects sorted by what Calico does with them: judge, refuse, leave alone, or doubt."""

from __future__ import annotations

from dataclasses import dataclass, field

from transire.engines.api.policy_kinds import is_foreign_policy
from transire.engines.calico.facts import GROUP, STORAGE
from transire.engines.calico.objects.releases import Dialect
from transire.engines.calico.objects.schema import shapes
from transire.engines.calico.verdicts.stored import Form, ScopedUnmodelled, StoredObject
from transire.k8s.admission import Refused
from transire.k8s.api_kinds import group_of, refusal, unserved
from transire.k8s.cluster_policies import EDITIONS, NEWER_VERSION
from transire.k8s.cluster_policies import GROUP as CLUSTER_GROUP
from transire.k8s.manifests import Manifest, ObjectRef
from transire.k8s.networkpolicy import is_networkpolicy
from transire.k8s.typed_decoding import decode
from transire.k8s.unmodelled import Unmodelled

_NEUTRAL = frozenset(
    {
        "BGPConfiguration", "BGPFilter", "BGPPeer", "CalicoNodeStatus", "ClusterInformation",
        "IPAMConfiguration", "IPPool", "IPReservation", "KubeControllersConfiguration",
        "LicenseKey", "UISettings", "UISettingsGroup", "AlertException", "GlobalAlert",
        "GlobalAlertTemplate", "GlobalReport", "GlobalReportType", "PacketCapture",
        "SecurityEventWebhook", "Node", "IPAMBlock", "IPAMHandle", "IPAMConfig", "BlockAffinity",
    }
)  # fmt: skip
"""Kinds of Calico that no verdict depends on."""

_OF_PODS = ("kns.", "ksa.")
"""How the profiles begin that Calico itself makes for namespaces and service accounts."""


@dataclass(slots=True, kw_only=True)
class Inputs:
    """The objects of an input; with `newer`, ClusterNetworkPolicy is served as v1beta1."""

    dialects: tuple[Dialect, ...]
    product: str
    newer: bool = False
    calico: list[StoredObject] = field(default_factory=list)
    kubernetes: list[Manifest] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unmodelled: list[ScopedUnmodelled] = field(default_factory=list)
    any_newer: bool = False
    """Whether an object is of a version that only some clusters serve."""

    def add(self, manifest: Manifest) -> None:
        """Put an object where it belongs; what no verdict depends on goes nowhere."""
        kind, group = manifest.ref.kind, group_of(manifest)
        wrong = unserved(manifest)
        if wrong is not None:
            self.refused.append(wrong)
        elif is_networkpolicy(manifest):
            self.kubernetes.append(manifest)
        elif group == GROUP and manifest.api_version != Form.V3.value:
            self.refused.append(refusal(manifest, f"no cluster serves {manifest.api_version}"))
        elif group == GROUP:
            self._own(manifest, Form.V3)
        elif group == STORAGE and kind not in _NEUTRAL:
            self._storage(manifest)
        elif group == CLUSTER_GROUP and any(
            kind in each.cluster_policies for each in self.dialects
        ):
            self._cluster_wide(manifest)
        elif is_foreign_policy(manifest):
            why = f"{self.product} does not enforce {kind} of {group}"
            self.refused.append(refusal(manifest, why, by="engine"))

    def _own(self, manifest: Manifest, form: Form) -> None:
        kind = manifest.ref.kind
        if kind in shapes(self.dialects[0]):
            self._take(manifest, form)
        elif kind.startswith("Staged"):
            self.refused.append(refusal(manifest, f"this release has no {kind}"))
        elif kind == "Profile":
            self._profile(manifest)
        elif kind not in _NEUTRAL:
            self._note_unmodelled(
                manifest.ref, "/kind", f"{kind} of {group_of(manifest)} is not modelled"
            )

    def _storage(self, manifest: Manifest) -> None:
        if manifest.api_version != Form.STORAGE.value:
            self.refused.append(refusal(manifest, f"no cluster serves {manifest.api_version}"))
        elif self.dialects[0].native:
            why = f"with native definitions nobody reads {STORAGE}; write {Form.V3.value}"
            self.refused.append(refusal(manifest, why, by="engine"))
        else:
            self._own(manifest, Form.STORAGE)

    def _cluster_wide(self, manifest: Manifest) -> None:
        kind, edition = manifest.ref.kind, EDITIONS[manifest.ref.kind]
        newer = manifest.api_version == NEWER_VERSION and kind == "ClusterNetworkPolicy"
        self.any_newer |= newer
        if manifest.api_version != edition.api_version and not (newer and self.newer):
            why = f"{manifest.api_version} has no {kind}; write {edition.api_version}"
            if newer:
                why = f"the definition that Calico brings serves {edition.api_version} alone"
            self.refused.append(refusal(manifest, why))
        elif all(kind in each.cluster_policies for each in self.dialects):
            self._take(manifest, Form.V3)
        elif _has_egress(manifest):
            why = f"it is not known whether this release enforces {kind}"
            self._note_unmodelled(manifest.ref, "/kind", why)

    def _take(self, manifest: Manifest, form: Form) -> None:
        first = self.dialects[0]
        key = StoredObject, first.domains, first.staged, first.native, form
        self.calico.append(manifest.once(key, lambda one: _given(one, first, form)))

    def _profile(self, manifest: Manifest) -> None:
        """Pods have the profiles of their namespace and service account, and no others."""
        if manifest.ref.name.startswith(_OF_PODS) and not _lets_all_out(manifest):
            why = "a profile of pods that does not let everything out is not modelled"
            self._note_unmodelled(manifest.ref, "/spec/egress", why)

    def _note_unmodelled(self, ref: ObjectRef, key: str, why: str) -> None:
        self.unmodelled.append(ScopedUnmodelled(entry=Unmodelled(object=ref, key=key, why=why)))


def _given(manifest: Manifest, dialect: Dialect, form: Form) -> StoredObject:
    """The object as releases of this dialect decode it."""
    kind = manifest.ref.kind
    shape = shapes(dialect).get(kind) or EDITIONS[kind].shape
    by_definition = dialect.native or form is Form.STORAGE or kind in EDITIONS
    decoded = decode(manifest.body, shape, by_definition=by_definition)
    return StoredObject(
        manifest=manifest.index,
        object=manifest.ref,
        decoded=decoded,
        form=form,
        repeated=manifest.repeated,
    )


def _has_egress(manifest: Manifest) -> bool:
    spec = manifest.body.get("spec")
    return not isinstance(spec, dict) or bool(spec.get("egress"))


def _lets_all_out(manifest: Manifest) -> bool:
    """Whether the egress rules of a profile are none, or the one that allows everything."""
    spec = manifest.body.get("spec")
    rules = spec.get("egress") if isinstance(spec, dict) else None
    if not rules:
        return True
    if not isinstance(rules, list) or len(rules) != 1 or not isinstance(rules[0], dict):
        return False
    criteria = {key: value for key, value in rules[0].items() if value not in (None, {}, [], "")}
    return criteria == {"action": "Allow"}
