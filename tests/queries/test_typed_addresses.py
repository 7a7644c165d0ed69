"""An address that a question names is never taken for outside without a word."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from transire.queries.cluster_state import ClusterState
from transire.queries.typed_addresses import caveats_on

CLUSTER = ClusterState(
    ranges=(ip_network("203.0.113.0/24"),),
    services={ip_address("198.51.100.7"): "the service shop/web"},
)


@pytest.mark.parametrize(
    ("address", "inside", "expected"),
    [
        (
            "10.0.0.5",
            False,
            (
                "10.0.0.5 is private, and no pod or node that is given has it, so it is taken to be "
                "outside; ranges do not mean pods and nodes, and policies see the pods behind a service"
            ),
        ),
        (
            "fd00::1",
            True,
            (
                "fd00::1 is private, and no pod or node that is given has it, so it is taken to be "
                "outside; selectors mean pods, and policies see the pods behind a service"
            ),
        ),
        (
            "203.0.113.9",
            True,
            (
                "203.0.113.9 is in a range of the cluster's own, and what has it is not given, so it "
                "is taken to be outside; selectors mean pods, and policies see the pods behind a "
                "service"
            ),
        ),
        (
            "198.51.100.7",
            False,
            (
                "198.51.100.7 is the address of the service shop/web, and policies see the pods behind "
                "it instead"
            ),
        ),
    ],
)
def test_what_may_be_inside_is_named(address: str, inside: bool, expected: str) -> None:
    found = caveats_on(ip_address(address), CLUSTER, ranges_mean_inside=inside)

    assert [each.text for each in found] == [expected]


@pytest.mark.parametrize("address", ["8.8.8.8", "192.0.2.1", "2001:db8::1", "11.0.0.1"])
def test_other_addresses_are_outside(address: str) -> None:
    assert caveats_on(ip_address(address), CLUSTER, ranges_mean_inside=True) == ()
