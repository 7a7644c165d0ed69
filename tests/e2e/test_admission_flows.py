"""What has to go on while the admission policy is in force, with the real controllers."""

from __future__ import annotations

from typing import Any

import pytest

from support.e2e.admission import (
    PASSES,
    REFUSED,
    absent,
    break_glass,
    outcome,
    present,
    switch_on,
)
from support.e2e.client import Ref
from support.e2e.guarded import guarded_on
from support.e2e.judged import Judged, every_cluster
from support.e2e.setting import add_namespaces, make_administrator
from support.e2e.wait import gone

_NAMED = (
    "egress policies select namespaces by the labels kubernetes.io/metadata.name and "
    "projectcalico.org/name; both hold the namespace's own name"
)
on_calico = pytest.mark.parametrize("judged", ["staging"], indirect=True, scope="module")


@every_cluster
@pytest.mark.parametrize("propagation", ["Background", "Foreground", "Orphan"])
def test_what_the_publisher_prunes_goes_away(judged: Judged, propagation: str) -> None:
    judged.plane.need_controllers()
    refs = [present(judged.publisher, each.body()) for each in guarded_on(judged.cluster.name)]

    for ref in refs:
        assert judged.publisher.delete(ref, propagation=propagation).ok

    for ref in refs:
        gone(judged.admin, ref)


@every_cluster
@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
def test_what_an_owner_leaves_is_collected(judged: Judged, propagation: str) -> None:
    judged.plane.need_controllers()
    owner, refs = _owned(judged)

    assert judged.admin.delete(owner, propagation=propagation).ok

    for ref in (*refs, owner):
        gone(judged.admin, ref)


@every_cluster
def test_orphans_stay_without_their_owner(judged: Judged) -> None:
    judged.plane.need_controllers()
    owner, refs = _owned(judged)

    assert judged.admin.delete(owner, propagation="Orphan").ok

    gone(judged.admin, owner)
    for ref in refs:
        assert "ownerReferences" not in judged.admin.get(ref).object()["metadata"]


@every_cluster
def test_an_enrolled_namespace_can_be_deleted_with_its_policies(judged: Judged) -> None:
    judged.plane.need_controllers()
    namespaced = [each for each in guarded_on(judged.cluster.name) if each.kind.namespaced]
    for each in namespaced:
        present(judged.publisher, each.body())
    namespace = Ref(version="v1", resource="namespaces", namespace="", name="batch")

    assert judged.admin.delete(namespace).ok

    gone(judged.admin, namespace)
    add_namespaces(judged.admin, ["batch"])


@every_cluster
def test_whoever_breaks_the_glass_writes_until_it_is_mended(judged: Judged) -> None:
    kinds = guarded_on(judged.cluster.name)
    for each in kinds:
        absent(judged.publisher, each.body())

    break_glass(judged.admin, judged.team)
    open_outcomes = {str(each): outcome(judged.team.create(each.body())) for each in kinds}
    switch_on(judged.admin, judged.team, judged.cluster)

    shut = {str(each): outcome(judged.team.delete(judged.team.ref(each.body()))) for each in kinds}
    assert open_outcomes == {str(each): PASSES for each in kinds}
    assert shut == {str(each): REFUSED for each in kinds}


@every_cluster
def test_namespaces_that_are_not_enrolled_are_their_owners_own(judged: Judged) -> None:
    for each in guarded_on(judged.cluster.name):
        if each.kind.namespaced and each.kind.kind != "CiliumNodeConfig":
            body = each.body("elsewhere")

            assert outcome(judged.team.create(body)) == PASSES, body
            assert outcome(judged.team.delete(judged.team.ref(body))) == PASSES, body


@every_cluster
def test_settings_of_agents_are_judged_in_every_namespace(judged: Judged) -> None:
    (settings,) = [
        each for each in guarded_on(judged.cluster.name) if each.kind.kind == "CiliumNodeConfig"
    ]

    assert outcome(judged.team.create(settings.body("elsewhere"))) == REFUSED


@every_cluster
def test_the_status_of_a_policy_is_written_by_whoever_has_the_right(judged: Judged) -> None:
    guarded = {str(each): each for each in guarded_on(judged.cluster.name)}
    ref = present(
        judged.publisher, guarded["clusternetworkpolicies.policy.networking.k8s.io"].body()
    )
    condition = {
        "type": "Accepted",
        "status": "True",
        "reason": "Tried",
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }

    answer = judged.team.merge(ref, {"status": {"conditions": [condition]}}, below="status")

    assert outcome(answer) == PASSES


@every_cluster
def test_a_namespace_is_not_labelled_with_the_name_of_another(judged: Judged) -> None:
    refused = judged.team.create(_namespace("liar", {"projectcalico.org/name": "batch"}))

    assert refused.code == 403
    assert refused.message.endswith(_NAMED)
    assert judged.team.create(_namespace("liar", {"projectcalico.org/name": "liar"})).ok
    ref = judged.admin.ref(_namespace("liar", {}))
    lie = {"metadata": {"labels": {"projectcalico.org/name": "batch"}}}
    assert judged.team.merge(ref, lie).message.endswith(_NAMED)
    assert judged.publisher.merge(ref, lie).message.endswith(_NAMED)
    assert judged.team.merge(ref, {"metadata": {"labels": {"team": "a"}}}).ok
    assert judged.team.delete(ref).ok


@every_cluster
def test_the_servers_own_label_of_a_name_cannot_be_another(judged: Judged) -> None:
    """The API server sets it, whatever is written there."""
    body = _namespace("honest", {"kubernetes.io/metadata.name": "batch"})

    stored = judged.team.create(body).object()

    assert stored["metadata"]["labels"] == {"kubernetes.io/metadata.name": "honest"}
    assert judged.team.delete(judged.admin.ref(body)).ok


@every_cluster
def test_a_namespace_that_was_labelled_so_before_can_still_be_changed(judged: Judged) -> None:
    body = _namespace("older", {"projectcalico.org/name": "batch"})
    break_glass(judged.admin, judged.team)
    judged.team.create(body).object()
    switch_on(judged.admin, judged.team, judged.cluster)
    ref = judged.admin.ref(body)

    assert judged.team.merge(ref, {"metadata": {"labels": {"team": "a"}}}).ok
    assert judged.team.merge(ref, {"metadata": {"labels": {"projectcalico.org/name": None}}}).ok
    assert judged.team.delete(ref).ok


@every_cluster
def test_a_global_set_that_no_rule_of_ours_finds_is_its_owners(judged: Judged) -> None:
    body = _set("projectcalico.org/v3")

    assert outcome(judged.team.create(body)) == PASSES
    ref = judged.team.ref(body)
    ours = {"metadata": {"labels": {"transire/set": "baseline-time"}}}
    assert outcome(judged.team.merge(ref, ours)) == REFUSED
    assert outcome(judged.team.delete(ref)) == PASSES


@every_cluster
def test_in_calicos_storage_no_global_set_is_anybodys_own(judged: Judged) -> None:
    """There labels stand in an annotation, which the API server's own judgement does not read."""
    body = _set("crd.projectcalico.org/v1")

    assert outcome(judged.team.create(body)) == REFUSED


@on_calico
def test_calicos_own_api_server_writes_its_storage_and_nothing_else(judged: Judged) -> None:
    user = "system:serviceaccount:calico-system:calico-apiserver"
    make_administrator(judged.admin, user)
    server = judged.admin.as_user(user)
    for each in guarded_on("staging"):
        absent(judged.publisher, each.body())
        expected = PASSES if each.kind.group == "crd.projectcalico.org" else REFUSED

        assert outcome(server.create(each.body())) == expected, each


@on_calico
def test_calicos_nodes_make_what_they_start_with_and_keep_their_own_settings(
    judged: Judged,
) -> None:
    user = "system:serviceaccount:calico-system:calico-node"
    make_administrator(judged.admin, user)
    node = judged.admin.as_user(user)
    for each in guarded_on("staging"):
        absent(judged.publisher, each.body())
        made = each.kind.kind in {"Tier", "IPPool", "FelixConfiguration"}
        changed = each.kind.kind == "FelixConfiguration"

        assert outcome(node.create(each.body())) == (PASSES if made else REFUSED), each
        if made:
            ref = node.ref(each.body())
            came = outcome(node.merge(ref, {"spec": each.change}))
            assert came == (PASSES if changed else REFUSED), each
            assert outcome(node.delete(ref)) == REFUSED, each


def _owned(judged: Judged) -> tuple[Ref, list[Ref]]:
    """An object of a team, and policies that name it as their owner."""
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "owner", "namespace": "batch"},
    }
    owner = judged.admin.create(body).object()
    reference = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "owner",
        "uid": owner["metadata"]["uid"],
        "blockOwnerDeletion": True,
    }
    refs = []
    for each in guarded_on(judged.cluster.name):
        if each.kind.namespaced:
            absent(judged.publisher, each.body())
            ref = present(judged.publisher, each.body())
            patch = {"metadata": {"ownerReferences": [reference]}}
            judged.publisher.merge(ref, patch).object()
            refs.append(ref)
    return judged.admin.ref(owner), refs


def _namespace(name: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": labels},
    }


def _set(version: str) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": "GlobalNetworkSet",
        "metadata": {"name": "others", "labels": {"feed": "others"}},
        "spec": {"nets": ["198.51.100.0/24"]},
    }
