"""Until the push the old release stays: what a real registry gives for old and new pins."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import needs
from support.delivery.published_example import AS_OF, commit, copy, organisation, published, rewrite
from support.delivery.real_registry import installed, real_registry
from support.paths import ROOT
from support.policy_repository import PROGRAM, contents, copy_example
from transire.api import generate
from transire.delivery.registry.charts import Registry, connect

helm_python = pytest.importorskip("helm_python", reason=needs.HELM_SDK)

pytestmark = installed

APPLICATION = "argocd/prod-eu/applications/teams/payments.yaml"
RELEASE = "flux/prod-onprem/releases/teams/payments.yaml"
SOURCES = "flux/prod-onprem/releases/platform.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """What the objects of one commit ask the registry for."""

    digest: str
    version: str
    flux: str


def objects(root: Path, path: str, kind: str) -> list[Mapping[str, Any]]:
    found = yaml.safe_load_all((root / path).read_text(encoding="utf-8"))
    return [each for each in found if each["kind"] == kind]


def pins(root: Path, address: str) -> Pinned:
    """The pins of the team's chart, where all of its objects agree."""
    applications = objects(root, APPLICATION, "Application")
    (source,) = [each["spec"]["source"] for each in applications]
    charts = [each["spec"]["chart"]["spec"] for each in objects(root, RELEASE, "HelmRelease")]
    (chart,) = charts
    (repository,) = [
        each
        for each in objects(root, SOURCES, "HelmRepository")
        if each["metadata"]["name"] == chart["sourceRef"]["name"]
    ]
    assert source["repoURL"] == f"{address}/teams/payments"
    assert f"{repository['spec']['url']}/{chart['chart']}" == source["repoURL"]
    assert applications[0]["metadata"]["annotations"]["transire/version"] == chart["version"]
    return Pinned(digest=source["targetRevision"], version=chart["version"], flux=source["repoURL"])


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_registry(tmp_path_factory.mktemp("registry")) as host:
        yield host


def test_a_pin_gives_nothing_until_the_push_and_the_reviewed_chart_after_it(
    host: str, tmp_path: Path
) -> None:
    address = f"oci://{host}/egress"
    root = organisation(tmp_path / "here", f"registry: {address}")
    published(root)
    old = pins(root, address)
    rewrite(root / "values/teams/payments.yaml", "api.stripe.com", "api.stripe.net")
    generate(root, base="main", as_of=AS_OF)
    commit(root)
    new = pins(root, address)
    reference = f"{address}/teams/payments"
    assert (old.version, new.version) == ("0.1.0", "1.0.0")

    with (
        connect(address, plain_http=True) as registry,
        helm_python.RegistryClient(plain_http=True, credentials_file=tmp_path / "none") as client,
    ):
        assert known(registry, old) == (True, True)
        assert known(registry, new) == (False, False)
        with pytest.raises(helm_python.HelmError, match="not found"):
            client.pull(reference, version=new.version, destination=tmp_path, plain_http=True)
        client.pull(reference, version=old.version, destination=tmp_path, plain_http=True)

        published(root)

        assert known(registry, old) == (True, True)
        assert known(registry, new) == (True, True)
        assert registry.digest("teams/payments", new.version) == new.digest
        client.pull(reference, version=new.version, destination=tmp_path, plain_http=True)
        archive = (tmp_path / "payments-1.0.0.tgz").read_bytes()
        assert archive == registry.archive("teams/payments", new.digest)


def known(registry: Registry, pin: Pinned) -> tuple[bool, bool]:
    """Whether the registry has what Argo CD asks for, and what Flux asks for."""
    by_digest = registry.manifest("teams/payments", pin.digest) is not None
    return by_digest, registry.digest("teams/payments", pin.version) is not None


def test_every_object_is_tried_again_until_its_chart_is_there(host: str, tmp_path: Path) -> None:
    root = organisation(tmp_path / "here", f"registry: oci://{host}/egress")
    (application,) = objects(root, APPLICATION, "Application")
    (release,) = objects(root, RELEASE, "HelmRelease")
    repositories = objects(root, SOURCES, "HelmRepository")

    assert application["spec"]["syncPolicy"]["retry"] == {
        "limit": -1,
        "refresh": True,
        "backoff": {"duration": "10s", "factor": 2, "maxDuration": "1m"},
    }
    assert release["spec"]["chart"]["spec"]["interval"] == "5m"
    for action in ("install", "upgrade"):
        assert release["spec"][action]["strategy"]["name"] == "RetryOnFailure"
        assert "remediation" not in release["spec"][action]
    assert {each["spec"]["interval"] for each in repositories} == {"10m"}


@pytest.mark.parametrize(
    ("zone", "umask", "locale"),
    [("Asia/Tokyo", "077", "C"), ("America/St_Johns", "002", "C.UTF-8")],
)
def test_generating_elsewhere_gives_the_same_pins_and_every_other_byte(
    tmp_path: Path, zone: str, umask: str, locale: str
) -> None:
    here = copy_example(tmp_path / "here")
    there = copy(here, tmp_path / "another place" / "and deeper")
    generate(here, as_of=AS_OF)
    words = ["-c", PROGRAM, "generate", "--as-of", str(AS_OF)]
    subprocess.run(
        ["sh", "-c", f'umask {umask}; exec "$0" "$@"', sys.executable, *words],
        cwd=there,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "generator"),
            "PYTHONHASHSEED": "7",
            "TZ": zone,
            "LC_ALL": locale,
        },
        check=True,
        capture_output=True,
    )

    assert contents(here) == contents(there)
    assert b'targetRevision: "sha256:' in contents(here)[APPLICATION]
