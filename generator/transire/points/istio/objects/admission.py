"""Objects as an API server and Istio's webhook take them: what is refused, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from transire.k8s.admission import Refused
from transire.k8s.api_kinds import group_of, refusal
from transire.k8s.manifests import Manifest
from transire.k8s.metadata_rules import name_fault
from transire.k8s.unmodelled import Unmodelled
from transire.points.istio.objects.authorization import Policy, read_policy
from transire.points.istio.objects.common import DRY_RUN, Common
from transire.points.istio.objects.gateways import (
    WAYPOINT_CLASS,
    DestinationRule,
    Gateway,
    Service,
    Waypoint,
    read_destination_rule,
    read_gateway,
    read_service,
    read_waypoint,
)
from transire.points.istio.objects.part import Notes, Part
from transire.points.istio.objects.routes import VirtualService, read_virtual_service
from transire.points.istio.objects.service_entry import ServiceEntry, read_entry
from transire.points.istio.objects.sidecar import Sidecar, read_sidecar

NETWORKING = "networking.istio.io"
SECURITY = "security.istio.io"
GATEWAY_API = "gateway.networking.k8s.io"
EXTENSIONS = "extensions.istio.io"
VERSIONS = {
    NETWORKING: ("v1", "v1beta1", "v1alpha3"),
    SECURITY: ("v1", "v1beta1"),
    GATEWAY_API: ("v1", "v1beta1"),
}
Labels = Mapping[str, str]
_Kept = TypeVar("_Kept", bound=Common)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """An object that the webhook takes with a warning, which begins with a JSON pointer."""

    manifest: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """What a mesh is made of, older objects first; `strange` are kinds that nobody judges here."""

    entries: tuple[ServiceEntry, ...] = ()
    sidecars: tuple[Sidecar, ...] = ()
    policies: tuple[Policy, ...] = ()
    routes: tuple[VirtualService, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    waypoints: tuple[Waypoint, ...] = ()
    rules: tuple[DestinationRule, ...] = ()
    services: tuple[Service, ...] = ()
    namespaces: Mapping[str, Labels] = field(default_factory=lambda: MappingProxyType({}))
    strange: tuple[Unmodelled, ...] = ()
    refused: tuple[Refused, ...] = ()
    warned: tuple[Warned, ...] = ()

    @property
    def unmodelled(self) -> tuple[Unmodelled, ...]:
        """Every place whose meaning is not modelled."""
        kept: Iterable[Common] = (
            *self.entries,
            *self.sidecars,
            *self.policies,
            *self.routes,
            *self.gateways,
            *self.waypoints,
            *self.rules,
            *self.services,
        )
        return (*self.strange, *(place for each in kept for place in each.unmodelled))


@dataclass(slots=True)
class _Reader:
    kept: list[Common] = field(default_factory=list)
    namespaces: dict[str, Labels] = field(default_factory=dict)
    strange: list[Unmodelled] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    warned: list[Warned] = field(default_factory=list)

    def read(self, manifest: Manifest) -> None:
        group, kind = group_of(manifest), manifest.ref.kind
        if (group, kind) == ("", "Namespace"):
            self.namespaces[manifest.ref.name] = _table(manifest, "labels")
        elif group == GATEWAY_API:
            self._gateway_api(manifest)
        elif (make := _MAKERS.get((group, kind))) is not None:
            self._keep(manifest, make)
        elif group in {NETWORKING, SECURITY, EXTENSIONS}:
            self._strange(manifest, f"{kind} is not modelled")

    def _gateway_api(self, manifest: Manifest) -> None:
        spec = manifest.body.get("spec")
        name = spec.get("gatewayClassName") if isinstance(spec, Mapping) else None
        if manifest.ref.kind == "Gateway" and name == WAYPOINT_CLASS:
            labels = _table(manifest, "labels")
            self._keep(manifest, lambda _, part, common: read_waypoint(part, common, labels))
        elif manifest.ref.kind == "Gateway":
            self._strange(manifest, f"a Gateway of class {name} is not modelled")
        elif manifest.ref.kind != "GatewayClass":
            self._strange(manifest, f"{manifest.ref.kind} is not modelled")

    def _strange(self, manifest: Manifest, why: str) -> None:
        self.strange.append(Unmodelled(object=manifest.ref, key="/kind", why=why))

    def _keep(self, manifest: Manifest, make: Callable[[Part, Part, Common], Common]) -> None:
        notes = Notes()
        spec = manifest.body.get("spec")
        top = Part(manifest.body, "", notes)
        common = Common(ref=manifest.ref, created=_created(manifest), unmodelled=())
        made = make(top, Part(spec if isinstance(spec, Mapping) else {}, "/spec", notes), common)
        faults = [*_metadata(manifest), *notes.faults]
        if faults:
            self.refused.append(refusal(manifest, faults[0]))
            return
        self.warned.extend(Warned(manifest=manifest.index, why=why) for why in notes.warnings)
        places = tuple(
            Unmodelled(object=manifest.ref, key=key, why=why) for key, why in notes.unmodelled
        )
        self.kept.append(replace(made, unmodelled=places))

    def of(self, kind: type[_Kept]) -> tuple[_Kept, ...]:
        return tuple(
            sorted((each for each in self.kept if type(each) is kind), key=lambda each: each.order)
        )


def read_objects(manifests: Sequence[Manifest]) -> Objects:
    """The objects of a mesh among manifests; kinds of others are passed over."""
    reader = _Reader()
    for manifest in manifests:
        reader.read(manifest)
    return Objects(
        entries=reader.of(ServiceEntry),
        sidecars=reader.of(Sidecar),
        policies=reader.of(Policy),
        routes=reader.of(VirtualService),
        gateways=reader.of(Gateway),
        waypoints=reader.of(Waypoint),
        rules=reader.of(DestinationRule),
        services=reader.of(Service),
        namespaces=MappingProxyType(reader.namespaces),
        strange=tuple(reader.strange),
        refused=tuple(reader.refused),
        warned=tuple(reader.warned),
    )


def _metadata(manifest: Manifest) -> list[str]:
    group, version = group_of(manifest), manifest.api_version.rpartition("/")[2]
    found = []
    if version not in VERSIONS.get(group, (version,)):
        found.append(f"/apiVersion {manifest.api_version!r} is not served")
    meta = manifest.body.get("metadata")
    if fault := name_fault(meta if isinstance(meta, Mapping) else {}, namespaced=True):
        found.append(fault)
    if group == NETWORKING and DRY_RUN in _table(manifest, "annotations"):
        found.append("/metadata/annotations/istio.io~1dry-run belongs to policies alone")
    return found


def _table(manifest: Manifest, key: str) -> dict[str, str]:
    meta = manifest.body.get("metadata")
    found = meta.get(key) if isinstance(meta, Mapping) else None
    if not isinstance(found, Mapping):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _created(manifest: Manifest) -> str:
    meta = manifest.body.get("metadata")
    found = meta.get("creationTimestamp") if isinstance(meta, Mapping) else None
    return found if isinstance(found, str) else ""


def _labels_of(top: Part) -> dict[str, str]:
    meta = top.body.get("metadata")
    found = meta.get("labels") if isinstance(meta, Mapping) else None
    return {key: str(value) for key, value in found.items()} if isinstance(found, Mapping) else {}


def _annotations_of(top: Part) -> dict[str, str]:
    meta = top.body.get("metadata")
    found = meta.get("annotations") if isinstance(meta, Mapping) else None
    return {key: str(value) for key, value in found.items()} if isinstance(found, Mapping) else {}


_MAKERS: Mapping[tuple[str, str], Callable[[Part, Part, Common], Common]] = {
    ("", "Service"): lambda _, spec, common: read_service(spec, common),
    (NETWORKING, "ServiceEntry"): lambda top, spec, common: read_entry(
        top, spec, common, _labels_of(top)
    ),
    (NETWORKING, "Sidecar"): lambda _, spec, common: read_sidecar(spec, common),
    (NETWORKING, "VirtualService"): lambda _, spec, common: read_virtual_service(spec, common),
    (NETWORKING, "DestinationRule"): lambda _, spec, common: read_destination_rule(spec, common),
    (NETWORKING, "Gateway"): lambda _, spec, common: read_gateway(spec, common),
    (SECURITY, "AuthorizationPolicy"): lambda top, spec, common: read_policy(
        spec, common, _annotations_of(top)
    ),
}
