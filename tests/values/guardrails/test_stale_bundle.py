"""What a bundle that is too old proposes can be pasted into a shell."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import date

from support.values.one_rule import DAY, organisation, rule
from transire.model.bundle_source import BundleSource
from transire.model.intent import Bundle
from transire.values.guardrails.registry import review

ONLY = ("service=a; touch /tmp/x", "region=$(id)", "family=IPv4")


def test_filters_are_quoted_so_that_a_shell_takes_them_as_they_are() -> None:
    bundle = Bundle(
        name="aws",
        path="values/bundles/aws.yaml",
        owner="platform@example.com",
        reason="storage",
        hosts=(),
        source=BundleSource(vendor="aws", day=date(2020, 1, 31), only=ONLY),
    )
    whole = organisation(rule(), bundles=(bundle,))
    guardrails = replace(whole.platform.guardrails, bundle_max_age=90)
    whole = replace(whole, platform=replace(whole.platform, guardrails=guardrails))

    (help_,) = (each.help for each in review(whole, DAY) if each.id == "stale-bundle")

    assert help_.startswith(
        "fetch the file again, then run `transire bundle aws FILE --name aws "
        "--only 'service=a; touch /tmp/x' --only 'region=$(id)' --only family=IPv4`, and look at"
    )
    words = shlex.split(help_.split("`")[1])
    assert [each for each, flag in zip(words[1:], words, strict=False) if flag == "--only"] == [
        *ONLY
    ]
