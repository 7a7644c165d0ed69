"""What is to be seen of clusters, drawn."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from support.draw.strategies_parts import ends, labels, names
from transire.engines.registry import engine_of
from transire.model.intent import Cluster
from transire.model.observation import Monitoring, Observe, ProxyKind


def _some(clusters: Sequence[Cluster]) -> st.SearchStrategy[tuple[str, ...] | None]:
    named = st.sets(st.sampled_from(sorted(each.name for each in clusters)), min_size=1)
    return st.none() | named.map(lambda chosen: tuple(sorted(chosen)))


@st.composite
def observe(draw: st.DrawFn, clusters: Sequence[Cluster]) -> Observe:
    """What flow logs are wanted of."""
    agents = []
    for each in clusters:
        known = engine_of(each.release).observation.agents
        agent = draw(st.sampled_from(("", *known)))
        if agent:
            agents.append((each.name, agent))
    return Observe(
        clusters=draw(_some(clusters)),
        until=draw(st.none() | ends()),
        agents=tuple(sorted(agents)),
    )


@st.composite
def monitoring(draw: st.DrawFn, clusters: Sequence[Cluster]) -> Monitoring:
    """Where alerts are wanted, and how they reach Prometheus."""
    return Monitoring(
        clusters=draw(_some(clusters)),
        namespace=draw(names()),
        labels=draw(labels()),
        cluster_label=draw(st.sampled_from(["", "cluster", "k8s_cluster"])),
        runbooks=draw(st.sampled_from(["", "https://docs.example.com/transire"])),
        proxies=draw(st.sets(st.sampled_from(ProxyKind)).map(lambda some: tuple(sorted(some)))),
    )
