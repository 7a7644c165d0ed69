"""Reading sources: packed or plain, wrapped or not, damaged or foreign; everything is counted."""

from __future__ import annotations

import gzip
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
import zstandard

from support.flowlogs import COREDNS_LINES, DNS_LINE, ENTERPRISE, HUBBLE_DENIED, WHISKER
from support.flowlogs_reading import HUBBLE, numbered, of_bytes, reading, text
from transire.flowlogs.lines import MAX_LINE, sources
from transire.flowlogs.reading import WINDOW, read
from transire.flowlogs.record import Flow, Lookup
from transire.flowlogs.tally import Coverage, Tally, Unread
from transire.model.problems import DiskFailed, UsageError


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, zstandard.ZstdCompressor().compress],
    ids=["plain", "gzip", "zstd"],
)
def test_packed_or_not_the_records_are_the_same(pack: Any, tmp_path: Path) -> None:  # noqa: ANN401
    content = text(numbered(500))
    (tmp_path / "events.log").write_bytes(pack(content[:200_000]) + pack(content[200_000:]))
    found, coverage = reading(tmp_path / "events.log")
    piped, _ = of_bytes(pack(content))

    assert len(found) == 500
    assert found == piped
    assert (coverage.lines, coverage.records, coverage.unread) == (500, {"hubble": 500}, ())


def test_a_folder_is_all_of_its_files_each_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.log").write_bytes(text(numbered(2)))
    (tmp_path / "b.log").write_bytes(text(numbered(5)[2:]))
    (tmp_path / ".hidden").write_bytes(b"secret\n")

    assert [
        str(each.path.relative_to(tmp_path)) for each in sources([tmp_path, tmp_path / "b.log"])
    ] == [
        "a/1.log",
        "b.log",
    ]
    assert reading(tmp_path)[1].records == {"hubble": 5}


def test_what_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"gone\.log: no such file or folder"):
        sources([tmp_path / "gone.log"])
    with pytest.raises(UsageError, match="empty: no file in this folder"):
        sources([tmp_path / "empty"])


def test_what_cannot_be_opened_fails_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"")
    found = sources([path])
    path.unlink()
    with pytest.raises(DiskFailed, match=r"a\.log: No such file or directory"):
        list(read(found, Tally(), stdin=io.BytesIO()))


WRAPPED = {
    "a container's runtime": f"2026-05-04T09:12:44.1Z stdout F {HUBBLE}",
    "kubectl logs --timestamps": f"2026-05-04T09:12:44.1Z {HUBBLE}",
    "fluent-bit": json.dumps({"log": f"{HUBBLE}\n", "stream": "stdout", "kubernetes": {}}),
    "logcli": json.dumps({"labels": {"a": "b"}, "line": HUBBLE, "timestamp": "2026-05-04T09:12:44Z"}),
    "vector": json.dumps({"message": HUBBLE, "source_type": "file"}),
    "Loki's export": json.dumps(
        {"status": "success", "data": {"result": [{"stream": {}, "values": [["1", HUBBLE]]}]}}
    ),
    "an array": json.dumps([HUBBLE_DENIED]),
    "Elasticsearch": json.dumps({"hits": {"hits": [{"_source": {"message": HUBBLE}}]}}),
    "a pretty document": json.dumps(HUBBLE_DENIED, indent=2),
    "a shipper around a runtime": json.dumps({"log": f"2026-05-04T09:12:44Z stdout F {HUBBLE}"}),
}  # fmt: skip


@pytest.mark.parametrize("envelope", WRAPPED)
def test_a_flow_is_found_in_what_is_around_it(envelope: str) -> None:
    plain, _ = of_bytes(text([HUBBLE]))
    found, coverage = of_bytes(text([WRAPPED[envelope]]))

    assert found == plain
    assert coverage.records == {"hubble": 1}


def test_hits_of_elasticsearch_hold_flows() -> None:
    plain, _ = of_bytes(text([json.dumps(ENTERPRISE)]))
    found, _ = of_bytes(text([json.dumps({"hits": {"hits": [{"_source": ENTERPRISE}]}})]))

    assert found == plain


def test_items_of_whisker() -> None:
    found, coverage = of_bytes(text([json.dumps({"total": 2, "items": [WHISKER, WHISKER]})]))

    assert len(found) == 1
    assert (coverage.duplicates, coverage.lines) == (1, 1)


def test_formats_may_be_mixed_and_order_does_not_count() -> None:
    lines = [
        *numbered(20), json.dumps(WHISKER), json.dumps(ENTERPRISE), json.dumps(DNS_LINE),
        COREDNS_LINES[0][0], "hello", "{}", '{"flow":{"time":"2026',
    ]  # fmt: skip
    shuffled = list(lines)
    random.Random(1).shuffle(shuffled)
    (one, first), (other, second) = of_bytes(text(lines)), of_bytes(text(shuffled))

    assert sorted(map(repr, one)) == sorted(map(repr, other))
    assert first.records == second.records
    assert first.records == {
        "calico": 1, "calico-enterprise": 1, "calico-enterprise-dns": 1, "coredns": 1, "hubble": 20,
    }  # fmt: skip
    assert {(each.why, each.count) for each in first.unread} == {
        ("of no format that is known", 2),
        ("hubble: no JSON", 1),
    }
    assert (first.first, first.last) == (1777885964.118232, 1785312300.0)
    assert (first.without_time, first.namespaces) == (1, ("payments-prod", "team-payments"))


def test_a_format_that_is_named_is_what_every_line_is_read_as() -> None:
    found, coverage = of_bytes(text([HUBBLE, COREDNS_LINES[0][0]]), format_="coredns")

    assert [type(each) for each in found] == [Lookup]
    assert coverage.unread == (
        Unread(
            source="standard input",
            why="coredns: another form than CoreDNS's common log",
            count=1,
            first=1,
        ),
    )


def test_a_last_line_that_was_cut_is_counted_and_the_others_read() -> None:
    content = text(numbered(3))
    found, coverage = of_bytes(content[:-400])

    assert len(found) == 2
    assert [(each.why, each.first) for each in coverage.unread] == [("hubble: no JSON", 3)]


@pytest.mark.parametrize("pack", [gzip.compress], ids=["gzip"])
def test_a_packed_file_that_was_cut_gives_what_it_has(pack: Any) -> None:  # noqa: ANN401
    source = random.Random(3)
    lines = [line.replace("x2x7p", f"{source.getrandbits(99):x}") for line in numbered(4000)]
    found, coverage = of_bytes(pack(text(lines))[:-2000])

    assert 0 < len(found) < 4000
    assert coverage.unread[-1].why == "the rest of the packed file is damaged or cut off"


def test_a_line_that_is_longer_than_any_flow_is_passed_over() -> None:
    found, coverage = of_bytes(b"x" * (MAX_LINE + 9) + b"\n" + text([HUBBLE]))

    assert len(found) == 1
    assert [(each.why, each.first) for each in coverage.unread] == [
        (f"longer than {MAX_LINE} bytes", 1)
    ]


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize(
    "pack", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"]
)
def test_a_bomb_is_given_up(pack: Any) -> None:  # noqa: ANN401
    line = b"0" * 1023 + b"\n"
    found, coverage = of_bytes(pack(text([HUBBLE]) + line * 200_000))

    assert len(found) == 1
    assert coverage.unread[-1].why == "the rest unfolds to more than 200 times its size"
    assert coverage.lines < 10_000


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("piece", [b"\n", b"0"], ids=["empty lines", "a line without an end"])
def test_a_bomb_of_many_frames_costs_what_it_unfolds_to(piece: bytes) -> None:
    frame = zstandard.ZstdCompressor().compress(piece * 1000)
    found, coverage = of_bytes(frame * 20_000)

    assert found == []
    assert coverage.lines <= 1


def test_a_line_that_comes_twice_counts_once() -> None:
    found, coverage = of_bytes(text([HUBBLE, *numbered(5), HUBBLE]))

    assert len(found) == 6
    assert coverage.duplicates == 1


@pytest.mark.slow("many megabytes")
def test_a_line_far_behind_is_not_held_against() -> None:
    lines = [f"{number:032}" for number in range(2 * WINDOW + 2)]
    _, coverage = of_bytes(text([*lines, lines[0]]))

    assert coverage.duplicates == 0


def test_empty_input_is_nothing() -> None:
    assert of_bytes(b"") == ([], Coverage())
    assert of_bytes(b"\n\n  \n")[0] == []


def test_names_of_hostile_lines_reach_no_record() -> None:
    hostile = HUBBLE.replace("api.example.com", "a\\u001b[2Jb")
    found, coverage = of_bytes(text([hostile]))

    assert found == []
    assert [each.why for each in coverage.unread] == ["hubble: a name that is none"]


def test_what_masks_leave_out_is_counted() -> None:
    body = {**HUBBLE_DENIED["flow"], "traffic_direction": ""}
    found, coverage = of_bytes(text([json.dumps({"flow": body})]))

    assert isinstance(found[0], Flow)
    assert coverage.lacks == {"traffic_direction": 1}


HOSTILE = [
    '{"flow":{"time":"2026-05-04T09:12:44Z","l4":' + "[" * 100_000,
    json.dumps({**ENTERPRISE, "dest_domains": [1]}),
    json.dumps({**ENTERPRISE, "num_flows": "9" * 5000, "dest_port": "9" * 5000}),
    json.dumps({**WHISKER, "dest_ips": [5]}),
    json.dumps({"data": {"result": [{"values": [1]}]}}),
    HUBBLE.replace("2026-05-04T09:12:44.118232000Z", "0001-01-01T00:00:00+14:00"),
    HUBBLE.replace("2026-05-04T09:12:44.118232000Z", "9999-12-31T23:59:59-14:00"),
    HUBBLE.replace("api.example.com", "**.example.com"),
]


@pytest.mark.parametrize("line", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_a_line_that_somebody_made_on_purpose_ends_no_run(line: str) -> None:
    found, coverage = of_bytes(text([line, *numbered(2)]))

    assert len(found) == 2
    assert sum(each.count for each in coverage.unread) == 1
