"""An example of a line, as a question that `transire explain` takes."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from transire.flows.flow import Flow
from transire.flows.peer_set import PeerKind
from transire.flows.pod_set import Workload
from transire.queries.query_notation import source_from
from transire.review.diff.explain_notation import destination_of, source_of

WEB = Workload(namespace="default", labels={"tier": "b", "app": "web"})


def flow(
    address: str = "203.0.113.10",
    *,
    protocol: int = 6,
    port: int = 443,
    host: str | None = None,
    queried: str | None = None,
    pod: Workload | None = None,
) -> Flow:
    return Flow(
        source=WEB,
        peer=PeerKind.OUTSIDE if pod is None else PeerKind.POD,
        pod=pod,
        host=host,
        address=ip_address(address),
        protocol=protocol,
        port=port,
        queried=queried,
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (flow(), "203.0.113.10:443"),
        (flow("2001:db8::a"), "[2001:db8::a]:443"),
        (flow(protocol=17, port=53), "203.0.113.10:53/UDP"),
        (flow(protocol=47, port=0), "203.0.113.10:0/47"),
        (flow(host="a.example"), "a.example:443"),
        (flow(queried="a.example"), "dns:a.example"),
        (flow(pod=WEB), "pod:default/app=web,tier=b:443"),
        (flow(pod=Workload(namespace="ledger"), protocol=132), "pod:ledger:443/SCTP"),
    ],
)
def test_a_destination_is_written_as_a_question(given: Flow, expected: str) -> None:
    assert destination_of(given) == expected


def test_a_source_is_in_the_namespace_that_was_looked_at() -> None:
    assert source_of(flow(), "shop") == "shop/app=web,tier=b"


def test_a_source_has_the_service_account_that_matters() -> None:
    pod = Workload(namespace="default", account="billing")

    assert source_of(replace(flow(), source=pod), "shop") == "shop@billing"
    assert source_from("shop@billing").account == "billing"
