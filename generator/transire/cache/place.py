"""Where entries are kept and with which secret they are signed, or why nothing is kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

FOLDER_VARIABLE = "TRANSIRE_CACHE"
"""Names the folder; `off` keeps nothing."""
SECRET_VARIABLE = "TRANSIRE_CACHE_KEY"  # noqa: S105 - the name of the variable
"""Holds the secret where no file of this user does, as in CI."""

OFF = "off"
SHORTEST = 32
"""Characters that a secret has at least."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_ANYBODY = stat.S_IRWXG | stat.S_IRWXO


class NotKept(Exception):  # noqa: N818 - reads as the sentence it is
    """Nothing is kept between runs; the message is why."""


class TurnedOff(NotKept):
    """Nothing shall be kept."""


def folder_named(environment: Mapping[str, str]) -> Path:
    """The folder of entries: what the variable names, or the user's own by the XDG rules.

    Raises:
        TurnedOff: if the variable turns it off.
        NotKept: if there is no home to have it in.
    """
    named = environment.get(FOLDER_VARIABLE, "")
    if named == OFF:
        raise TurnedOff(f"{FOLDER_VARIABLE} is {OFF}")
    if named:
        return Path(named).absolute()
    return _base(environment, "XDG_CACHE_HOME", ".cache") / "transire"


def secret_file(environment: Mapping[str, str]) -> Path:
    """The file with this user's secret, beside no entry, so that a copied folder lacks it.

    Raises:
        NotKept: if there is no home to have it in.
    """
    return _base(environment, "XDG_STATE_HOME", ".local/state") / "transire" / "cache.key"


def _base(environment: Mapping[str, str], variable: str, usual: str) -> Path:
    named, home = environment.get(variable, ""), environment.get("HOME", "")
    if named.startswith("/"):
        return Path(named)
    if not home.startswith("/"):
        raise NotKept(f"neither {variable} nor HOME names a folder")
    return Path(home) / usual


def own_folder(folder: Path) -> Path:
    """The folder, made where it is missing, which nobody else may write to.

    Raises:
        NotKept: if it is a link, another user's or open to others, or cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise NotKept(f"{folder} cannot be made: {_reason(error)}") from error
    if stat.S_ISLNK(found.st_mode):
        raise NotKept(f"{folder} is a symbolic link")
    if not stat.S_ISDIR(found.st_mode):
        raise NotKept(f"{folder} is no folder")
    if found.st_uid != os.geteuid():
        raise NotKept(f"{folder} belongs to another user")
    if found.st_mode & _OTHERS:
        raise NotKept(f"others may write to {folder}; chmod go-w ends that")
    return folder


def secret_of(environment: Mapping[str, str]) -> bytes:
    """What entries are signed with: the variable's text, or what this user's file holds.

    The file is made where it is missing, readable by this user alone.

    Raises:
        NotKept: if it is too short, another user's or open to others, or cannot be made or read.
    """
    if environment.get(SECRET_VARIABLE):
        return _long_enough(environment[SECRET_VARIABLE].strip(), SECRET_VARIABLE)
    file = secret_file(environment)
    try:
        own_folder(file.parent)
        return _long_enough(_read(file), str(file))
    except FileNotFoundError:
        return _made(file)
    except (OSError, UnicodeDecodeError) as error:
        raise NotKept(f"{file} cannot be read: {_reason(error)}") from error


def _read(file: Path) -> str:
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as opened:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise NotKept(f"{file} is no file of this user")
        if found.st_mode & _ANYBODY:
            raise NotKept(f"others may read {file}; delete it, and the next run makes another")
        return opened.read(4096).decode("ascii").strip()


def _made(file: Path) -> bytes:
    """A new secret, complete from the start; that of another run which was faster, if one was."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, _NEW, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(f"{os.urandom(SHORTEST).hex()}\n")
            opened.flush()
            os.fsync(descriptor)
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass  # another run was faster, and its secret counts
        finally:
            fresh.unlink()
        return _long_enough(_read(file), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise NotKept(f"{file} cannot be made: {_reason(error)}") from error


def _long_enough(text: str, where: str) -> bytes:
    if len(text) < SHORTEST:
        raise NotKept(f"the secret in {where} has fewer than {SHORTEST} characters")
    return text.encode()


def _reason(error: Exception) -> str:
    return ((error.strerror if isinstance(error, OSError) else "") or str(error)).lower()
