"""How Cilium's policies are corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transire.engines.api.policy_shape import Block
from transire.engines.api.policy_view import Corrections
from transire.engines.cilium.objects.identity import NAMESPACE
from transire.k8s.json_pointer import find
from transire.model.net import Network


class CiliumCorrections(Corrections):
    """How Cilium spells what a rule proposes."""

    leave_out_with = "except in toCIDRSet"
    deny_alone = (
        "allow what is needed; enableDefaultDeny (since 1.16) decides whether the rest stays open"
    )
    namespace_with = f"matchLabels with k8s:{NAMESPACE}"

    def leave_out(
        self, body: dict[str, Any], at: str, block: Block, holes: Sequence[Network]
    ) -> None:
        """`except`, for which an item of `toCIDR` becomes one of `toCIDRSet`."""
        rule = find(body, at)
        left_out = [str(each) for each in holes]
        if "/toCIDRSet/" in block.at:
            entry = find(body, block.at.rpartition("/")[0])
            entry["except"] = [*entry.get("except", []), *left_out]
            return
        written = find(body, block.at)
        rule["toCIDRSet"] = [
            {"cidr": each, "except": left_out} if each == written else {"cidr": each}
            for each in rule.pop("toCIDR")
        ]

    def also_deny(self, body: dict[str, Any], at: str, network: str) -> None:
        """One more range in the same list."""
        rule = find(body, at)
        if "toCIDR" in rule:
            rule["toCIDR"].append(network)
        else:
            rule["toCIDRSet"].append({"cidr": network})

    def port_range(self, first: str, last: str) -> str:
        """Two fields, the first of them text."""
        return f'port: "{first}" and endPort: {last}'

    def write_port_range(self, body: dict[str, Any], at: str, first: str, last: str) -> None:
        """The last port in a field of its own."""
        holder = find(body, at.rpartition("/")[0])
        holder["port"] = first
        holder["endPort"] = int(last)
