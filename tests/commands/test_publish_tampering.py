"""A tag that somebody moved: named as tampering, no hindrance to other charts, and put back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.delivery.fake_registry import FakeRegistry, response
from support.delivery.published_example import AS_OF, commit, copy, organisation, published, rewrite
from support.policy_repository import run
from transire.api import generate
from transire.charts.oci_artifact import sha256
from transire.commands.publish.publish import RegistryOptions, publish
from transire.delivery.registry.result import ChartState, OtherContent, Published, Unfinished
from transire.model.problems import UsageError

PLACE = "teams/payments"
KEY = f"egress/{PLACE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A repository whose first commit is published, and what the registry holds of it."""

    folder: Path
    blobs: Mapping[str, bytes]
    manifests: Mapping[str, bytes]


@pytest.fixture(scope="module")
def stored(server: FakeRegistry, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """Everything is published, and then a new version of another chart is committed."""
    folder = tmp_path_factory.mktemp("organisation")
    organisation(folder, f"registry: oci://{server.address}/egress")
    published(folder)
    rewrite(folder / "values/teams/identity.yaml", "login.partner.example", "sso.partner.example")
    generate(folder, base="main", as_of=AS_OF)
    commit(folder)
    return Stored(folder=folder, blobs=dict(server.blobs), manifests=dict(server.manifests))


@pytest.fixture
def registry(server: FakeRegistry, stored: Stored) -> FakeRegistry:
    server.reset()
    server.blobs.update(stored.blobs)
    server.manifests.update(stored.manifests)
    return server


@pytest.fixture
def root(stored: Stored, registry: FakeRegistry, tmp_path: Path) -> Path:
    assert registry.tags()
    return copy(stored.folder, tmp_path / "repository")


def moved(registry: FakeRegistry) -> tuple[str, str]:
    """Let the version lead to another chart; the digests, as it was and as it is now."""
    before = registry.manifests[f"{KEY}:0.1.0"]
    other = registry.manifests["egress/egress-policy:0.1.0"]
    registry.manifests[f"{KEY}:0.1.0"] = registry.manifests[f"{KEY}@{sha256(other)}"] = other
    return sha256(before), sha256(other)


def put_back(root: Path, *places: str) -> Published:
    options = RegistryOptions(plain_http=True, put_back=frozenset(places), environment={})
    return publish(root, options=options, as_of=AS_OF)


@pytest.mark.slow("long runs in a repository")
def test_a_moved_tag_is_tampering_with_both_digests_and_stops_no_other_chart(
    root: Path, registry: FakeRegistry
) -> None:
    before, now = moved(registry)

    with pytest.raises(OtherContent) as refused:
        published(root)

    (problem,) = refused.value.problems
    assert problem.message.startswith(
        f"tampering: version 0.1.0 leads to {now} now, with other content in "
    )
    assert problem.message.endswith(f"; what was published under it is {before}")
    assert str(problem).partition("\n")[2] == (
        "  help: find out who moved the tag and when, then put it back with `transire publish "
        "--put-back teams/payments`; `transire docs publishing` has what else to do with Flux"
    )
    assert (problem.id, problem.at.path) == ("tag-moved", "charts/teams/payments/Chart.yaml")
    states = {each.place: each.state for each in refused.value.published.releases}
    assert states[PLACE] is ChartState.REFUSED
    assert states["teams/identity"] is ChartState.PUBLISHED
    assert sha256(registry.manifests[f"{KEY}:0.1.0"]) == now


@pytest.mark.slow("long runs in a repository")
def test_it_can_be_put_back(root: Path, registry: FakeRegistry) -> None:
    before, _ = moved(registry)

    done = put_back(root, PLACE)
    again = published(root)

    states = {each.place: each.state for each in done.releases}
    assert (states[PLACE], states["teams/identity"]) == (ChartState.PUBLISHED, ChartState.PUBLISHED)
    assert sha256(registry.manifests[f"{KEY}:0.1.0"]) == before
    assert {each.state for each in again.releases} == {ChartState.PRESENT}
    assert all(each.reproduced for each in again.releases)


@pytest.mark.parametrize("place", [PLACE, "teams/nobody"])
def test_only_a_moved_tag_can_be_put_back(root: Path, place: str) -> None:
    with pytest.raises(UsageError) as failed:
        put_back(root, place)

    assert str(failed.value) == (
        f"there is nothing to put back for {place!r}: no chart of that place was published and "
        "then had its tag moved"
    )


def test_a_version_that_was_used_twice_cannot_be_put_back(
    root: Path, registry: FakeRegistry
) -> None:
    before, _ = moved(registry)
    del registry.manifests[f"{KEY}@{before}"]

    with pytest.raises(UsageError, match="there is nothing to put back"):
        put_back(root, PLACE)


def test_a_registry_that_keeps_the_tag_is_reported(root: Path, registry: FakeRegistry) -> None:
    _, now = moved(registry)
    line = f"PUT /v2/{KEY}/manifests/0.1.0"
    registry.instead = lambda each: response("201 Created") if each == line else None

    with pytest.raises(Unfinished) as failed:
        put_back(root, PLACE)

    assert f"this is still {now} after it was put back" in str(failed.value)


@pytest.mark.slow("long runs in a repository")
def test_the_command_line_shows_what_was_published_and_ends_with_findings(
    root: Path, registry: FakeRegistry
) -> None:
    moved(registry)
    options = ["--plain-http", "--as-of", AS_OF.isoformat(), "--format", "json"]

    refused = run(root, "publish", *options)
    mended = run(root, "publish", "--put-back", PLACE, *options)

    states = {each["chart"]: each["state"] for each in json.loads(refused.out)["releases"]}
    assert refused.code == 1
    assert "error: tampering: version 0.1.0 leads to " in refused.err
    assert (states[PLACE], states["teams/identity"]) == ("refused", "published")
    assert mended.code == 0
    assert {each["state"] for each in json.loads(mended.out)["releases"]} == {
        "present",
        "published",
    }


@pytest.mark.slow("long runs in a repository")
def test_a_dry_run_finds_it_and_puts_nothing_back(root: Path, registry: FakeRegistry) -> None:
    _, now = moved(registry)
    options = RegistryOptions(plain_http=True, put_back=frozenset({PLACE}), environment={})

    publish(root, options=options, as_of=AS_OF, dry_run=True)
    with pytest.raises(OtherContent):
        published(root, dry_run=True)

    assert sha256(registry.manifests[f"{KEY}:0.1.0"]) == now
