"""What goes wrong around a release: nothing opens, and once it is mended the same call ends well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.e2e.argocd_sync import applications, sync
from support.e2e.client import Client
from support.e2e.continuity import Judge
from support.e2e.control_plane import ControlPlane, control_plane
from support.e2e.definitions import install
from support.e2e.example import Rendered, policies_of
from support.e2e.helms import HELMS, Helm, HelmRefused, helm_of
from support.e2e.history import recorded
from support.e2e.lived import Version
from support.e2e.programs import Programs
from support.e2e.setting import add_namespaces, may_write
from support.e2e.wait import until

_POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"
by_helm = pytest.mark.parametrize("choice", HELMS)


@pytest.fixture(scope="module")
def before(merges: dict[str, Path]) -> Version:
    """The cluster of NetworkPolicies to begin with."""
    return Version.of(merges["start"], "edge")


@pytest.fixture(scope="module")
def after(merges: dict[str, Path]) -> Version:
    """The same with other hosts and other names of rules, so that objects come and go."""
    return Version.of(merges["other names"], "edge")


@pytest.fixture(scope="module")
def admin(plane: ControlPlane, before: Version) -> Client:
    add_namespaces(plane.client, {*before.cluster.namespaces, *before.enrolled})
    for body in before.cluster.access:
        plane.client.apply(body, manager="root").object()
    return plane.client


@pytest.fixture
def helm(plane: ControlPlane, choice: str, tmp_path: Path) -> Helm:
    return helm_of(choice, plane.kubeconfig, tmp_path, in_their_names=False)


def _team(version: Version, name: str) -> Rendered:
    (found,) = [each for each in version.cluster.releases if each.name == name]
    return found


def _names(admin: Client, namespace: str) -> list[str]:
    path = _POLICIES.replace("networkpolicies", f"namespaces/{namespace}/networkpolicies")
    return sorted(each["metadata"]["name"] for each in admin.items(path))


def _rendered(release: Rendered) -> list[str]:
    return sorted(each["metadata"]["name"] for each in release.objects)


@contextmanager
def _refusing(admin: Client, name: str) -> Iterator[None]:
    """Somebody else's admission policy refuses one object while the block runs."""
    metadata = {"name": "others"}
    rule = {
        "apiGroups": ["networking.k8s.io"],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["networkpolicies"],
    }
    policy = {
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [{"expression": f'object.metadata.name != "{name}"'}],
    }
    version = "admissionregistration.k8s.io/v1"
    bodies: list[Mapping[str, Any]] = [
        {"kind": "ValidatingAdmissionPolicy", "spec": policy},
        {
            "kind": "ValidatingAdmissionPolicyBinding",
            "spec": {"policyName": "others", "validationActions": ["Deny"]},
        },
    ]
    bodies = [{"apiVersion": version, "metadata": metadata, **each} for each in bodies]
    probe = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"podSelector": {}},
    }

    def passes() -> bool:
        return admin.create(probe, dry_run=True).ok

    for body in bodies:
        admin.create(body).object()
    until(lambda: not passes(), "the other policy never acts")
    yield
    for body in bodies:
        assert admin.delete(admin.ref(body)).ok
    until(passes, "the other policy still acts")


@by_helm
def test_a_chart_that_is_half_applied_opens_nothing_and_is_completed_by_the_next_try(
    admin: Client, helm: Helm, before: Version, after: Version
) -> None:
    old, new = _team(before, "factory-factory"), _team(after, "factory-factory")
    (added,) = set(_rendered(new)) - set(_rendered(old))
    helm.install(old)
    with recorded(admin, [_POLICIES]) as recording:
        with _refusing(admin, added), pytest.raises(HelmRefused, match="others"):
            helm.upgrade(new)
        left = _names(admin, old.place)
        helm.upgrade(new)
        recording.mark("tried twice")

    judge, history = Judge(cluster=before.baseline.cluster), recording.parts["tried twice"]
    assert left == _rendered(old)
    assert _names(admin, old.place) == _rendered(new)
    assert judge.opened(history, [old.place]) == judge.cut(history, [old.place]) == []
    helm.uninstall(new)


@by_helm
def test_two_releases_on_one_object_leave_it_to_the_first(
    admin: Client, helm: Helm, before: Version
) -> None:
    ours = _team(before, "identity-identity")
    helm.install(ours)
    stored = admin.items(_POLICIES)

    with pytest.raises(HelmRefused, match="another"):
        helm.install(replace(ours, name="another"))

    assert admin.items(_POLICIES) == stored
    helm.uninstall(ours)


@by_helm
def test_a_release_of_another_name_takes_over_what_is_handed_to_it(
    admin: Client, helm: Helm, before: Version
) -> None:
    """The commands are those of `docs/publishing.md`: mark the objects, forget the old release."""
    old = _team(before, "identity-identity")
    new = replace(old, name="identity-by-another-name")
    helm.install(old)
    stored = _names(admin, old.place)
    with recorded(admin, [_POLICIES]) as recording:
        for body in old.objects:
            mark = {"metadata": {"annotations": {"meta.helm.sh/release-name": new.name}}}
            admin.merge(admin.ref(body), mark).object()
        for secret in admin.items("/api/v1/secrets"):
            if secret["metadata"].get("labels", {}).get("name") == old.name:
                assert admin.delete(admin.ref(_whole(secret))).ok
        helm.install(new)
        recording.mark("handed over")

    judge, history = Judge(cluster=before.baseline.cluster), recording.parts["handed over"]
    assert helm.history(old) == []
    assert helm.history(new) == [(1, "deployed")]
    assert _names(admin, old.place) == stored
    assert "DELETED" not in {change.how for change in history.changes}
    assert judge.opened(history, [old.place]) == judge.cut(history, [old.place]) == []
    helm.uninstall(new)


def _whole(secret: Mapping[str, Any]) -> dict[str, Any]:
    """A list leaves the kind of its items out."""
    return {"apiVersion": "v1", "kind": "Secret", **secret}


@by_helm
def test_an_object_that_somebody_made_by_hand_is_not_taken_over(
    admin: Client, helm: Helm, before: Version
) -> None:
    ours = _team(before, "identity-identity")
    (first, *_) = ours.objects
    ref = admin.ref(admin.apply(first, manager="somebody").object())
    stored = admin.get(ref).object()

    with pytest.raises(HelmRefused, match="invalid ownership metadata"):
        helm.install(ours)

    assert admin.get(ref).object() == stored
    assert admin.delete(ref).ok
    if helm.history(ours):
        helm.uninstall(ours)


@pytest.fixture
def bare(
    request: pytest.FixtureRequest, server_programs: Programs, tmp_path: Path
) -> Iterator[ControlPlane]:
    """A cluster of its own, with the flags that a test gives its API server."""
    flags = getattr(request, "param", ())
    with control_plane(server_programs, tmp_path / "files", *flags) as started:
        yield started


@by_helm
def test_without_a_definition_nothing_is_written_until_it_is_installed(
    bare: ControlPlane, merges: dict[str, Path], choice: str, tmp_path: Path
) -> None:
    version = Version.of(merges["start"], "prod-eu")
    add_namespaces(bare.client, {*version.cluster.namespaces, *version.enrolled})
    helm = helm_of(choice, bare.kubeconfig, tmp_path, in_their_names=False)
    releases = version.cluster.releases
    for each in releases:
        with pytest.raises(HelmRefused, match="ensure CRDs are installed first"):
            helm.install(each)
        assert helm.history(each) == []

    install(bare.client, policies_of("prod-eu"))
    for each in releases:
        helm.install(each)

    assert [helm.history(each) for each in releases] == [[(1, "deployed")]] * len(releases)
    for body in version.cluster.rendered:
        assert bare.client.get(bare.client.ref(body)).ok


_WITHOUT = (
    "--runtime-config=admissionregistration.k8s.io/v1/validatingadmissionpolicies=false",
    "--disable-admission-plugins=ValidatingAdmissionPolicy",
)
"""An API server that has no such kind, as those before Kubernetes 1.30."""


@pytest.mark.parametrize("bare", [_WITHOUT], indirect=True, ids=["1.29"])
@by_helm
def test_an_api_server_without_admission_policies_keeps_the_baseline_that_it_has(
    bare: ControlPlane, merges: dict[str, Path], choice: str, tmp_path: Path
) -> None:
    before, guarded = (Version.of(merges[each], "edge") for each in ("start", "admission"))
    add_namespaces(bare.client, {*guarded.cluster.namespaces, *guarded.enrolled})
    helm = helm_of(choice, bare.kubeconfig, tmp_path, in_their_names=False)
    helm.install(_team(before, "egress-baseline"))
    stored = bare.client.items(_POLICIES)

    with pytest.raises(HelmRefused, match='no matches for kind "ValidatingAdmissionPolicy"'):
        helm.upgrade(_team(guarded, "egress-baseline"))

    assert bare.client.items(_POLICIES) == stored
    assert helm.history(_team(before, "egress-baseline"))[0] == (1, "deployed")


@pytest.mark.parametrize("name", ["edge", "prod-eu"])
def test_without_its_rights_a_sync_changes_nothing_until_they_are_back(
    bare: ControlPlane, merges: dict[str, Path], name: str
) -> None:
    before, after = (Version.of(merges[each], name) for each in ("start", "other hosts"))
    admin = bare.client
    install(admin, policies_of(name))
    add_namespaces(admin, {*after.cluster.namespaces, *after.enrolled})
    for body in before.cluster.access:
        admin.apply(body, manager="root").object()
    old = {each.name: each for each in applications(before.cluster)}
    until(
        lambda: all(may_write(admin, [each.release for each in old.values()])), "nobody may write"
    )
    for each in old.values():
        sync(admin, each, (), last_first=False)
    bindings = [each for each in before.cluster.access if each["kind"].endswith("Binding")]
    changed = [
        each
        for each in applications(after.cluster)
        if each.release.objects != old[each.name].release.objects
    ]
    releases = [each.release for each in changed]

    for body in bindings:
        assert admin.delete(admin.ref(body)).ok
    until(lambda: not any(may_write(admin, releases)), "nobody may write any more")
    for each in changed:
        last = old[each.name].release.objects
        with pytest.raises(AssertionError, match="is forbidden"):
            sync(admin, each, last, last_first=False)
    kept = {
        admin.ref(body): admin.get(admin.ref(body)).object() for body in before.cluster.rendered
    }
    for body in bindings:
        admin.apply(body, manager="root").object()
    until(lambda: all(may_write(admin, releases)), "all may write again")
    for each in changed:
        sync(admin, each, old[each.name].release.objects, last_first=False)

    assert changed
    assert all(body["metadata"].get("generation", 1) == 1 for body in kept.values())
    for each in changed:
        for body in each.release.objects:
            stored = admin.get(admin.ref(body)).object()["spec"]
            assert stored == {key: part for key, part in body["spec"].items() if part != []}
