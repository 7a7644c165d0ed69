"""Find ports whose spelling Cilium reads in its own way.

What it does: reports port numbers with leading zeros or underscores.
Why is this bad? The agent reads them as Go does: `"0443"` is octal and opens port 291.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: "0443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.7/32]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from transire.engines.cilium.lint_policies import is_policy, port_number
from transire.k8s.correction import corrected
from transire.k8s.json_pointer import find
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import clipped

ID = "odd-port-number"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every port that is no plain decimal number and still one."""
    for _, manifest, each in context.ports():
        if not is_policy(manifest) or not isinstance(each.value, str):
            continue
        number = port_number(each.value)
        if number is None or each.value == str(number):
            continue
        yield RuleMatch(
            manifest=manifest,
            path=each.at,
            message=f'the port "{clipped(each.value)}" means {number} to Cilium',
            help=f'write "{number}" to keep what is open, or else the port that is meant',
            fix=corrected(manifest, partial(_write, at=each.at, wanted=str(number))),
        )


def _write(body: dict[str, Any], at: str, wanted: str) -> None:
    find(body, at.rpartition("/")[0])["port"] = wanted
