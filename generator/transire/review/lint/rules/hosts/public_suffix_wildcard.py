"""Find wildcards directly below a name that strangers share.

What it does: reports patterns whose fixed part is a public suffix: `*.com` and `*.co.uk`, and as
warnings those of the private part, `*.github.io` and `*.s3.amazonaws.com`.
Why is this bad? Anybody can own a name there, so the wildcard lets data out to anybody.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkSet
    metadata: {name: partners, namespace: shop, labels: {egress: partners}}
    spec: {allowedEgressDomains: ["*.co.uk"]}
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkSet
    metadata: {name: partners, namespace: shop, labels: {egress: partners}}
    spec: {allowedEgressDomains: ["*.example.co.uk"]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.meaning.public_suffixes import is_public_suffix, weight_of
from transire.model.problems import Level
from transire.review.lint.applicability import with_hosts
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped

ID = "public-suffix-wildcard"
LEVEL = Level.ERROR
APPLIES = with_hosts
EXAMPLE = "calico-enterprise@3.22"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every pattern whose labels behind the last star are a public suffix."""
    for manifest, host in context.hosts():
        before, star, after = host.text.rpartition("*")
        whole_label = not before.strip("*") or before.rstrip("*").endswith(".")
        named = host.text.strip("*.") and (not after or after.startswith("."))
        if star and whole_label and named and is_public_suffix(after[1:]):
            yield RuleMatch(
                manifest=manifest,
                path=host.at,
                message=f"{clipped(host.text)} lets in names that anybody can register below "
                f"{clipped(after[1:]) or 'the root'}",
                help="name the hosts, or put the wildcard below a domain that one owner holds",
                level=weight_of(after[1:]),
            )
