"""Every object that the charts render is one that an API server takes whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from support import needs
from support.charts.built_in_schemas import BUILT_IN
from support.engines.crds import complaints, schemas_in
from support.paths import CHARTS
from support.shared_data import shared
from transire.helm import Chart

V3_BEHIND_V1 = {"projectcalico.org/v3": "crd.projectcalico.org/v1"}
"""Up to 3.31 only the definitions behind Calico's API server exist; the fields are the same."""

VALUES = sorted(CHARTS.glob("*/tests/values/*.yaml"))
RELEASES = {
    "cilium": [f"cilium/v1.{minor}-branchpoint" for minor in range(14, 19)] + ["cilium/v1.19-dev"],
    "calico-enterprise": [
        "calico-enterprise/projectcalico.org-v3",
        "calico-enterprise/crd.projectcalico.org-v1",
    ],
    "calico": [
        *("calico-oss/v3.29.7", "calico-oss/v3.30.7", "calico-oss/v3.31.7"),
        *("calico-oss/v3.32.1/crd.projectcalico.org-v1", "calico-oss/v3.32.1/projectcalico.org-v3"),
        "calico-oss/HEAD/projectcalico.org-v3",
    ],
}


def rendered(values: Iterable[Path]) -> list[Mapping[str, Any]]:
    return [each.body for path in values for each in Chart.load(path.parents[2]).manifests(path)]


def of_engine(engine: str) -> list[Mapping[str, Any]]:
    return rendered(path for path in VALUES if path.stem == engine)


@pytest.mark.parametrize(
    ("engine", "release"),
    [(engine, release) for engine, releases in RELEASES.items() for release in releases],
)
def test_objects_have_no_field_that_the_release_would_drop(engine: str, release: str) -> None:
    needs.helm("sdk")
    folder = shared(f"crds/{release}")
    if folder is None:
        pytest.skip(needs.DEFINITIONS)
    schemas = {**BUILT_IN, **schemas_in(folder)}
    stage = "3.29" not in release
    renamed = {} if ("projectcalico.org/v3", "NetworkPolicy") in schemas else V3_BEHIND_V1
    # Audit needs Calico 3.30, endPort and enableDefaultDeny need Cilium 1.16.
    objects = [
        each
        for each in of_engine(engine)
        if (stage or not each["kind"].startswith("Staged"))
        and not (release[:12] in {"cilium/v1.14", "cilium/v1.15"} and newer_than_1_15(each))
    ]

    assert len(objects) >= 4
    assert complaints(objects, schemas, renamed=renamed) == []


def newer_than_1_15(each: Mapping[str, Any]) -> bool:
    return "endPort" in str(each) or "enableDefaultDeny" in each["spec"] or "**." in str(each)


def test_old_cilium_would_drop_what_is_newer() -> None:
    needs.helm("sdk")
    folder = shared("crds/cilium/v1.15-branchpoint")
    if folder is None:
        pytest.skip(needs.DEFINITIONS)

    found = complaints(of_engine("cilium"), schemas_in(folder))

    assert any("'endPort' was unexpected" in each for each in found)
    assert any("'enableDefaultDeny' was unexpected" in each for each in found)


def test_objects_of_kubernetes_itself_are_what_we_mean_to_write() -> None:
    needs.helm("sdk")
    tier = Chart.load(CHARTS / "egress-tier").manifests()
    objects = [*rendered(VALUES), *(each.body for each in tier)]

    own = [each for each in objects if (each["apiVersion"], each["kind"]) in BUILT_IN]

    assert own
    assert complaints(own, BUILT_IN) == []


def test_the_tier_and_its_rights_are_whole(tmp_path: Path) -> None:
    needs.helm("sdk")
    folder = shared("crds/calico-oss/v3.32.1/projectcalico.org-v3")
    if folder is None:
        pytest.skip(needs.DEFINITIONS)
    values = tmp_path / "values.yaml"
    values.write_text('serviceAccounts: [{name: "a", namespace: "b"}]')

    objects = [each.body for each in Chart.load(CHARTS / "egress-tier").manifests(values)]

    assert [each["kind"] for each in objects] == ["ClusterRole", "ClusterRoleBinding", "Tier"]
    assert complaints(objects, {**BUILT_IN, **schemas_in(folder)}) == []


def test_admission_objects_are_whole(tmp_path: Path) -> None:
    needs.helm("sdk")
    values = tmp_path / "values.yaml"
    values.write_text('admission: {enabled: true, serviceAccounts: ["system:serviceaccount:a:b"]}')

    objects = [each.body for each in Chart.load(CHARTS / "egress-baseline").manifests(values)]

    assert len(objects) == 2
    assert complaints(objects, BUILT_IN) == []


def test_a_schema_of_ours_is_a_schema() -> None:
    for schema in BUILT_IN.values():
        jsonschema_rs.Draft7Validator(schema)
