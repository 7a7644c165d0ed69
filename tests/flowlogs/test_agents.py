"""Flows and lookups of Hubble and Calico: what each line comes to, and what is not guessed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from msgspec.structs import replace

from support.flowlogs import (
    DNS_LINE,
    ENTERPRISE,
    HUBBLE_DENIED,
    WHISKER,
    flow,
    hubble,
    lookup,
    read_line,
)
from transire.flowlogs.record import (
    Flow,
    Lookup,
    Lost,
    Outcome,
    Peer,
    Policy,
    Seen,
)

DENIED = Flow(
    first=1777885964.118232,
    last=1777885964.118232,
    seen=Seen.DECISION,
    outcome=Outcome.DENIED,
    source=Peer(
        address="10.244.1.44",
        namespace="payments-prod",
        pod="checkout-6d5f7c9b8-x2x7p",
        workload="Deployment/checkout",
        service_account="checkout",
        labels={"app": "checkout"},
        cluster="prod-eu",
    ),
    destination=Peer(address="203.0.113.7", labels={}, entity="world"),
    names=("api.example.com",),
    protocol="TCP",
    port=443,
    egress=True,
    node="node-1",
)
PAYMENTS = Peer(
    namespace="team-payments",
    pod="payments-api-7c9d8b6f5-*",
    workload="payments-api",
    labels={"app": "payments-api"},
)


def test_a_flow_of_hubble() -> None:
    assert flow(HUBBLE_DENIED, "hubble") == DENIED


def test_the_form_without_a_wrapper() -> None:
    assert flow(HUBBLE_DENIED["flow"], "hubble") == DENIED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"verdict": "FORWARDED", "drop_reason_desc": None}, {"outcome": Outcome.PASSED}),
        ({"verdict": "REDIRECTED", "drop_reason_desc": None}, {"outcome": Outcome.PASSED}),
        ({"verdict": "AUDIT", "drop_reason_desc": None}, {"outcome": Outcome.WOULD_BE_DENIED}),
        ({"verdict": "ERROR", "drop_reason_desc": None}, {"outcome": Outcome.FAILED}),
        ({"verdict": "NEW_IN_2027"}, {"outcome": Outcome.UNKNOWN}),
        ({"drop_reason_desc": "POLICY_DENY"}, {}),
        ({"drop_reason_desc": "STALE_OR_UNROUTABLE_IP"}, {"outcome": Outcome.FAILED}),
        ({"event_type": {"type": 1}}, {"seen": Seen.DROP}),
        ({"event_type": {"type": 4}}, {"seen": Seen.PACKET}),
        ({"event_type": {"type": 129}}, {"seen": Seen.REQUEST}),
        ({"traffic_direction": "INGRESS"}, {"egress": False}),
        ({"is_reply": True}, {"reply": True}),
        ({"is_reply": False}, {"reply": False}),
        ({"destination_names": ["B.example.com", "a.example.com"]},
         {"names": ("b.example.com", "a.example.com")}),
        ({"l4": {"UDP": {"destination_port": 53}}}, {"protocol": "UDP", "port": 53}),
        ({"l4": {"TCP": {"source_port": 9}}}, {"port": None}),
        ({"l4": {"ICMPv6": {"type": 128}}}, {"protocol": "ICMPv6", "port": 128}),
        ({"l4": {"ICMPv4": {}}}, {"protocol": "ICMPv4", "port": 0}),
        ({"egress_denied_by": [{"name": "egress-deny", "namespace": "payments-prod"}]},
         {"policies": (Policy(namespace="payments-prod", name="egress-deny"),)}),
        ({"egress_allowed_by": [{}]}, {"policies": ()}),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_field_of_hubble_changes(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert flow(hubble(**changes)) == replace(DENIED, **expected)


@pytest.mark.parametrize(
    ("masked", "lacks"),
    [
        ({"traffic_direction": None}, ("traffic_direction",)),
        ({"event_type": None}, ("event_type",)),
        ({"IP": None}, ("IP",)),
        ({"l4": None}, ("l4",)),
        ({"source": {}}, ("source.namespace", "source.labels")),
        ({"source": {"namespace": "a"}}, ("source.labels",)),
        ({"destination": None}, ("destination",)),
        ({"destination": {}}, ("destination",)),
    ],
    ids=str,
)
def test_what_a_mask_left_out_is_named(masked: dict[str, Any], lacks: tuple[str, ...]) -> None:
    assert flow(hubble(**masked)).lacks == lacks


def test_without_a_time_anywhere_there_is_none() -> None:
    line = {"flow": hubble(time=None)["flow"]}

    assert flow(line).first is None
    assert flow(line).lacks == ("time",)


@pytest.mark.parametrize(
    ("labels", "entity"),
    [
        (["reserved:world"], "world"),
        (["reserved:host"], "host"),
        (["reserved:remote-node", "reserved:kube-apiserver"], "kube-apiserver"),
        (["reserved:kube-apiserver", "reserved:remote-node"], "kube-apiserver"),
        (["cidr:10.0.0.0/8", "reserved:world"], "world"),
    ],
    ids=str,
)
def test_the_reserved_label_that_tells_most(labels: list[str], entity: str) -> None:
    assert flow(hubble(destination={"labels": labels})).destination.entity == entity


def dns(kind: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    ends = {"source": HUBBLE_DENIED["flow"]["destination"], "destination": None}
    if kind == "RESPONSE":
        ends = {
            "source": {"namespace": "kube-system"},
            "destination": HUBBLE_DENIED["flow"]["source"],
            "IP": {"source": "10.244.0.9", "destination": "10.244.1.44"},
        }
    elif kind == "REQUEST":
        ends = {}
    layer = {"type": kind, "dns": {"query": "api.example.com.", "qtypes": ["A"], **fields}}
    return hubble(l7=layer, event_type={"type": 129}, drop_reason_desc=None, **ends)


def test_an_answer_is_a_lookup_of_the_pod_that_gets_it() -> None:
    line = dns("RESPONSE", ips=["203.0.113.7", "::ffff:203.0.113.8"], ttl=30)
    line["flow"]["verdict"] = "FORWARDED"
    found = lookup(line)

    assert found == Lookup(
        first=DENIED.first,
        last=DENIED.last,
        outcome=Outcome.PASSED,
        client=DENIED.source,
        name="api.example.com",
        type="A",
        code="NOERROR",
        addresses=("203.0.113.7", "203.0.113.8"),
        ttl=30,
        node="node-1",
    )


@pytest.mark.parametrize(("code", "shown"), [(3, "NXDOMAIN"), (5, "REFUSED"), (23, "23")])
def test_an_answer_without_addresses_has_its_code(code: int, shown: str) -> None:
    line = dns("RESPONSE", rcode=code)
    line["flow"]["verdict"] = "FORWARDED"

    assert (lookup(line).code, lookup(line).addresses, lookup(line).ttl) == (shown, (), None)


def test_a_query_that_is_denied_is_a_lookup_and_one_that_passes_comes_again() -> None:
    denied = dns("REQUEST")
    passed = dns("REQUEST")
    passed["flow"]["verdict"] = "FORWARDED"

    assert (lookup(denied).outcome, lookup(denied).client) == (Outcome.DENIED, DENIED.source)
    assert read_line(passed) is None


def test_events_that_hubble_lost() -> None:
    line = {"lost_events": {"source": "PERF_EVENT_RING_BUFFER", "num_events_lost": "12"},
            "node_name": "node-1", "time": "2026-05-04T09:12:44Z"}  # fmt: skip

    assert read_line(line, "hubble") == Lost(
        first=1777885964.0,
        last=1777885964.0,
        count=12,
        what="events lost in PERF_EVENT_RING_BUFFER",
    )
    assert read_line({"node_status": {"state_change": "NODE_CONNECTED"}}, "hubble") is None


def test_a_flow_of_whisker() -> None:
    assert flow(WHISKER, "calico") == Flow(
        first=1785312000.0,
        last=1785312015.0,
        seen=Seen.DECISION,
        outcome=Outcome.DENIED,
        source=dataclasses.replace(
            PAYMENTS, labels={"app": "payments-api", "pod-template-hash": "7c9d8b6f5"}
        ),
        destination=Peer(labels={}, entity="world"),
        protocol="TCP",
        port=443,
        egress=True,
        reply=False,
    )


@pytest.mark.parametrize(
    ("line", "word", "number"),
    [("action", "Deny", 2), ("action", "Allow", 1), ("reporter", "Src", 1), ("reporter", "Dst", 2)],
)
def test_a_number_of_the_proto_is_its_word(line: str, word: str, number: int) -> None:
    assert flow({**WHISKER, line: word}) == flow({**WHISKER, line: number})


@pytest.mark.parametrize(
    ("body", "name", "kind"),
    [(WHISKER, "dest_name", "dest_type"), (ENTERPRISE, "dest_name_aggr", "dest_type")],
    ids=["calico", "calico-enterprise"],
)
def test_a_set_in_a_namespace_is_no_pod(body: dict[str, Any], name: str, kind: str) -> None:
    found = flow({**body, name: "partners", kind: "ns", "dest_namespace": "team-payments"})

    assert (found.destination.namespace, found.destination.address_set) == ("", "partners")


def test_a_set_of_calico_is_named() -> None:
    line = {**WHISKER, "dest_name": "allow-partner", "dest_type": "NetworkSet", "action": "Allow"}

    assert flow(line).destination == Peer(labels={}, address_set="allow-partner")
    assert flow(line).outcome is Outcome.PASSED


def test_a_staged_denial_of_calico_is_one_that_would_come() -> None:
    pending = [{"kind": "StagedNetworkPolicy", "name": "egress.deny", "namespace": "a",
                "action": "Deny", "policy_index": 0, "rule_index": 0}]  # fmt: skip
    line = {**WHISKER, "action": "Allow", "policies": {"enforced": [], "pending": pending}}

    assert flow(line).outcome is Outcome.WOULD_BE_DENIED


def test_a_flow_of_calico_enterprise() -> None:
    assert flow(ENTERPRISE, "calico-enterprise") == Flow(
        first=1785312000.0,
        last=1785312300.0,
        count=3,
        seen=Seen.DECISION,
        outcome=Outcome.DENIED,
        source=PAYMENTS,
        destination=Peer(entity="world"),
        names=("api.stripe.com",),
        protocol="TCP",
        port=443,
        egress=True,
        reply=False,
        node="node-1",
    )


def test_five_names_may_be_more() -> None:
    names = [f"a{number}.example.com" for number in range(5)]

    assert flow({**ENTERPRISE, "dest_domains": names}).names_cut
    assert not flow({**ENTERPRISE, "dest_domains": names[1:]}).names_cut


def test_policies_are_met_in_the_order_of_their_places() -> None:
    met = ["1|default|a/default.second|allow|2", "0|egress|egress.first|pass|0"]
    line = {**ENTERPRISE, "action": "allow", "policies": {"enforced_policies": met}}

    assert flow(line).policies == (
        Policy(name="egress.first", rule=0),
        Policy(namespace="a", name="default.second", rule=2),
    )


def test_a_lookup_of_calico_enterprise() -> None:
    assert lookup(DNS_LINE, "calico-enterprise-dns") == Lookup(
        first=1785312000.0,
        last=1785312300.0,
        count=14,
        outcome=Outcome.PASSED,
        client=PAYMENTS,
        name="api.stripe.com",
        type="A",
        code="NOERROR",
        addresses=("198.51.100.24", "198.51.100.61"),
        node="node-1",
    )


def test_answers_that_were_not_logged_are_counted() -> None:
    line = {"start_time": 1785312000, "end_time": 1785312300, "type": "UNLOGGED", "count": 90}

    assert read_line(line, "calico-enterprise-dns") == Lost(
        first=1785312000.0, last=1785312300.0, count=90, what="DNS answers not logged"
    )
