"""Recorded cases of a real Istio: sets of objects, requests, and where these ended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from support.points.mesh_objects import manifests
from transire.k8s.manifests import Manifest
from transire.points.istio.objects.admission import Objects, read_objects
from transire.points.istio.verdicts.mesh import Mesh, mesh_config
from transire.points.istio.verdicts.request import Client, Kind, MeshRequest, Target, Way

_IDENTITY = "spiffe://cluster.local/ns/"
_PODS = {"team-a": "10.9.1.1", "team-b": "10.9.2.1"}
"""Where the clients of the recording stood; all others are anywhere."""


@dataclass(frozen=True, kw_only=True)
class ObjectSet:
    """One set of the recording: what was applied, and what the webhook made of it."""

    name: str
    body: Mapping[str, Any]

    @cached_property
    def objects(self) -> Objects:
        """The objects as they are read here."""
        return read_objects(self.manifests)

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """All that was applied."""
        return manifests([*self.body["manifests"], *self.body.get("fixtures", ())])

    @cached_property
    def mesh(self) -> Mesh:
        """The mesh as it is read here."""
        config = mesh_config(self.body["mesh"], self.body["env"], self.body["proxy_metadata"])
        return Mesh(objects=self.objects, config=config)


@dataclass(frozen=True, kw_only=True)
class MeshCase:
    """One case: a request, or the objects alone where `request` is None."""

    name: str
    set: ObjectSet
    verdict: str
    request: MeshRequest | None
    reached: Mapping[str, Any] | None

    def ended_at(self, target: Target, world: Mapping[str, str]) -> Mapping[str, Any]:
        """Where a request ended by our reading, in the words of the recording."""
        assert self.request is not None
        name = target.at
        tls = target.tls or self.request.kind is Kind.TLS
        known = isinstance(self.reached, Mapping) and self.reached["tls"] is not None
        return {
            "ip": _resolved(name, world) if isinstance(name, str) else str(name),
            "port": target.port,
            "tls": tls if known else None,
        }


def _resolved(name: str, world: Mapping[str, str]) -> str:
    zone = "wild.example.org"
    return world.get(name) or (
        world[f"any other *.{zone}"] if name.endswith(f".{zone}") else f"unknown {name}"
    )


@cache
def world_of(path: Path) -> Mapping[str, str]:
    """The addresses of the names in the recording."""
    world: Mapping[str, str] = json.loads(path.read_text("utf-8"))["about"]["world"]
    return world


def mesh_cases(path: Path | None) -> Iterator[MeshCase]:
    """The cases of a file; none where this machine does not have it."""
    if path is None:
        return
    found = json.loads(path.read_text("utf-8"))
    sets = {name: ObjectSet(name=name, body=body) for name, body in found["sets"].items()}
    for case in found["cases"]:
        applied = sets[case["set"]]
        sent = case.get("request")
        yield MeshCase(
            name=case["id"],
            set=applied,
            verdict=case["verdict"],
            request=None if sent is None else _request(sent, applied.body["nodes"]),
            reached=case.get("reached"),
        )


def _request(sent: Mapping[str, Any], nodes: list[Mapping[str, Any]]) -> MeshRequest:
    return MeshRequest(
        client=_client(sent["from"], nodes),
        way=Way(sent["through"]),
        kind=Kind(sent["kind"]),
        address=ip_address(sent["ip"]),
        port=sent["port"],
        server_name=sent.get("sni"),
        outer_name=sent.get("outer_sni"),
        host=sent.get("host", ""),
        method=sent.get("method", ""),
        path=sent.get("path", ""),
    )


def _client(sender: Mapping[str, Any], nodes: list[Mapping[str, Any]]) -> Client:
    identity = sender.get("principal")
    if identity is None:
        namespace, account = sender["namespace"], "app"
    else:
        namespace, _, account = identity.removeprefix(_IDENTITY).split("/")
    labels = {
        key: value
        for node in nodes
        if (node["type"], node["namespace"]) == ("sidecar", namespace)
        for key, value in (node.get("labels") or {}).items()
    }
    address = ip_address(_PODS.get(namespace, "10.9.9.1"))
    return Client(namespace=namespace, account=account, labels=labels, address=address)
