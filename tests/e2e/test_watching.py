"""The watch that other tests rely on finds what is planted between two revisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.e2e.client import Client, Ref
from support.e2e.continuity import Judge, hasty_deletions
from support.e2e.control_plane import ControlPlane
from support.e2e.history import History, recorded
from support.e2e.lived import Version
from support.e2e.setting import add_namespaces

_NAMESPACE = "factory"
_POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"
_OWNER = {"meta.helm.sh/release-name": "factory"}


@dataclass(frozen=True, kw_only=True)
class Factory:
    """A namespace that is enforced by NetworkPolicies of ours, and the engine's reading of it."""

    admin: Client
    judge: Judge
    ours: Mapping[str, dict[str, Any]]

    def ref(self, name: str) -> Ref:
        return self.admin.ref(self.ours[name])

    def write(self, body: Mapping[str, Any]) -> None:
        self.admin.apply(body, manager="ours").object()

    def delete(self, name: str) -> None:
        assert self.admin.delete(self.ref(name)).ok

    def history(self, planted: Callable[[Factory], None]) -> History:
        """Everything of ours is there and nothing else; then what is planted happens."""
        assert self.admin.raw("DELETE", self.ref("egress-deny").collection).ok
        for each in self.ours.values():
            self.write(each)
        with recorded(self.admin, [_POLICIES]) as recording:
            planted(self)
            recording.mark("planted")
        return recording.parts["planted"]


@pytest.fixture(scope="module")
def factory(plane: ControlPlane, merges: dict[str, Path]) -> Factory:
    version = Version.of(merges["start"], "edge")
    add_namespaces(plane.client, version.enrolled)
    ours = {
        each["metadata"]["name"]: _owned(each)
        for each in version.cluster.rendered
        if each["metadata"].get("namespace") == _NAMESPACE
    }
    judge = Judge(cluster=version.baseline.cluster)
    return Factory(admin=plane.client, judge=judge, ours=ours)


def _owned(body: Mapping[str, Any], **metadata: object) -> dict[str, Any]:
    """The object as Helm marks it, so that its release is known."""
    return {**body, "metadata": {**body["metadata"], "annotations": _OWNER, **metadata}}


def _nothing(_: Factory) -> None:
    pass


def _everything_again(factory: Factory) -> None:
    for each in factory.ours.values():
        factory.write(_owned(each, labels={"again": "yes"}))


def _added_before_it_goes(factory: Factory) -> None:
    factory.write(_owned(factory.ours["egress-allow-controllers"], name="renamed"))
    factory.delete("egress-allow-controllers")


_RENAMED = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "renamed", "namespace": _NAMESPACE},
}


def _denies_gone_for_a_moment(factory: Factory) -> None:
    denies = [name for name, body in factory.ours.items() if _layer(body) == "deny"]
    assert denies
    for name in factory.ours:
        factory.delete(name)
    _everything_again(factory)


def _layer(body: Mapping[str, Any]) -> object:
    return body["metadata"]["labels"]["transire/layer"]


def _opened_for_a_moment(factory: Factory) -> None:
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}
    factory.write({**_RENAMED, "spec": spec})
    assert factory.admin.delete(factory.admin.ref(_RENAMED)).ok


def _deleted_before_its_replacement(factory: Factory) -> None:
    factory.delete("egress-allow-controllers")
    factory.write(_owned(factory.ours["egress-allow-controllers"], name="renamed"))


def _emptied_for_a_moment(factory: Factory) -> None:
    body = factory.ours["egress-allow-controllers"]
    factory.write({**body, "spec": {**body["spec"], "egress": []}})
    factory.write(body)


@pytest.mark.parametrize("harmless", [_nothing, _everything_again, _added_before_it_goes])
def test_what_leaves_everything_in_force_is_no_finding(
    factory: Factory, harmless: Callable[[Factory], None]
) -> None:
    history = factory.history(harmless)

    assert factory.judge.opened(history, [_NAMESPACE]) == []
    assert factory.judge.cut(history, [_NAMESPACE]) == []
    assert hasty_deletions(history) == []


@pytest.mark.parametrize("opening", [_denies_gone_for_a_moment, _opened_for_a_moment])
def test_a_namespace_that_is_open_for_one_revision_is_found(
    factory: Factory, opening: Callable[[Factory], None]
) -> None:
    history = factory.history(opening)

    assert factory.judge.opened(history, [_NAMESPACE])
    assert factory.judge.opened(history, ["batch"]) == []


@pytest.mark.parametrize("cutting", [_deleted_before_its_replacement, _emptied_for_a_moment])
def test_a_namespace_that_is_cut_for_one_revision_is_found(
    factory: Factory, cutting: Callable[[Factory], None]
) -> None:
    history = factory.history(cutting)

    assert factory.judge.opened(history, [_NAMESPACE]) == []
    assert factory.judge.cut(history, [_NAMESPACE])
    assert bool(hasty_deletions(history)) == (cutting is _deleted_before_its_replacement)


def test_every_revision_is_seen_in_the_order_of_etcd(factory: Factory) -> None:
    def planted(factory: Factory) -> None:
        for _ in range(20):
            _opened_for_a_moment(factory)

    history = factory.history(planted)

    revisions = [change.revision for change in history.changes]
    assert [change.how for change in history.changes] == ["ADDED", "DELETED"] * 20
    assert revisions == sorted(revisions)
    assert history.after == history.before
