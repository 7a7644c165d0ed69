"""Calico's objects with mistakes that native definitions and the storage form let through."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from support.draw.strategies_policies import worlds
from transire.k8s.manifests import Manifest

Tree = dict[str, Any]

_IN_A_DESTINATION: tuple[Tree, ...] = (
    {"nets": ["api.example.com"]},
    {"nets": ["api.example.com", "198.51.100.0/24"]},
    {"nets": ["198.51.100.7"]},
    {"nets": ["198.51.100.7/24", "2001:db8::/32"]},
    {"nets": ["::ffff:198.51.100.0/120"]},
    {"notNets": ["api.example.com"]},
    {"notNets": ["0.0.0.0/0"]},
    {"nets": ["198.51.100.0/24"], "notNets": ["2001:db8::/32"]},
    {"selector": "  "},
    {"selector": "app = 'web'"},
    {"notSelector": "has(a"},
    {"namespaceSelector": "global() || env == 'prod'"},
    {"namespaceSelector": " "},
    {"serviceAccounts": {"selector": " "}},
)
_IN_A_RULE: tuple[Tree, ...] = (
    {"protocol": "tcp"},
    {"protocol": "gre"},
    {"protocol": 0},
    {"http": {"methods": ["GET"]}},
    {"ipVersion": 6, "destination": {"nets": ["198.51.100.0/24"]}},
    {"protocol": "TCP", "destination": {"ports": [0]}},
    {"protocol": "TCP", "destination": {"ports": ["80-90"]}},
    {"destination": {"ports": [443]}},
    {"source": {"services": {"name": "a", "namespace": "b"}}},
)
_IN_A_POLICY: tuple[Tree, ...] = (
    {"selector": " "},
    {"selector": "a b"},
    {"tier": "nowhere"},
    {"types": None},
    {"types": None, "egress": []},
    {"serviceAccountSelector": "has("},
)


@st.composite
def spoilt_worlds(draw: st.DrawFn, api_version: str = "projectcalico.org/v3") -> list[Manifest]:
    """Worlds with a mistake in about every second policy; Calico's objects in that version."""
    found = []
    for manifest in draw(worlds()):
        body: Tree = deepcopy(dict(manifest.body))
        if body["apiVersion"] == "projectcalico.org/v3":
            body["apiVersion"] = api_version
            if draw(st.booleans()):
                _spoil(draw, body["kind"], body["spec"])
        found.append(manifest.with_body(body))
    return found


def _spoil(draw: st.DrawFn, kind: str, spec: Tree) -> None:
    if kind == "Tier":
        del spec["order"]
    elif kind.endswith("Set"):
        spec["nets"].append(draw(st.sampled_from(("api.example.com", "198.51.100.7/24"))))
    elif spec["egress"] and draw(st.booleans()):
        rule = draw(st.sampled_from(spec["egress"]))
        if draw(st.booleans()):
            rule.update(deepcopy(draw(st.sampled_from(_IN_A_RULE))))
        else:
            rule["destination"].update(deepcopy(draw(st.sampled_from(_IN_A_DESTINATION))))
    else:
        spec.update(deepcopy(draw(st.sampled_from(_IN_A_POLICY))))
