"""Requests in a diff: an example reads as the request that a person would send."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from transire.flows.flow import Flow
from transire.flows.pod_set import Workload
from transire.flows.port_set import Protocol
from transire.review.diff.explain_notation import request_of
from transire.review.proof.findings import as_query, shown


def flow(**parts: Any) -> Flow:  # noqa: ANN401 - any part of it
    plain = {
        "source": Workload(namespace="shop"),
        "address": ip_address("203.0.113.10"),
        "protocol": Protocol.TCP,
        "port": 80,
        "host": "api.example.com",
    }
    return Flow(**(plain | parts))


DELETE = {"method": "DELETE", "path": "/v1/items/7"}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (DELETE, "DELETE http://api.example.com/v1/items/7"),
        ({**DELETE, "port": 8080}, "DELETE http://api.example.com:8080/v1/items/7"),
        ({**DELETE, "host": None}, "DELETE http://203.0.113.10/v1/items/7"),
        ({"method": "GET"}, "GET http://api.example.com/"),
        ({}, ""),
    ],
)
def test_a_request_reads_as_its_method_and_url(parts: dict[str, Any], words: str) -> None:
    assert request_of(flow(**parts)) == words


def test_a_counter_example_of_the_proof_names_the_request_and_asks_for_it() -> None:
    found = flow(**DELETE)
    query = as_query(found)

    assert shown(found) == (
        "api.example.com (203.0.113.10) on 80/TCP carrying DELETE /v1/items/7 from a pod of shop"
    )
    assert str(query.what.request) == "DELETE /v1/items/7"  # type: ignore[union-attr]
