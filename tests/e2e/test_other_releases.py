"""API servers of other releases of Kubernetes, as far as the one that is here can be them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support import needs
from support.e2e.admission import switch_on
from support.e2e.client import Client
from support.e2e.control_plane import control_plane
from support.e2e.definitions import install
from support.e2e.example import PLATFORM_USER, ExampleCluster, cluster_of, policies_of
from support.e2e.predicted import of_kubernetes
from support.e2e.programs import Programs
from support.e2e.setting import add_namespaces, make_administrator
from support.e2e.stored import ADDED, differences, without_server_fields
from support.engines.case_files import documents, release
from support.shared_data import shared

_CLUSTER = "prod-eu"
_SPELLINGS = (
    "198.51.100.7/24",
    "198.51.100.0/24",
    "198.051.100.0/24",
    "2001:db8::1/64",
    "2001:db8::/64",
    "2001:DB8::/64",
)
_FIRST_WITH_EMULATION = 34
"""Of those that can start as releases before them, from here on all of what is needed is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A server that behaves as a release of that minor number, with the example's namespaces."""

    minor: int
    admin: Client
    cluster: ExampleCluster


@pytest.fixture(scope="module", params=[0, 1, 3], ids=["newest", "one before", "three before"])
def other(
    request: pytest.FixtureRequest,
    server_programs: Programs,
    example: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Other]:
    """The server as itself, and as releases before it."""
    command = [*server_programs.apiserver, "--version"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"v1\.(\d+)\.", printed)
    assert found, printed
    minor = int(found[1]) - request.param
    if request.param and int(found[1]) < _FIRST_WITH_EMULATION:
        pytest.skip(needs.EMULATION)
    flags = [f"--emulated-version=1.{minor}"] if request.param else []
    cluster = cluster_of(example, _CLUSTER)
    folder = tmp_path_factory.mktemp("other") / "files"
    with control_plane(server_programs, folder, *flags) as started:
        install(started.client, policies_of(_CLUSTER))
        add_namespaces(started.client, [*cluster.namespaces, "batch", "team-a"])
        yield Other(minor=minor, admin=started.client, cluster=cluster)


def test_it_says_that_it_is_of_that_release(other: Other) -> None:
    version = other.admin.raw("GET", "/version").object()

    assert int(version.get("emulationMinor", version["minor"])) == other.minor


def test_everything_is_stored_as_it_was_rendered(other: Other) -> None:
    bodies = (*other.cluster.access, *other.cluster.rendered)
    # last, since from some time after that nobody but publishers may write the others
    for body in sorted(bodies, key=_is_of_admission):
        stored = other.admin.apply(body, manager="publisher").object()

        added = set(differences(body, without_server_fields(stored)))
        assert added <= ADDED.get(body["kind"], set()), body["metadata"]["name"]


def _is_of_admission(body: Mapping[str, Any]) -> bool:
    return bool(body["apiVersion"].startswith("admissionregistration.k8s.io/"))


def test_the_admission_policy_acts(other: Other) -> None:
    for user in ("team", PLATFORM_USER):
        make_administrator(other.admin, user)

    switch_on(other.admin, other.admin.as_user("team"), other.cluster)


def _policy(name: str, cidr: str) -> dict[str, Any]:
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [_block(cidr)]}]}
    metadata = {"name": name, "namespace": "team-a"}
    version = "networking.k8s.io/v1"
    return {"apiVersion": version, "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _block(cidr: str) -> Mapping[str, Any]:
    return {"ipBlock": {"cidr": cidr}}


def test_spellings_of_ranges_are_refused_where_that_is_predicted(other: Other) -> None:
    predict = of_kubernetes(release(f"kubernetes@1.{other.minor}"))
    bodies = [_policy(f"spelling-{at}", each) for at, each in enumerate(_SPELLINGS)]

    found = [predict.found(other.admin.create(each, dry_run=True)) for each in bodies]

    assert [each.refused for each in found] == [predict.given(each, {}).refused for each in bodies]
    assert any(each.refused for each in found) == (other.minor >= 36)


def test_the_spellings_that_were_recorded_are_refused_by_the_newest_alone(other: Other) -> None:
    path = shared("cases/apiserver/cidr-spelling-1-36/manifests.yaml")
    if path is None:
        pytest.skip(needs.RECORDED_CASES)
    bodies = documents(path.read_text("utf-8"))

    codes = {other.admin.create(each, dry_run=True).code for each in bodies}

    assert len(bodies) == 4
    assert codes == ({422} if other.minor >= 36 else {201})
