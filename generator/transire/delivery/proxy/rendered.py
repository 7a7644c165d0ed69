"""From the rendered objects of a proxy's chart: the files that Envoy then reads.

Whoever proves the chart proves these, and with them what Kubernetes makes of its templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from transire.delivery.proxy.settings import NAME
from transire.k8s.manifests import Manifest
from transire.model.problems import Unjudgeable
from transire.points.envoy.facts import BOOTSTRAP, FOLDER

_ARGUMENTS = ["--config-path", f"{FOLDER}/{BOOTSTRAP}"]
_MOUNTS = "/spec/template/spec/containers/0/volumeMounts"


def configuration(manifests: Sequence[Manifest]) -> Mapping[str, str]:
    """The files in the folder of Envoy, by their names.

    Raises:
        Unjudgeable: if the Deployment is not one of one Envoy that reads a volume of ConfigMaps,
            or a file stands in two of them.
    """
    deployments = [each for each in manifests if each.ref.kind == "Deployment"]
    if len(deployments) != 1:
        raise Unjudgeable(NAME, "/", f"there are {len(deployments)} Deployments, and not one")
    (deployment,) = deployments
    maps = {each.ref.name: each for each in manifests if each.ref.kind == "ConfigMap"}
    found: dict[str, str] = {}
    for name in _sources(deployment):
        if name not in maps:
            raise Unjudgeable(str(deployment.ref), "/", f"there is no ConfigMap {name}")
        data: Mapping[str, str] = maps[name].body.get("data") or {}
        twice = sorted(found.keys() & data.keys())
        if twice:
            raise Unjudgeable(str(maps[name].ref), f"/data/{twice[0]}", "another one has it, too")
        found |= data
    return found


def _sources(deployment: Manifest) -> Iterator[str]:
    """The names of the ConfigMaps in the volume that Envoy reads."""
    pod = deployment.body["spec"]["template"]["spec"]
    containers = pod["containers"]
    if len(containers) != 1 or pod.get("initContainers"):
        raise _unjudgeable(deployment, "/spec/template/spec/containers", "there is not one")
    container = containers[0]
    if container.get("command") != ["envoy"] or container.get("args", [])[:2] != _ARGUMENTS:
        raise _unjudgeable(
            deployment, "/spec/template/spec/containers/0/args", "another file would be read"
        )
    volume = _mounted(deployment, container.get("volumeMounts", []))
    found = [each for each in pod.get("volumes", []) if each.get("name") == volume]
    sources = found[0].get("projected", {}).get("sources", []) if len(found) == 1 else []
    for place, source in enumerate(sources):
        if set(source) != {"configMap"} or set(source["configMap"]) != {"name"}:
            raise _unjudgeable(
                deployment,
                f"/spec/template/spec/volumes/0/projected/sources/{place}",
                "it is other than a whole ConfigMap",
            )
        yield source["configMap"]["name"]


def _mounted(deployment: Manifest, mounts: Sequence[Mapping[str, Any]]) -> str:
    if len(mounts) != 1 or mounts[0].get("mountPath") != FOLDER or "subPath" in mounts[0]:
        raise _unjudgeable(deployment, _MOUNTS, f"other than one volume at {FOLDER} is mounted")
    return str(mounts[0]["name"])


def _unjudgeable(deployment: Manifest, key: str, why: str) -> Unjudgeable:
    return Unjudgeable(str(deployment.ref), key, why)
