"""Bytes on their way to the platter: written whole, and flushed before anything rests on them."""

from __future__ import annotations

import errno
import os

_CANNOT = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF})
"""How file systems refuse to flush a folder that have no such thing."""


def write_whole(descriptor: int, content: bytes) -> None:
    """Write all of the content to an open file.

    Raises:
        OSError: if the disk refuses; a part may be written then.
    """
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def flush_folder(descriptor: int) -> None:
    """Wait until the names in an open folder are on the disk, where its file system can tell.

    Raises:
        OSError: if the disk fails.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise


def flush_everything() -> None:
    """Wait until everything that was written on this machine is on its disks.

    For many files this is quicker than to flush one after another.
    """
    os.sync()
