"""What Calico's own code said about each recorded case, release by release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support import needs
from support.engines.recorded_verdicts import (
    Read,
    Recorded,
    cluster_of,
    disagreements,
    natively,
    recorded,
)
from support.shared_data import shared
from transire.engines.calico import facts
from transire.engines.calico.enterprise import read as read_enterprise
from transire.engines.calico.open_source import read as read_calico
from transire.model.engine import Definitions

pytestmark = pytest.mark.slow("recorded cases of engines")

READ: Mapping[str, Read] = {facts.CALICO: read_calico, facts.ENTERPRISE: read_enterprise}
FILES = ("calico.json", "calico-3.33.json", "calico-random.json")
FOUND = [path for name in FILES if (path := shared(f"conformance/{name}")) is not None]
CASES = [(path, each) for path in FOUND for each in recorded(path)]
NATIVE = [
    (path, natively(each))
    for path, each in CASES
    if path.name != "calico.json" and each.release.at_least("3.33")
]
"""Native definitions were asked with the newest release alone."""


@pytest.mark.skipif(not FOUND, reason=needs.VERDICTS)
def test_every_recorded_file_is_found() -> None:
    assert [path.name for path in FOUND] == list(FILES)
    assert len(CASES) > 1500
    assert len(NATIVE) > 370


@pytest.mark.parametrize(("path", "each"), CASES, ids=[each.name for _, each in CASES])
def test_calico_is_understood_as_recorded(path: Path, each: Recorded) -> None:
    reading = READ[each.release.engine](each.manifests, each.release, cluster_of(path))

    assert disagreements(each, reading) == []


@pytest.mark.parametrize(("path", "each"), NATIVE, ids=[each.name for _, each in NATIVE])
def test_native_definitions_are_understood_as_recorded(path: Path, each: Recorded) -> None:
    cluster = replace(cluster_of(path), definitions=Definitions.NATIVE)
    reading = read_calico(each.manifests, each.release, cluster)

    assert disagreements(each, reading, fields=False) == []


@pytest.mark.parametrize(("path", "each"), NATIVE, ids=[each.name for _, each in NATIVE])
def test_a_caveat_names_the_verdict_of_native_definitions(path: Path, each: Recorded) -> None:
    cluster = cluster_of(path)
    unknown = read_calico(each.manifests, each.release, cluster).decide(each.query)
    native = read_calico(
        each.manifests, each.release, replace(cluster, definitions=Definitions.NATIVE)
    ).decide(each.query)

    told = [each.text for each in unknown.caveats if each.id == "native-definitions"]
    differs = unknown.verdict is not native.verdict
    where = "with native definitions of projectcalico.org/v3 the verdict is"
    assert told == ([f"{where} {native.verdict}"] if differs else [])
