"""A chart outside the repository, for Helm to read before anything is written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from transire.model.problems import DiskFailed


@contextmanager
def staged(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A temporary folder with these files, by their path in it; it is gone afterwards.

    Raises:
        DiskFailed: if the disk refuses.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="transire-", ignore_cleanup_errors=True)
    except OSError as error:
        raise DiskFailed(
            f"cannot make a temporary folder: {error.strerror}; free some space, or name another "
            "place with TMPDIR"
        ) from error
    with made as name:
        folder = Path(name)
        try:
            for path, content in files.items():
                file = folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        except OSError as error:
            raise DiskFailed(f"cannot write {name}: {error.strerror}") from error
        yield folder
