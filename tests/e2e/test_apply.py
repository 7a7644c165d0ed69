"""Everything that the example generates, applied as it is published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.e2e.client import Client
from support.e2e.control_plane import control_plane
from support.e2e.definitions import install
from support.e2e.example import (
    APPLIER_USER,
    CLUSTERS,
    PLATFORM_USER,
    ExampleCluster,
    cluster_of,
    definitions_of,
)
from support.e2e.programs import Programs
from support.e2e.setting import ARGOCD, add_namespaces, make_administrator, may_write
from support.e2e.stored import ADDED, differences, without_server_fields
from support.e2e.wait import until
from transire.api import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A cluster of the example with everything applied once."""

    cluster: ExampleCluster
    admin: Client
    argocd: Client
    written: tuple[tuple[Mapping[str, Any], str], ...]
    """Each object with the account that wrote it; empty for the administrator."""


@pytest.fixture(scope="module", params=CLUSTERS)
def published(
    request: pytest.FixtureRequest,
    server_programs: Programs,
    example: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Published]:
    """Rights first, then what Helm renders in the name of its account, then the GitOps objects."""
    cluster = cluster_of(example, request.param)
    folder = tmp_path_factory.mktemp(request.param) / "files"
    with control_plane(server_programs, folder) as started:
        admin = started.client
        install(admin, definitions_of(cluster.name))
        add_namespaces(admin, cluster.namespaces)
        make_administrator(admin, ARGOCD)
        for body in cluster.access:
            answer = admin.apply(body, manager="publisher")
            assert (answer.ok, answer.warnings) == (True, ""), (body, answer)
        until(lambda: all(may_write(admin, cluster.releases)), "nobody may write")
        written = [
            *((each, release.user) for release in cluster.releases for each in release.objects),
            *((each, "") for each in cluster.gitops),
        ]
        for body, user in written:
            answer = admin.as_user(user).apply(body, manager="publisher")
            assert (answer.ok, answer.warnings) == (True, ""), (body, answer)
        yield Published(
            cluster=cluster,
            admin=admin,
            argocd=admin.as_user(ARGOCD),
            written=(*((each, "") for each in cluster.access), *written),
        )


def test_everything_is_stored_as_it_was_rendered(published: Published) -> None:
    assert len(published.written) > 15
    for body, _ in published.written:
        stored = published.admin.get(published.admin.ref(body)).object()

        added = set(differences(body, without_server_fields(stored)))

        assert added <= ADDED.get(body["kind"], set()), body["metadata"]["name"]


def test_what_is_stored_is_what_verify_looks_for(
    published: Published, example: Path, tmp_path: Path
) -> None:
    client = published.admin
    items = [client.get(client.ref(each)).object() for each in published.cluster.rendered]
    dump = tmp_path / "dump.json"
    listed = {"apiVersion": "v1", "kind": "List", "items": items}
    dump.write_text(json.dumps(listed), encoding="utf-8")
    found = verify(example, dump, cluster=published.cluster.name)

    assert (found.missing, found.changed, found.strangers) == ((), (), ())
    assert found.diff.targets == ()
    assert found.is_true


def test_a_second_apply_changes_nothing(published: Published) -> None:
    for body, user in published.written:
        before = published.admin.get(published.admin.ref(body)).object()

        after = published.admin.as_user(user).apply(body, manager="publisher").object()

        assert without_server_fields(after) == without_server_fields(before)
        if not _counted_as_a_change(body):
            assert after["metadata"].get("generation") == before["metadata"].get("generation")


def _counted_as_a_change(body: Mapping[str, Any]) -> bool:
    """Whether the server counts an apply as a change: it compares an empty list with none."""
    core = body["apiVersion"] == "networking.k8s.io/v1"
    return bool(core and body["spec"].get("egress") == [])


def test_argo_cd_sees_no_drift_where_it_compares_by_a_dry_run_in_its_own_name(
    published: Published,
) -> None:
    for body, _ in published.written:
        live = published.admin.get(published.admin.ref(body)).object()

        predicted = published.argocd.apply(body, manager="argocd-controller", dry_run=True)

        compared = without_server_fields(predicted.object()), without_server_fields(live)
        assert list(differences(*compared)) == []


def test_neither_account_writes_what_is_the_other_ones(published: Published) -> None:
    others = {APPLIER_USER: PLATFORM_USER, PLATFORM_USER: APPLIER_USER}
    tried = [
        (body, published.admin.as_user(others[release.user]).apply(body, manager="publisher"))
        for release in published.cluster.releases
        for body in release.objects
        if published.cluster.name != "edge" or body["metadata"].get("namespace") == "batch"
    ]

    assert tried  # on edge both write NetworkPolicies, and only `batch` has no team
    assert [body for body, answer in tried if answer.code != 403] == []
