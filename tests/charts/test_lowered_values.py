"""Whatever an engine lowers, its chart takes, and whatever comes out an API server takes whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings

from support import needs
from support.charts.built_in_schemas import BUILT_IN
from support.charts.rendering import Object, objects
from support.draw.strategies import organisations
from support.engines.crds import complaints, schemas_in
from support.shared_data import shared
from transire.engines.registry import ENGINES
from transire.meaning.target import Values, baseline_of, targets_of
from transire.model.engine import Release
from transire.model.intent import Organisation
from transire.model.problems import Rejected

BEHIND = {"projectcalico.org/v3": "crd.projectcalico.org/v1"}


@pytest.fixture(autouse=True)
def _sdk() -> None:
    needs.helm("sdk")


def lowered(organisation: Organisation) -> Iterator[tuple[Release, str, Values | None]]:
    """Release, chart and values of every target and baseline; None where lowering refuses."""
    for team in organisation.teams:
        for target in targets_of(organisation, team):
            release = target.cluster.release
            try:
                yield release, "egress-policy", ENGINES[release.engine].lower(target).values
            except Rejected:
                yield release, "egress-policy", None
    for cluster in organisation.platform.clusters:
        engine, baseline = ENGINES[cluster.release.engine], baseline_of(organisation, cluster)
        try:
            yield cluster.release, "egress-baseline", engine.lower_baseline(baseline).values
        except Rejected:
            yield cluster.release, "egress-baseline", None


def definitions_of(release: Release) -> str:
    """The folder with what an API server of that release knows."""
    match release.engine:
        case "calico-enterprise":
            return "calico-enterprise/projectcalico.org-v3"
        case "calico" if release.at_least("3.32"):
            return "calico-oss/v3.32.1/projectcalico.org-v3"
        case "calico":
            patches = {(3, 29): 7, (3, 30): 7, (3, 31): 7}
            return f"calico-oss/v{_minor(release)}.{patches[_line(release)]}"
        case "cilium":
            newest = _line(release) >= (1, 19)
            return "cilium/v1.19-dev" if newest else f"cilium/v{_minor(release)}-branchpoint"
        case "kubernetes":
            return "network-policy-api/v0.2.0/standard"
        case unknown:
            raise ValueError(f"no definitions are known for {unknown}")


def _line(release: Release) -> tuple[int, int]:
    assert release.version is not None
    return release.version.line


def _minor(release: Release) -> str:
    return "{}.{}".format(*_line(release))


def plain(tree: Any) -> Any:  # noqa: ANN401 - a tree of values
    """The values as plain lists and dictionaries."""
    if isinstance(tree, Mapping):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [plain(value) for value in tree]
    return tree


def dropped(release: Release, found: list[Object]) -> list[str]:
    """What an API server of the release would refuse or drop, as far as this machine can tell."""
    folder = shared(f"crds/{definitions_of(release)}")
    if folder is None:
        return []
    schemas = {**BUILT_IN, **schemas_in(folder)}
    behind = ("projectcalico.org/v3", "Tier") not in schemas
    return complaints(found, schemas, renamed=BEHIND if behind else {})


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize("engine", ENGINES)
def test_every_lowered_value_renders_to_objects_that_a_server_takes_whole(
    engine: str,
) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=10 if engine == "cilium" else 40)
    @given(organisations(engine=engine, min_teams=1))
    def check(organisation: Organisation) -> None:
        for release, chart, values in lowered(organisation):
            seen[chart] += values is not None
            if values is not None:
                assert dropped(release, objects(chart, plain(values))) == []

    check()
    assert seen["egress-policy"] >= 2
    assert seen["egress-baseline"] >= 2
    if shared("crds") is None:
        pytest.skip(needs.DEFINITIONS)
