"""Objects of Istio as tests write them, short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from transire.k8s.manifests import Manifest
from transire.points.istio.objects.admission import Objects, read_objects
from transire.points.istio.objects.sidecar import Mode
from transire.points.istio.verdicts.decide import decide
from transire.points.istio.verdicts.mesh import Mesh, MeshConfig
from transire.points.istio.verdicts.request import Answer, Client, Kind, MeshRequest, Way

GROUPS = {"AuthorizationPolicy": "security.istio.io/v1"}
CLOSED = MeshConfig(mode=Mode.REGISTRY_ONLY)
HOST_ADDRESS = "203.0.113.10"
ELSEWHERE = "198.51.100.7"


def manifests(bodies: Iterable[Mapping[str, Any]]) -> tuple[Manifest, ...]:
    """Bodies as manifests."""
    return tuple(
        Manifest(source="objects.yaml", index=index, body=body) for index, body in enumerate(bodies)
    )


def istio(kind: str, name: str, **spec: object) -> dict[str, Any]:
    """An object of Istio; `namespace`, `labels` and `annotations` are its metadata."""
    metadata: dict[str, Any] = {"name": name, "namespace": spec.pop("namespace", "team-a")}
    metadata |= {key: spec.pop(key) for key in ("labels", "annotations") if key in spec}
    group = GROUPS.get(kind, "networking.istio.io/v1")
    return {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec}


def entry(host: str = "api.example.com", *ports: str, **spec: object) -> dict[str, Any]:
    """A ServiceEntry for a host; ports as `TLS 443`; DNS, and for the own namespace alone."""
    written = [each.split() for each in ports or ("TLS 443",)]
    return istio(
        "ServiceEntry",
        str(spec.pop("name", host.replace("*", "wild"))),
        **{
            "hosts": [host],
            "ports": [
                {"number": int(number), "name": f"p-{number}", "protocol": protocol}
                for protocol, number in written
            ],
            "resolution": "DNS",
            "exportTo": ["."],
            **spec,
        },
    )


GUARD = istio(
    "Sidecar",
    "default",
    egress=[{"hosts": ["./*", "istio-system/*"]}],
    outboundTrafficPolicy={"mode": "REGISTRY_ONLY"},
)


def objects(*bodies: Mapping[str, Any]) -> Objects:
    """Objects as Istio takes them."""
    return read_objects(manifests(bodies))


def sends(
    *bodies: Mapping[str, Any],
    tls: str | None = None,
    http: str | None = None,
    namespace: str = "team-a",
    labels: Mapping[str, str] | None = None,
    address: str = HOST_ADDRESS,
    port: int = 0,
    path: str = "/",
    method: str = "GET",
    config: MeshConfig = CLOSED,
) -> Answer:
    """What a sidecar makes of TLS with a name, of HTTP for a Host, or of TCP without either."""
    kind = Kind.TLS if tls is not None else Kind.HTTP if http is not None else Kind.TCP
    usual = {Kind.TLS: 443, Kind.HTTP: 80, Kind.TCP: 5432}
    request = MeshRequest(
        client=Client(namespace=namespace, account="app", labels=labels or {}),
        way=Way.SIDECAR,
        kind=kind,
        address=ip_address(address),
        port=port or usual[kind],
        server_name=tls,
        host=http or "",
        method=method,
        path=path,
    )
    return decide(Mesh(objects=objects(*bodies), config=config), request)
