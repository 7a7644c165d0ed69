"""The releases of an organisation: those that the values come to, and those that files hold.

A release is what Argo CD or Flux keeps apart from every other: an Application or a HelmRelease.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any

import yaml

from transire.charts.layout import BASELINE, TIER
from transire.delivery.gitops.argocd.applications import RELEASE
from transire.delivery.gitops.publication import ClusterPublication, publications
from transire.delivery.gitops.release_names import (
    baseline_release,
    helm_release,
    team_release,
    tier_release,
)
from transire.model.accounts import NAMESPACE
from transire.model.intent import GitOps, Organisation

FOLDERS = {GitOps.ARGOCD: "applications", GitOps.FLUX: "releases"}
"""The folder of a cluster that holds releases, by tool."""

_KINDS = ("Application", "HelmRelease")


ReleaseKey = tuple[GitOps, str, str]
"""What distinguishes a release from every other: tool, cluster and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelmRelease:
    """One release: who publishes which namespace to which cluster, by which tool, under what names.

    `team` is empty for the platform's releases, and `namespace` is where objects go that name none.
    `helm` is Helm's own name for it, and `storage` where Helm keeps its records, with Flux only.
    """

    tool: GitOps
    cluster: str
    name: str
    team: str
    namespace: str
    chart: str
    helm: str
    storage: str

    @property
    def key(self) -> ReleaseKey:
        """What distinguishes it from every other release."""
        return self.tool, self.cluster, self.name

    @property
    def subject(self) -> tuple[str, str]:
        """What it publishes, whoever does: a namespace, or one of the platform's charts."""
        return self.cluster, self.namespace if self.team else self.chart

    @property
    def path(self) -> str:
        """The file that holds it, in the repository."""
        file = f"teams/{self.team}.yaml" if self.team else "platform.yaml"
        return f"{self.tool}/{self.cluster}/{FOLDERS[self.tool]}/{file}"


DETAILS = tuple(
    each.name
    for each in fields(HelmRelease)
    if each.name not in {"tool", "cluster", "name", "team"}
)
"""What may not change under a release that keeps its name."""


def releases_of(organisation: Organisation) -> Iterator[HelmRelease]:
    """Every release that the values come to."""
    for tool in GitOps:
        for view in publications(organisation, tool):
            cluster = view.cluster.name
            yield _platform(tool, view, baseline_release(cluster), BASELINE)
            if view.tiered:
                yield _platform(tool, view, tier_release(cluster), TIER)
            for held in view.teams:
                for namespace in held.namespaces:
                    yield _release(
                        tool=tool,
                        cluster=cluster,
                        name=team_release(held.team.name, namespace, cluster),
                        team=held.team.name,
                        namespace=namespace,
                        chart=held.team.name,
                    )


def _platform(tool: GitOps, view: ClusterPublication, name: str, chart: str) -> HelmRelease:
    return _release(
        tool=tool,
        cluster=view.cluster.name,
        name=name,
        team="",
        namespace=NAMESPACE,
        chart=chart,
    )


def _release(
    *, tool: GitOps, cluster: str, name: str, team: str, namespace: str, chart: str
) -> HelmRelease:
    by_flux = tool is GitOps.FLUX
    return HelmRelease(
        tool=tool,
        cluster=cluster,
        name=name,
        team=team,
        namespace=namespace,
        chart=chart,
        helm=helm_release(name) if by_flux else RELEASE,
        storage=NAMESPACE if by_flux else "",
    )


def place_of(path: str) -> tuple[GitOps, str] | None:
    """The tool and the cluster whose releases a file holds, by its path; None for other files."""
    for tool, folder in FOLDERS.items():
        match path.split("/"):
            case [first, cluster, second, *_, _] if (first, second) == (tool, folder):
                return tool, cluster
    return None


def team_at(path: str) -> str:
    """The team whose releases the file at such a place holds; empty for the platform's."""
    folder, _, file = path.rpartition("/")
    return file.removesuffix(".yaml") if folder.endswith("/teams") else ""


def releases_in(path: str, content: bytes) -> tuple[HelmRelease, ...]:
    """The releases that a generated file holds, whichever version of transire wrote it.

    Raises:
        ValueError: if the file holds something else than objects.
    """
    place = place_of(path)
    if place is None:
        raise ValueError(f"{path!r} is no place for releases")
    try:
        bodies = list(yaml.load_all(content, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML") from error
    if not all(isinstance(each, dict) for each in bodies):
        raise ValueError(f"{path} holds something else than objects")
    return tuple(_read(*place, each) for each in bodies if each.get("kind") in _KINDS)


Pins = Mapping[tuple[str, str], str]
"""What is pinned, by the kind and the name of the object that pins it."""


def pins_in(content: bytes) -> Pins:
    """The pins in a generated file; none in one of another time that is no YAML."""
    try:
        bodies = list(yaml.load_all(content, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return {}
    objects = (each for each in bodies if isinstance(each, dict))
    return {
        (_at(each, "kind"), _at(each, "metadata", "name")): pin
        for each in objects
        if (pin := pin_of(each))
    }


def pin_of(body: Mapping[str, Any]) -> str:
    """What pins a chart in a release or in the source of one; empty where nothing does."""
    paths = (
        ("spec", "source", "targetRevision"),
        ("spec", "chart", "spec", "version"),
        ("spec", "ref", "tag"),
    )
    return next(filter(None, (_at(body, *path) for path in paths)), "")


def _read(tool: GitOps, cluster: str, body: dict[str, Any]) -> HelmRelease:
    by_flux = tool is GitOps.FLUX
    chart = _at(body, "spec", "chart", "spec", "chart") if by_flux else _argocd_chart(body)
    return HelmRelease(
        tool=tool,
        cluster=cluster,
        name=_at(body, "metadata", "name"),
        team=_at(body, "metadata", "labels", "transire/team"),
        namespace=_at(body, "spec", "targetNamespace")
        if by_flux
        else _at(body, "spec", "destination", "namespace"),
        chart=PurePosixPath(chart).name,
        helm=_at(body, "spec", "releaseName")
        if by_flux
        else _at(body, "spec", "source", "helm", "releaseName"),
        storage=_at(body, "spec", "storageNamespace") if by_flux else "",
    )


def _argocd_chart(body: dict[str, Any]) -> str:
    """The chart's folder, or its repository where the folder is the repository's root."""
    folder = _at(body, "spec", "source", "path")
    return _at(body, "spec", "source", "repoURL") if folder in {"", "."} else folder


def _at(body: object, *path: str) -> str:
    """The text at a path of keys; empty where there is none."""
    for key in path:
        body = body.get(key) if isinstance(body, Mapping) else None
    return body if isinstance(body, str) else ""
