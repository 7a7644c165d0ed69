"""What somebody adds to the objects that publish: healed by what applies them, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.e2e.client import Answer, Client
from support.e2e.control_plane import control_plane
from support.e2e.definitions import install
from support.e2e.example import cluster_of, definitions_of
from support.e2e.programs import Programs
from support.e2e.setting import add_namespaces
from support.e2e.stored import without_server_fields
from support.e2e.wait import until

Tree = Mapping[str, Any]

_EVIL = {"egress": {"hosts": ["evil.example"]}}
_OTHER: Tree = {"repoURL": "https://git.example.com/other.git", "path": "."}
_HELM: Mapping[str, Any] = {
    "values": "mode: audit",
    "parameters": [{"name": "mode", "value": "audit"}],
    "fileParameters": [{"name": "mode", "path": "README.md"}],
    "passCredentials": True,
    "skipSchemaValidation": True,
    "ignoreMissingValueFiles": True,
    "valueFiles": ["targets/other.yaml"],
}
_SPEC_OF_APPLICATION: Mapping[str, Tree] = {
    "sources": {"sources": [_OTHER]},
    "ignoreDifferences": {"ignoreDifferences": [{"kind": "*", "jsonPointers": ["/spec"]}]},
    "automated": {"syncPolicy": {"automated": {"enabled": False}}},
    **{f"helm.{key}": {"source": {"helm": {key: value}}} for key, value in _HELM.items()},
}
_SPEC_OF_RELEASE: Mapping[str, Tree] = {
    "valuesFrom": {"valuesFrom": [{"kind": "ConfigMap", "name": "other"}]},
    "postRenderers": {"postRenderers": [{"kustomize": {"images": []}}]},
    "driftDetection": {"driftDetection": {"ignore": [{"paths": ["/spec"]}]}},
    "preserveValues": {"upgrade": {"preserveValues": True}},
    "force": {"upgrade": {"force": True}},
    "install schema": {"install": {"disableSchemaValidation": True}},
    "upgrade schema": {"upgrade": {"disableSchemaValidation": True}},
    "upgrade OpenAPI": {"upgrade": {"disableOpenAPIValidation": True}},
    "valuesFiles": {"chart": {"spec": {"valuesFiles": ["values.yaml"]}}},
}
HEALED = [
    *(("Application", patch, name) for name, patch in _SPEC_OF_APPLICATION.items()),
    *(("HelmRelease", patch, name) for name, patch in _SPEC_OF_RELEASE.items()),
]
REFUSED: list[tuple[str, Tree, str]] = [
    ("Application", {"source": {"helm": {"valuesObject": _EVIL}}}, "spec.source.helm.valuesObject"),
    ("Application", {"source": {"chart": "other"}}, "spec.source.chart"),
    ("Application", {"source": {"helm": {"values": "mode: audit"}}}, "spec.source.helm.values"),
    ("Application", {"source": {"kustomize": {"namePrefix": "a"}}}, "spec.source.kustomize"),
    ("Application", {"source": {"plugin": {"name": "other"}}}, "spec.source.plugin"),
    ("Application", {"sources": [_OTHER]}, "spec.sources"),
    ("HelmRelease", {"values": _EVIL}, "spec.values"),
    ("HelmRelease", {"kubeConfig": {"secretRef": {"name": "other"}}}, "spec.kubeConfig"),
    ("HelmRelease", {"commonMetadata": {"labels": {"a": "b"}}}, "spec.commonMetadata"),
    ("HelmRelease", {"install": {"remediation": {"retries": 1}}}, "spec.install.remediation"),
    ("HelmRelease", {"upgrade": {"remediation": {"retries": 1}}}, "spec.upgrade.remediation"),
    ("HelmRelease", _SPEC_OF_RELEASE["valuesFrom"], "spec.valuesFrom"),
    ("HelmRelease", _SPEC_OF_RELEASE["postRenderers"], "spec.postRenderers"),
    ("Kustomization", {"patches": [{"patch": "[]"}]}, "spec.patches"),
    ("Kustomization", {"postBuild": {"substitute": {"a": "b"}}}, "spec.postBuild"),
]
MAPS = [each for each in REFUSED if each[2] in {"spec.source.helm.valuesObject", "spec.values"}]
_KUSTOMIZATION = {
    "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
    "kind": "Kustomization",
    "metadata": {
        "name": "egress-releases",
        "namespace": "flux-system",
        "labels": {"app.kubernetes.io/part-of": "transire"},
    },
    "spec": {
        "interval": "10m",
        "path": "./flux",
        "prune": True,
        "sourceRef": {"kind": "GitRepository", "name": "egress"},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """A cluster that serves the kinds of both tools, one object of each, and the guards of both."""

    admin: Client
    objects: Mapping[str, Tree]
    guards: tuple[Tree, ...]

    def restored(self, kind: str) -> Tree:
        """The object as it is generated; what was added to it is gone."""
        body = self.objects[kind]
        assert self.admin.delete(self.admin.ref(body)).code in {200, 404}
        return self.admin.apply(body, manager="root").object()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Both guards in force, from when they act until they do not any more."""
        for body in self.guards:
            self.admin.apply(body, manager="person").object()
        until(lambda: all(self._is_refused(*each) for each in MAPS), "the guards never act")
        yield
        for body in self.guards:
            assert self.admin.delete(self.admin.ref(body)).ok
        until(lambda: not any(self._is_refused(*each) for each in MAPS), "the guards still act")

    def _is_refused(self, kind: str, patch: Tree, field: str) -> bool:
        self.restored(kind)
        return refused(self.tampered(kind, patch), field)

    def tampered(self, kind: str, patch: Tree) -> Answer:
        """What comes of a merge patch of the object's spec."""
        return self.admin.merge(self.admin.ref(self.objects[kind]), {"spec": patch})


def refused(answer: Answer, field: str) -> bool:
    """Whether a guard refused it, for the sake of that field."""
    return answer.code == 403 and f"denied request: {field} of this " in answer.message


@pytest.fixture(scope="module")
def publishing(
    server_programs: Programs, example: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Publishing]:
    """One cluster for both tools; the guards are not in force yet."""
    argocd, flux = cluster_of(example, "edge"), cluster_of(example, "prod-us")
    guard = yaml.safe_load_all((example / "argocd" / "guard.yaml").read_text("utf-8"))
    with control_plane(server_programs, tmp_path_factory.mktemp("publishing") / "files") as started:
        admin = started.client
        install(admin, definitions_of("edge"))
        add_namespaces(admin, ["argocd", "egress-system", "flux-system"])
        yield Publishing(
            admin=admin,
            objects={
                "Application": _first(argocd.gitops, "Application"),
                "HelmRelease": _first(flux.gitops, "HelmRelease"),
                "Kustomization": _KUSTOMIZATION,
            },
            guards=(
                *guard,
                *(each for each in flux.access if "ValidatingAdmission" in each["kind"]),
            ),
        )


def _first(objects: tuple[Tree, ...], kind: str) -> Tree:
    return next(each for each in objects if each["kind"] == kind)


@pytest.mark.parametrize("way", ["by the server", "by a merge"])
@pytest.mark.parametrize(
    ("kind", "patch"),
    [each[:2] for each in HEALED],
    ids=[f"{kind} {name}" for kind, _, name in HEALED],
)
def test_what_is_written_into_a_field_that_is_generated_is_seen_and_healed(
    publishing: Publishing, kind: str, patch: Tree, way: str
) -> None:
    body, admin = publishing.objects[kind], publishing.admin
    before = without_server_fields(publishing.restored(kind))
    bent = publishing.tampered(kind, patch).object()

    if way == "by the server":
        seen = admin.apply(body, manager="root", dry_run=True).object()
        after = admin.apply(body, manager="root").object()
    else:
        seen = admin.merge(admin.ref(body), body, dry_run=True).object()
        after = admin.merge(admin.ref(body), body).object()

    assert without_server_fields(bent) != before
    assert without_server_fields(seen) == before
    assert without_server_fields(after) == before


@pytest.mark.parametrize(("kind", "patch", "field"), MAPS, ids=[each[2] for each in MAPS])
def test_what_is_added_to_a_map_is_neither_seen_nor_healed(
    publishing: Publishing, kind: str, patch: Tree, field: str
) -> None:
    publishing.restored(kind)
    bent = publishing.tampered(kind, patch).object()

    after = publishing.admin.apply(publishing.objects[kind], manager="root").object()

    assert without_server_fields(after) == without_server_fields(bent), field


def test_the_guards_refuse_what_bends_and_pass_everything_else(publishing: Publishing) -> None:
    outcomes = []
    with publishing.guarded():
        for kind, patch, field in REFUSED:
            publishing.restored(kind)
            outcomes.append(refused(publishing.tampered(kind, patch), field))
        others = [
            publishing.tampered("Application", {"source": {"targetRevision": "1.2.3"}}).ok,
            publishing.tampered("HelmRelease", {"suspend": True}).ok,
            publishing.tampered("Kustomization", {"interval": "1m"}).ok,
        ]

    assert outcomes == [True] * len(REFUSED)
    assert others == [True, True, True]


def test_an_object_that_was_bent_before_can_still_be_written_and_be_put_back(
    publishing: Publishing,
) -> None:
    admin = publishing.admin
    bent = {}
    for kind, patch, _ in MAPS:
        ours = publishing.objects[kind]
        copy = {**ours, "metadata": {**ours["metadata"], "name": "bent"}}
        bent[kind] = admin.ref(admin.create(copy).object())
        admin.merge(bent[kind], {"spec": patch}).object()

    with publishing.guarded():
        note = {"metadata": {"annotations": {"a": "b"}}}
        noted = [admin.merge(ref, note).ok for ref in bent.values()]
        put_back = [
            admin.merge(bent[kind], {"spec": patch}).ok
            for kind, patch in (
                ("Application", {"source": {"helm": {"valuesObject": None}}}),
                ("HelmRelease", {"values": None}),
            )
        ]

    assert noted == [True, True]
    assert put_back == [True, True]


def test_an_application_of_others_may_have_what_ours_may_not(publishing: Publishing) -> None:
    theirs = {
        **publishing.objects["Application"],
        "metadata": {"name": "theirs", "namespace": "argocd"},
    }
    ref = publishing.admin.ref(publishing.admin.create(theirs).object())

    with publishing.guarded():
        answer = publishing.admin.merge(
            ref, {"spec": {"source": {"helm": {"valuesObject": _EVIL}}}}
        )

    assert answer.ok, answer.message
