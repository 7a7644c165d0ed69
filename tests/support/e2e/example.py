"""The example organisation as its clusters get it: rights, releases, and GitOps objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support.e2e.definitions import MinimalKind, minimal, upstream
from support.policy_repository import copy_example, edit, run
from transire.engines.registry import engine_of
from transire.helm import render
from transire.model.accounts import APPLIER, NAMESPACE, PLATFORM
from transire.model.engine import Release, Version

Object = Mapping[str, Any]

_USER = f"system:serviceaccount:{NAMESPACE}:"
APPLIER_USER, PLATFORM_USER = _USER + APPLIER, _USER + PLATFORM
"""The publishing accounts, as the API server names them."""

_RELEASES = {
    name: Release(engine=engine, version=Version.parse(version) if version else None)
    for name, engine, version in (
        ("edge", "kubernetes", ""),
        ("prod-eu", "cilium", "1.19"),
        ("prod-onprem", "calico-enterprise", "3.22"),
        ("prod-us", "cilium", "1.17"),
        ("staging", "calico", "3.30"),
    )
}
_VERSIONS = {"cilium.io": "v2", "projectcalico.org": "v3"}
"""Groups of kinds that a definition brings, with the version that we write."""

_CRDS = {
    "edge": (),
    "prod-eu": ("cilium/v1.19.5",),
    "prod-us": ("cilium/v1.17-branchpoint",),
    "prod-onprem": (
        "calico-enterprise/projectcalico.org-v3",
        "calico-enterprise/crd.projectcalico.org-v1",
    ),
    "staging": (
        "calico-oss/v3.32.1/projectcalico.org-v3",
        "calico-oss/v3.32.1/crd.projectcalico.org-v1",
    ),
}
CLUSTERS = tuple(_RELEASES)
"""The example's clusters: NetworkPolicy, Cilium, Calico Enterprise, Cilium, Calico."""

_GITOPS_CRDS = ("argocd", "flux")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What Helm renders for one release, and the account that writes it."""

    name: str
    user: str
    chart: Path
    values: Path
    place: str
    """The namespace that it is installed into."""
    objects: tuple[Object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleCluster:
    """What one cluster of the example gets, in the order in which it comes."""

    name: str
    access: tuple[Object, ...]
    releases: tuple[Rendered, ...]
    gitops: tuple[Object, ...]

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Every namespace that an object is in, but the default one."""
        objects = (*self.access, *self.gitops, *self.rendered)
        return tuple(sorted({n for each in objects if (n := each["metadata"].get("namespace"))}))

    @property
    def guarded(self) -> bool:
        """Whether it has an admission policy."""
        return any(each["kind"] == "ValidatingAdmissionPolicy" for each in self.rendered)

    @property
    def rendered(self) -> tuple[Object, ...]:
        """Everything that Helm renders for the cluster."""
        return tuple(each for release in self.releases for each in release.objects)


def with_admission(folder: Path) -> Path:
    """The example in `folder`, generated with `admission: true`."""
    copy_example(folder)
    settings = "admission: true\nargocd: {sync: impersonation}\nenrol: [batch]"
    edit(folder, "values/platform.yaml", "enrol: [batch]", settings)
    done = run(folder, "generate")
    assert done.code == 0, done.err
    return folder


def cluster_of(folder: Path, name: str) -> ExampleCluster:
    """What the generated repository in `folder` has for one cluster."""
    (place,) = [
        path for path in (folder / "argocd" / name, folder / "flux" / name) if path.exists()
    ]
    access = _in_order(place / "access")
    gitops = _in_order(place / ("applications" if place.parent.name == "argocd" else "releases"))
    releases = tuple(_releases(folder, name))
    return ExampleCluster(name=name, access=access, releases=releases, gitops=gitops)


def definitions_of(name: str) -> list[dict[str, Any]]:
    """What a cluster of that name has installed: upstream's definitions, else ours."""
    found = upstream(*_GITOPS_CRDS)
    return [*policies_of(name), *found, *(minimal(each) for each in _minimal_gitops())]


def policies_of(name: str) -> list[dict[str, Any]]:
    """The definitions of its engine alone."""
    return [*upstream(*_CRDS[name]), *(minimal(each) for each in _minimal_policies(name))]


def _minimal_gitops() -> Iterator[MinimalKind]:
    for kind, resource in (("Application", "applications"), ("AppProject", "appprojects")):
        yield MinimalKind(group="argoproj.io", version="v1alpha1", kind=kind, resource=resource)
    flux = "toolkit.fluxcd.io"
    for group, version, kind, resource in (
        (f"source.{flux}", "v1", "HelmRepository", "helmrepositories"),
        (f"source.{flux}", "v1", "GitRepository", "gitrepositories"),
        (f"helm.{flux}", "v2", "HelmRelease", "helmreleases"),
        (f"kustomize.{flux}", "v1", "Kustomization", "kustomizations"),
    ):
        yield MinimalKind(group=group, version=version, kind=kind, resource=resource)


def _minimal_policies(name: str) -> Iterator[MinimalKind]:
    release = _RELEASES[name]
    kinds = engine_of(release).kinds(release)
    for each in {*kinds.team, *kinds.baseline, *([kinds.tier] if kinds.tier else [])}:
        version = _VERSIONS.get(each.group)
        if version is not None:
            yield MinimalKind(
                group=each.group,
                version=version,
                kind=each.kind,
                resource=each.resource,
                namespaced=each.namespaced,
            )


def _releases(folder: Path, name: str) -> Iterator[Rendered]:
    for chart in ("egress-tier", "egress-baseline"):
        values = folder / "charts" / chart / "targets" / f"{name}.yaml"
        if values.exists():
            yield _rendered(values, chart, NAMESPACE, PLATFORM_USER)
    for values in sorted((folder / "charts" / "teams").glob(f"*/targets/*.{name}.yaml")):
        namespace = values.name.removesuffix(f".{name}.yaml")
        yield _rendered(values, f"{values.parents[1].name}-{namespace}", namespace, APPLIER_USER)


def _rendered(values: Path, release: str, namespace: str, user: str) -> Rendered:
    chart = values.parents[1]
    text = render(chart, values, release=release, namespace=namespace)
    return Rendered(
        name=release,
        user=user,
        chart=chart,
        values=values,
        place=namespace,
        objects=tuple(_objects(text)),
    )


def _in_order(place: Path) -> tuple[Object, ...]:
    """The objects of every file below a folder, the platform's before those of teams."""
    return tuple(
        each for path in sorted(place.rglob("*.yaml")) for each in _objects(path.read_text("utf-8"))
    )


def _objects(text: str) -> Iterable[Object]:
    return [each for each in yaml.load_all(text, yaml.CSafeLoader) if each]
