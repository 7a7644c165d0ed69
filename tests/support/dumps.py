"""Dumps of clusters as kubectl prints them, made of what is rendered for the example."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import yaml

from support.policy_repository import run
from transire.api import verify
from transire.commands.verify.verify import Verified

Body = dict[str, Any]
"""An object."""


def stored(root: Path, cluster: str) -> list[Body]:
    """Everything that is rendered for a cluster, as a server gives it back."""
    bodies: list[Body] = []
    for path in sorted((root / "charts").rglob("targets/*.yaml")):
        namespace, _, name = path.stem.rpartition(".")
        if name == cluster:
            chart = path.parent.parent.name
            rendered = yaml.safe_load_all(run(root, "render", chart, "--target", path.stem).out)
            bodies += [_stored(body, namespace) for body in rendered if body]
    return bodies


class Dumps:
    """What is rendered for the clusters of one repository, rendered once for each."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, list[Body]] = {}

    def of(self, cluster: str) -> list[Body]:
        """The objects of a cluster, to be bent by one test alone."""
        if cluster not in self._known:
            self._known[cluster] = stored(self._root, cluster)
        return copy.deepcopy(self._known[cluster])


def _stored(body: Body, namespace: str) -> Body:
    metadata = {
        **body["metadata"],
        "uid": "0d7f",
        "resourceVersion": "17",
        "generation": 1,
        "creationTimestamp": "2026-10-01T08:00:00Z",
        "managedFields": [{"manager": "helm", "operation": "Apply"}],
    }
    cluster_wide = body["kind"].startswith(
        ("CiliumClusterwide", "Global", "Tier", "Validating", "ClusterRole")
    )
    if namespace and not cluster_wide:
        metadata.setdefault("namespace", namespace)
    annotations = {**metadata.get("annotations", {}), "meta.helm.sh/release-name": "x"}
    return {**body, "metadata": {**metadata, "annotations": annotations}, "status": {"ok": True}}


def dump(bodies: list[Body], folder: Path) -> Path:
    """The objects as one file, a list as kubectl prints it."""
    path = folder / "dump.json"
    listed = {"apiVersion": "v1", "kind": "List", "items": bodies}
    path.write_text(json.dumps(listed), encoding="utf-8")
    return path


def verified(root: Path, bodies: list[Body], folder: Path, **more: Any) -> Verified:  # noqa: ANN401
    """What `verify` finds of objects, of the cluster `prod-eu` where nothing else is named."""
    more.setdefault("cluster", "prod-eu")
    return verify(root, dump(bodies, folder), **more)


def named(bodies: list[Body], part: str) -> Body:
    """The object of the team `payments` with a part of its name."""
    return next(
        each
        for each in bodies
        if part in each["metadata"]["name"] and each["metadata"].get("namespace") == "payments-prod"
    )
