"""Ways to a proxy, to pods of the system and to nodes, by whatever form and in however many rules."""

from __future__ import annotations

import pytest

from support.values.rules_of_teams import messages, problems

PROXY = {
    "here": 'engine: calico, version: "3.30", environment: prod, fallback: {proxy: {namespace: '
    "egress-proxy, pods: {app: squid}, port: 3128}}",
    "there": 'engine: cilium, version: "1.19", environment: lab',
}


def rule(to: str, name: str = "way", **more: str) -> str:
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{name: {name}, reason: book parcels, ticket: SEC-1, to: [{to}]{rest}}}"


def found(guardrail: str, *rules: str) -> list[str]:
    return messages(guardrail, {"shop": rules})


@pytest.mark.parametrize(
    ("to", "ports", "is_found"),
    [
        ("{namespace: egress-proxy}", "[3128]", True),
        ("{namespace: egress-proxy, pods: {app: squid}}", "[3000-4000]", True),
        ("{namespace: egress-proxy, pods: {tier: edge}}", "[3128]", True),
        ("{namespace: egress-proxy, pods: {app: dashboard}}", "[3128]", False),
        ("{namespace: egress-proxy}", "[9090]", False),
        ("{namespace: egress-proxy}", "[3128/UDP]", False),
        ("{namespace: other-proxy}", "[3128]", False),
        ("api.example.com", "[443]", False),
    ],
)
def test_a_way_straight_to_the_proxy_is_refused(to: str, ports: str, *, is_found: bool) -> None:
    written = {"shop": [rule(to, ports=ports)]}
    expected = [
        (
            "the pods in egress-proxy are the egress proxy of here, which opens every name that "
            "anybody may reach"
        )
    ]

    assert messages("straight-to-proxy", written, clusters=PROXY) == expected * is_found


@pytest.mark.parametrize(
    ("proxy", "to", "ports", "is_found"),
    [
        ("{cidr: 172.20.4.7/32, port: 3128}", "{cidr: 172.20.4.0/24}", "[3128]", True),
        ("{cidr: 172.20.4.7/32, port: 3128}", "{cidr: 172.20.4.0/24}", "[3129]", False),
        ("{cidr: 172.20.4.7/32, port: 3128}", "{cidr: 172.20.5.0/24}", "[3128]", False),
        ("{host: proxy.example.com, port: 8080}", '"*.example.com"', "[8080]", True),
        ("{host: proxy.example.com, port: 8080}", "www.example.com", "[8080]", False),
        ("{host: proxy.example.com, port: 8080}", "{cidr: 172.20.4.0/24}", "[8080]", False),
    ],
)
def test_a_proxy_outside_the_cluster_is_reached_straight_too(
    proxy: str, to: str, ports: str, *, is_found: bool
) -> None:
    pods = "{namespace: egress-proxy, pods: {app: squid}, port: 3128}"
    clusters = {name: text.replace(pods, proxy) for name, text in PROXY.items()}
    text = to.strip('"').removeprefix("{cidr: ").removesuffix("}")
    expected = [
        f"{text} reaches the egress proxy of here, which opens every name that anybody may reach"
    ]

    assert clusters != PROXY
    written = {"shop": [rule(to, ports=ports)]}
    assert messages("straight-to-proxy", written, clusters=clusters) == expected * is_found


RANGE = "{cidr: 172.20.4.7/32, port: 3128}"


@pytest.mark.parametrize(
    ("proxy", "to", "reaching"),
    [
        (RANGE, '{cidr: "64:ff9b::ac14:407/128"}', "64:ff9b::ac14:407/128"),
        (RANGE, '{cidr: "2002:ac14:407::/48"}', "2002:ac14:407::/48"),
        (RANGE, '{cidr: "::ffff:0:ac14:400/120"}', "::ffff:0:ac14:400/120"),
        (RANGE, "172.20.4.7.nip.io", "172.20.4.7.nip.io"),
        (RANGE, "app-ac140407.sslip.io", "app-ac140407.sslip.io"),
        ('{cidr: "2001:db8::7/128", port: 3128}', "2001-db8--7.sslip.io", "2001-db8--7.sslip.io"),
        (
            '{cidr: "64:ff9b::ac14:407/128", port: 3128}',
            "{cidr: 172.20.4.0/24}",
            "172.20.4.0/24",
        ),
    ],
)
def test_other_forms_of_a_proxys_address_reach_it_too(proxy: str, to: str, reaching: str) -> None:
    pods = "{namespace: egress-proxy, pods: {app: squid}, port: 3128}"
    clusters = {name: text.replace(pods, proxy) for name, text in PROXY.items()}
    written = {"shop": [rule(to, ports="[3128]")]}

    found = messages("straight-to-proxy", written, clusters=clusters)
    assert found == [
        f"{reaching} reaches the egress proxy of here, which opens every name that anybody may reach"
    ]


def test_a_wildcard_reaches_the_proxy_as_the_engine_reads_it() -> None:
    clusters = {
        "en": 'engine: calico-enterprise, version: "3.22", environment: prod, fallback: {proxy: '
        "{host: a.proxy.example.com, port: 8080}}"
    }
    written = {"shop": [rule('"*.example.com"', ports="[8080]", approximate="widen")]}

    (message,) = messages("straight-to-proxy", written, clusters=clusters)
    assert message == (
        "*.example.com, **.example.com on en, reaches the egress proxy of en, which opens every "
        "name that anybody may reach"
    )


def test_the_proxy_of_another_cluster_is_reached_through_the_mesh_and_from_outside() -> None:
    pods = "{namespace: egress-proxy, pods: {app: squid}, port: 3128}"
    other = 'engine: cilium, version: "1.19", environment: lab, mesh: {name: NAME, clusters: [one, two]}'
    clusters = {
        "east": other.replace("NAME", "one").replace("[one, two]", "[two]")
        + f", fallback: {{proxy: {pods}}}",
        "west": other.replace("NAME", "two").replace("[one, two]", "[one]"),
    }
    there = rule("{cluster: one, namespace: egress-proxy}", ports="[3128]", clusters="[west]")

    (message,) = messages("straight-to-proxy", {"shop": [there]}, clusters=clusters)
    assert message == (
        "the pods in one/egress-proxy are the egress proxy of east, which opens every name that "
        "anybody may reach"
    )


def test_a_proxy_of_a_cluster_without_the_rule_is_none() -> None:
    written = {"shop": [rule("{namespace: egress-proxy}", ports="[3128]", environments="[lab]")]}

    assert messages("straight-to-proxy", written, clusters=PROXY) == []


@pytest.mark.parametrize(
    ("to", "ports", "level", "message"),
    [
        (
            "{namespace: kube-system}",
            "[443]",
            "error",
            "the rule leads to all pods of kube-system, which run the cluster",
        ),
        (
            "{namespace: kube-system, pods: {k8s-app: kube-dns}}",
            "[1-65535/UDP]",
            "error",
            "the rule leads to pods of kube-system on all ports, which run the cluster",
        ),
        (
            "{namespace: kube-system, pods: {k8s-app: metrics-server}}",
            "[4443]",
            "warning",
            "the rule leads to pods of kube-system, which run the cluster",
        ),
    ],
)
def test_a_way_to_pods_of_the_system_is_found(
    to: str, ports: str, level: str, message: str
) -> None:
    every = problems({"shop": [rule(to, ports=ports)]})

    assert [(str(each.level), each.message) for each in every if each.id == "system-pods"] == [
        (level, message)
    ]


@pytest.mark.parametrize(
    ("to", "ports", "level", "message"),
    [
        (
            "{namespace: openshift-etcd}",
            "[443]",
            "error",
            "the rule leads to all pods of openshift-etcd, which run the cluster",
        ),
        (
            "{namespace: argocd, pods: {app: server}}",
            "[443]",
            "warning",
            "the rule leads to pods of argocd, which run the cluster",
        ),
        (
            "{namespace: cni}",
            "[443]",
            "error",
            "the rule leads to all pods of cni, which run the cluster",
        ),
        (
            '{namespaceLabels: {control-plane: "true"}}',
            "[443]",
            "error",
            "the rule leads to all pods of namespaces with control-plane=true, which run the cluster",
        ),
        (
            "{namespaceLabels: {pod-security.kubernetes.io/enforce: privileged}, pods: {app: dns}}",
            "[53]",
            "warning",
            (
                "the rule leads to pods of namespaces with "
                "pod-security.kubernetes.io/enforce=privileged, which run the cluster"
            ),
        ),
        (
            "{namespaceLabels: {team: tracing}}",
            "[4317]",
            "warning",
            (
                "the rule leads to all pods of namespaces with team=tracing, and nothing tells "
                "whether kube-system is one of these"
            ),
        ),
    ],
)
def test_namespaces_of_the_system_are_known_by_name_and_by_labels(
    to: str, ports: str, level: str, message: str
) -> None:
    every = problems({"shop": [rule(to, ports=ports)]}, more="system: [cni]\n")

    assert [(str(each.level), each.message) for each in every if each.id == "system-pods"] == [
        (level, message)
    ]


@pytest.mark.parametrize(
    "to",
    [
        "{namespaceLabels: {team: tracing}, pods: {app: collector}}",
        '{namespaceLabels: {control-plane: "true", team: tracing}, pods: {app: collector}}',
        "{namespace: cnis}",
    ],
)
def test_other_namespaces_are_not_of_the_system(to: str) -> None:
    assert found("system-pods", rule(to, ports="[4317]")) == []


def test_ports_of_pods_of_the_system_count_together() -> None:
    dns = "{namespace: kube-system, pods: {k8s-app: kube-dns}}"
    metrics = "{namespace: kube-system, pods: {k8s-app: metrics-server}}"
    low = rule(dns, "low", ports="[1-700]", **{"from": "{app: a}"})
    high = rule(metrics, "high", ports="[701-1400]", **{"from": "{app: b}"})

    assert found("system-pods", low, high) == [
        "'low' opens more than a thousand ports of kube-system together with 'high'",
        "the rule leads to pods of kube-system, which run the cluster",
        "the rule leads to pods of kube-system, which run the cluster",
    ]


NODES, API = "{entity: nodes}", "{entity: kube-apiserver}"


def test_all_ports_of_nodes_are_refused_in_one_rule_and_in_two() -> None:
    half, rest = "[1-700]", "[701-1400]"

    assert found("all-ports-of-nodes", rule(NODES, ports="[1-65535]")) == [
        "'way' opens more than a thousand ports of {entity: nodes}"
    ]
    assert found("all-ports-of-nodes", rule(API, ports="[1-65535/UDP]")) == [
        "'way' opens more than a thousand ports of {entity: kube-apiserver}"
    ]
    assert found(
        "all-ports-of-nodes", rule(NODES, "low", ports=half), rule(NODES, "high", ports=rest)
    ) == ["'low' opens more than a thousand ports of {entity: nodes} together with 'high'"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{app: a}", "{app: b}"),
        ("[{serviceAccount: a}]", "[{serviceAccount: b}]"),
        ("{app: a}", "[{matchExpressions: [{key: app, operator: NotIn, values: [a]}]}]"),
    ],
)
def test_ports_of_nodes_count_together_whichever_pods_they_are_for(one: str, other: str) -> None:
    low = rule(NODES, "low", ports="[1-700]", **{"from": one})
    high = rule(NODES, "high", ports="[701-1400]", **{"from": other})

    assert found("all-ports-of-nodes", low, high) == [
        "'low' opens more than a thousand ports of {entity: nodes} together with 'high'"
    ]


def test_ports_of_nodes_and_of_the_api_server_count_together() -> None:
    low, high = rule(API, "low", ports="[1-700]"), rule(NODES, "high", ports="[701-1400]")

    (message,) = found("all-ports-of-nodes", low, high)
    assert message == (
        "'low' opens more than a thousand ports of {entity: nodes} and {entity: kube-apiserver} "
        "together with 'high'"
    )


def test_ports_of_nodes_in_rules_for_everyone_count_with_those_of_each_team() -> None:
    low, high = rule(NODES, "low", ports="[1-700]"), rule(NODES, "high", ports="[701-1400]")

    assert messages("all-ports-of-nodes", {"shop": [low]}, everyone=[high]) == [
        "'low' opens more than a thousand ports of {entity: nodes} together with 'high'"
    ]
    assert messages("all-ports-of-nodes", {"shop": []}, everyone=[low, high]) == [
        "'low' opens more than a thousand ports of {entity: nodes} together with 'high'"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"environments": "[prod]"}, {"environments": "[staging]"}),
        ({"clusters": "[eu]"}, {"clusters": "[st]"}),
        ({"namespaces": "[shop]"}, {"namespaces": "[shop-jobs]"}),
    ],
)
def test_ports_of_nodes_in_different_places_do_not_count_together(
    one: dict[str, str], other: dict[str, str]
) -> None:
    low = rule(NODES, "low", ports="[1-700]", **one)
    high = rule(NODES, "high", ports="[701-1400]", **other)

    assert found("all-ports-of-nodes", low, high) == []
    assert found("all-ports-of-nodes", rule(NODES, ports="[8443]")) == []


def test_what_all_rules_open_of_nodes_is_agreed_to_as_one() -> None:
    low, high = rule(NODES, "low", ports="[1-700]"), rule(NODES, "high", ports="[701-1400]")
    problem = next(each for each in problems({"shop": [low, high]}) if "nodes" in each.id)

    assert problem.help == (
        "list the ports that listen there, or ask for an entry in values/exceptions.yaml with "
        "for: [{entity: nodes, port: 1-1400/TCP}] and "
        "namespaces: {shop: [eu, st], shop-jobs: [eu, st]}"
    )


def test_a_proxy_may_be_in_a_namespace_that_labels_choose() -> None:
    chosen = "{namespaceLabels: {tier: edge}, pods: {app: APP}}"
    written = [rule(chosen.replace("APP", app), app, ports="[3128]") for app in ("squid", "web")]

    assert messages("straight-to-proxy", {"shop": written}, clusters=PROXY) == [
        (
            "pods in namespaces with tier=edge may be the egress proxy of here, which opens every "
            "name that anybody may reach"
        )
    ]
