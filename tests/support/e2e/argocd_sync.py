"""What a sync of Argo CD writes, by the options of the Application that asks for it.

Taken from gitops-engine: within a wave objects come by kind, those of one kind at the same time, so
in any order, and with `PruneLast` what is not rendered any more goes when everything else is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from support.e2e.client import Body, Client
from support.e2e.example import ExampleCluster, Rendered
from support.e2e.wait import gone

_TRACKING = "argocd.argoproj.io/tracking-id"
_WAVE = "argocd.argoproj.io/sync-wave"
_MANAGER = "argocd-controller"
_FIRST = ("Namespace", "NetworkPolicy")
_LATER = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
"""Kinds that gitops-engine puts in an order; all others come after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A generated Application: its name, what it syncs, and its options."""

    name: str
    release: Rendered
    options: Mapping[str, str]

    @property
    def prunes(self) -> bool:
        """Whether what is not rendered any more is deleted."""
        return self.options.get("Prune") != "false"

    @property
    def propagation(self) -> str:
        """How objects are deleted; in the foreground where nothing is given."""
        return self.options.get("PrunePropagationPolicy", "foreground").capitalize()


def applications(cluster: ExampleCluster) -> list[Application]:
    """Every Application of a cluster with what it renders, in the order of their waves."""
    found = [each for each in cluster.gitops if each["kind"] == "Application"]
    ordered = sorted(found, key=lambda each: (_wave(each), each["metadata"]["name"]))
    return [_application(each, cluster) for each in ordered]


def sync(
    client: Client, application: Application, before: Sequence[Body], *, last_first: bool
) -> None:
    """Write what an Application renders, in the name of its account; `before` is its last sync.

    `last_first`: whether objects of one kind come in the reverse order of their names.
    """
    assert application.options["ServerSideApply"] == "true"
    assert application.options["PruneLast"] == "true"
    account = client.as_user(application.release.user)
    kept = set()
    by_name = sorted(application.release.objects, key=_name, reverse=last_first)
    for body in sorted(by_name, key=_place):
        ref = account.ref(body)
        account.apply(_tracked(body, application.name), manager=_MANAGER).object()
        kept.add(ref)
    for body in before if application.prunes else ():
        if (ref := account.ref(body)) not in kept:
            assert account.delete(ref, propagation=application.propagation).ok, ref
            gone(account, ref)


def _application(body: Body, cluster: ExampleCluster) -> Application:
    source, destination = body["spec"]["source"], body["spec"]["destination"]
    (release,) = [
        each
        for each in cluster.releases
        if each.place == destination["namespace"]
        and f"{each.values.parent.name}/{each.values.name}" in source["helm"]["valueFiles"]
        and source["repoURL"].endswith(each.chart.name)
    ]
    options = dict(each.split("=") for each in body["spec"]["syncPolicy"]["syncOptions"])
    return Application(name=body["metadata"]["name"], release=release, options=options)


def _tracked(body: Body, name: str) -> dict[str, Any]:
    metadata = dict(body["metadata"])
    group = body["apiVersion"].rpartition("/")[0]
    which = f"{name}:{group}/{body['kind']}:{metadata.get('namespace', '')}/{metadata['name']}"
    metadata["annotations"] = {**metadata.get("annotations", {}), _TRACKING: which}
    return {**body, "metadata": metadata}


def _name(body: Body) -> str:
    return str(body["metadata"]["name"])


def _place(body: Body) -> tuple[int, int]:
    kind = body["kind"]
    order = _FIRST.index(kind) - 10 if kind in _FIRST else 0
    order = _LATER.index(kind) - 5 if kind in _LATER else order
    return _wave(body), order


def _wave(body: Body) -> int:
    return int(body["metadata"].get("annotations", {}).get(_WAVE, "0"))
