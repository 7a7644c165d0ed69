"""One API server at a time, with the example organisation beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.e2e.control_plane import ControlPlane, control_plane
from support.e2e.example import with_admission
from support.e2e.programs import NoPrograms, Programs, programs


@pytest.fixture(scope="session")
def server_programs() -> Programs:
    """The programs of the control plane; without them every test here is skipped."""
    try:
        return programs()
    except NoPrograms as none:
        pytest.skip(str(none))


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
