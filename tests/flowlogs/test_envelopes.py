"""What is around a line: its time is that of a line without one, and documents are no lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.flowlogs import COREDNS_LINES, ENTERPRISE, HUBBLE_DENIED, WHISKER
from support.flowlogs_reading import HUBBLE, numbered, of_bytes, reading, text
from transire.flowlogs.lines import MAX_LINE
from transire.flowlogs.record import Flow, Lookup

AT = 1777885964.0
STAMP = "2026-05-04T09:12:44Z"
QUERY = COREDNS_LINES[0][0]
NANOSECONDS = f"{int(AT)}000000000"
TIMED = {
    "a container's runtime": f"{STAMP} stdout F {QUERY}",
    "a runtime with the zone of its node": f"2026-05-04T11:12:44+02:00 stdout F {QUERY}",
    "kubectl logs --timestamps": f"{STAMP} {QUERY}",
    "kubectl logs --timestamps --prefix": f"[pod/coredns-1/coredns] {STAMP} {QUERY}",
    "Docker": json.dumps({"log": f"{QUERY}\n", "stream": "stdout", "time": STAMP}),
    "fluent-bit": json.dumps({"date": AT, "log": f"{QUERY}\n", "kubernetes": {}}),
    "Vector": json.dumps({"message": QUERY, "timestamp": STAMP}),
    "journald": json.dumps({"MESSAGE": QUERY, "__REALTIME_TIMESTAMP": f"{int(AT)}000000"}),
    "logcli": json.dumps({"labels": {}, "line": QUERY, "timestamp": STAMP}),
    "logcli, text": f'{STAMP} {{app="coredns", node="a"}} {QUERY}',
    "Grafana's download": json.dumps([{"line": QUERY, "timestamp": NANOSECONDS, "fields": {}}]),
    "Loki's export": json.dumps(
        {"data": {"result": [{"stream": {}, "values": [[NANOSECONDS, QUERY]]}]}}
    ),
    "what Loki takes": json.dumps({"streams": [{"stream": {}, "values": [[NANOSECONDS, QUERY]]}]}),
    "CloudWatch": json.dumps({"events": [{"timestamp": int(AT) * 1000, "message": QUERY}]}),
    "Elasticsearch": json.dumps(
        {"hits": {"hits": [{"_source": {"@timestamp": STAMP, "message": QUERY}}]}}
    ),
    "Splunk": json.dumps({"time": AT, "event": QUERY}),
}


@pytest.mark.parametrize("envelope", TIMED)
def test_a_line_without_a_time_has_that_of_its_envelope(envelope: str) -> None:
    (found,), coverage = of_bytes(text([TIMED[envelope]]))

    assert isinstance(found, Lookup)
    assert (found.name, found.first, found.last) == ("example.org", AT, AT)
    assert coverage.without_time == 0


def test_a_line_with_a_time_keeps_it() -> None:
    plain, _ = of_bytes(text([HUBBLE]))
    late = json.dumps({"line": HUBBLE, "timestamp": "2027-01-01T00:00:00Z"})

    assert of_bytes(text([late]))[0] == plain


def test_a_time_of_an_envelope_that_is_none_takes_nothing_from_the_line() -> None:
    (found,), coverage = of_bytes(text([json.dumps({"log": QUERY, "time": "yesterday"})]))

    assert found.first is None
    assert coverage.without_time == 1


def test_a_masked_time_that_the_envelope_has_is_not_lacking() -> None:
    body = {key: value for key, value in HUBBLE_DENIED["flow"].items() if key != "time"}
    (found,), _ = of_bytes(text([json.dumps({"line": json.dumps({"flow": body}), "ts": AT})]))

    assert isinstance(found, Flow)
    assert (found.first, found.lacks) == (AT, ())


def test_equal_lines_of_different_times_are_two() -> None:
    lines = [f"{STAMP} {QUERY}", f"2026-05-04T09:12:45Z {QUERY}", f"{STAMP} {QUERY}"]
    found, coverage = of_bytes(text(lines))

    assert len(found) == 2
    assert coverage.duplicates == 1


@pytest.mark.parametrize("key", ["log_processed", "message", "log", "result", "_source"])
def test_a_flow_that_a_shipper_has_read_as_json_is_found(key: str) -> None:
    plain, _ = of_bytes(text([HUBBLE]))

    assert of_bytes(text([json.dumps({"date": AT, key: HUBBLE_DENIED})]))[0] == plain


def test_a_flow_under_another_key_is_a_line_that_is_not_read() -> None:
    found, coverage = of_bytes(text([json.dumps({"hubble": {"flow": HUBBLE_DENIED["flow"]}})]))

    assert (found, coverage.other) == ([], 0)
    assert [each.why for each in coverage.unread] == ["hubble: no flow where Hubble has it"]


def test_an_error_of_the_api_server_is_no_log() -> None:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
              "message": 'pods "coredns" not found', "reason": "NotFound", "code": 404}  # fmt: skip
    for written in (json.dumps(status), json.dumps(status, indent=2)):
        found, coverage = of_bytes(text([written]))

        assert found == []
        assert [each.why for each in coverage.unread] == ["the API server's NotFound, and no log"]


MANY = [json.loads(line) for line in numbered(5)]
SPREAD = {
    "an array of a line each": "[" + ",\n".join(map(json.dumps, MANY)) + "]",
    "an array with commas before": "[\n" + "\n,".join(map(json.dumps, MANY)) + "\n]",
    "a pretty array": json.dumps(MANY, indent=2),
    "an array without indents": json.dumps(MANY, indent=0),
    "pretty objects": "\n".join(json.dumps(each, indent=4) for each in MANY),
    "a pretty export": json.dumps(
        {"data": {"result": [{"values": [["1", json.dumps(each)] for each in MANY]}]}}, indent=1
    ),
    "after empty lines": "\n\n" + json.dumps(MANY, indent=2),
}


@pytest.mark.parametrize("form", SPREAD)
def test_json_over_several_lines_is_its_objects(form: str, tmp_path: Path) -> None:
    plain, _ = of_bytes(text(map(json.dumps, MANY)))
    (tmp_path / "a.json").write_text(SPREAD[form], "utf-8")
    found, coverage = reading(tmp_path / "a.json")

    assert found == plain
    assert coverage.unread == ()


@pytest.mark.slow("many megabytes")
def test_an_array_that_is_longer_than_a_line_may_be_is_read() -> None:
    each = {**HUBBLE_DENIED, "padding": "x" * 100_000}
    content = ("[" + ",\n".join([json.dumps(each)] * 200) + "]").encode()
    found, coverage = of_bytes(content)

    assert len(content) > MAX_LINE
    assert (len(found), coverage.duplicates, coverage.unread) == (1, 199, ())


def test_a_document_that_is_cut_off_ends_no_more_than_its_object() -> None:
    pretty = json.dumps(HUBBLE_DENIED, indent=2)
    found, coverage = of_bytes(
        f"{pretty}\n{pretty[:300]}\n{numbered(2)[1]}\n{pretty[:99]}".encode()
    )

    assert len(found) == 2
    assert [(each.why, each.count) for each in coverage.unread] == [
        ("a document that is cut off", 2)
    ]


def test_a_first_line_that_is_cut_hides_no_other() -> None:
    found, _ = of_bytes(text([HUBBLE[:200], *numbered(2)]))

    assert len(found) == 2


def test_two_nodes_that_report_one_flow_report_it_once() -> None:
    other = HUBBLE.replace("node-1", "node-2").replace("7a0c3a8e", "11111111")
    later = other.replace("118232000Z", "118232001Z")
    found, coverage = of_bytes(text([HUBBLE, other, later]))

    assert (len(found), coverage.duplicates) == (2, 1)


def test_a_line_that_two_files_have_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(text(numbered(4)))
    (tmp_path / "b.log").write_bytes(text(numbered(6)))
    found, coverage = reading(tmp_path)

    assert (len(found), coverage.duplicates) == (6, 4)


@pytest.mark.parametrize("body", [WHISKER, ENTERPRISE], ids=["calico", "calico-enterprise"])
def test_a_time_of_zero_is_none(body: dict[str, object]) -> None:
    (found,), _ = of_bytes(text([json.dumps({**body, "start_time": 0})]))

    assert found.first is None
