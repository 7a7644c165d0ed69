"""`verify`: the revision that counts is the one that releases in the input pin."""

from __future__ import annotations

import copy as copying
from pathlib import Path

import pytest
import yaml

from support.dumps import Body, Dumps, verified
from support.policy_repository import edit, git, run
from support.review.diffed_example import AS_OF, copy, organisation
from transire.api import verify_exit_code

pytestmark = pytest.mark.slow("charts are rendered, and clusters judged")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture(scope="module")
def dumps(original: Path) -> Dumps:
    return Dumps(original)


def pinned(root: Path, cluster: str, tool: str) -> list[Body]:
    """The releases of a cluster as they are in the repository."""
    return [
        body
        for path in sorted((root / tool / cluster).rglob("*.yaml"))
        for body in yaml.safe_load_all(path.read_text("utf-8"))
        if body["kind"] in {"Application", "HelmRelease"}
    ]


def test_the_revision_is_the_one_that_releases_pin(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    root = copy(original, tmp_path / "work")
    bodies, pins = dumps.of("prod-eu"), pinned(root, "prod-eu", "argocd")
    edit(root, "values/teams/payments.yaml", "to: [api.stripe.com, files.stripe.com]",
         "to: [api.stripe.com]")  # fmt: skip
    assert run(root, "generate", "--as-of", str(AS_OF)).code == 0
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "narrower")
    newer = pinned(root, "prod-eu", "argocd")
    old = verified(root, [*bodies, *pins], tmp_path)
    new = verified(root, [*bodies, *newer], tmp_path)
    named_ = verified(root, [*bodies, *pins], tmp_path, at="HEAD")
    bent = copying.deepcopy(pins)
    bent[0]["spec"]["source"]["targetRevision"] = "sha256:0"
    other = verified(root, [*bodies, *bent], tmp_path)

    assert len(pins) > 2
    assert old.is_true
    assert [e for e in old.notes if e.startswith("HEAD (")] == [
        (
            f"HEAD ({git(root, 'rev-parse', '--short=12', 'HEAD').strip()}) is ahead of what releases "
            "pin, and does not count"
        )
    ]
    assert not new.is_true
    assert not named_.is_true
    assert [each.split(" pins ")[0] for each in other.pinned_otherwise] == [
        f"Application {bent[0]['metadata']['name']}"
    ]
    assert verify_exit_code(other) == 1


def test_pins_of_another_cluster_do_not_count(original: Path, dumps: Dumps, tmp_path: Path) -> None:
    bodies = [*dumps.of("prod-eu"), *pinned(original, "staging", "argocd")]

    assert verified(original, bodies, tmp_path).pinned_otherwise == ()


def test_releases_of_flux_pin_a_revision_as_well(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    pins = pinned(original, "prod-us", "flux")
    found = verified(original, [*dumps.of("prod-us"), *pins], tmp_path, cluster="prod-us")
    pins[0]["spec"]["chart"]["spec"]["version"] = "9.9.9"
    other = verified(original, [*dumps.of("prod-us"), *pins], tmp_path, cluster="prod-us")

    assert len(pins) == 1
    assert found.is_true
    assert other.pinned_otherwise == (
        f"HelmRelease {pins[0]['metadata']['name']} pins 9.9.9, and the revision 0.1.0",
    )
