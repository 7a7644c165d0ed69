"""Find wildcards directly below a name that strangers share.

What it does: reports patterns that have the names below a public suffix: `*.com` and `*.co.uk`, and
as warnings those of the private part, `*.github.io` and `*.s3.amazonaws.com`. Where a star stands
for several labels or for one inside, so does `**.amazonaws.com`.
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

from transire.k8s.manifests import Manifest
from transire.meaning.public_suffixes import is_public_suffix, suffixes_below, weight_of
from transire.model.problems import Level
from transire.review.lint.applicability import with_hosts
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped

ID = "public-suffix-wildcard"
LEVEL = Level.ERROR
APPLIES = with_hosts
EXAMPLE = "calico-enterprise@3.22"

_ANY = "anybody"
"""A name that somebody registers."""


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every pattern that has all names below a public suffix, that of its end or a longer one."""
    for manifest, host in context.hosts():
        suffix = _own_suffix(host.text)
        if suffix is None:
            suffix = next(_longer(context, manifest, host.text), None)
        if suffix is not None:
            yield RuleMatch(
                manifest=manifest,
                path=host.at,
                message=f"{clipped(host.text)} lets in names that anybody can register below "
                f"{clipped(suffix) or 'the root'}",
                help="name the hosts, or put the wildcard below a domain that one owner holds",
                level=weight_of(suffix),
            )


def _own_suffix(pattern: str) -> str | None:
    """What stands behind a last label of stars alone, where that is a public suffix."""
    before, star, after = pattern.rpartition("*")
    whole_label = not before.strip("*") or before.rstrip("*").endswith(".")
    named = pattern.strip("*.") and (not after or after.startswith("."))
    found = star and whole_label and named and is_public_suffix(after[1:])
    return after[1:] if found else None


def _longer(context: LintContext, manifest: Manifest, pattern: str) -> Iterator[str]:
    """Public suffixes with more labels, below which the pattern has names."""
    _, star, after = pattern.rpartition("*")
    if star and after.startswith(".") and manifest.index in context.apis:
        api = context.apis[manifest.index]
        for suffix in suffixes_below(after[1:]):
            if api.host_matches(pattern, f"{_ANY}.{suffix}", context.release):
                yield suffix
