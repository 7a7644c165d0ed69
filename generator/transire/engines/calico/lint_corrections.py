"""How Calico's policies are corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transire.engines.api.policy_shape import Block
from transire.engines.api.policy_view import Corrections
from transire.k8s.json_pointer import find, plain, steps
from transire.model.net import Network, contains


class CalicoCorrections(Corrections):
    """How Calico spells what a rule proposes."""

    leave_out_with = "notNets"
    deny_alone = (
        "write {action: Allow} as the last rule to deny these alone, or Pass in a tier of its own, "
        "or allow what is needed"
    )
    namespace_with = "namespaceSelector with projectcalico.org/name"

    def leave_out(
        self, body: dict[str, Any], at: str, block: Block, holes: Sequence[Network]
    ) -> None:
        """`notNets`, which holds for each range of the rule, so none may vanish in it."""
        destination = find(body, at)["destination"]
        if any(contains(each, block.cidr) for each in holes):
            raise ValueError(block.at)
        destination["notNets"] = [*destination.get("notNets", []), *(str(each) for each in holes)]

    def also_deny(self, body: dict[str, Any], at: str, network: str) -> None:
        """The same rule once more, since the nets of a rule have one family."""
        rules, _, place = at.rpartition("/")
        twin = plain(find(body, at))
        if "ipVersion" in twin:
            twin["ipVersion"] = 6 if ":" in network else 4
        if "nets" in twin.get("destination", {}):
            twin["destination"]["nets"] = [network]
        find(body, rules).insert(int(place) + 1, twin)

    def port_range(self, first: str, last: str) -> str:
        """One text."""
        return f'"{first}:{last}"'

    def write_port_range(self, body: dict[str, Any], at: str, first: str, last: str) -> None:
        """In place of the item."""
        find(body, at.rpartition("/")[0])[int(steps(at)[-1])] = f"{first}:{last}"
