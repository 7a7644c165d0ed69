"""Find lists of more ports than Cilium takes.

What it does: reports items of `toPorts` with more than 40 ports.
Why is this bad? The API server (since 1.16) or the agent refuses the whole object, so what it was
to deny is open.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [FORTY-ONE PORTS]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: "8000", endPort: 8040, protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from transire.engines.cilium.lint_policies import is_policy, port_groups
from transire.k8s.correction import corrected
from transire.k8s.json_pointer import find, items
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium

ID = "too-many-ports"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"

MOST = 40


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every list of ports that is too long."""
    for manifest, tree in context.objects_where(is_policy):
        for at, group in port_groups(manifest, tree):
            count = len(items(group, "ports"))
            if count > MOST:
                yield RuleMatch(
                    manifest=manifest,
                    path=f"{at}/ports",
                    message=f"the item lists {count} ports, and Cilium takes {MOST}",
                    help="split the list into several items of toPorts, or write ranges with "
                    "endPort",
                    fix=corrected(manifest, partial(_split, at=at)),
                )


def _split(body: dict[str, Any], at: str) -> None:
    groups, _, place = at.rpartition("/")
    group, found = find(body, at), find(body, groups)
    ports = group["ports"]
    parts = [
        {**group, "ports": ports[first : first + MOST]} for first in range(0, len(ports), MOST)
    ]
    found[int(place) : int(place) + 1] = parts
