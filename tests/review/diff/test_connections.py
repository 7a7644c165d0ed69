"""What becomes of open connections, and the commands that list and end them."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from support.review.example_diff import DIFF
from transire.engines.api.capabilities import OpenConnections, Revocation
from transire.review.diff.changes import TargetChange
from transire.review.diff.connections import keeping, losing_pods, restarts, sentence

[LEDGER] = [each for each in DIFF.targets if each.namespace == "ledger"]
LIST = "kubectl -n ledger get pods --sort-by=.metadata.creationTimestamp"
RESTART = "kubectl -n ledger rollout restart deployment,statefulset,daemonset"


def losing(who: str) -> TargetChange:
    """The change with its losses as those of some pods, in the words of the diff."""
    losses = tuple(replace(each, who=who, every_pod=False) for each in LEDGER.losses)
    found = replace(LEDGER, losses=losses)
    return replace(found, broken=losing_pods(found))


@pytest.mark.parametrize(
    ("who", "selector"),
    [
        ("app=web", "app=web"),
        ("app=web, tier=front", "app=web,tier=front"),
        ("tier in (a, b)", "'tier in (a,b)'"),
        ("app=web, tier not in (a, b)", "'app=web,tier notin (a,b)'"),
        ("!canary", "'!canary'"),
        ("canary and canary!=no", "'canary,canary!=no'"),
        ("example.com/part", "example.com/part"),
    ],
)
def test_pods_are_listed_and_restarted_by_what_selects_them(who: str, selector: str) -> None:
    change = losing(who)

    assert keeping(change) == (f"{LIST} --selector {selector}",)
    assert restarts(change) == (f"{RESTART} --selector {selector}",)
    assert shlex.split(restarts(change)[0])[-1] == selector.strip("'")


@pytest.mark.parametrize(
    "who",
    [
        "any pod in team-a",
        "app=web or tier=front",
        "!app or app=web",
        "app like web-*",
        "any pod where account=till",
    ],
)
def test_pods_that_no_selector_says_are_all_of_the_namespace(who: str) -> None:
    assert (keeping(losing(who)), restarts(losing(who))) == ((LIST,), (RESTART,))


def test_what_an_engine_cuts_needs_no_command() -> None:
    cut = Revocation(become=OpenConnections.CUT, ended_by=("the next packet",))
    assert LEDGER.after is not None
    change = replace(losing("app=web"), after=replace(LEDGER.after, revocation=cut))

    assert sentence(change).startswith("connections that are open are cut")
    assert (keeping(change), restarts(change)) == ((), ())
