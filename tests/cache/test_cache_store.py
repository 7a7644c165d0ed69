"""Entries are read whole and as this user wrote them, or not at all, and never fail a run."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from transire.cache.store import LARGEST, Cache, Usage

SECRET = b"a secret of at least 32 characters"
KEY, OTHER = "ab" * 32, "cd" * 32
CONTENT = b"what was found\n"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(folder=tmp_path, secret=SECRET)


def spoilt(whole: bytes) -> Iterator[bytes]:
    """The entry with each byte changed or left out, ended early and too late."""
    for place in range(len(whole)):
        yield whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        yield whole[:place] + whole[place + 1 :]
        yield whole[:place]
    yield whole + b"\n"
    yield whole + whole


def test_what_is_kept_is_found_by_its_key_alone(cache: Cache) -> None:
    cache.put({KEY: CONTENT, OTHER: b""})

    assert (cache.get(KEY), cache.get(OTHER), cache.get("ef" * 32)) == (CONTENT, b"", None)


def test_an_entry_that_is_not_whole_is_none(cache: Cache) -> None:
    cache.put({KEY: CONTENT})
    whole = (cache.folder / KEY).read_bytes()

    tried = 0
    for each in spoilt(whole):
        (cache.folder / KEY).write_bytes(each)
        assert cache.get(KEY) is None
        tried += 1

    assert tried > 3 * 90
    cache.put({KEY: CONTENT})
    assert cache.get(KEY) == CONTENT


def test_an_entry_under_another_name_or_of_another_secret_is_none(cache: Cache) -> None:
    cache.put({KEY: CONTENT})
    (cache.folder / OTHER).write_bytes((cache.folder / KEY).read_bytes())

    assert cache.get(OTHER) is None
    assert Cache(folder=cache.folder, secret=SECRET[::-1]).get(KEY) is None


def test_links_pipes_and_folders_are_no_entries(cache: Cache) -> None:
    cache.put({KEY: CONTENT})
    (cache.folder / KEY).rename(cache.folder / "kept")
    (cache.folder / KEY).symlink_to("kept")
    os.mkfifo(cache.folder / OTHER)
    (cache.folder / ("ef" * 32)).mkdir()

    assert [cache.get(each) for each in (KEY, OTHER, "ef" * 32)] == [None, None, None]


def test_an_entry_takes_the_place_of_a_link_and_leaves_what_that_leads_to(cache: Cache) -> None:
    (cache.folder / "other").write_bytes(b"somebody's")
    (cache.folder / KEY).symlink_to("other")

    cache.put({KEY: CONTENT})

    assert cache.get(KEY) == CONTENT
    assert (cache.folder / "other").read_bytes() == b"somebody's"


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_a_disk_that_refuses_fails_nothing_and_leaves_nothing(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    def refuses(_self: Path, _target: Path) -> Path:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(Path, "replace", refuses)
    cache.put({KEY: CONTENT})

    assert (cache.get(KEY), list(cache.folder.iterdir())) == (None, [])


def test_a_folder_that_is_gone_fails_nothing(cache: Cache) -> None:
    gone = Cache(folder=cache.folder / "gone", secret=SECRET)

    gone.put({KEY: CONTENT})

    assert gone.get(KEY) is None
    assert gone.usage() == gone.clear() == Usage(entries=0, size=0)


def test_what_is_too_large_is_not_kept(cache: Cache) -> None:
    cache.put({KEY: bytes(LARGEST), OTHER: CONTENT})

    assert (cache.get(KEY), cache.get(OTHER)) == (None, CONTENT)


def test_entries_that_were_not_used_for_longest_make_room(cache: Cache) -> None:
    keys = [f"{each:064x}" for each in range(8)]
    cache.put(dict.fromkeys(keys, CONTENT))
    one = cache.usage().size // len(keys)
    for age, key in enumerate(keys):
        os.utime(cache.folder / key, (1_000_000 + age, 1_000_000 + age))
    assert cache.get(keys[0]) == CONTENT  # used again, and young by that

    Cache(folder=cache.folder, secret=SECRET, most=8 * one).put({KEY: CONTENT})

    left = [each for each in (*keys, KEY) if cache.get(each)]
    assert left == [keys[0], *keys[4:], KEY]
    assert cache.usage() == Usage(entries=6, size=6 * one)


def test_a_clock_that_went_back_does_not_keep_entries_for_ever(cache: Cache) -> None:
    cache.put({KEY: CONTENT})
    later = time.time() + 10 * 365 * 86400
    os.utime(cache.folder / KEY, (later, later))

    assert cache.get(KEY) == CONTENT

    assert (cache.folder / KEY).stat().st_mtime < later - 86400


def test_clearing_removes_entries_and_what_a_killed_run_left_and_nothing_else(cache: Cache) -> None:
    cache.put({KEY: CONTENT})
    (cache.folder / f".new-{os.getpid()}-{'0' * 16}").write_bytes(b"half an en")
    (cache.folder / "letter.txt").write_text("somebody's", encoding="utf-8")

    assert cache.usage().entries == 2
    assert cache.clear().entries == 2
    assert [each.name for each in cache.folder.iterdir()] == ["letter.txt"]


def test_a_name_that_is_no_key_is_an_error_of_the_caller(cache: Cache) -> None:
    with pytest.raises(AssertionError) as failed:
        cache.put({"../outside": CONTENT})

    assert str(failed.value) == "'../outside' is no key"


def test_what_is_renewed_counts_for_nothing_and_is_written_again(cache: Cache) -> None:
    cache.put({KEY: CONTENT})
    (cache.folder / KEY).write_bytes(b"spoilt")
    renewed = replace(cache, renewed=True)

    renewed.put({KEY: CONTENT, OTHER: CONTENT})

    assert (renewed.get(KEY), renewed.get(OTHER)) == (None, None)
    assert (cache.get(KEY), cache.get(OTHER)) == (CONTENT, CONTENT)
