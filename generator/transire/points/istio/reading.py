"""Objects of a mesh as a point reads them, whoever wrote them.

What the objects do not hold is taken as the mode of the mesh demands: the mesh is REGISTRY_ONLY,
has the gateway that Istio's own chart installs, and gives every entry an address of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_address

from transire.flows.request_set import Request, RequestSet
from transire.helm.reading import read_yaml
from transire.k8s.manifests import Manifest, ObjectRef
from transire.model.engine import Release
from transire.points.api.reading import Guard, PointDecision, PointUnmodelled
from transire.points.istio.facts import MeshMode
from transire.points.istio.objects.admission import Objects, read_objects
from transire.points.istio.objects.authorization import Policy
from transire.points.istio.objects.gateways import Service
from transire.points.istio.objects.service_entry import ServiceEntry
from transire.points.istio.objects.sidecar import Mode
from transire.points.istio.sets.gateway_sets import gateway_requests
from transire.points.istio.sets.sidecar_sets import sidecar_namespaces, sidecar_requests
from transire.points.istio.sets.waypoint_sets import (
    opens,
    waypoint_namespaces,
    waypoint_requests,
)
from transire.points.istio.verdicts.decide import decide
from transire.points.istio.verdicts.mesh import ROOT, Mesh, MeshConfig
from transire.points.istio.verdicts.request import Client, Kind, MeshRequest, Way

_GATEWAY = Service(
    ref=ObjectRef(kind="Service", namespace=ROOT, name="istio-egressgateway"),
    created="",
    unmodelled=(),
    selector={"istio": "egressgateway"},
    ports={80: 8080, 443: 8443},
)
_FIRST = IPv4Address("240.240.0.1")
_ANYWHERE = ip_address("192.0.2.1")
_CONFIG = MeshConfig(mode=Mode.REGISTRY_ONLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshReading:
    """What a mesh of one mode lets pods of each namespace have."""

    mode: MeshMode
    mesh: Mesh
    unmodelled: tuple[PointUnmodelled, ...]

    @property
    def listeners(self) -> tuple[str, ...]:
        """The namespaces that are in the mesh."""
        if self.mode is MeshMode.AMBIENT:
            return waypoint_namespaces(self.mesh)
        return sidecar_namespaces(self.mesh)

    def requests(self, listener: str) -> RequestSet:
        """What pods of a namespace may have; in audit, what they could have without.

        Raises:
            KeyError: if the namespace is not in the mesh.
            Unjudgeable: if it holds what is not modelled.
        """
        self._known(listener)
        mesh = self._enforced(listener)
        if self.mode is MeshMode.AMBIENT:
            return waypoint_requests(mesh, listener)
        if self.mode is MeshMode.GATEWAY:
            return gateway_requests(mesh, listener)
        return sidecar_requests(mesh, listener)

    def guard(self, listener: str) -> Guard:
        """That names of TLS count, and whether everything passes.

        Raises:
            KeyError: if the namespace is not in the mesh.
        """
        self._known(listener)
        return Guard(port=0, audit=self._audited(listener), server_names=True)

    def decide(self, listener: str, request: Request) -> PointDecision:
        """The verdict about one request, as it goes through proxies.

        Raises:
            KeyError: if the namespace is not in the mesh.
            Unjudgeable: if it depends on what is not modelled.
        """
        self._known(listener)
        mesh = self._enforced(listener)
        reasons = []
        for sent in self._sent(mesh, listener, request):
            answer = decide(mesh, sent)
            target = answer.target
            past = self.mode is MeshMode.GATEWAY and not answer.gateway
            if answer.allowed and target is not None and not past:
                tls = target.tls if not request.tunnel else False
                if (target.at, target.port, tls) == (request.host, request.port, request.tls):
                    return PointDecision(allowed=True, rule=answer.reason)
                reasons.append(f"{answer.reason}, which leads to {target.at}:{target.port}")
            else:
                reasons.append(answer.reason)
        return PointDecision(allowed=False, rule=reasons[0] if reasons else "no entry has it")

    def _known(self, listener: str) -> None:
        if listener not in self.listeners:
            raise KeyError(listener)

    def _audited(self, namespace: str) -> bool:
        if self.mode is MeshMode.AMBIENT:
            return any(opens(each, namespace) for each in self.mesh.objects.policies)
        sidecar = self.mesh.sidecar(Client(namespace=namespace))
        return self.mesh.mode(sidecar) is Mode.ALLOW_ANY

    def _enforced(self, namespace: str) -> Mesh:
        """The mesh as it would be without audit."""
        if not self._audited(namespace):
            return self.mesh
        objects = self.mesh.objects
        closed = replace(
            objects,
            policies=tuple(_closed(each, namespace) for each in objects.policies),
            sidecars=tuple(
                replace(each, mode=Mode.REGISTRY_ONLY) if each.namespace == namespace else each
                for each in objects.sidecars
            ),
        )
        return replace(self.mesh, objects=closed)

    def _sent(self, mesh: Mesh, namespace: str, request: Request) -> list[MeshRequest]:
        """How a pod sends a request: over each entry that could have it, by its port there."""
        kind = Kind.TLS if request.tunnel else Kind.HTTP
        found = []
        for entry in mesh.objects.entries:
            for port in entry.ports:
                carried = port.number
                usual = request.host if carried == 80 else f"{request.host}:{carried}"  # noqa: PLR2004
                for host in entry.hosts:
                    address = entry.automatic.get(host, _ANYWHERE)
                    ambient = self.mode is MeshMode.AMBIENT
                    found.append(
                        MeshRequest(
                            client=Client(namespace=namespace, account="default"),
                            way=Way.WAYPOINT if ambient else Way.SIDECAR,
                            kind=kind,
                            address=address if ambient else _ANYWHERE,
                            port=carried,
                            server_name=request.host if request.tunnel else None,
                            host="" if request.tunnel else usual,
                            method=request.method or "",
                            path=request.path or "",
                        )
                    )
        return found


def _closed(policy: Policy, namespace: str) -> Policy:
    if policy.namespace != namespace:
        return policy
    if opens(policy, namespace):
        return replace(policy, rules=())
    return replace(policy, dry_run=False)


def read_mesh(files: Mapping[str, str], release: Release) -> MeshReading:
    """The objects of files, in the mode that the release is of.

    Raises:
        Rejected: if a file holds no objects.
    """
    manifests: list[Manifest] = []
    for name in sorted(files):
        manifests += read_yaml(files[name], name, start=len(manifests))
    return mesh_of(manifests, MeshMode(release.engine))


def mesh_of(manifests: Sequence[Manifest], mode: MeshMode) -> MeshReading:
    """The mesh of some mode that objects make, whoever wrote them."""
    objects = read_objects(manifests)
    where = {each.ref: each.source for each in manifests}
    places = [
        PointUnmodelled(file=where[each.object], key=each.key, why=each.why)
        for each in objects.unmodelled
    ]
    places += [
        PointUnmodelled(
            file=where[each.object], key=each.path or "/", why=f"it is refused: {each.why}"
        )
        for each in objects.refused
    ]
    services = objects.services or ((_GATEWAY,) if mode is MeshMode.GATEWAY else ())
    known = replace(objects, entries=_with_addresses(objects), services=services)
    mesh = Mesh(objects=known, config=_CONFIG)
    return MeshReading(mode=mode, mesh=mesh, unmodelled=tuple(places))


def _with_addresses(objects: Objects) -> tuple[ServiceEntry, ...]:
    """The entries with an address for every host, as Istio gives them out."""
    taken = {each for entry in objects.entries for each in entry.automatic.values()}
    at, found = _FIRST, []
    for entry in objects.entries:
        automatic = dict(entry.automatic)
        for host in entry.hosts:
            if host not in automatic and not entry.addresses:
                while at in taken:
                    at += 1
                automatic[host] = at
                at += 1
        found.append(replace(entry, automatic=automatic))
    return tuple(found)
