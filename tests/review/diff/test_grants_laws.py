"""The lines of a difference are the difference: nothing is left out, told twice or made up."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from support.draw.flow_strategies import FLOW_SETS
from support.review.reviewed import (
    EVERYWHERE,
    hosts,
    inside,
    names,
    nets,
    pods,
    ports,
    resolving,
    some,
)
from transire.flows.diagrams.axes import Axis
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.model.problems import Unjudgeable
from transire.review.diff.grants import Grant, GrantKind, grants

pytestmark = pytest.mark.slow("many drawn examples")

CONTENT = (Axis.SERVER_NAME, Axis.METHOD, Axis.PATH, Axis.HTTP_HOST, Axis.HEADER)

_PATTERNS = ("a.com", "b.com", "*.com", "**.com", "a.b.com", "*.b.com", "**.b.com", "s3-*.com")
_PODS = st.sampled_from([some(), some(app="web"), some(app="web", tier="b"), some(tier="b")])
_PORTS = st.sampled_from([ports(443), ports(22, 443), ports((400, 500)), ports(8080)])
_HOSTS = st.sets(st.sampled_from(_PATTERNS), min_size=1, max_size=3).map(sorted)
_TLS = st.none() | _HOSTS.map(lambda each: names(*each))
_NETS = st.sampled_from(["0.0.0.0/0", "198.51.100.0/24", "198.51.100.16/28", "203.0.113.10/32"])
_PEERS = st.sampled_from(
    [
        *(pods("ledger"), pods("ledger", app="books"), Peer.node("host"), Peer.node()),
        *(Peer.reserved("kube-apiserver"), pods("kube-system")),
    ]
)
_RULES = st.one_of(
    st.builds(lambda to, who, on, tls: hosts(*to, who=who, on=on, tls=tls), _HOSTS, _PODS, _PORTS, _TLS),
    st.builds(lambda net, who, on: nets(net, who=who, on=on), _NETS, _PODS, _PORTS),
    st.builds(inside, _PEERS, _PODS, _PORTS),
    st.builds(lambda asked: resolving(names(*asked)), _HOSTS),
)  # fmt: skip
LIKELY = st.lists(_RULES, max_size=4).map(FlowSet.union)
"""Sets as teams write them, of few parts, so that they overlap all the time."""

DRAWN = st.one_of(LIKELY, FLOW_SETS.map(lambda told: told.set))


def told(larger: FlowSet, smaller: FlowSet) -> tuple[Grant, ...]:
    try:
        return grants(larger, smaller, EVERYWHERE)
    except Unjudgeable:
        assume(False)
        raise


def carried(flows: FlowSet) -> FlowSet:
    """The questions that its connections may carry."""
    return flows.connections().project_out(Axis.KIND, Axis.QUERIED, *CONTENT).queries()


@settings(max_examples=150)
@given(larger=DRAWN, smaller=DRAWN)
def test_the_lines_are_the_difference_and_no_two_of_them_share_a_flow(
    larger: FlowSet, smaller: FlowSet
) -> None:
    found = told(larger, smaller)

    difference = larger - smaller
    whole = FlowSet.nothing()
    for each in found:
        assert each.flows <= difference
        assert each.flows.is_disjoint(whole)
        whole |= each.flows
    assert whole | (difference & carried(difference)) == difference
    assert whole.is_disjoint(carried(difference))


@settings(max_examples=100)
@given(larger=DRAWN, smaller=DRAWN)
def test_an_example_is_a_flow_of_its_line_and_the_same_every_time(
    larger: FlowSet, smaller: FlowSet
) -> None:
    found = told(larger, smaller)

    assert all(each.flows.contains(each.example) for each in found)
    assert found == told(larger | FlowSet.nothing(), smaller & smaller)


@settings(max_examples=50)
@given(larger=DRAWN, smaller=DRAWN)
def test_what_is_no_larger_has_no_lines(larger: FlowSet, smaller: FlowSet) -> None:
    assert told(larger & smaller, smaller) == ()


@settings(max_examples=150)
@given(larger=LIKELY, smaller=LIKELY)
def test_the_words_of_a_line_cover_every_host_that_it_opens(
    larger: FlowSet, smaller: FlowSet
) -> None:
    for each in told(larger, smaller):
        if each.kind is GrantKind.FQDN and not any(
            " except " in part.text or "{" in part.text for part in each.destinations
        ):
            said = names(*(part.text for part in each.destinations))
            assert each.flows.hosts() <= said
            assert not (larger.hosts() & said).is_empty()


@settings(max_examples=150)
@given(larger=LIKELY, smaller=LIKELY)
def test_a_new_destination_was_out_of_reach_for_all_pods_and_ports_of_its_line(
    larger: FlowSet, smaller: FlowSet
) -> None:
    by_address = smaller.connections().without_name().project_out(Axis.HOST)
    by_name = smaller.connections() - by_address
    for each in told(larger, smaller):
        if each.kind is GrantKind.FQDN:
            before = by_name.restrict(
                source=each.flows.sources(), peer=Peer.outside(), hosts=each.flows.hosts()
            )
            seen = before.project_out(Axis.ADDRESS, Axis.RESERVED, *CONTENT)
            opened = each.flows.project_out(Axis.ADDRESS, Axis.RESERVED, *CONTENT)
            assert opened.is_disjoint(seen)


@settings(max_examples=100)
@given(larger=LIKELY, smaller=LIKELY)
def test_what_is_only_implied_passes_no_name_but_those_of_new_hosts(
    larger: FlowSet, smaller: FlowSet
) -> None:
    found = told(larger, smaller)
    for each in found:
        if each.implied:
            beside = [
                other
                for other in found
                if other.kind is GrantKind.FQDN and each.flows.sources() <= other.flows.sources()
            ]
            new = FlowSet.union(other.flows for other in beside).hosts()
            assert each.flows == each.flows.with_server_name(new)
            assert each.flows == each.flows.restrict(
                peer=Peer.outside(), hosts=new | each.flows.hosts()
            )
