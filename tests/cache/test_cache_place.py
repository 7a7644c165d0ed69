"""Where entries are kept, with which secret, and why nothing is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from transire.cache.place import NotKept, TurnedOff, folder_named, own_folder, secret_of
from transire.cache.store import Cache

TEXT = "a secret of at least 32 characters"


def why(folder: Path) -> str:
    with pytest.raises(NotKept) as failed:
        own_folder(folder)
    return str(failed.value)


def why_no_secret(environment: dict[str, str]) -> str:
    with pytest.raises(NotKept) as failed:
        secret_of(environment)
    return str(failed.value)


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"TRANSIRE_CACHE": "/there", "HOME": "/home/a"}, "/there"),
        ({"XDG_CACHE_HOME": "/big", "HOME": "/home/a"}, "/big/transire"),
        ({"XDG_CACHE_HOME": "big", "HOME": "/home/a"}, "/home/a/.cache/transire"),
        ({"TRANSIRE_CACHE": "", "HOME": "/home/a"}, "/home/a/.cache/transire"),
    ],
)
def test_the_folder_is_the_one_that_is_named_or_the_users(
    environment: dict[str, str], folder: str
) -> None:
    assert folder_named(environment) == Path(folder)


def test_there_may_be_no_folder() -> None:
    with pytest.raises(TurnedOff) as off:
        folder_named({"TRANSIRE_CACHE": "off", "HOME": "/home/a"})
    with pytest.raises(NotKept) as homeless:
        folder_named({})

    assert str(off.value) == "TRANSIRE_CACHE is off"
    assert str(homeless.value) == "neither XDG_CACHE_HOME nor HOME names a folder"


def test_a_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    made = own_folder(tmp_path / "cache" / "transire")

    assert made.stat().st_mode & 0o777 == 0o700
    assert own_folder(made) == made


def test_a_folder_that_others_may_have_written_to_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = own_folder(tmp_path / "mine")
    link, file, opened = tmp_path / "link", tmp_path / "file", own_folder(tmp_path / "open")
    link.symlink_to("mine")
    file.write_bytes(b"")
    opened.chmod(0o777)

    assert why(link) == f"{link} is a symbolic link"
    assert why(file) == f"{file} cannot be made: file exists"
    assert why(file / "in") == f"{file / 'in'} cannot be made: file exists"
    assert why(opened) == f"others may write to {opened}; chmod go-w ends that"
    monkeypatch.setattr(os, "geteuid", lambda: mine.stat().st_uid + 1)
    assert why(mine) == f"{mine} belongs to another user"


def test_a_secret_is_made_once_and_read_by_this_user_alone(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}
    first = secret_of(environment)
    file = tmp_path / ".local/state/transire/cache.key"

    assert secret_of({**environment, "TRANSIRE_CACHE_KEY": ""}) == first
    assert secret_of(environment) == first == file.read_bytes().strip()
    assert (len(first), file.stat().st_mode & 0o777) == (64, 0o600)
    assert [each.name for each in file.parent.iterdir()] == ["cache.key"]
    assert secret_of({"HOME": str(tmp_path / "another")}) != first


def test_a_secret_of_the_environment_takes_the_place_of_the_users(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "TRANSIRE_CACHE_KEY": f"{TEXT}\n"}

    assert secret_of(environment) == TEXT.encode()
    assert list(tmp_path.iterdir()) == []


def test_a_secret_that_anybody_could_know_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"HOME": str(tmp_path)}
    secret_of(environment)
    file = tmp_path / ".local/state/transire/cache.key"

    assert why_no_secret({"TRANSIRE_CACHE_KEY": "short"}) == (
        "the secret in TRANSIRE_CACHE_KEY has fewer than 32 characters"
    )
    file.chmod(0o644)
    assert why_no_secret(environment) == (
        f"others may read {file}; delete it, and the next run makes another"
    )
    file.chmod(0o600)
    file.write_text("short", encoding="ascii")
    assert why_no_secret(environment) == f"the secret in {file} has fewer than 32 characters"
    file.unlink()
    file.symlink_to("elsewhere")
    assert why_no_secret(environment) == (
        f"{file} cannot be read: too many levels of symbolic links"
    )
    file.unlink()
    file.mkdir()
    assert why_no_secret(environment) == f"{file} cannot be read: is a directory"
    file.rmdir()
    secret_of(environment)
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    assert why_no_secret(environment) == f"{file.parent} belongs to another user"
    assert why_no_secret({}) == "neither XDG_STATE_HOME nor HOME names a folder"


def test_a_cache_has_both(tmp_path: Path) -> None:
    cache = Cache.of({"TRANSIRE_CACHE": str(tmp_path), "TRANSIRE_CACHE_KEY": TEXT})

    assert (cache.folder, cache.secret) == (tmp_path, TEXT.encode())
    assert repr(cache) == f"<Cache {tmp_path}>"
