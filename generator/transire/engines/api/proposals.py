"""What a refusal may propose to write: it opens nothing, and the rule means no more than before."""

from __future__ import annotations

from collections.abc import Callable

from transire.model.intent import Approximation, Rule
from transire.model.net import PortRange
from transire.model.problems import Change, Position, Proposal


def narrowed(rule: Rule) -> Proposal:
    """The consent that the rule's hosts are narrowed, beside what it consents to already."""
    words = ", ".join(sorted({*rule.approximate, Approximation.NARROW}))
    return Proposal(at=rule.at, text=f"[{words}]", change=Change.KEY, key="approximate")


def without(at: Position, key: str) -> Proposal:
    """The map at `at` without the key."""
    return Proposal(at=at, text="", change=Change.KEY, key=key)


def without_ports(
    rule: Rule, taken: Callable[[PortRange], bool], shown: str
) -> tuple[str, Proposal | None]:
    """How the rule does without these ports, to begin a sentence, and the item that goes.

    What has no other port is left out, since without a list it would get the default ports.
    """
    items = [each for each in rule.written_ports if taken(each.port)]
    lists = {each.owner for each in items}
    if any(
        all(taken(each.port) for each in rule.written_ports if each.owner == owner)
        for owner in lists
    ):
        what = "the rule" if rule.at in lists else "the destination"
        return f"leave out {what} that has {shown} alone", None
    proposal = (
        Proposal(at=items[0].at, text="", change=Change.ITEM)
        if len(items) == 1 and items[0].port.first == items[0].port.last
        else None
    )
    return f"take {shown} out of the ports", proposal
