"""Find bundles that their vendor may have changed since.

What it does: reports a bundle whose `published.date` is more days ago than the platform's
`bundleMaxAge`, or in the future. The level is a warning: what the bundle holds still goes through.
Why is this bad? Vendors move addresses every week. A range that they gave up belongs to somebody
else by now, and one that they added is dropped.
Bad:
    # values/bundles/github.yaml
    published: {source: github, date: 2020-01-31, only: [service=api]}
Good:
    # values/bundles/github.yaml
    published: {source: github, date: TODAY, only: [service=api]}
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from transire.model.bundle_source import BundleSource
from transire.model.guardrail import Finding
from transire.model.intent import Bundle
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "stale-bundle"
LEVEL = Level.WARNING


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every bundle of a vendor's file that is too old, where the platform has a limit."""
    limit = review.organisation.platform.guardrails.bundle_max_age
    if limit is None:
        return
    for bundle in review.organisation.bundles:
        if bundle.source is None:
            continue
        age = (review.as_of.date() - bundle.source.day).days
        if age < 0:
            when = f"{bundle.source.day}, which is still to come"
            yield _finding(bundle, bundle.source, when)
        elif age > limit:
            when = f"{bundle.source.day}, {age} days ago, and at most {limit} are allowed"
            yield _finding(bundle, bundle.source, when)


def _finding(bundle: Bundle, source: BundleSource, when: str) -> Finding:
    filters = "".join(f" --only {shlex.quote(each)}" for each in source.only)
    return Finding(
        team="",
        entry=bundle.name,
        at=source.day_at,
        message=f"bundle {bundle.name} is made of {source.vendor}'s file of {when}",
        help=f"fetch the file again, then run `transire bundle {source.vendor} FILE "
        f"--name {bundle.name}{filters}`, and look at what changes",
    )
