"""The control plane itself: what the other tests here take for granted."""

from __future__ import annotations

from typing import Any

import pytest

from support.e2e.client import Client, Ref
from support.e2e.control_plane import ControlPlane
from support.e2e.setting import add_namespaces
from support.e2e.wait import gone


def _map(name: str, **metadata: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of an object
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "team-a", **metadata},
    }


@pytest.fixture(scope="module")
def admin(plane: ControlPlane) -> Client:
    add_namespaces(plane.client, ["team-a"])
    return plane.client


def test_the_server_is_of_a_release_with_admission_policies(admin: Client) -> None:
    version = admin.raw("GET", "/version").object()

    assert (int(version["major"]), int(version["minor"])) >= (1, 34)
    assert admin.raw("GET", "/apis/admissionregistration.k8s.io/v1").ok


def test_somebody_without_rights_is_refused(admin: Client) -> None:
    answer = admin.as_user("nobody").create(_map("a"))

    assert answer.code == 403
    assert answer.message == (
        'configmaps is forbidden: User "nobody" cannot create resource "configmaps" in API group "" '
        'in the namespace "team-a"'
    )


def test_an_unknown_field_is_refused_and_a_dry_run_stores_nothing(admin: Client) -> None:
    assert 'unknown field "dat"' in admin.create({**_map("b"), "dat": {}}).message
    assert admin.create(_map("b"), dry_run=True).ok
    assert admin.get(admin.ref(_map("b"))).code == 404


@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
def test_the_collector_takes_what_an_owner_leaves(
    plane: ControlPlane, admin: Client, propagation: str
) -> None:
    plane.need_controllers()
    owner = admin.create(_map(f"owner-{propagation.lower()}")).object()
    reference = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }
    owned = admin.create(_map(f"owned-{propagation.lower()}", ownerReferences=[reference])).object()

    assert admin.delete(admin.ref(owner), propagation=propagation).ok

    gone(admin, admin.ref(owner))
    gone(admin, admin.ref(owned))


def test_a_deleted_namespace_goes_with_all_that_is_in_it(
    plane: ControlPlane, admin: Client
) -> None:
    plane.need_controllers()
    add_namespaces(admin, ["leaving"])
    held = admin.create(_map("held", namespace="leaving")).object()
    namespace = Ref(version="v1", resource="namespaces", namespace="", name="leaving")

    assert admin.delete(namespace).ok

    gone(admin, namespace)
    assert admin.get(admin.ref(held)).code == 404
