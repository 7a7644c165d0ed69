from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import needs
from support.shared_data import shared
from transire.engines.calico.objects.releases import (
    ENTERPRISE,
    V3_29,
    V3_30,
    V3_32,
    V3_33,
    Dialect,
)
from transire.engines.calico.objects.schema import shapes
from transire.k8s.cluster_policies import EDITIONS, GROUP
from transire.k8s.typed_decoding import ListOf, MapOf, Scalar, Shape, Struct

RELEASES = [
    (V3_29, "calico-oss/v3.29.7"),
    (V3_30, "calico-oss/v3.30.7"),
    (V3_30, "calico-oss/v3.31.7"),
    (V3_32, "calico-oss/v3.32.1"),
    (V3_33, "calico-oss/release-v3.33"),
    *((each, "calico-enterprise") for some in ENTERPRISE.values() for each in some),
]
NOT_EVERYWHERE = {"StagedKubernetesNetworkPolicy", "HostEndpoint"}
"""Kinds whose definitions are not there for every release."""

_TYPES = {"string": Scalar.TEXT, "integer": Scalar.WHOLE, "number": Scalar.NUMBER,
          "boolean": Scalar.FLAG}  # fmt: skip


def defined(folder: Path, group: str = "projectcalico.org") -> Iterator[tuple[str, dict[str, Any]]]:
    """Kinds and the schemas of their specs."""
    for path in sorted(folder.rglob("*.yaml")):
        definition = yaml.safe_load(path.read_text("utf-8"))
        if definition["spec"]["group"].endswith(group):
            for version in definition["spec"]["versions"]:
                schema = version["schema"]["openAPIV3Schema"]
                yield definition["spec"]["names"]["kind"], schema["properties"]["spec"]


def described(schema: dict[str, Any]) -> object:
    """The fields and types of a definition, in a form that compares."""
    if schema.get("x-kubernetes-int-or-string"):
        return Scalar.WHOLE_OR_TEXT
    if "properties" in schema:
        return {key: described(each) for key, each in schema["properties"].items()}
    if "items" in schema:
        return [described(schema["items"])]
    if "additionalProperties" in schema:
        return ("map", described(schema["additionalProperties"]))
    return _TYPES[schema["type"]]


def shown(shape: Shape) -> object:
    """The same form of a shape."""
    match shape:
        case Struct(fields):
            return {key: shown(each) for key, each in fields.items()}
        case ListOf(item):
            return [shown(item)]
        case MapOf(value):
            return ("map", shown(value))
        case _:
            return shape


@pytest.mark.slow("upstream definitions read whole")
@pytest.mark.parametrize(("dialect", "folder"), RELEASES, ids=[each[1] for each in RELEASES])
def test_every_release_has_exactly_these_fields(dialect: Dialect, folder: str) -> None:
    path = shared(f"crds/{folder}")
    if path is None:
        pytest.skip(needs.DEFINITIONS)
    seen = set()
    for kind, schema in defined(path):
        seen.add(kind)
        assert shown(shapes(dialect)[kind].fields["spec"]) == described(schema), kind

    assert shapes(dialect).keys() - seen <= NOT_EVERYWHERE


@pytest.mark.slow("upstream definitions read whole")
@pytest.mark.parametrize(
    ("folder", "kinds"),
    [
        ("calico-oss/v3.31.7", {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"}),
        ("calico-oss/v3.32.1", {"ClusterNetworkPolicy"}),
        ("calico-oss/release-v3.33", {"ClusterNetworkPolicy"}),
    ],
)
def test_cluster_wide_policies_have_exactly_these_fields(folder: str, kinds: set[str]) -> None:
    path = shared(f"crds/{folder}")
    if path is None:
        pytest.skip(needs.DEFINITIONS)
    seen = dict(defined(path, GROUP))

    assert seen.keys() == kinds
    for kind, schema in seen.items():
        assert shown(EDITIONS[kind].shape.fields["spec"]) == described(schema), kind


def test_domains_are_fields_of_the_enterprise_product_alone() -> None:
    rule = "egress", "destination", "domains"

    def fields(dialect: Dialect, kind: str) -> object:
        return shown(shapes(dialect)[kind].fields["spec"])

    for dialect in (V3_29, V3_30, V3_32, V3_33):
        assert rule[-1] not in str(fields(dialect, "NetworkPolicy"))
        assert fields(dialect, "NetworkSet") == {"nets": [Scalar.TEXT]}
    for dialect in (each for some in ENTERPRISE.values() for each in some):
        assert rule[-1] in str(fields(dialect, "NetworkPolicy"))
        assert fields(dialect, "GlobalNetworkSet") == {
            "nets": [Scalar.TEXT],
            "allowedEgressDomains": [Scalar.TEXT],
        }
