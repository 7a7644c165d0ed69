"""Fields that a log is masked to: a line cut to them reads the same, and each of them counts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from support import needs
from support.flowlogs import HUBBLE_DENIED
from support.shared_data import shared
from transire.flowlogs.registry import FORMATS

HUBBLE = FORMATS["hubble"]
_FLOW = HUBBLE_DENIED["flow"]
_POLICY = [{"name": "egress-allow", "namespace": "payments-prod", "labels": ["k8s:a=b"]}]
_POD = {**_FLOW["source"], "pod_name": "coredns-1", "namespace": "kube-system"}
FLOWS: list[dict[str, Any]] = [
    _FLOW,
    {**_FLOW, "verdict": "FORWARDED", "egress_allowed_by": _POLICY, "is_reply": False},
    {**_FLOW, "drop_reason_desc": "POLICY_DENY", "egress_denied_by": _POLICY},
    {**_FLOW, "event_type": {"type": 1}, "drop_reason_desc": "STALE_OR_UNROUTABLE_IP"},
    {**_FLOW, "event_type": {"type": 4}, "verdict": "FORWARDED", "is_reply": True},
    {**_FLOW, "destination": _POD, "traffic_direction": "INGRESS"},
    {
        **_FLOW,
        "verdict": "FORWARDED",
        "event_type": {"type": 129},
        "source": _POD,
        "destination": _FLOW["source"],
        "l7": {
            "type": "RESPONSE",
            "latency_ns": "1",
            "dns": {"query": "api.example.com.", "ips": ["203.0.113.7"], "ttl": 30},
        },
    },
    {
        **_FLOW,
        "event_type": {"type": 129},
        "l7": {"type": "REQUEST", "http": {"url": "https://api.example.com/?token=secret"}},
    },
]


def masked(tree: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """What the exporter writes of a flow: of a path with parts, what is above is always there."""
    found: dict[str, Any] = {}
    parts: dict[str, list[str]] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        if rest:
            parts.setdefault(name, []).append(rest)
        elif name in tree:
            found[name] = tree[name]
    return {**found, **{name: masked(tree.get(name, {}), some) for name, some in parts.items()}}


def read(flow: dict[str, Any]) -> object:
    line = {"flow": flow, "node_name": flow.get("node_name", ""), "time": flow.get("time", "")}
    return HUBBLE.read(json.dumps(line).encode())


@pytest.mark.parametrize("flow", FLOWS)
def test_a_line_that_is_cut_to_the_fields_reads_the_same(flow: dict[str, Any]) -> None:
    cut = masked(flow, HUBBLE.fields)

    assert "secret" not in json.dumps(cut)
    assert len(json.dumps(cut)) < len(json.dumps(flow))
    assert read(cut) == read(flow)


def test_samples_that_are_cut_to_the_fields_read_the_same() -> None:
    folder = shared("flows")
    if folder is None:
        pytest.skip(needs.SAMPLES)
    lines = (folder / "hubble-samples.jsonl").read_text("utf-8").splitlines()
    flows = [flow for line in lines if (flow := json.loads(line).get("flow"))]

    assert flows
    assert [read(masked(each, HUBBLE.fields)) for each in flows] == [read(each) for each in flows]


@pytest.mark.parametrize("path", HUBBLE.fields)
def test_without_one_of_the_fields_some_line_reads_otherwise(path: str) -> None:
    rest = [each for each in HUBBLE.fields if each != path]
    flows = [{**flow, "time": flow["time"]} for flow in FLOWS]

    assert any(
        HUBBLE.read(_plain(masked(each, rest))) != HUBBLE.read(_plain(each)) for each in flows
    )


def _plain(flow: dict[str, Any]) -> bytes:
    """A line whose wrapper holds nothing that the flow itself has."""
    return json.dumps({"flow": flow}).encode()
