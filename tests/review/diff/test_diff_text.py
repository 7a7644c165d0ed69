"""A diff as a terminal shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.review.example_diff import DIFF, NARROWER
from support.review.reviewed import diff
from transire.review.diff.formats import DIFF_FORMATS
from transire.review.diff.risk_level import RiskLevel
from transire.review.diff.text import as_text

TEXT = """\
from origin/main (1a2b3c4d5e6f) to the working tree
platform: clusters.eu.version: 1.18 -> 1.19
platform: enrol: not set -> batch

payments: shop on eu, us (prod): wider, risk high
  + opens: any pod to **.corp.example (instead of *.corp.example) on 443/TCP, such as a.a.corp.example:443
      corp: reach what the company runs; SEC-17
  + opens: app=checkout to api.adyen.example on 443/TCP, such as api.adyen.example:443
      allow-cards: take card payments; PAY-101; until 2027-06-30
  high: **.corp.example has hosts that nobody listed (wildcard)
  medium: the first host of adyen.example (domain)
  medium: every pod of the namespace to **.corp.example (every-pod)
  low: prod is production (production)
  eu, us: CiliumNetworkPolicy shop/allow-cards changed
    ...
     spec:
       egress:
         - toFQDNs:
    +        - matchName: "api.adyen.example"
             - matchName: "api.stripe.example"

ledger: ledger on eu (test): narrower, risk low
  ! connections that are open stay open, since the engine judges a connection once, when it begins: restart the workloads that must lose them
    on eu: kubectl -n ledger rollout restart deployment,statefulset,daemonset
  - closes: any pod to 198.51.100.0/24 (leaves 198.51.100.16/28) on 443/TCP, such as 198.51.100.0:443
      books: send the books to the auditor
  low: what still uses it breaks (closed)

3 of 7 targets change: 2 wider, 1 narrower; risk high
"""


def test_a_small_diff_reads_like_this() -> None:
    assert as_text(DIFF) == TEXT


def test_many_files_out_of_step_are_counted() -> None:
    stale = replace(diff(), out_of_step=tuple(f"charts/{each:02}" for each in range(25)))

    whole, brief = (as_text(each).splitlines() for each in (stale, stale.briefly()))

    assert whole[1].startswith("! 25 generated files are out of step with the values; compared is ")
    assert whole[2:23] == [*(f"    charts/{each:02}" for each in range(20)), "    and 5 more"]
    assert brief[2:6] == [*(f"    charts/{each:02}" for each in range(3)), "    and 22 more"]
    assert whole[-1] == "what 7 targets may reach stays the same; risk none"


def test_no_change_is_one_sentence() -> None:
    assert as_text(diff()) == (
        "from origin/main (1a2b3c4d5e6f) to the working tree\n\n"
        "nothing changes for any of 7 targets; risk none\n"
    )


@pytest.mark.parametrize(
    "hostile", ["a\nb", "a\rb", "\x1b[31mred", "a\u202eb", "a\u2028b", "a\x00b"]
)
def test_nothing_in_it_moves_the_cursor_or_the_reader(hostile: str) -> None:
    reasons = tuple(replace(each, text=hostile) for each in NARROWER.reasons)
    objects = (
        replace(each, object=replace(each.object, name=hostile), lines=(f"+{hostile}",))
        for each in DIFF.targets[0].objects
    )
    target = replace(NARROWER, reasons=reasons, unjudged=hostile, objects=tuple(objects))

    text = as_text(replace(DIFF, base=hostile, targets=(target,)))

    assert all(line.isprintable() for line in text.split("\n"))
    assert len(text.split("\n")) == len(
        as_text(replace(DIFF, targets=(replace(target, unjudged="x"),))).split("\n")
    )
    assert "�" in text


def test_the_formats_are_those_that_the_command_offers() -> None:
    assert list(DIFF_FORMATS) == ["text", "markdown", "json", "html"]
    assert all(each(DIFF).endswith("\n") for each in DIFF_FORMATS.values())


def test_the_risk_of_all_is_that_of_the_riskiest() -> None:
    assert DIFF.risk is RiskLevel.HIGH
    assert diff().risk is RiskLevel.NONE
