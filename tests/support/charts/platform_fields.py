"""What fields of the platform's charts may hold and may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from support.charts.policy_fields import LABELS, NO_LABELS, NO_SOURCES, SOURCES
from support.charts.schema_corpus import GONE, Field

_ACCOUNT = "system:serviceaccount:egress-system:egress-applier"
_TOYS: Mapping[str, Any] = {"group": "toy.example", "resources": ["toys"]}
_NOBODY: Mapping[str, Any] = {
    "reserved": [],
    "writers": [],
    "limitedWriters": [],
    "finalizers": [],
}
_ENGINES: Mapping[str, Any] = {
    "cilium": {
        "reserved": [_TOYS],
        "writers": [_ACCOUNT],
        "limitedWriters": [{"users": [_ACCOUNT], "operation": "CREATE"}],
        "finalizers": ["eks:network-policy-controller", _ACCOUNT],
    },
    **dict.fromkeys(("calico", "calico-enterprise", "kubernetes"), _NOBODY),
}
_RESERVED: Mapping[str, Any] = {"everywhere": [_TOYS], "engines": _ENGINES}
_RULE: Mapping[str, Any] = {
    "name": "egress-baseline-x",
    "layer": "allow",
    "source": "x",
    "from": {},
}

_EVERYWHERE: Mapping[str, Field] = {
    "cluster": (["", *LABELS], ["A", "a.b", "a" * 64, 1, GONE]),
    "engine": ([], ["", "weave", GONE]),
    "source": (SOURCES, [*NO_SOURCES, GONE]),
    "global": ([{}, {"a": 1}], []),
    "extra": ([], [1]),
    "enforce": ([{"namespaces": [], "rules": [], "sets": []}], [{}, [], GONE, {"namespaces": []}]),
    "enforce.extra": ([], [1]),
    "enforce.namespaces": (
        [["a"], ["y", "0755", "1e3"]],
        [["a", "a"], "a", GONE, *([each] for each in NO_LABELS)],
    ),
    "enforce.rules": ([[]], [{}, GONE]),
    "reserved": (
        [GONE, _RESERVED],
        [
            {},
            {"everywhere": [_TOYS]},
            {"engines": _ENGINES},
            {**_RESERVED, "everywhere": []},
            {**_RESERVED, "engines": {}},
            {**_RESERVED, "engines": {**_ENGINES, "kubernetes": {}}},
            {**_RESERVED, "everywhere": [{"group": "a b", "resources": ["toys"]}]},
            {**_RESERVED, "everywhere": [{"group": "toy.example", "resources": []}]},
            {**_RESERVED, "everywhere": [{"group": "toy.example", "resources": ['a"']}]},
            *(
                {**_RESERVED, "engines": {**_ENGINES, "cilium": {**_NOBODY, "writers": each}}}
                for each in (["system:masters"], [_ACCOUNT, _ACCOUNT], [{"users": [_ACCOUNT]}])
            ),
            *(
                {**_RESERVED, "engines": {**_ENGINES, "cilium": {**_NOBODY, "finalizers": each}}}
                for each in (["system:anonymous"], ["eks:a b"], [_ACCOUNT, _ACCOUNT])
            ),
            *(
                {
                    **_RESERVED,
                    "engines": {**_ENGINES, "cilium": {**_NOBODY, "limitedWriters": [each]}},
                }
                for each in (
                    {"users": [_ACCOUNT]},
                    {"users": [], "group": "a"},
                    {"users": ["system:masters"], "group": "a"},
                    {"users": [_ACCOUNT], "group": ""},
                    {"users": [_ACCOUNT], "resource": 'a"'},
                    {"users": [_ACCOUNT], "operation": "CONNECT"},
                    {"users": [_ACCOUNT], "verb": "CREATE"},
                )
            ),
        ],
    ),
    "admission": (
        [
            {"enabled": True, "serviceAccounts": [_ACCOUNT]},
            {"enabled": False, "serviceAccounts": []},
        ],
        [
            {"enabled": True, "serviceAccounts": []},
            {"enabled": "true", "serviceAccounts": [_ACCOUNT]},
            {"enabled": True},
            {"serviceAccounts": [_ACCOUNT]},
            {"enabled": True, "serviceAccounts": [_ACCOUNT], "x": 1},
            {"enabled": True, "serviceAccounts": [_ACCOUNT, _ACCOUNT]},
            {"enabled": True, "serviceAccounts": ["egress-applier"]},
            {"enabled": True, "serviceAccounts": ["system:serviceaccount:a"]},
            {"enabled": True, "serviceAccounts": ["system:masters"]},
            {"enabled": True, "serviceAccounts": ['system:serviceaccount:a:b"]']},
            {"enabled": True, "serviceAccounts": [f"{_ACCOUNT}\n"]},
        ],
    ),
}
_TAKEN_NAMES: list[Any] = [
    "egress-deny",
    "egress-x",
    "egress-baseline-deny",
    "egress-baseline-",
    "x",
    "",
    GONE,
]
_TAKEN_IN_TIER: list[Any] = [
    "egress.x",
    "egress.deny",
    "egress.baseline-deny",
    "egress.baseline-deny-audit",
]
_TAKEN_IN_TIER += ["egress.baseline-x--p01", "egress-baseline-x", "egress.baseline-", GONE]

BASELINE: Mapping[str, Mapping[str, Field]] = {
    "cilium": {
        **_EVERYWHERE,
        "enforce.namespaces": ([["a"]], [[]]),
        "enforce.rules.0.name": (["egress-baseline-x"], _TAKEN_NAMES),
        "enforce.rules.0.to": ([], [[], [{}]]),
        "enforce.rules.0.to.0.ports.0.dns": ([[{"matchName": "a"}]], [[]]),
        "audit.rules.0.name": (["egress-baseline-x"], _TAKEN_NAMES),
        "audit.rules.0.to.0.ports.0.dns": ([[{"matchPattern": "*"}]], [[{"matchName": "a"}], []]),
        "audit.rules.0.to.0": (
            [{"fqdns": [{"matchName": "a"}], "ports": "all"}],
            [
                {
                    "fqdns": [{"matchName": "a"}],
                    "ports": [{"ports": [{"port": 443, "protocol": "TCP"}], "serverNames": ["a"]}],
                }
            ],
        ),
        "tier": ([], [{"name": "egress"}]),
    },
    "calico-enterprise": {
        **_EVERYWHERE,
        "enforce": ([{"namespaces": [], "rules": [], "sets": []}], [{"namespaces": []}]),
        "tier": ([{"name": "a"}], [{}, GONE]),
        "enforce.rules.0.name": (["egress.baseline-x", "a.baseline-x--y"], _TAKEN_IN_TIER),
        "enforce.rules.0.order": ([1], [9000, GONE]),
        "audit.rules.0.name": (["egress.baseline-x"], _TAKEN_IN_TIER),
        "enforce.sets.0.name": (LABELS, NO_LABELS),
    },
    "calico": {
        **_EVERYWHERE,
        "enforce.rules.0.to.0": ([], [{"set": "a", "protocol": "TCP", "ports": "all"}]),
        "audit.sets": ([[]], [[{"name": "a", "source": "b", "domains": ["c.example"]}]]),
    },
    "kubernetes": {
        **_EVERYWHERE,
        "audit": (
            [{"namespaces": [], "rules": [], "sets": []}],
            [{"namespaces": ["a"], "rules": [], "sets": []}],
        ),
        "enforce.rules.0.name": (["egress-baseline-x"], _TAKEN_NAMES),
        "enforce.rules.0": (
            [{**_RULE, "to": [{"cidrs": [{"cidr": "::/0"}], "ports": "all"}]}],
            [{**_RULE, "to": []}, {**_RULE, "to": [{"entities": ["host"], "ports": "all"}]}],
        ),
    },
}
"""Fields of `egress-baseline`, by the engine whose test values they change."""

TIER: Mapping[str, Mapping[str, Field]] = {
    "values": {
        "tier.name": (LABELS, [*NO_LABELS, "default", "kube-admin", "calico-system", GONE]),
        "tier.order": ([1, 999999], [0, 1000000, 1.5, "5000", GONE]),
        "tier.extra": ([], [1]),
        "serviceAccounts": (
            [[], [{"name": "a", "namespace": "b"}], [{"name": "a.b", "namespace": "b"}]],
            [{}, [{}], [{"name": "a"}], [{"name": "A", "namespace": "b"}], ["a"], GONE],
        ),
        "extra": ([], [1]),
        "global": ([{}, {"a": 1}], []),
    }
}
"""Fields of `egress-tier`."""
