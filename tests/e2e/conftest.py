"""One API server at a time, with the example organisation beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support import needs
from support.e2e.changes import versions
from support.e2e.control_plane import ControlPlane, control_plane
from support.e2e.example import cluster_of, with_admission
from support.e2e.judged import Judged, judged_cluster
from support.e2e.programs import NoPrograms, Programs, programs

_PLANES = ("judged", "lived", "other", "published", "served", "switched_off")
"""Parameters for each of which a file starts a control plane of its own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker have all tests that share a control plane."""
    for item in items:
        chosen = getattr(item, "callspec", None)
        indices = chosen.indices if chosen else {}
        which = "-".join(str(indices[name]) for name in _PLANES if name in indices)
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{which}"))


@pytest.fixture(scope="session")
def server_programs() -> Programs:
    """The programs of the control plane; without them every test here is skipped."""
    try:
        return programs()
    except NoPrograms:
        pytest.skip(needs.API_SERVER)


@pytest.fixture(scope="session")
def example(server_programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example organisation, generated with `admission: true`."""
    assert server_programs
    return with_admission(tmp_path_factory.mktemp("example"))


@pytest.fixture(scope="module")
def plane(
    server_programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    """A control plane without any object, for the tests of one file."""
    with control_plane(server_programs, tmp_path_factory.mktemp("plane") / "files") as started:
        yield started


@pytest.fixture(scope="module")
def judged(
    request: pytest.FixtureRequest,
    server_programs: Programs,
    example: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Judged]:
    """The cluster that `every_cluster` or a parameter names, with its admission policy."""
    folder = tmp_path_factory.mktemp(request.param) / "files"
    cluster = cluster_of(example, request.param)
    with judged_cluster(server_programs, cluster, folder) as ready:
        yield ready


@pytest.fixture(scope="session")
def merges(server_programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The example's repository after each of its merges."""
    assert server_programs
    return versions(tmp_path_factory.mktemp("merges"))
