"""What the API server refuses and stores of small manifests, against what was recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from support import needs
from support.e2e.client import YAML, Client
from support.e2e.control_plane import control_plane
from support.e2e.definitions import folder, install, upstream
from support.e2e.programs import Programs
from support.e2e.setting import add_namespaces
from support.e2e.stored import without_server_fields
from support.shared_data import shared

_KEPT = 150
"""So much of a refusal counts: what comes after it, recordings cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A file of recorded cases, with the definitions it was made with and where objects go."""

    file: str
    definitions: Sequence[str]
    collections: Mapping[str, str]
    """The path of each kind's objects."""

    def cases(self) -> list[dict[str, Any]]:
        """Its cases; the test is skipped where this machine does not have them."""
        path = shared(f"cases/apiserver/stored-forms/{self.file}")
        if path is None or folder() is None:
            pytest.skip(needs.RECORDED_CASES)
        cases: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cases"]
        return cases


def _calico(file: str, place: str) -> Recorded:
    version = "/apis/projectcalico.org/v3"
    kinds = ("NetworkPolicy", "GlobalNetworkPolicy", "NetworkSet", "GlobalNetworkSet", "Tier")
    wide = ("GlobalNetworkPolicy", "GlobalNetworkSet", "Tier")
    return Recorded(
        file=file,
        definitions=(f"{place}/projectcalico.org-v3",),
        collections={
            kind: version
            + ("" if kind in wide else "/namespaces/team-a")
            + f"/{kind.lower().replace('policy', 'policie')}s"
            for kind in kinds
        },
    )


RECORDED = (
    Recorded(
        file="kubernetes.json",
        definitions=(),
        collections={
            "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/team-a/networkpolicies"
        },
    ),
    Recorded(
        file="cilium.json",
        definitions=("cilium/v1.19-dev",),
        collections={
            "CiliumNetworkPolicy": "/apis/cilium.io/v2/namespaces/team-a/ciliumnetworkpolicies",
            "CiliumClusterwideNetworkPolicy": "/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies",
        },
    ),
    _calico("calico-oss.json", "calico-oss/v3.32.1"),
    _calico("calico-enterprise.json", "calico-enterprise"),
)
by_file = pytest.mark.parametrize(
    "recorded", RECORDED, ids=[each.file for each in RECORDED], scope="module"
)


@pytest.fixture(scope="module")
def admin(
    recorded: Recorded, server_programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A cluster with the definitions that the file was made with."""
    recorded.cases()
    with control_plane(server_programs, tmp_path_factory.mktemp("recorded") / "files") as plane:
        install(plane.client, upstream(*recorded.definitions))
        add_namespaces(plane.client, ["team-a"])
        yield plane.client


@by_file
def test_the_server_does_what_was_recorded(recorded: Recorded, admin: Client) -> None:
    cases = recorded.cases()

    found = {each["id"]: _created(admin, recorded, each["manifest"]) for each in cases}

    assert len(found) > 20
    assert found == {each["id"]: _short(each["create"]) for each in cases}


def _created(admin: Client, recorded: Recorded, manifest: str) -> Mapping[str, Any]:
    """A dry run of a lenient create, in the form of a recorded case."""
    path = recorded.collections[yaml.safe_load(manifest)["kind"]]
    answer = admin.raw("POST", path, manifest, content=YAML, dryRun="All", fieldValidation="Warn")
    if answer.ok:
        return {"stored": without_server_fields(answer.object())}
    return _short({"refused": answer.message})


def _short(created: Mapping[str, Any]) -> Mapping[str, Any]:
    refused = created.get("refused")
    return created if refused is None else {"refused": refused[:_KEPT]}
