"""What is kept between runs, as the command line shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import Ran, copy_example, run

AS_OF = ("--as-of", "2026-11-23")
TEXT = "a secret of at least 32 characters"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "policies")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def run_with(cache: Path, root: Path, *words: str) -> Ran:
    return run(root, *words, TRANSIRE_CACHE=str(cache), TRANSIRE_CACHE_KEY=TEXT)


def test_runs_keep_what_they_proved_and_the_command_shows_and_removes_it(
    root: Path, cache: Path
) -> None:
    generated = run_with(cache, root, "generate", *AS_OF)
    assert (generated.code, len(list(cache.iterdir()))) == (0, 8)
    cold = run_with(cache, root, "check", "--no-cache", *AS_OF)
    checked = run_with(cache, root, "check", *AS_OF)
    size = sum(each.stat().st_blocks * 512 for each in cache.iterdir()) / 2**20
    shown, cleared = run_with(cache, root, "cache"), run_with(cache, root, "cache", "--clear")

    assert checked == cold
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == f"8 entries in {cache}, {size:.1f} MiB of at most 256.0 MiB\n"
    assert cleared.out == f"8 entries removed from {cache}, {size:.1f} MiB\n"
    assert list(cache.iterdir()) == []


def test_without_the_cache_nothing_is_kept(root: Path, cache: Path) -> None:
    assert run_with(cache, root, "generate", "--no-cache", *AS_OF).code == 0

    assert not cache.exists()


def test_a_folder_that_is_not_ours_is_noted_and_fails_nothing(
    root: Path, cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    cache.symlink_to("other")
    plain, noted = run(root, "generate", *AS_OF), run_with(cache, root, "generate", *AS_OF)
    shown = run_with(cache, root, "cache")

    note = f"note: nothing is kept between runs: {cache} is a symbolic link\n"
    assert noted.code == plain.code == 0
    assert noted.err.startswith(note)
    assert list((tmp_path / "other").iterdir()) == []
    assert (shown.code, shown.err) == (
        2,
        f"nothing is kept between runs: {cache} is a symbolic link\n",
    )


def test_what_is_turned_off_is_no_note(root: Path) -> None:
    done, shown = run(root, "generate", *AS_OF), run(root, "cache")

    assert "note: nothing is kept" not in done.err
    assert (shown.code, shown.err) == (2, "nothing is kept between runs: TRANSIRE_CACHE is off\n")


def test_a_short_secret_is_noted(root: Path, cache: Path) -> None:
    done = run(root, "check", *AS_OF, TRANSIRE_CACHE=str(cache), TRANSIRE_CACHE_KEY="short")

    assert done.err == (
        "note: nothing is kept between runs: the secret in TRANSIRE_CACHE_KEY has fewer than 32 "
        "characters\n"
    )


def test_a_cache_is_renewed_or_not_used(root: Path, cache: Path) -> None:
    assert run_with(cache, root, "generate", "--renew-cache", *AS_OF).code == 0
    both = run_with(cache, root, "check", "--renew-cache", "--no-cache", *AS_OF)

    assert len(list(cache.iterdir())) == 8
    assert (both.code, both.out, both.err) == (
        2,
        "",
        "--no-cache keeps nothing for the next run, and --renew-cache does\n",
    )
