"""What the pages about platforms have people write is generated, rendered and proved as it is."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

import transire
from support.paths import DOCS
from transire.engines.registry import ENGINES
from transire.model.problems import Rejected
from transire.pipeline.compile import compile_values

PAGES = sorted((DOCS / "platforms").glob("*.md"))
AS_OF = date(2026, 11, 24)
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)

PLATFORM: dict[str, Any] = {
    "apiVersion": "transire/v1",
    "kind": "Platform",
    "publish": {"registry": "oci://registry.example.com/egress"},
    "defaults": {"mode": "enforce", "ports": [443], "inCluster": "same-namespace"},
    "system": ["kube-system", "egress-proxy", "openshift-dns", "dns"],
}
HOSTS: list[dict[str, Any]] = [
    {"name": "api", "reason": "charge cards", "to": ["api.example.com", "files.example.com"]},
    {"name": "partner", "reason": "send files", "to": [{"cidr": "198.51.100.16/28"}]},
]
DATA: list[dict[str, Any]] = [
    {"name": "vpc", "reason": "read", "to": [{"network": "data-vpc"}], "ports": [5432]},
    {"name": "part", "reason": "write", "to": [{"cidr": "10.64.40.16/28"}], "ports": [9093]},
]
PLAIN: list[dict[str, Any]] = [
    {"name": "partner", "reason": "send files", "to": [{"cidr": "198.51.100.16/28"}]},
    {"name": "ledger", "reason": "book", "to": [{"namespace": "ledger"}], "ports": [8080]},
]


def blocks(page: Path) -> list[dict[str, Any]]:
    """The blocks of YAML in a page."""
    return [yaml.safe_load(each) for each in BLOCK.findall(page.read_text("utf-8"))]


def clusters() -> dict[str, dict[str, Any]]:
    """Every cluster of every page."""
    found: dict[str, dict[str, Any]] = {}
    for page in PAGES:
        for block in blocks(page):
            assert not found.keys() & block.get("clusters", {}).keys()
            found |= block.get("clusters", {})
    return found


def team(name: str, names: list[str], rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "transire/v1",
        "kind": "TeamEgress",
        "team": name,
        "contact": f"{name}@example.com",
        "namespaces": {name: names},
        "egress": rules,
    }


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy repository with every cluster of the pages, and a team on each."""
    root = tmp_path_factory.mktemp("platforms")
    transire.init(root)
    for old in (root / "values").rglob("*.yaml"):
        old.unlink()
    every = clusters()
    named = [
        name
        for name, each in every.items()
        if "fallback" in each or str(ENGINES[each["engine"]].capabilities.hosts) == "yes"
    ]
    networks = [each["networks"] for page in PAGES for each in blocks(page) if "networks" in each]
    exceptions = [
        one for page in PAGES for each in blocks(page) for one in each.get("exceptions", ())
    ]
    files = {
        "platform.yaml": {**PLATFORM, "clusters": every, "networks": networks[0]},
        "teams/data.yaml": team("data", ["eks-eni"], DATA),
        "teams/shop.yaml": team("shop", named, HOSTS),
        "teams/batch.yaml": team("batch", sorted(every.keys() - set(named)), PLAIN),
        "exceptions.yaml": {
            "apiVersion": "transire/v1",
            "kind": "Exceptions",
            "exceptions": exceptions,
        },
    }
    for path, content in files.items():
        (root / "values" / path).write_text(yaml.safe_dump(content), encoding="utf-8")
    return root


@pytest.mark.slow("every platform is rendered")
def test_every_cluster_of_the_pages_is_generated_and_proved(repository: Path) -> None:
    generated = transire.generate(repository, as_of=AS_OF)

    assert {each.cluster for each in generated.rows} == set(clusters())
    expected = {"missing-family", "no-base"}
    assert [str(each) for each in generated.problems if each.id not in expected] == []
    assert {each.id for each in transire.check(repository, as_of=AS_OF)} == expected


def test_every_engine_and_every_profile_is_shown() -> None:
    shown = clusters().values()

    assert {each["engine"] for each in shown} == set(ENGINES)
    assert {each["dns"]["profile"] for each in shown} == {
        "aks-localdns",
        "coredns",
        "custom",
        "eks-auto",
        "gke-cloud-dns",
        "nodelocal",
        "openshift",
    }


PLACE: dict[str, Any] = {"engine": "kubernetes", "environment": "plain", "gitops": "argocd"}
SHARED = {
    "podCIDRs": ["10.65.0.0/16"],
    "serviceCIDRs": ["172.20.0.0/16"],
    "nodeCIDRs": ["10.65.0.0/16"],
    "families": ["IPv4"],
}


@pytest.mark.parametrize(
    ("cluster", "to", "refusal"),
    [
        ({"dns": {"profile": "eks-auto"}, "network": SHARED}, {"namespace": "x"}, "(dns-resolver)"),
        (
            {"dns": {"profile": "coredns"}, "network": SHARED},
            {"entity": "nodes"},
            "(nodes-overlap-pods)",
        ),
        (
            {"dns": {"profile": "coredns"}, "network": SHARED},
            {"network": "data-vpc"},
            "(range-inside-cluster)",
        ),
        (
            {"dns": {"profile": "gke-cloud-dns"}, "network": SHARED},
            "api.example.com",
            "(host-not-expressible)",
        ),
    ],
    ids=["Auto Mode", "shared subnets", "a database among pods", "GKE and names"],
)
def test_what_the_pages_call_refused_is_refused(
    tmp_path: Path, cluster: dict[str, Any], to: object, refusal: str
) -> None:
    rule = {"name": "it", "reason": "try", "ticket": "SEC-1", "to": [to]}
    files: dict[str, dict[str, Any]] = {
        "platform.yaml": {
            **PLATFORM,
            "clusters": {"eks": {**PLACE, **cluster}},
            "networks": {"data-vpc": {"cidrs": ["10.65.40.0/24"]}},
        },
        "teams/shop.yaml": team("shop", ["eks"], [rule]),
    }
    for path, content in files.items():
        file = tmp_path / "values" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(content), encoding="utf-8")

    with pytest.raises(Rejected) as caught:
        compile_values(tmp_path, as_of=AS_OF)

    assert refusal in str(caught.value)
