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
from typing import Any, TypeGuard

from transire.engines.cilium.lint_view import port_number
from transire.k8s.json_pointer import corrected, find
from transire.k8s.manifests import Manifest
from transire.model.problems import Level
from transire.review.lint.context import EVERY, LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.ports_written import ports_written

ID = "end-port"
LEVEL = Level.ERROR
ENGINES = EVERY
EXAMPLE = "cilium@1.19"


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every range that is none."""
    for each in ports_written(review):
        first = port_number(each.value) if isinstance(each.value, str) else each.value
        if each.end is None or not _is_port(first) or first < each.end:
            continue
        path = f"{each.at.rpartition('/')[0]}/endPort"
        if first == each.end:
            yield RuleMatch(
                manifest=each.manifest,
                path=path,
                message=f"the range from {first} to {each.end} is one port",
                help="remove endPort",
                level=Level.NOTE,
                fix=_single(each.manifest, path),
            )
        elif each.end:
            yield RuleMatch(
                manifest=each.manifest,
                path=path,
                message=f"the range from {first} to {each.end} runs backwards, and is port {first} "
                "alone or refused",
                help=f"write port {each.end} and endPort {first}",
            )


def _is_port(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _single(manifest: Manifest, path: str) -> str:
    def remove(body: dict[str, Any]) -> None:
        del find(body, path.rpartition("/")[0])["endPort"]

    return corrected(manifest, remove)
