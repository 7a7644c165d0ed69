"""What `publish` prints for people, in full."""

from __future__ import annotations

from transire.delivery.registry.result import ChartState, ChartVersion, Narrowed, Published, as_text


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


def test_what_closes_is_shown_with_what_ends_open_connections() -> None:
    kept = Narrowed(
        target="ledger.eu",
        cluster="eu",
        become="kept",
        text="connections that are open stay open",
        pods=("kubectl -n ledger get pods",),
        restart=("kubectl -n ledger rollout restart deployment",),
        ended_by=("the end of the pod",),
        not_by=("another policy", "patience"),
    )
    cut = Narrowed(target="shop.us", cluster="us", become="cut", text="connections are cut")
    published = Published(commit="c0ffee", destination="", releases=(), narrowed=(kept, cut))

    assert as_text(published) == (
        "closes on ledger.eu: connections that are open stay open\n"
        "  once cluster eu has the release:\n"
        "  kubectl -n ledger get pods\n"
        "  kubectl -n ledger rollout restart deployment\n"
        "  not ended by another policy or patience\n"
        "closes on shop.us: connections are cut\n"
        "0 new, 0 there already, in this clone\n"
    )
