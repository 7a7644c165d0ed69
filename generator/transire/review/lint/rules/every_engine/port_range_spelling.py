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
from typing import Any

from transire.engines.api.policy_view import Family
from transire.k8s.json_pointer import corrected, find, steps
from transire.model.problems import Level
from transire.review.lint.context import EVERY, LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.ports_written import WrittenPort, ports_written

ID = "port-range-spelling"
LEVEL = Level.ERROR
ENGINES = EVERY
EXAMPLE = "calico@3.30"

_RANGE = re.compile(r"([0-9]{1,5}) *([-:]) *([0-9]{1,5})")


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every range that is none here."""
    for each in ports_written(review):
        match = _RANGE.fullmatch(each.value) if isinstance(each.value, str) else None
        if match is None:
            continue
        first, _, last = match.groups()
        right = f"{first}:{last}"
        if each.family is Family.CALICO and each.value == right:
            continue
        yield RuleMatch(
            manifest=each.manifest,
            path=each.at,
            message=f'"{each.value}" is no range of ports there, so the object is refused',
            help=f"write {_spelled(each.family, first, last)}",
            fix=corrected(each.manifest, partial(_write, port=each, first=first, last=last)),
        )


def _spelled(family: Family, first: str, last: str) -> str:
    match family:
        case Family.CALICO:
            return f'"{first}:{last}"'
        case Family.CILIUM:
            return f'port: "{first}" and endPort: {last}'
        case Family.KUBERNETES:
            return f"port: {first} and endPort: {last}"


def _write(body: dict[str, Any], port: WrittenPort, first: str, last: str) -> None:
    holder = find(body, port.at.rpartition("/")[0])
    if port.family is Family.CALICO:
        holder[int(steps(port.at)[-1])] = f"{first}:{last}"
        return
    holder["port"] = first if port.family is Family.CILIUM else int(first)
    holder["endPort"] = int(last)
