"""Refuse a wildcard that lets in names of strangers.

What it does: reports wildcards that match a name which somebody else can register, as each engine
reads them where their rule holds: right below a public suffix, private suffixes included (`*.com`,
`*.github.io`, `*.s3.amazonaws.com`), above one (`**.amazonaws.com`, `*.*.core.windows.net`, and
`*.amazonaws.com` where an engine takes `*.` for any depth), and below services such as nip.io that
answer with any address. Below googleapis.com and a few others nobody but their owner has names.
What the public suffix list lacks is of 2026-11-30.
Why is this bad? Anybody can own a name there, so the wildcard lets data out to anybody.
Bad:
    {name: pages, reason: read the manual, to: ["*.github.io"]}
    {name: storage, reason: keep receipts, to: ["**.amazonaws.com"]}
    {name: preview, reason: open previews, to: ["*.nip.io"]}
Good:
    {name: pages, reason: read the manual, to: [example.github.io]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.meaning.shared_suffixes import SharedSuffix, shared_suffix
from transire.model.guardrail import Finding
from transire.model.names import HostKind, HostPattern
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "no-public-suffix-wildcard"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every wildcard below which strangers have names, by itself or as an engine reads it."""
    for entry, host in review.hosts():
        pattern = host.pattern
        if pattern.kind in {HostKind.EXACT, HostKind.BARE}:
            continue
        for reading, where in review.readings(entry, pattern):
            found = _shared(reading)
            if found is not None:
                read = f", {reading.text} on {where}," if where else ""
                yield entry.finding(
                    host.at,
                    f"the wildcard {pattern.shown}{read} lets in {found.why}",
                    "name the hosts, put the wildcard below a domain that one owner holds, or ask "
                    "for an exception in values/exceptions.yaml",
                    pattern,
                )
                break


def _shared(pattern: HostPattern) -> SharedSuffix | None:
    return shared_suffix(pattern.text.split("."))
