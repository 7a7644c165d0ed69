"""What fields of the charts' values may hold and may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from support.charts.schema_corpus import GONE, Field

NO_LABELS = ["", "A", "a.b", "-a", "a-", "a" * 64, "a\n", "{{ .Release.Name }}", "ä", 1, True, {}]
LABELS = ["y", "0755", "1e3", "null", "a" * 63, "a-b"]
NO_HOSTS = [
    "",
    "A.b",
    "a..b",
    ".a",
    "a.",
    "*.a",
    "a b",
    "a\n",
    "http://a",
    "-a.b",
    "a-.b",
    "a" * 254,
]
NO_PORTS = [0, 65536, -1, 1.5, "443", "http", True, [], {}]
SOURCES = ["values/teams/a.yaml#b", "{{ .Release.Name }}", "'\"\\", "a: b # c", "- %s", "~", "1e3"]
NO_SOURCES = ["", "a\nb", "ä", "\x7f", "\t", "a" * 1001, 5, [], "\u2028"]
POD_LABELS = [{}, {"a": ""}, {"a.b/c": "y"}, {"0755": "0x1F"}, {"A_b.c": "A_b.c"}, {"on": "a" * 63}]
NO_POD_LABELS = [
    {"": "a"},
    {"a b": "c"},
    {"a": "b c"},
    {"a": "b\n"},
    {"a\n": "b"},
    {"a": "'"},
    {"a": "-"},
    {"/a": "b"},
    {"A/b": "c"},
    {"a/b/c": "d"},
    {"a": 1},
    {"a": True},
    {"a": "b" * 64},
    {"io.kubernetes.pod.namespace": "kube-system"},
    {"io.cilium.k8s.policy.cluster": "other"},
    {"projectcalico.org/namespace": "kube-system"},
    {"pcns.a": "b"},
    [],
    "a",
]
CIDRS = ["0.0.0.0/0", "255.255.255.255/32", "10.0.0.0/8", "2001:db8::/32", "::/0", "::1/128"]
NO_CIDRS: list[Any] = [
    "10.0.0.0",
    "10.0.0/8",
    "256.0.0.0/8",
    "10.0.0.0/33",
    "010.0.0.0/8",
    "10.0.0.0/08",
]
NO_CIDRS += ["::1/129", "::1", "2001:DB8::/32", "10.0.0.0/8\n", "a/8", "", 10, "fe80::1%eth0/64"]
PODS = [{"namespace": "a", "labels": {}}, {"anyNamespace": True, "labels": {"a": "b"}}]
NO_PODS = [
    {},
    {"labels": {}},
    {"namespace": "a"},
    {"anyNamespace": True},
    {"anyNamespace": False, "labels": {}},
    {"anyNamespace": "true", "labels": {}},
    {"namespace": "a", "anyNamespace": True, "labels": {}},
    {"namespace": "", "labels": {}},
    {"namespace": "a", "labels": {}, "x": 1},
]
TCP = {"protocol": "TCP", "ports": "all"}

CONDITIONS: list[Any] = [
    [{"key": "app", "operator": "In", "values": ["web", ""]}],
    [{"key": "example.com/app", "operator": "NotIn", "values": ["a"]}],
    [{"key": "app", "operator": "Exists"}, {"key": "old", "operator": "DoesNotExist"}],
]
NO_CONDITIONS: list[Any] = [
    [{}],
    [{"key": "app"}],
    [{"operator": "Exists"}],
    [{"key": "app", "operator": "In"}],
    [{"key": "app", "operator": "In", "values": []}],
    [{"key": "app", "operator": "NotIn", "values": ["a", "a"]}],
    [{"key": "app", "operator": "In", "values": ["a'b"]}],
    [{"key": "app", "operator": "Exists", "values": ["a"]}],
    [{"key": "app", "operator": "exists"}],
    [{"key": "app", "operator": "Gt", "values": ["1"]}],
    [{"key": "projectcalico.org/namespace", "operator": "Exists"}],
    [{"key": "a b", "operator": "Exists"}],
    [{"key": "app", "operator": "Exists", "x": 1}],
]
ACCOUNTS: list[Any] = ["billing", "web.v2", "a" * 62]
NO_ACCOUNTS: list[Any] = ["", "Billing", "a b", "a'", "a..b", "team/billing", "a" * 63, 1, None, {}]

EVERYWHERE: Mapping[str, Field] = {
    "target": (["", "a.b", "1e3.y"], ["a", "a.b.c", ".", "a.", "A.b", 1]),
    "team": (LABELS, NO_LABELS),
    "namespace": (LABELS, [*NO_LABELS, GONE]),
    "engine": ([], ["", "Cilium", "weave", GONE, 1]),
    "mode": ([], ["", "Audit", "off", True, GONE]),
    "source": (SOURCES, [*NO_SOURCES, GONE]),
    "global": ([{}, {"a": 1}], []),
    "extra": ([], [1, "x", {}]),
    "rules": ([[]], [{}, "all", [1], [{}], GONE]),
    "sets": ([[]], [{}, [{}], [1], GONE]),
    "rules.1.source": (SOURCES, [*NO_SOURCES, GONE]),
    "rules.1.layer": (["dns", "allow", "in-cluster"], ["deny", "", "x", 1, GONE]),
    "rules.1.from": (POD_LABELS, [*NO_POD_LABELS, GONE]),
    "rules.1.matchExpressions": (CONDITIONS, [*NO_CONDITIONS, {}, [], [1], "app"]),
    "rules.1.to": ([], [[], {}, GONE, [{}], [1]]),
    "rules.1.extra": ([], [1]),
}
PLAIN: Mapping[str, Field] = {
    "rules.1.name": (LABELS, [*NO_LABELS, "egress-deny", "egress-baseline-x", GONE]),
    "rules.1.order": ([], [200]),
    "tier": ([], [{"name": "egress"}]),
    "sets": ([], [[{"name": "a", "source": "b", "domains": ["c.example"]}]]),
}
_CILIUM_NAMES = "rules.1.to.0.fqdns.0"
_CILIUM_PORTS = "rules.1.to.0.ports"
FIELDS: Mapping[str, Mapping[str, Field]] = {
    "cilium": {
        "rules.1.serviceAccount": (ACCOUNTS, NO_ACCOUNTS),
        "mode": ([], ["audit"]),
        "rules.1.to.0.extra": ([], [1]),
        "rules.1.to.0.cidrs": ([], [[{"cidr": "10.0.0.0/8"}]]),
        "rules.1.to.0.fqdns": ([], [[], {}, [{}], "a.b", GONE, [{"matchPattern": "*"}]]),
        f"{_CILIUM_NAMES}.matchName": (
            ["a", "_x.a", "xn--bcher-kva.a", "a-b.c"],
            [*NO_HOSTS, GONE],
        ),
        f"{_CILIUM_NAMES}.matchPattern": ([], ["*.a"]),
        "rules.1.to.0.fqdns.1.matchPattern": (
            ["*.a", "**.a", "s3-*.a.b", "*-x.a", "a.*.b"],
            ["*", "**", "*.*", "a.*", "", "*.A", "*.a\n", ".a", "a..b", "*.", "a*"],
        ),
        _CILIUM_PORTS: (["all"], ["", "any", "443", [], [{}], [443], GONE, 443]),
        f"{_CILIUM_PORTS}.0.ports": (
            [[{"port": each, "protocol": "TCP"} for each in range(1, 41)]],
            [[], [{}], [{"port": each, "protocol": "TCP"} for each in range(1, 42)], GONE],
        ),
        f"{_CILIUM_PORTS}.0.ports.0.port": ([1, 65535, 53.0], [*NO_PORTS, GONE]),
        f"{_CILIUM_PORTS}.0.ports.0.protocol": (["TCP"], ["tcp", "ANY", "ICMP", "", "UDP", GONE]),
        f"{_CILIUM_PORTS}.1.ports.0.protocol": (["UDP", "SCTP"], ["all"]),
        f"{_CILIUM_PORTS}.1.ports.0.endPort": ([8001, 65535], NO_PORTS),
        f"{_CILIUM_PORTS}.0.serverNames": (
            [["*.a.b"], ["**.a"], ["a*.b", "a.*.b"]],
            [[], ["*"], ["a.*"], ["a.b*"], ["A.b"], [""], ["a..b"], ["a\n"], ["a.b", "a.b"]],
        ),
        f"{_CILIUM_PORTS}.0.dns": ([], [[{"matchPattern": "*"}]]),
        "rules.0.to.0.ports.0.dns": (
            [[{"matchPattern": "*"}], [{"matchName": "a"}]],
            [[], [{}], ["*"], [{"matchPattern": "**"}], [{"matchName": "a", "matchPattern": "*"}]],
        ),
        "rules.0.to.0.ports.0.ports.0.endPort": ([], [54]),
        "rules.0.to.0.endpoints.0": (PODS, NO_PODS),
        "rules.0.to.0.endpoints": ([], [[]]),
        "rules.2.to.0.cidrs.0.cidr": (CIDRS, NO_CIDRS),
        "rules.2.to.0.cidrs.0.except": ([["10.0.0.0/8", "::/0"]], [[], ["x"], [""], "10.0.0.0/8"]),
        "rules.2.to.2.entities": (
            [["host"], ["remote-node", "kube-apiserver"]],
            [[], ["world"], ["all"], ["cluster"], ["Host"], [""]],
        ),
    },
    "calico-enterprise": {
        "rules.1.serviceAccount": (ACCOUNTS, NO_ACCOUNTS),
        "mode": (["audit"], []),
        "tier": (
            [{"name": "1e3"}],
            [{}, GONE, {"name": ""}, {"name": "a.b"}, {"name": "a", "b": 1}],
        ),
        "rules.1.name": (
            ["egress.a", "a.b", "y.0755"],
            [
                "a",
                "a.b.c",
                "egress.deny",
                "egress.baseline-x",
                "A.b",
                "a." + "b" * 126,
                "a.b\n",
                GONE,
            ],
        ),
        "rules.1.order": ([1, 8999], [0, 9000, "200", 1.5, GONE]),
        "rules.1.to.0": (
            [
                {"nets": ["10.0.0.0/8"], **TCP},
                {"nets": ["10.0.0.0/8", "192.0.2.0/24"], "notNets": ["10.1.0.0/16"], **TCP},
                {"nets": ["::/0"], "notNets": ["2001:db8::/32"], **TCP},
                {"networkSet": {"labels": {"a": "b"}}, **TCP},
                {"service": {"name": "a", "namespace": "b"}, "protocol": "all"},
                *({"pods": each, **TCP} for each in PODS),
            ],
            [
                {},
                TCP,
                {"set": "a", "protocol": "TCP"},
                {"set": "a", "ports": "all"},
                {"set": "a", "nets": ["10.0.0.0/8"], **TCP},
                {"set": "A", **TCP},
                {"set": "a", **TCP, "x": 1},
                {"set": "a", "notNets": ["10.0.0.0/8"], **TCP},
                {"nets": [], **TCP},
                {"nets": ["10.0.0.0/8", "10.0.0.0/8"], **TCP},
                {"nets": ["10.0.0.0/8", "::/0"], **TCP},
                {"nets": ["10.0.0.0/8"], "notNets": ["::/0"], **TCP},
                {"nets": ["10.0.0.0/8"], "notNets": [], **TCP},
                {"nets": [f"10.0.{each}.0/24" for each in range(256)] + ["10.1.0.0/24"], **TCP},
                {"networkSet": {"labels": {}}, **TCP},
                {"networkSet": {}, **TCP},
                {"service": {"name": "a", "namespace": "b"}, **TCP},
                {"service": {"name": "a"}, "protocol": "TCP"},
                {"set": "a", "protocol": "all", "ports": [443]},
                *({"pods": each, **TCP} for each in NO_PODS),
                *({"nets": [each], **TCP} for each in NO_CIDRS),
            ],
        ),
        "rules.1.to.0.protocol": (["TCP", "UDP", "SCTP"], ["tcp", "", "ANY", 6, GONE]),
        "rules.1.to.0.ports": (
            ["all", [1, 65535], ["1:65535", 443]],
            [[], "443", ["443"], ["0:1"], ["1-2"], ["1:2\n"], ["http"], [0], [65536], [True], GONE],
        ),
        "sets.0.name": (LABELS, NO_LABELS),
        "sets.0.domains": (
            [["a"], ["*.a.b"], ["_a.b"]],
            [[], ["*"], ["a*.b"], ["a.*.b"], ["**.a"], ["A.b"], ["a."], ["a\n"], ["a", "a"], GONE],
        ),
        "sets.0.extra": ([], [1]),
    },
    "calico": {
        "rules.1.serviceAccount": (ACCOUNTS, NO_ACCOUNTS),
        "mode": (["audit"], []),
        "sets": ([], [[{"name": "a", "source": "b", "domains": ["c.example"]}]]),
        "rules.1.to.0": ([], [{"set": "a", **TCP}]),
    },
    "kubernetes": {
        "rules.1.serviceAccount": ([], ACCOUNTS),
        "mode": ([], ["audit"]),
        "rules.1.to.0": (
            [{"pods": PODS, "ports": "all"}, {"cidrs": [{"cidr": "::/0"}], "ports": "all"}],
            [
                {},
                {"ports": "all"},
                {"pods": [], "ports": "all"},
                {"pods": PODS},
                {"fqdns": [{"matchName": "a"}], "ports": "all"},
                {"cidrs": [], "ports": "all"},
                {"cidrs": [{}], "ports": "all"},
                {"cidrs": [{"cidr": "::/0", "x": 1}], "ports": "all"},
                {"pods": PODS, "cidrs": [{"cidr": "::/0"}], "ports": "all"},
                *({"pods": [each], "ports": "all"} for each in NO_PODS),
            ],
        ),
        "rules.1.to.0.ports": (
            ["all", [{"port": 1, "protocol": "SCTP"}]],
            ["", [], [{}], [443], [{"port": 1}], [{"protocol": "TCP"}], GONE],
        ),
    },
}


POLICY: Mapping[str, Mapping[str, Field]] = {
    engine: {**EVERYWHERE, **(PLAIN if engine in {"cilium", "kubernetes"} else {}), **fields}
    for engine, fields in FIELDS.items()
}
"""Fields of `egress-policy`, by the engine whose test values they change."""
