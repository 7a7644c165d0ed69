"""Find ranges of ports that end where they begin, or before.

What it does: reports `endPort` that is not greater than `port`.
Why is this bad? Cilium does not complain and takes the first port alone; a NetworkPolicy whose
range runs backwards is refused.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: "8010", endPort: 8000, protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: "8000", endPort: 8010, protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transire.k8s.correction import Correction, corrected
from transire.k8s.json_pointer import find, steps
from transire.k8s.manifests import Manifest
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "end-port"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every range that is none."""
    for _, manifest, each in context.ports():
        first = each.number
        if each.end is None or not first or first < 0 or first < each.end:
            continue
        path, field = each.end_at, steps(each.end_at)[-1]
        if first == each.end:
            yield RuleMatch(
                manifest=manifest,
                path=path,
                message=f"the range from {first} to {each.end} is one port",
                help=f"remove {field}",
                level=Level.NOTE,
                fix=_single(manifest, path),
            )
        elif each.end:
            yield RuleMatch(
                manifest=manifest,
                path=path,
                message=f"the range from {first} to {each.end} runs backwards, and is port {first} "
                "alone or refused",
                help=f"write port {each.end} and {field} {first}",
            )


def _single(manifest: Manifest, path: str) -> Correction | None:
    def remove(body: dict[str, Any]) -> None:
        del find(body, path.rpartition("/")[0])[steps(path)[-1]]

    return corrected(manifest, remove)
