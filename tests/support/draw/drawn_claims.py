"""Draw what a platform lets its teams claim, so that they may claim what they do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from hypothesis import strategies as st

from support.draw.strategies_parts import CHANCE
from transire.model.claims import TeamClaims
from transire.model.intent import Team


@st.composite
def claims(draw: st.DrawFn, members: Sequence[Team]) -> tuple[TeamClaims, ...] | None:
    """No limits, or for each team what it claims, by names and by patterns, and perhaps more."""
    if not members or draw(CHANCE):
        return None
    return tuple(
        TeamClaims(
            name=team.name,
            namespaces=tuple(
                sorted({draw(patterns(each.namespace)) for each in team.publications} | {"spare"})
            ),
            clusters=draw(
                st.none() | st.just(frozenset(each.cluster for each in team.publications))
            ),
        )
        for team in sorted(members, key=lambda each: each.name)
    )


@cache
def patterns(namespace: str) -> st.SearchStrategy[str]:
    """The namespace, or a pattern that it matches."""
    return st.sampled_from([namespace, f"{namespace[:3]}*", f"*{namespace[-2:]}", "*"])
