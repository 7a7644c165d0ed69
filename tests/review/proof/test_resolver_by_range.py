"""An agent whose ranges match nodes also finds a resolver's address on another node."""

from __future__ import annotations

from typing import Any

import pytest

from support.engines.lowering_parts import cluster, target
from support.engines.proofs import problems_of, texts_of, told

NETWORK = {
    "podCIDRs": ["10.0.0.0/16"],
    "serviceCIDRs": ["10.96.0.0/12"],
    "nodeCIDRs": ["192.168.0.0/18"],
    "families": ["IPv4"],
}
HOSTS = {"name": "api", "to": ["api.example.com"], "ports": [443]}


@pytest.mark.parametrize(
    "dns",
    [
        {"profile": "coredns"},
        {"profile": "nodelocal", "addresses": ["169.254.20.10"]},
        {"profile": "gke-cloud-dns"},
        {"profile": "custom", "resolver": {"addresses": ["192.0.2.53"]}},
    ],
    ids=lambda each: str(each["profile"]),
)
@pytest.mark.parametrize("mode", ["", "nodes"])
def test_queries_are_proved_whether_ranges_match_nodes_or_not(
    dns: dict[str, Any], mode: str
) -> None:
    agent = {"policy-cidr-match-mode": mode} if mode else {}
    each = told(target(cluster("cilium", "1.19", network=NETWORK, dns=dns, agent=agent), [HOSTS]))

    assert problems_of(each, texts_of(each)) == ()
