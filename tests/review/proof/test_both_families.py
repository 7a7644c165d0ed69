"""No family and no range of the cluster is left out of a proof, whatever the cluster has."""

from __future__ import annotations

from typing import Any

import pytest

from support.engines.lowering_parts import NETWORK, Text, cluster, target
from support.engines.proofs import Told, objects_of, problems_of, texts_of, told
from transire.yamlio import write

IPV4: Text = {
    "podCIDRs": ["10.0.0.0/16"],
    "serviceCIDRs": ["10.96.0.0/12"],
    "nodeCIDRs": ["192.168.10.0/24"],
    "families": ["IPv4"],
}
IPV6: Text = {**IPV4, "families": ["IPv6"]}
HERE = "payments-prod.here: "
BUT = " but not by the values"
CILIUM_DENY = "CiliumNetworkPolicy payments-prod/egress-deny"
CALICO_DENY = "NetworkPolicy payments-prod/egress.deny"


def on(engine: str, version: str, **text: Any) -> Told:  # noqa: ANN401 - as in a values file
    return told(target(cluster(engine, version, **text), [{"name": "api", "to": [OFFICE]}]))


OFFICE: Text = {"cidr": "198.51.100.0/24"}


def found(each: Told, name: str, *egress: Text) -> list[str]:
    """What the proof finds where the deny policy also holds these rules."""
    texts = {}
    for chart, text in texts_of(each).items():
        bodies = [dict(one.body) for one in objects_of({chart: text})]
        for body in bodies:
            if body["metadata"]["name"] == name:
                spec = dict(body["spec"])
                body["spec"] = {**spec, "egress": [*spec.get("egress", []), *egress]}
        texts[chart] = "".join(f"---\n{write(body)}" for body in bodies)
    return [each.message for each in problems_of(each, texts)]


WORLD: Text = {"toEndpoints": [{"matchLabels": {"reserved:world": ""}}]}


@pytest.mark.parametrize("version", ["1.14", "1.17", "1.19", "1.20"])
@pytest.mark.parametrize(
    ("network", "agent"),
    [
        (IPV4, {}),
        (IPV4, {"enable-ipv6": "false"}),
        ({**IPV4, "families": ["IPv4", "IPv6"]}, {"enable-ipv6": "false"}),
    ],
)
def test_the_label_of_the_world_is_the_world_where_there_is_one_family(
    version: str, network: Text, agent: Text
) -> None:
    each = on("cilium", version, network=network, agent=agent)

    assert found(each, "egress-deny") == []
    assert found(each, "egress-deny", WORLD) == [
        (
            f"{HERE}203.0.113.10 on 443/TCP from a pod of payments-prod is allowed by {CILIUM_DENY} "
            f"(/spec/egress/1){BUT}"
        )
    ]


def test_the_label_of_the_world_on_one_port_is_found() -> None:
    each = on("cilium", "1.19", network=IPV6)
    port = {**WORLD, "toPorts": [{"ports": [{"port": "8443", "protocol": "TCP"}]}]}

    assert found(each, "egress-deny", port) == [
        (
            f"{HERE}203.0.113.10 on 8443/TCP from a pod of payments-prod is allowed by "
            f"{CILIUM_DENY} (/spec/egress/1){BUT}"
        )
    ]


@pytest.mark.parametrize("version", ["1.15", "1.19", "1.20"])
def test_with_both_families_the_label_of_the_world_is_nobody(version: str) -> None:
    assert found(on("cilium", version, network=NETWORK), "egress-deny", WORLD) == []


CALICO_RULES: list[tuple[Text, str]] = [
    ({"action": "Allow", "ipVersion": 6}, "2001:db8::a on 443/TCP"),
    (
        {
            "action": "Allow",
            "protocol": "TCP",
            "destination": {"nets": ["::/0"], "ports": [443]},
        },
        "2001:db8::a on 443/TCP",
    ),
    (
        {"action": "Allow", "destination": {"nets": ["2001:db8:5::/48"]}},
        "2001:db8:5:: on 443/TCP",
    ),
]


@pytest.mark.parametrize(("rule", "flow"), CALICO_RULES)
def test_a_family_that_the_cluster_lacks_is_compared_too(rule: Text, flow: str) -> None:
    each = on("calico", "3.30", network=IPV4)

    [message] = found(each, "egress.deny", rule)
    assert message == (
        f"{HERE}{flow} from a pod of payments-prod is allowed by {CALICO_DENY} (/spec/egress/0){BUT}"
    )


@pytest.mark.parametrize("engine", [("cilium", "1.19"), ("kubernetes", "")])
def test_a_range_of_a_family_that_the_cluster_lacks_is_found(engine: tuple[str, str]) -> None:
    each = on(*engine, network=IPV4)
    rules: dict[str, Text] = {
        "cilium": {"toCIDR": ["2001:db8:5::/48"]},
        "kubernetes": {"to": [{"ipBlock": {"cidr": "2001:db8:5::/48"}}]},
    }

    [message] = found(each, "egress-deny", rules[engine[0]])
    assert message.startswith(f"{HERE}2001:db8:5:: on 443/TCP from a pod of payments-prod is ")


def test_the_range_of_services_counts_where_policies_may_act_before_translation() -> None:
    rule = {"to": [{"ipBlock": {"cidr": "10.96.0.0/16"}}]}

    assert found(on("kubernetes", "", network=IPV4), "egress-deny", rule) == [
        (
            f"{HERE}10.96.0.0 on 443/TCP from a pod of payments-prod is allowed by NetworkPolicy "
            f"payments-prod/egress-deny (/spec/egress/0){BUT}"
        )
    ]


def test_the_range_of_services_is_nothing_where_policies_act_after_translation() -> None:
    rule = {"action": "Allow", "destination": {"nets": ["10.96.0.0/16"]}}

    assert found(on("calico", "3.30", network=IPV4), "egress.deny", rule) == []
