"""Records with their lines, what a line tells besides, and packets that have two lines."""

from __future__ import annotations

import io
import json
from pathlib import Path

from transire.flowlogs.details import Detail, detail_of
from transire.flowlogs.lines import Source
from transire.flowlogs.located import Located, located
from transire.flowlogs.record import Flow, Outcome
from transire.flowlogs.tally import Tally

PACKET = {
    "ts": "2026-06-02T10:00:00Z",
    "msg": "Evaluating packet",
    "id": 9,
    "direction": "Egress",
    "srcPod": "shop/web",
    "dstPod": "external",
    "packet": {
        "Family": "IPv4",
        "SrcIP": "10.0.0.10",
        "DstIP": "198.51.100.7",
        "Proto": "TCP",
        "SrcPort": 40000,
        "DstPort": 443,
    },
}


def read(path: Path, *lines: str) -> tuple[list[Located], Tally]:
    path.write_text("\n".join([*lines, ""]), "utf-8")
    tally = Tally()
    return list(located([Source(path=path)], tally, stdin=io.BytesIO())), tally


def test_a_record_has_the_line_that_it_stands_in(tmp_path: Path) -> None:
    line = "Node: n;SIP: 10.0.0.10;SPORT: 1;DIP: 10.0.0.2;DPORT: 53;PROTOCOL: UDP;PolicyVerdict: "
    found, tally = read(tmp_path / "agent.log", "", "nonsense", f"{line}DENY", f"{line}ACCEPT")

    assert [each.line for each in found] == [3, 4]
    assert [each.why for each in tally.coverage().unread] == ["of no format that is known"]


def test_a_packet_is_joined_with_its_verdict(tmp_path: Path) -> None:
    other = {**PACKET, "id": 10}
    found, _ = read(
        tmp_path / "agent.jsonl",
        json.dumps(PACKET, separators=(",", ":")),
        json.dumps(other, separators=(",", ":")),
        '{"ts":"2026-06-02T10:00:00Z","msg":"Packet accepted by policy","id":10}',
        '{"ts":"2026-06-02T10:00:00Z","msg":"Packet denied by egress policy","id":9}',
    )
    flows = [each.record for each in found if isinstance(each.record, Flow)]

    assert [each.line for each in found] == [2, 1]
    assert [each.outcome for each in flows] == [Outcome.PASSED, Outcome.DENIED]
    assert (flows[1].source.namespace, flows[1].source.pod) == ("shop", "web")
    assert (flows[1].destination.address, flows[1].destination.entity) == ("198.51.100.7", "world")
    assert (flows[1].port, flows[1].protocol, flows[1].egress) == (443, "TCP", True)


def test_a_packet_without_a_verdict_is_no_flow(tmp_path: Path) -> None:
    found, tally = read(tmp_path / "agent.jsonl", json.dumps(PACKET, separators=(",", ":")))

    assert found == []
    assert tally.coverage().unread == ()


def test_a_packet_without_a_protocol_is_counted(tmp_path: Path) -> None:
    found, tally = read(
        tmp_path / "agent.jsonl",
        '{"msg":"Evaluating packet","id":1,"packet":{}}',
        '{"msg":"Packet denied by egress policy","id":1}',
    )

    assert found == []
    assert [each.why for each in tally.coverage().unread] == [
        "kube-network-policies: a packet without its protocol"
    ]


def test_a_response_of_the_host_is_told_from_one_of_the_proxy() -> None:
    host = b"1.0 4 10.0.0.10 TCP_MISS/503 292 GET http://a.example/x - HIER_DIRECT/198.51.100.7 text/plain"
    proxy = b"1.0 4 10.0.0.10 TCP_DENIED/403 350 CONNECT a.example:443 - HIER_NONE/- text/html"

    assert detail_of("squid", host) == Detail(
        status=503, reached=True, own=False, url="http://a.example/x"
    )
    assert detail_of("squid", proxy) == Detail(
        status=403, reached=False, own=True, url="a.example:443"
    )


def test_json_of_proxies_tells_whether_the_host_was_reached() -> None:
    reached = b'{"response_code":503,"upstream_host":"198.51.100.7:443","response_code_details":"via_upstream"}'
    refused = b'{"response_code":404,"upstream_host":"-","response_code_details":"route_not_found"}'

    assert detail_of("envoy", reached) == Detail(status=503, reached=True, own=False)
    assert detail_of("envoy", refused) == Detail(status=404, reached=False, own=True)


def test_a_line_of_another_format_has_no_detail() -> None:
    assert detail_of("coredns", b"anything") == Detail()
    assert detail_of("hubble", b"no json") == Detail()
