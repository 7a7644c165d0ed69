"""Folders as a run changes them: made where they are missing, removed where nothing is left."""

from __future__ import annotations

import errno
import os
from contextlib import suppress

from transire.workspace.safe_folder import Blocked, Folder, PathKind, shown

_FOLDER_MODE = 0o755


def parent_of(folder: Folder, path: str, made: list[str]) -> tuple[int, str]:
    """The open parent of `path` and its name; folders that are missing are made and noted.

    Raises:
        OSError: if one cannot be made, or something else than a folder is in its place.
        DiskFailed: if one cannot be opened.
    """
    while True:
        try:
            return folder.parent(path)
        except Blocked as blocked:
            found = blocked.found
        if found.kind is not PathKind.ABSENT:
            raise NotADirectoryError(errno.ENOTDIR, f"{shown(found.at)} is {found.kind}")
        outer, name = folder.parent(found.at)
        with suppress(FileExistsError):  # another run made it meanwhile
            os.mkdir(name, _FOLDER_MODE, dir_fd=outer)
            made.append(found.at)


def remove_folder(folder: Folder, path: str) -> bool:
    """Remove the folder where it is empty; false where it is not, or cannot be removed."""
    try:
        parent, name = folder.parent(path)
        os.rmdir(name, dir_fd=parent)
    except (Blocked, OSError):
        return False
    return True


def names_in(descriptor: int) -> set[str]:
    """The names in an open folder."""
    with os.scandir(descriptor) as listed:
        return {each.name for each in listed}


def reason(error: Exception) -> str:
    """The words of an error, without its number."""
    return (error.strerror if isinstance(error, OSError) else "") or str(error)
