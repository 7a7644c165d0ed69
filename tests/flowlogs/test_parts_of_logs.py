"""A plain file read in parts, by several processes: the same as read at once."""

from __future__ import annotations

import gzip
import io
import json
import random
from pathlib import Path

import pytest

from support.synthetic_logs import Reach, World, written
from transire.commands import read_logs as module
from transire.commands.read_logs import read_logs
from transire.flowlogs.lines import STDIN, Source, lines, parts
from transire.flowlogs.tally import Coverage
from transire.pipeline.workers import Workers
from transire.review.usage.sightings import Sighting


def content(seed: int) -> bytes:
    """Lines of many lengths, some of them empty, some longer than a part."""
    source = random.Random(seed)
    made = [b"x" * source.choice([0, 1, 2, 9, 40, 300]) for _ in range(200)]
    return b"\n".join(made) + source.choice([b"", b"\n"])


def all_lines(found: list[Source]) -> list[bytes]:
    """Those that are not empty."""
    all_of_them = (line.content for each in found for line in lines(each, io.BytesIO()))
    return [each for each in all_of_them if each]


def test_lines_keep_their_numbers_past_empty_ones() -> None:
    found = lines(Source(path=STDIN), io.BytesIO(b"\n\na\r\n\nb\n\n"))

    assert [(each.number, each.content) for each in found] == [(3, b"a"), (5, b"b"), (6, b"")]


@pytest.mark.parametrize("size", [1, 2, 3, 10, 64, 1000])
@pytest.mark.parametrize("seed", range(5))
def test_each_line_is_in_one_part(size: int, seed: int, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(content(seed))
    whole = Source(path=path)

    assert all_lines(parts(whole, size)) == all_lines([whole])


def test_what_cannot_be_cut_is_one_part(tmp_path: Path) -> None:
    document, packed = tmp_path / "a.json", tmp_path / "a.gz"
    document.write_text(json.dumps([{"a": 1}] * 50, indent=1))
    packed.write_bytes(gzip.compress(random.Random(1).randbytes(5000)))

    for path in (document, packed, STDIN):
        assert parts(Source(path=path), 10) == [Source(path=path)]


def lines_of_a_log() -> list[str]:
    reaches = tuple(
        Reach(namespace="payments-prod", app=f"app-{n}", host=f"h{n}.example.com", port=443,
              addresses=(f"45.0.0.{n}",))
        for n in range(9)
    )  # fmt: skip
    world = World(cluster="prod-eu", days=3, passed=reaches, denied=(), noise=1.0)
    return [*written(world, 3).lines, "hello", '{"flow":{"time":']


def counted(path: Path, lines: list[str]) -> tuple[list[Sighting], Coverage]:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sightings, coverage = read_logs([path])
    return sorted(sightings.found(), key=repr), coverage


def test_parts_and_processes_give_what_one_run_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = lines_of_a_log()
    alone = counted(tmp_path / "a.log", log)
    monkeypatch.setattr(module, "_PART", 40_000)
    in_parts = counted(tmp_path / "a.log", log)
    monkeypatch.setattr(Workers, "fitting", lambda *_, **__: Workers(processes=3))
    shared = counted(tmp_path / "a.log", log)

    assert alone == in_parts == shared
    assert alone[0] != []


def test_a_line_that_comes_again_in_another_part_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = lines_of_a_log()
    once, coverage = counted(tmp_path / "a.log", log)
    monkeypatch.setattr(module, "_PART", 40_000)
    twice, again = counted(tmp_path / "a.log", log * 2)

    assert twice == once
    assert again.duplicates == coverage.lines
