"""What holds for the whole mesh, and what a namespace sees of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.model.problems import Unjudgeable
from transire.points.istio.objects.admission import Objects
from transire.points.istio.objects.common import MESH, PUBLIC, is_exported
from transire.points.istio.objects.gateways import DestinationRule, Service, TrafficPolicy
from transire.points.istio.objects.host_rules import holds
from transire.points.istio.objects.routes import VirtualService
from transire.points.istio.objects.service_entry import EntryPort, ServiceEntry
from transire.points.istio.objects.sidecar import Mode, Sidecar
from transire.points.istio.verdicts.request import Client

ROOT = "istio-system"


class Normalization(StrEnum):
    """What proxies do to a path before they compare it."""

    NONE = "NONE"
    BASE = "BASE"
    MERGE_SLASHES = "MERGE_SLASHES"
    DECODE_AND_MERGE_SLASHES = "DECODE_AND_MERGE_SLASHES"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshConfig:
    """Settings of the mesh.

    `wildcard_tls`: waypoints serve wildcards over TLS
    (`ENABLE_WILDCARD_HOST_SERVICE_ENTRIES_FOR_TLS`). `dns_capture`: sidecars give every entry an
    address of its own (`DNS_CAPTURE` with automatic addresses).
    """

    mode: Mode = Mode.ALLOW_ANY
    root: str = ROOT
    entry_export: tuple[str, ...] = (PUBLIC,)
    route_export: tuple[str, ...] = (PUBLIC,)
    rule_export: tuple[str, ...] = (PUBLIC,)
    normalization: Normalization = Normalization.BASE
    wildcard_tls: bool = False
    dns_capture: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One port of one host as a namespace sees it."""

    host: str
    port: EntryPort
    entry: ServiceEntry

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Older first, then by host."""
        return self.entry.created, self.host, self.entry.namespace, self.entry.ref.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """The objects of a mesh and its settings."""

    objects: Objects
    config: MeshConfig

    def no_strangers(self, *namespaces: str) -> None:
        """Make sure that no kind that is not modelled can concern proxies of these namespaces.

        Raises:
            Unjudgeable: if there is one.
        """
        for each in self.objects.strange:
            if each.object.namespace in {"", self.config.root, *namespaces}:
                raise each.error()

    def sidecar(self, client: Client) -> Sidecar | None:
        """The Sidecar that is for a pod: a selected one, that of its namespace, or the root's.

        Raises:
            Unjudgeable: if it holds what is not modelled.
        """
        own = [each for each in self.objects.sidecars if each.namespace == client.namespace]
        root = [each for each in self.objects.sidecars if each.namespace == self.config.root]
        found = [
            *(each for each in own if each.selector and each.selects(client.labels)),
            *(each for each in own if not each.selector),
            *(each for each in root if not each.selector),
        ]
        for each in root:
            if each.selector and not found and each.selects(client.labels):
                raise Unjudgeable(str(each.ref), "/spec/workloadSelector", "it is in the root")
        if not found:
            return None
        found[0].judged()
        return found[0]

    def mode(self, sidecar: Sidecar | None) -> Mode:
        """What becomes of what is not known; a Sidecar that does not say leaves it to the mesh."""
        return (sidecar.mode if sidecar else None) or self.config.mode

    def listed(self, namespace: str, sidecar: Sidecar | None) -> tuple[Listed, ...]:
        """The hosts and ports that proxies of a namespace know, the first of each host and port."""
        seen = [
            (host, entry)
            for entry in self.objects.entries
            if is_exported(
                entry.export, self.config.entry_export, owner=entry.namespace, to=namespace
            )
            for host in dict.fromkeys(entry.hosts)
            if sidecar is None or sidecar.takes(entry.namespace, host, own=namespace)
        ]
        owners: dict[str, str] = {}
        for host, entry in seen:
            if entry.namespace == namespace or host not in owners:
                owners[host] = entry.namespace
        ports = [
            Listed(host=host, port=port, entry=entry)
            for host, entry in seen
            if owners[host] == entry.namespace
            for port in entry.ports
        ]
        first: dict[tuple[str, int], Listed] = {}
        for each in sorted(ports, key=lambda each: each.order):
            first.setdefault((each.host, each.port.number), each)
        return tuple(first.values())

    def routes(self, namespace: str, sidecar: Sidecar | None) -> tuple[VirtualService, ...]:
        """The VirtualServices that sidecars of a namespace use."""
        return tuple(
            each
            for each in self.exported_routes(namespace)
            if MESH in each.gateways
            and (
                sidecar is None
                or any(sidecar.takes(each.namespace, host, own=namespace) for host in each.hosts)
            )
        )

    def exported_routes(self, namespace: str) -> Iterator[VirtualService]:
        """The VirtualServices that are exported to a namespace."""
        default = self.config.route_export
        for each in self.objects.routes:
            if is_exported(each.export, default, owner=each.namespace, to=namespace):
                yield each

    def service(self, host: str, client: str, sidecar: Sidecar | None) -> Service | None:
        """The Service of a full name, where proxies of a namespace see it."""
        for each in self.objects.services:
            if each.host == host and (
                sidecar is None or sidecar.takes(each.namespace, host, own=client)
            ):
                each.judged()
                return each
        return None

    def traffic(self, host: str, *, client: str, owner: str, subset: str) -> TrafficPolicy | None:
        """The settings towards a host: those of the client's namespace, the owner's or the root's.

        None where a subset is wanted that the rule has not.

        Raises:
            Unjudgeable: if the rule holds what is not modelled.
        """
        rules = self._rules(host, (client, owner, self.config.root), client)
        for each in rules:
            each.judged()
        if not subset:
            return rules[0].policy if rules else TrafficPolicy()
        return next((each.subsets[subset] for each in rules if subset in each.subsets), None)

    def _rules(
        self, host: str, namespaces: tuple[str, ...], client: str
    ) -> tuple[DestinationRule, ...]:
        """The rules of the first namespace that has any: those for the longest host, together."""
        default = self.config.rule_export
        for namespace in namespaces:
            found = [
                each
                for each in self.objects.rules
                if each.namespace == namespace
                and holds(each.host, host)
                and is_exported(each.export, default, owner=each.namespace, to=client)
            ]
            if found:
                longest = max(len(each.host) for each in found)
                return tuple(each for each in found if len(each.host) == longest)
        return ()


_KNOWN = {
    "outboundTrafficPolicy",
    "rootNamespace",
    "defaultServiceExportTo",
    "defaultVirtualServiceExportTo",
    "defaultDestinationRuleExportTo",
    "pathNormalization",
}
_TRUE = "true"


def mesh_config(
    settings: Mapping[str, object],
    environment: Mapping[str, str],
    metadata: Mapping[str, str],
) -> MeshConfig:
    """The settings of a mesh as they are written, of istiod's environment and of its proxies.

    Raises:
        Unjudgeable: if a setting is not modelled.
    """
    for key in settings.keys() - _KNOWN:
        raise Unjudgeable("meshConfig", f"/{key}", "the setting is not modelled")
    policy = settings.get("outboundTrafficPolicy")
    mode = policy.get("mode") if isinstance(policy, Mapping) else None
    paths = settings.get("pathNormalization")
    normalization = paths.get("normalization") if isinstance(paths, Mapping) else None
    capture = metadata.get("DNS_CAPTURE") == _TRUE
    return MeshConfig(
        mode=Mode(mode or Mode.ALLOW_ANY),
        root=str(settings.get("rootNamespace") or ROOT),
        entry_export=_exports(settings, "defaultServiceExportTo"),
        route_export=_exports(settings, "defaultVirtualServiceExportTo"),
        rule_export=_exports(settings, "defaultDestinationRuleExportTo"),
        normalization=_normalization(normalization),
        wildcard_tls=environment.get("ENABLE_WILDCARD_HOST_SERVICE_ENTRIES_FOR_TLS") == _TRUE,
        dns_capture=capture and metadata.get("DNS_AUTO_ALLOCATE") == _TRUE,
    )


def _normalization(text: object) -> Normalization:
    return Normalization.BASE if text in {None, "DEFAULT"} else Normalization(str(text))


def _exports(settings: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = settings.get(key)
    return tuple(map(str, found)) if isinstance(found, list) and found else (PUBLIC,)
