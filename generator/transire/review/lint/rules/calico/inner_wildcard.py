"""Find a `*` behind the first label, which not every way to read DNS answers matches.

What it does: reports domains of Calico Enterprise such as `update.*.example.com`.
Why is this bad? With the DNS policy mode Inline, the default of the eBPF data plane, only a leading
`*.` is matched. The domain then opens nothing, and nobody is told.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkSet
    metadata: {name: partners, namespace: shop, labels: {egress: partners}}
    spec: {allowedEgressDomains: ["update.*.example.com"]}
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkSet
    metadata: {name: partners, namespace: shop, labels: {egress: partners}}
    spec: {allowedEgressDomains: ["update.eu.example.com", "update.us.example.com"]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_enterprise
from transire.review.lint.wording import clipped

ID = "inner-wildcard"
LEVEL = Level.WARNING
APPLIES = on_enterprise
EXAMPLE = "calico-enterprise@3.22"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every domain with a whole label `*` that other labels stand before."""
    for manifest, host in context.hosts():
        if "*" in host.text.split(".")[1:]:
            yield RuleMatch(
                manifest=manifest,
                path=host.at,
                message=f"{clipped(host.text)} matches nothing where DNS is read inline, as eBPF "
                "does by default: only a leading *. is matched there",
                help="list the names, or put the wildcard first, below a domain that one owner "
                "holds",
            )
