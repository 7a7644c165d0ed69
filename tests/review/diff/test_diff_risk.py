"""Why to look closely: every reason with its level, in the words that a reviewer reads."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import replace
from datetime import date

import pytest

from support.review.reviewed import (
    ALL_PODS,
    ENFORCED,
    EVERYWHERE,
    NOTHING,
    WORLD,
    change,
    changed,
    checked,
    hosts,
    inside,
    names,
    nets,
    pods,
    ports,
    resolving,
    seen,
    side,
    some,
)
from transire.flows.flow_set import FlowSet
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import Protocol
from transire.flows.text_set import TextSet
from transire.model.ends import End
from transire.model.intent import Mode
from transire.review.diff import risk
from transire.review.diff.changes import ChangeClass
from transire.review.diff.compare import Seen, with_files
from transire.review.diff.risk_level import RiskLevel

WEB = some(app="web")
KNOWN = hosts("known.example", "x.net", "y.org", who=WEB)
EVERY_NAME = HostSet.everything() | HostSet.root()
AUDIT = side(Mode.AUDIT)
LIVE = side(environment="prod-eu")


def reasons(before: Seen, after: Seen) -> list[str]:
    return [f"{each.level}: {each.text} ({each.id})" for each in changed(before, after).reasons]


def opened(more: FlowSet, before: FlowSet = KNOWN) -> list[str]:
    return reasons(seen(before), seen(before | more))


OPENED: dict[str, tuple[FlowSet, list[str]]] = {
    "a host of a known domain is no risk": (hosts("api.known.example", who=WEB), []),
    "domain": (
        hosts("a.first.example", who=WEB),
        ["low: the first host of first.example (domain)"],
    ),
    "top-level-domain": (
        hosts("a.shop.ru", who=WEB),
        [
            "medium: the first host below .ru (top-level-domain)",
            "low: the first host of shop.ru (domain)",
        ],
    ),
    "wildcard": (
        hosts("*.known.example", who=WEB),
        ["medium: *.known.example has hosts that nobody listed (wildcard)"],
    ),
    "part of a label": (
        hosts("s3-*.known.example", who=WEB),
        ["medium: s3-*.known.example has hosts that nobody listed (wildcard)"],
    ),
    "public-suffix": (
        hosts("*.github.io", "**.net", who=WEB),
        [
            "high: **.net: anybody can have a host below net (public-suffix)",
            "high: *.github.io: anybody can have a host below github.io (public-suffix)",
        ],
    ),
    "any-host": (
        FlowSet.connect(
            source=WEB, peer=Peer.outside(), ports=ports(443), addresses=EVERYWHERE,
            hosts=HostSet.everything(),
        ),
        ["high: ** is held to no domain (any-host)"],
    ),
    "any host but one": (
        FlowSet.connect(
            source=WEB, peer=Peer.outside(), ports=ports(443), addresses=EVERYWHERE,
            hosts=HostSet.everything() - names("bad.example"),
        ),
        ["high: ** except bad.example is held to no domain (any-host)"],
    ),
    "cidr": (
        nets("198.51.100.16/28", "192.0.2.0/24", who=WEB),
        ["medium: 192.0.2.0/24, 198.51.100.16/28, whoever holds these addresses (cidr)"],
    ),
    "any-address": (
        nets("0.0.0.0/0", who=WEB),
        ["high: every address outside the cluster (any-address)"],
    ),
    "port": (
        hosts("api.known.example", who=WEB, on=ports(443, 22)),
        ["low: 22/TCP, 443/TCP to api.known.example (port)"],
    ),
    "443 of another protocol is another port": (
        hosts("api.known.example", who=WEB, on=ports(443, protocol=Protocol.UDP)),
        ["low: 443/UDP to api.known.example (port)"],
    ),
    "every-pod": (
        hosts("a.known.example", "b.known.example", "c.known.example", "d.known.example"),
        [
            ("low: every pod of the namespace to a.known.example, b.known.example, "
            "c.known.example and 1 more (every-pod)")
        ],
    ),
    "all-pods": (
        inside(Peer.pods(ALL_PODS), who=WEB),
        ["medium: every pod of the cluster can be reached (all-pods)"],
    ),
    "some pods are no risk": (inside(pods("ledger"), who=WEB), []),
    "namespace-labels": (
        inside(
            Peer.pods(PodSet.namespace_label("stage", TextSet.of(["prod"])) & some(app="api")),
            who=WEB,
        ),
        [
            ("medium: pods with app=api where namespace[stage]=prod, in whatever namespaces: those "
            "of other teams and of the system too (namespace-labels)")
        ],
    ),
    "every pod but some": (
        hosts("api.known.example", who=PodSet.label("app", ~TextSet.of(["batch"]))),
        [
            ("low: every pod of the namespace but those with app=batch to api.known.example "
            "(every-pod)")
        ],
    ),
    "every pod without a label": (
        hosts("api.known.example", who=PodSet.label("job", TextSet.absent())),
        ["low: every pod of the namespace but those with job to api.known.example (every-pod)"],
    ),
    "some pods by what they must have": (
        hosts("api.known.example", who=PodSet.label("app", TextSet.present())),
        [],
    ),
    "api-server": (
        inside(Peer.reserved("kube-apiserver"), who=WEB),
        ["low: the API server of the cluster can be reached (api-server)"],
    ),
    "nodes": (
        inside(Peer.node("remote-node"), who=WEB),
        ["medium: other nodes, with all that listens there (nodes)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OPENED)
def test_what_opens_has_its_reasons(name: str) -> None:
    more, expected = OPENED[name]

    assert expected == opened(more)


@pytest.mark.parametrize("name", OPENED)
def test_what_closes_has_none_of_the_reasons_of_what_opens(name: str) -> None:
    more, _ = OPENED[name]

    assert reasons(seen(KNOWN | more), seen(KNOWN)) == ["low: what still uses it breaks (closed)"]


def test_a_name_that_may_be_asked_can_carry_data_out() -> None:
    found = reasons(seen(resolving(names("a.example"))), seen(resolving(EVERY_NAME)))

    assert found == ["medium: any name may be asked, so questions can carry data out (any-name)"]


def test_content_that_passes_now_is_a_reason() -> None:
    before, after = checked("a.example"), hosts("a.example", tls=names("a.example", "evil.example"))

    assert reasons(seen(before), seen(after)) == ["low: more passes to a.example (content)"]


def test_what_only_follows_from_a_new_host_is_no_reason_of_its_own() -> None:
    found = reasons(
        seen(checked("a.x.example", who=WEB)), seen(checked("a.x.example", "b.x.example", who=WEB))
    )

    assert found == []


def test_what_is_delegated_is_a_reason() -> None:
    after = side(delegated=[("b.example", "proxy egress-proxy/app=squid:3128")])

    assert reasons(seen(KNOWN), seen(KNOWN, after)) == [
        "medium: b.example is delegated to proxy egress-proxy/app=squid:3128 (delegated)"
    ]
    assert reasons(seen(KNOWN, after), seen(KNOWN)) == []


def test_what_an_engine_says_nearly_is_a_reason_once() -> None:
    words = "*.a.example is widened to **.a.example; for example a.b.a.example is allowed although it is not meant"
    after = side(approximated=[words])

    assert reasons(seen(KNOWN), seen(KNOWN, after)) == [f"medium: {words} (approximated)"]
    assert change(seen(KNOWN, after), seen(KNOWN, after)) is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            seen(KNOWN),
            seen(KNOWN, AUDIT),
            ["high: enforce became audit: nothing is dropped any more (audited)"],
        ),
        (
            seen(KNOWN, AUDIT),
            seen(KNOWN),
            ["medium: audit became enforce: what no rule allows is dropped from now on (enforced)"],
        ),
        (
            seen(NOTHING, None),
            seen(NOTHING),
            ["medium: the namespace comes under policy: what no rule allows is dropped (enforced)"],
        ),
        (
            seen(KNOWN),
            seen(NOTHING, None),
            ["high: nothing holds here any more: every destination is open (released)"],
        ),
        (
            seen(KNOWN, AUDIT),
            seen(NOTHING, None),
            ["low: nothing holds here any more; audit dropped nothing before either (released)"],
        ),
        (
            seen(KNOWN),
            replace(seen(KNOWN), left=True),
            ["medium: its policies stay until somebody decommissions it, which opens (left)"],
        ),
        (seen(NOTHING, None), seen(NOTHING, AUDIT), []),
        (
            seen(KNOWN),
            seen(NOTHING, unjudged="toGroups is not modelled"),
            ["high: cannot be judged: toGroups is not modelled (unjudged)"],
        ),
        (
            seen(NOTHING, unjudged="toGroups is not modelled"),
            seen(KNOWN),
            ["high: cannot be judged: toGroups is not modelled (unjudged)"],
        ),
    ],
)
def test_what_happens_to_a_namespace_as_a_whole_is_a_reason(
    before: Seen, after: Seen, expected: list[str]
) -> None:
    assert expected == reasons(before, after)


def test_a_host_that_a_wildcard_leaves_out_is_no_first_host() -> None:
    wild = FlowSet.reach(
        source=WEB,
        peer=Peer.outside(),
        ports=ports(443),
        hosts=names("**.net") - names("bad.evil.net"),
        addresses=EVERYWHERE,
    )

    assert opened(wild, NOTHING) == [
        ("high: **.net except bad.evil.net: anybody can have a host below net (public-suffix)")
    ]


def test_in_audit_nothing_breaks_yet() -> None:
    found = reasons(seen(KNOWN, AUDIT), seen(NOTHING, AUDIT))

    assert found == ["low: what still uses it breaks once audit ends (closed)"]


def test_a_namespace_that_comes_under_policy_has_no_first_hosts() -> None:
    found = reasons(seen(NOTHING, None), seen(hosts("a.shop.ru", who=WEB)))

    assert [each.rpartition("(")[2] for each in found] == ["enforced)"]


def test_an_environment_that_is_production_no_longer_still_counts() -> None:
    found = reasons(seen(KNOWN, LIVE), seen(KNOWN | hosts("*.a.example", who=WEB)))

    assert "low: prod-eu is production (production)" in found


def test_the_risk_is_the_highest_level_of_a_reason() -> None:
    wild = changed(seen(KNOWN), seen(KNOWN | hosts("*.known.example")))

    assert wild.risk is RiskLevel.MEDIUM
    assert replace(wild, reasons=()).risk is RiskLevel.NONE
    assert [each.rank for each in RiskLevel] == [0, 1, 2, 3]


def test_the_table_lists_every_reason_with_its_level() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", risk.__doc__ or "", re.MULTILINE)

    found = [
        (ast.literal_eval(call.args[0]), ast.unparse(call.args[1]).rpartition(".")[2].lower())
        for call in ast.walk(ast.parse(inspect.getsource(risk)))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "_reason"
    ]
    # What audit leaves behind is lower than its id usually is, and the table says the usual.
    assert set(told) == set(found) - {("released", "low")}
    assert len(told) == len(dict(told))


def test_every_reason_is_shown_by_a_test() -> None:
    text = inspect.getsource(inspect.getmodule(test_every_reason_is_shown_by_a_test) or risk)
    told = re.findall(r"^\| `([a-z-]+)` \|", risk.__doc__ or "", re.MULTILINE)

    assert [each for each in told if f"({each})" not in text] == []


UNTIL = [End.on(date(2027, 1, 31)), End.on(date(2027, 6, 30)), None]


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        (0, 1, ["it ended 2027-01-31 and ends 2027-06-30"]),
        (0, 2, ["it ended 2027-01-31 and has no end"]),
        (1, 0, []),
        (2, 0, []),
    ],
)
def test_an_audit_that_goes_on_for_longer_is_a_reason(
    first: int, then: int, expected: list[str]
) -> None:
    before, after = (replace(AUDIT, until=UNTIL[each]) for each in (first, then))

    assert reasons(seen(KNOWN, before), seen(KNOWN, after)) == [
        f"medium: audit goes on, so nothing is dropped for longer: {each} (audit-longer)"
        for each in expected
    ]


def test_a_namespace_that_goes_back_into_audit_with_another_end_has_one_reason() -> None:
    after = replace(AUDIT, until=UNTIL[1])

    assert reasons(seen(KNOWN), seen(KNOWN, after)) == [
        "high: enforce became audit: nothing is dropped any more (audited)"
    ]


def test_a_release_that_is_another_is_to_be_handed_over() -> None:
    before, after = (side(release=name, tool="Flux") for name in ("egress-a", "egress-b"))

    assert reasons(seen(KNOWN, before), seen(KNOWN, after)) == [
        "medium: the old release stays, with its policies, until somebody hands them over (handover)"
    ]
    assert change(seen(KNOWN, before), seen(KNOWN, before)) is None


def test_files_that_open_more_than_the_values_are_the_highest_risk() -> None:
    meant, files = seen(KNOWN), seen(KNOWN | nets("192.0.2.0/24", who=WEB))

    found = with_files(None, meant, files, ("shop", "eu"), WORLD)

    assert found is not None
    assert found.change is ChangeClass.WIDER
    assert [f"{each.level}: {each.text} ({each.id})" for each in found.reasons] == [
        (
            "high: the files as they are open what the values do not, which generate takes back "
            "(files)"
        ),
        "medium: 192.0.2.0/24, whoever holds these addresses (cidr)",
    ]
    assert with_files(None, files, meant, ("shop", "eu"), WORLD) is None


def test_files_that_cannot_be_judged_are_so_whatever_the_values_are() -> None:
    found = with_files(None, seen(KNOWN), seen(KNOWN, unjudged="why"), ("shop", "eu"), WORLD)

    assert found is not None
    assert found.change is ChangeClass.UNJUDGED
    assert found.unjudged == "the files as they are cannot be judged: why"


def test_the_side_of_a_target_is_the_one_that_it_has() -> None:
    assert changed(seen(KNOWN), seen(NOTHING, None)).side == ENFORCED
