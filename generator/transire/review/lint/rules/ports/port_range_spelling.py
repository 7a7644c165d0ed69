"""Find ranges of ports in the spelling of something else.

What it does: reports `"8000-8010"`, and `"8000:8010"` outside Calico.
Why is this bad? Each engine has one way to write a range; elsewhere the text is taken for the name
of a port and the whole object is refused.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress:
      - action: Allow
        protocol: TCP
        destination: {nets: [198.51.100.7/32], ports: ["8000-8010"]}
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      selector: all()
      types: [Egress]
      egress:
      - action: Allow
        protocol: TCP
        destination: {nets: [198.51.100.7/32], ports: ["8000:8010"]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from transire.k8s.correction import corrected
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch

ID = "port-range-spelling"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "calico@3.30"

_RANGE = re.compile(r"([0-9]{1,5}) *([-:]) *([0-9]{1,5})")


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every range that is none here."""
    for api, manifest, port in context.ports():
        match = _RANGE.fullmatch(port.value) if isinstance(port.value, str) else None
        if match is None:
            continue
        first, _, last = match.groups()
        right = api.corrections.port_range(first, last)
        if right == f'"{port.value}"':
            continue
        write = partial(api.corrections.write_port_range, at=port.at, first=first, last=last)
        yield RuleMatch(
            manifest=manifest,
            path=port.at,
            message=f'"{port.value}" is no range of ports there',
            help=f"write {right}",
            fix=corrected(manifest, write),
        )
