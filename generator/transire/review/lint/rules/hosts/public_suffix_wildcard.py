"""Find wildcards directly below a name that strangers share.

What it does: reports patterns that match names below a public suffix, whoever owns them: `*.com`
and `*.co.uk`, and as warnings those of the private part, `*.github.io` and `*.s3.amazonaws.com`.
Where a star stands for several labels or for one inside, so do `**.amazonaws.com` and
`*.s3.*.amazonaws.com`. `*.nip.io` answers with any address that is written in the name.
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
from transire.meaning.shared_suffixes import SharedSuffix, shared_suffix
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
    """Every pattern that leaves open whose name it is, by a label of stars alone or before it."""
    for manifest, host in context.hosts():
        found = suffix_of(context, manifest, host.text)
        if found is not None and not found.label.strip("*"):
            yield RuleMatch(
                manifest=manifest,
                path=host.at,
                message=f"{clipped(host.text)} lets in {clipped(found.why)}",
                help="name the hosts, or put the wildcard below a domain that one owner holds",
                level=found.level,
            )


def suffix_of(context: LintContext, manifest: Manifest, pattern: str) -> SharedSuffix | None:
    """The suffix below which a pattern has names of strangers, as the engine reads it.

    None for what is no wildcard, and for stars alone, which are a finding of their own.
    """
    api = context.apis.get(manifest.index)
    if api is None or "*" not in pattern or not pattern.strip("*."):
        return None
    return shared_suffix(api.host_labels(pattern, context.release))
