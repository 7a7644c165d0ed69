"""What the API server refuses and stores of small manifests, against records and predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from support import needs
from support.e2e.client import YAML, Body, Client
from support.e2e.control_plane import control_plane
from support.e2e.definitions import folder, install, upstream
from support.e2e.predicted import Form, Predict, of_calico, of_cilium
from support.e2e.programs import Programs
from support.e2e.setting import add_namespaces
from support.e2e.stored import without_server_fields
from support.engines.case_files import documents, release
from support.engines.stored_forms import stored_forms
from support.shared_data import shared
from transire.engines.calico.objects.releases import ENTERPRISE, V3_32, V3_33

_KEPT = 150
"""So much of a refusal counts: what comes after it, recordings cut off."""

_CALICO_SETS = ("calico", "calico-3.33", "calico-random", "http-calico")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The definitions of one release, files of recorded cases, and sets of manifests to push.

    `served` is how many different manifests of the sets are of kinds that are served.
    """

    definitions: Sequence[str]
    recorded: Sequence[str] = ()
    sets: Sequence[str]
    served: int
    predict: Predict


SERVED = {
    "cilium-1.19": Served(
        definitions=("cilium/v1.19-dev",),
        recorded=("kubernetes", "cilium"),
        sets=("cilium-1.19", "cilium-1.19-random", "kubernetes"),
        served=546,
        predict=of_cilium(release("cilium@1.19")),
    ),
    "cilium-1.20": Served(
        definitions=("cilium/v1.20.2", "network-policy-api/v0.2.0/experimental"),
        sets=("cilium-1.20", "cilium-1.20-random"),
        served=426,
        predict=of_cilium(release("cilium@1.20")),
    ),
    "calico-3.32": Served(
        definitions=(
            "calico-oss/v3.32.1/projectcalico.org-v3",
            "calico-oss/v3.32.1/policy.networking.k8s.io_clusternetworkpolicies.yaml",
        ),
        recorded=("calico-oss",),
        sets=_CALICO_SETS,
        served=595,
        predict=of_calico(V3_32),
    ),
    "calico-3.33": Served(
        definitions=(
            "calico-oss/release-v3.33/projectcalico.org-v3",
            "calico-oss/release-v3.33/policy.networking.k8s.io_clusternetworkpolicies.yaml",
        ),
        sets=_CALICO_SETS,
        served=595,
        predict=of_calico(V3_33),
    ),
    "calico-enterprise": Served(
        definitions=("calico-enterprise/projectcalico.org-v3",),
        recorded=("calico-enterprise",),
        sets=("calico",),
        served=180,
        predict=of_calico(ENTERPRISE[3, 24][-1]),
    ),
}
"""The operator's definitions of Calico Enterprise are those of its newest branch."""

by_release = pytest.mark.parametrize("served", SERVED.values(), ids=SERVED, scope="module")


@pytest.fixture(scope="module")
def admin(
    served: Served, server_programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A cluster with the definitions of one release."""
    if folder() is None:
        pytest.skip(needs.DEFINITIONS)
    with control_plane(server_programs, tmp_path_factory.mktemp("served") / "files") as plane:
        install(plane.client, upstream(*served.definitions))
        add_namespaces(plane.client, ["team-a"])
        yield plane.client


@by_release
def test_the_server_does_what_was_recorded(served: Served, admin: Client) -> None:
    for file in served.recorded:
        cases = stored_forms(file)
        if not cases:
            pytest.skip(needs.RECORDED_CASES)

        found = {each["id"]: _recorded(admin, each["manifest"]) for each in cases}

        assert len(found) > 20
        assert found == {each["id"]: _short(each["create"]) for each in cases}


@by_release
def test_the_server_does_what_is_predicted(served: Served, admin: Client) -> None:
    found: dict[str, Form] = {}
    predicted: dict[str, Form] = {}
    for name, (body, options) in _manifests(served.sets).items():
        path = _place(admin, body)
        if path is not None:
            answer = admin.raw("POST", path, body, dryRun="All", fieldValidation="Warn")
            found[name] = served.predict.found(answer)
            predicted[name] = served.predict.given(body, options)

    assert len(found) == served.served
    assert found == predicted


@by_release
def test_a_server_side_apply_is_taken_where_that_is_predicted(
    served: Served, admin: Client
) -> None:
    taken: dict[str, bool] = {}
    predicted: dict[str, bool] = {}
    for name, (body, options) in _manifests(served.sets).items():
        if _place(admin, body) is not None and body["metadata"].get("name"):
            answer = admin.apply(body, manager="somebody", dry_run=True)
            assert answer.ok or answer.code in {400, 422, 500}, answer
            taken[name] = answer.ok
            predicted[name] = served.predict.applied(body, options)

    assert len(taken) >= served.served - 1
    assert taken == predicted


def _manifests(sets: Sequence[str]) -> dict[str, tuple[Body, Mapping[str, str]]]:
    """Every different manifest of these sets, by its case, with the options of its agent."""
    found: dict[str, tuple[str, Body, Mapping[str, str]]] = {}
    for file in sets:
        path = shared(f"conformance/{file}.json")
        if path is None:
            pytest.skip(needs.VERDICTS)
        for case in json.loads(path.read_text("utf-8")):
            given, options = case["manifests"], case.get("agent_options", {})
            text = given if isinstance(given, str) else "\n---\n".join(given)
            for index, body in enumerate(documents(text)):
                key = json.dumps([body, options])
                found.setdefault(key, (f"{file}/{case['id']}/{index}", body, options))
    return {name: (body, options) for name, body, options in found.values()}


def _place(admin: Client, body: Body) -> str | None:
    """Where an object is created, in a namespace that is there; None if its kind is not served."""
    if not admin.serves(body):
        return None
    ref = admin.ref(body)
    if ref.namespace:
        add_namespaces(admin, [ref.namespace])
    return ref.collection


def _recorded(admin: Client, manifest: str) -> Mapping[str, Any]:
    """A dry run of a lenient create, in the form of a recorded case."""
    path = admin.ref(yaml.safe_load(manifest)).collection
    answer = admin.raw("POST", path, manifest, content=YAML, dryRun="All", fieldValidation="Warn")
    if answer.ok:
        return {"stored": without_server_fields(answer.object())}
    return _short({"refused": answer.message})


def _short(created: Mapping[str, Any]) -> Mapping[str, Any]:
    refused = created.get("refused")
    return created if refused is None else {"refused": refused[:_KEPT]}
