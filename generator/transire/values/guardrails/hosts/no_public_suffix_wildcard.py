"""Refuse a wildcard directly below a name that strangers share.

What it does: reports wildcards whose fixed part is a public suffix, private suffixes included:
`*.com`, `*.co.uk`, `*.github.io`, `*.s3.amazonaws.com`.
Why is this bad? Anybody can own a name there, so the wildcard lets data out to anybody.
Bad:
    {name: pages, reason: read the manual, to: ["*.github.io"]}
Good:
    {name: pages, reason: read the manual, to: [example.github.io]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.meaning.public_suffixes import is_public_suffix
from transire.model.guardrail import Finding
from transire.model.names import HostKind
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "no-public-suffix-wildcard"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every wildcard whose part behind the last star is a public suffix."""
    for entry, host in review.hosts():
        pattern = host.pattern
        if pattern.kind in {HostKind.EXACT, HostKind.BARE}:
            continue
        fixed = pattern.text.rpartition("*")[2].partition(".")[2]
        if is_public_suffix(fixed):
            yield entry.finding(
                host.at,
                f"the wildcard {pattern.shown} lets in names that anybody can register below "
                f"{fixed or 'the root'}",
                "name the hosts, or put the wildcard below a domain that one owner holds",
            )
