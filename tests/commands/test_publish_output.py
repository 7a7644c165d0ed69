"""What `publish` prints for people, in full."""

from __future__ import annotations

from transire.delivery.registry.result import ChartState, ChartVersion, Published, as_text


def release(name: str, state: ChartState, **more: object) -> ChartVersion:
    return ChartVersion(
        place=f"teams/{name}",
        name=name,
        version="0.1.0",
        content="sha256:1",
        state=state,
        reference=f"registry.example.com/egress/teams/{name}:0.1.0",
        **more,  # type: ignore[arg-type]
    )


def test_new_charts_have_a_line_each_and_the_rest_a_count() -> None:
    published = Published(
        commit="c0ffee",
        destination="oci://registry.example.com/egress",
        releases=(
            release("a", ChartState.PUBLISHED, digest="sha256:2", signed=True),
            release("b", ChartState.PRESENT),
            release("c", ChartState.FAILED, reason="the registry said 503"),
            release("d", ChartState.REFUSED, reason="it is something else"),
        ),
        note="packed by Helm 4",
    )

    assert as_text(published) == (
        "published: registry.example.com/egress/teams/a:0.1.0 sha256:2, signed\n"
        "failed: registry.example.com/egress/teams/c:0.1.0: the registry said 503\n"
        "refused: registry.example.com/egress/teams/d:0.1.0: it is something else\n"
        "packed by Helm 4\n"
        "2 new, 1 there already, 1 refused, in oci://registry.example.com/egress\n"
    )
