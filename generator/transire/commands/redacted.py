"""Answers of several commands for strangers, such as who reads a pull request."""

from __future__ import annotations

from dataclasses import replace
from typing import overload

from transire.commands.learn import Lesson
from transire.commands.verify.verify import Verified
from transire.review.usage.audit import Audit
from transire.review.usage.backtest import Backtest
from transire.review.usage.redacted import redacted_audit, redacted_backtest, without_namespaces

Answer = Audit | Backtest | Lesson | Verified


@overload
def redacted(found: Audit) -> Audit: ...
@overload
def redacted(found: Backtest) -> Backtest: ...
@overload
def redacted(found: Lesson) -> Lesson: ...
@overload
def redacted(found: Verified) -> Verified: ...
def redacted(found: Answer) -> Answer:
    """The same with numbers in place of workloads and of hosts that no rule lists.

    What `learn` proposes is listed by a rule once it is merged, and stays; so do the objects that
    `verify` names. Of what these open and close only the direction and the risk is left.
    """
    match found:
        case Audit():
            return redacted_audit(found)
        case Backtest():
            return redacted_backtest(found)
        case Lesson():
            return replace(found, coverage=without_namespaces(found.coverage))
        case Verified():
            return _verified(found)


def _verified(found: Verified) -> Verified:
    pods = (replace(each, name=f"pod-{number}") for number, each in enumerate(found.unheld, 1))
    rejected = (replace(each, why="for a reason that is left out") for each in found.rejected)
    return replace(found, unheld=tuple(pods), rejected=tuple(rejected), is_redacted=True)
