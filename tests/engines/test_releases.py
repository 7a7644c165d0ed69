"""One list of modelled releases for each engine, and one wording for every other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.policy_repository import run
from transire.engines.api.engine import Engine
from transire.engines.api.releases import Releases
from transire.engines.cilium.objects.agent import agent_of
from transire.engines.registry import ENGINES
from transire.model.engine import Release, Version
from transire.model.problems import NotModelled
from transire.queries.cluster_state import ClusterState

POLICY = json.dumps(
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "a", "namespace": "shop"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"]},
    }
)


def beyond(engine: Engine) -> list[Version]:
    """Versions around those that are modelled."""
    (major, first), (_, last) = engine.releases.lines[0], engine.releases.lines[-1]
    near = [(major, first - 1), (major + 1, first), (major - 1, last), (major, last + 1)]
    versions = [Version(major=each, minor=minor) for each, minor in near if each >= 0]
    return [each for each in versions if not engine.releases.has(each)]


@pytest.mark.parametrize("engine", ENGINES.values(), ids=str)
def test_a_release_that_is_not_modelled_is_refused_in_one_wording(engine: Engine) -> None:
    versions = beyond(engine)
    assert versions

    for version in versions:
        release = Release(engine=engine.name, version=version)
        with pytest.raises(NotModelled) as caught:
            engine.reading((), release, ClusterState(), {})
        said = str(caught.value)

        assert caught.value.exit_code == 3
        assert said.startswith(f"version {version} of {engine.name} is not modelled")
        assert said.endswith(
            f"; modelled are {engine.releases}: name the release that runs, and upgrade the "
            "cluster where it is older, or transire where it is newer"
        )
        major, minor = engine.releases.lines[-1]
        newer = f": the newest that is modelled is {major}.{minor};"
        assert (newer in said) == (version.line > engine.releases.lines[-1])
        assert said == f"{engine.releases.fault(version)}; {engine.releases.remedy}"


@pytest.mark.parametrize("engine", ENGINES.values(), ids=str)
@pytest.mark.parametrize("verb", ["lint", "explain"])
def test_every_verb_ends_alike_where_its_engine_names_such_a_release(
    engine: Engine, verb: str, tmp_path: Path
) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    version = beyond(engine)[0]
    flow = ["--from", "shop", "--to", "198.51.100.7:443"] if verb == "explain" else []
    done = run(tmp_path, verb, "-f", "policy.yaml", "--engine", f"{engine.name}@{version}", *flow)

    assert done.code == 3
    assert done.out == ""
    assert f"{engine.releases.fault(version)}; {engine.releases.remedy}" in done.err


@pytest.mark.parametrize("engine", ENGINES.values(), ids=str)
def test_the_newest_release_is_modelled_and_meant_where_none_is_named(engine: Engine) -> None:
    assert engine.releases.has(engine.releases.newest.version)
    assert engine.releases.fault(engine.releases.newest.version) == ""
    assert engine.reading((), engine.releases.newest, ClusterState(), {}).refused == ()


@pytest.mark.parametrize("version", [None, Version(major=1, minor=13), Version(major=2, minor=19)])
def test_an_agent_of_another_release_is_refused_in_the_same_wording(
    version: Version | None,
) -> None:
    releases = ENGINES["cilium"].releases
    with pytest.raises(NotModelled) as caught:
        agent_of(Release(engine="cilium", version=version), {})

    assert str(caught.value) == f"{releases.fault(version)}; {releases.remedy}"


def test_releases_out_of_order_are_no_releases() -> None:
    for lines in ((), ((1, 2), (1, 1)), ((1, 1), (1, 1))):
        with pytest.raises(ValueError, match="the releases of some are not in order"):
            Releases(engine="some", lines=lines)
