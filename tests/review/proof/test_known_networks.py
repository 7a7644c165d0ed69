"""A known network among the addresses of pods means what is no pod there, and nothing else."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from support.engines.lowering_parts import cluster, target
from support.engines.proofs import flows_of_objects, objects_of, problems_of, texts_of, told
from transire.engines.registry import engine_of
from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.meaning.meaning import meaning
from transire.meaning.target import Target
from transire.meaning.world import world

VPC: dict[str, Any] = {
    "network": {
        "podCIDRs": ["10.90.0.0/16"],
        "serviceCIDRs": ["172.20.0.0/16"],
        "nodeCIDRs": ["10.90.0.0/16"],
        "families": ["IPv4"],
    },
    "networks": {"data-vpc": {"cidrs": ["10.90.32.0/20"]}},
}
RULE = {"name": "databases", "to": [{"network": "data-vpc"}], "ports": [5432]}
DATABASES = AddressSet.nets([ip_network("10.90.32.0/20")])


def published(version: str) -> Target:
    return target(cluster("cilium", version, **VPC), [RULE])


@pytest.mark.parametrize("version", ["1.14", "1.16", "1.18", "1.19", "1.20"])
def test_what_is_no_pod_is_reached_and_pods_are_not(version: str) -> None:
    here = published(version)
    each = told(here)
    texts = texts_of(each)
    allowed = flows_of_objects(here, objects_of(texts))
    there = FlowSet.reach(
        source=PodSet.in_namespace(here.namespace),
        peer=Peer.everything(),
        ports=PortSet.of_port(Protocol.TCP, 5432),
        addresses=DATABASES,
    )

    assert problems_of(each, texts) == ()
    assert allowed & there == there.restrict(peer=Peer.outside())
    assert not (allowed & there).restrict(peer=Peer.pods(PodSet.everything()))


def test_the_proof_sees_a_network_that_the_objects_lack() -> None:
    here = published("1.19")
    each = told(here)
    texts = texts_of(each)
    narrowed = {
        chart: text.replace("10.90.32.0/20", "10.90.32.0/21") for chart, text in texts.items()
    }

    assert narrowed != texts
    assert [problem.id for problem in problems_of(each, narrowed)] == ["not-proved"]


def test_other_addresses_of_pods_stay_out_of_the_world() -> None:
    here = published("1.19")
    everything = world(here.cluster, engine_of(here.cluster.release).traits(here.cluster))
    outside = everything.restrict(
        peer=Peer.outside(), addresses=AddressSet.nets([ip_network("10.90.0.0/16")])
    )
    traits = engine_of(here.cluster.release).traits(here.cluster)

    assert outside == outside.restrict(addresses=DATABASES)
    assert meaning(here, traits).allowed & outside
