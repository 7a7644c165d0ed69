"""Draw where a rule holds: everywhere, or in limits that at least one of the places fits."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from support.draw.strategies_parts import CHANCE
from transire.model.scoped import Place, Scoped

PLACES = tuple(
    Place(namespace=namespace, cluster=cluster, environment=environment)
    for namespace in ("payments-prod", "payments-staging")
    for cluster, environment in (("prod-eu", "prod"), ("stage-eu", "staging"), ("edge-1", "edge"))
)


@st.composite
def scopes(draw: st.DrawFn, places: Sequence[Place] = PLACES) -> Scoped:
    """Limits within which one of the places lies, so that the rule holds somewhere."""
    fitting = draw(st.sampled_from(list(places)))
    namespaces = {each.namespace for each in places}
    return Scoped(
        environments=draw(_limit(fitting.environment, {each.environment for each in places})),
        clusters=draw(_limit(fitting.cluster, {each.cluster for each in places})),
        namespaces=None if "" in namespaces else draw(_limit(fitting.namespace, namespaces)),
    )


def _limit(fitting: str, names: set[str]) -> st.SearchStrategy[frozenset[str] | None]:
    some = st.frozensets(st.sampled_from(sorted(names))).map(lambda each: each | {fitting})
    return CHANCE.flatmap(lambda limited: some if limited else st.none())
