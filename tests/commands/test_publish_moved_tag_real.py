"""A tag that was moved in a real registry, beside charts that have nothing to do with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from support import needs
from support.delivery.fake_registry import MANIFEST
from support.delivery.published_example import AS_OF, commit, organisation, published, rewrite
from support.delivery.real_registry import installed, real_registry
from transire.api import generate
from transire.commands.publish.publish import RegistryOptions, publish
from transire.delivery.registry.charts import connect
from transire.delivery.registry.result import ChartState, OtherContent, Published

pytest.importorskip("helm_python", reason=needs.HELM_SDK)

pytestmark = installed

MOVED, OTHER = "teams/payments", "egress-policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A registry with everything published, one tag moved since, and another team's new version."""

    root: Path
    host: str
    before: str
    now: str

    def digest(self, place: str, version: str) -> str | None:
        """What a version leads to."""
        with connect(f"oci://{self.host}/egress", plain_http=True) as registry:
            return registry.digest(place, version)


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Moved]:
    with real_registry(tmp_path / "registry") as host:
        root = organisation(tmp_path / "repository", f"registry: oci://{host}/egress")
        digests = {each.place: each.digest for each in published(root).releases}
        _move(host, MOVED, digests[OTHER])
        rewrite(root / "values/teams/identity.yaml", "login.partner.example", "sso.partner.example")
        generate(root, base="main", as_of=AS_OF)
        commit(root)
        yield Moved(root=root, host=host, before=digests[MOVED], now=digests[OTHER])


def _move(host: str, place: str, digest: str) -> None:
    """What somebody with the right to push does: another chart under a version that is taken."""
    with connect(f"oci://{host}/egress", plain_http=True) as registry:
        manifest = registry.manifest(OTHER, digest)
    assert manifest is not None
    content = json.loads(manifest)
    there = f"http://{host}/v2/egress/{place}"
    for blob in [content["config"], *content["layers"]]:
        mount = {"mount": blob["digest"], "from": f"egress/{OTHER}"}
        requests.post(f"{there}/blobs/uploads/", params=mount, timeout=60).raise_for_status()
    requests.put(
        f"{there}/manifests/0.1.0", manifest, headers={"Content-Type": MANIFEST}, timeout=60
    ).raise_for_status()


def _states(done: Published) -> dict[str, ChartState]:
    return {each.place: each.state for each in done.releases}


def test_publishing_goes_on_for_all_others_and_names_both_digests(moved: Moved) -> None:
    assert moved.digest(MOVED, "0.1.0") == moved.now

    with pytest.raises(OtherContent) as refused:
        published(moved.root)

    (problem,) = refused.value.problems
    assert problem.id == "tag-moved"
    assert problem.message.startswith(f"tampering: version 0.1.0 leads to {moved.now} now, with ")
    assert problem.message.endswith(f"; what was published under it is {moved.before}")
    states = _states(refused.value.published)
    assert {place for place, state in states.items() if state is ChartState.REFUSED} == {MOVED}
    assert states["teams/identity"] is ChartState.PUBLISHED
    (identity,) = [
        each for each in refused.value.published.releases if each.place == "teams/identity"
    ]
    assert identity.version != "0.1.0"
    assert moved.digest("teams/identity", identity.version) == identity.digest
    assert moved.digest(MOVED, "0.1.0") == moved.now


def test_one_command_puts_the_published_content_back(moved: Moved) -> None:
    options = RegistryOptions(plain_http=True, put_back=frozenset({MOVED}), environment={})

    done = publish(moved.root, options=options, as_of=AS_OF)

    assert _states(done)[MOVED] is ChartState.PUBLISHED
    assert moved.digest(MOVED, "0.1.0") == moved.before
    assert set(_states(published(moved.root)).values()) == {ChartState.PRESENT}
