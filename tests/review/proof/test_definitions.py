"""A proof holds for the way in which a Calico cluster serves its API, or for both."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from support.engines.lowering_parts import NETWORK, cluster, target
from support.engines.proofs import Told, objects_of, problems_of, texts_of, told
from transire.engines.calico.objects.releases import ENTERPRISE, OPEN_SOURCE
from transire.engines.registry import ENGINES
from transire.model.engine import Release, Version
from transire.yamlio import write

RELEASES = [("calico", "3.32"), ("calico", "3.33"), ("calico-enterprise", "3.23")]
HELP = "write definitions of cluster 'here' in the platform's file: native or api-server"
NATIVELY = (
    "payments-prod.here: with native definitions of projectcalico.org/v3 the objects mean something "
    "else: "
)
Change = Callable[[dict[str, Any]], object]


def on(engine: str, version: str, **text: Any) -> Told:  # noqa: ANN401 - as in a values file
    office = {"name": "office", "to": [{"cidr": "198.51.100.0/24"}]}
    return told(target(cluster(engine, version, network=NETWORK, **text), [office]))


def found(each: Told, name: str, change: Change) -> list[tuple[str, str, str]]:
    """What the proof finds where one object is changed."""
    texts = {}
    for chart, text in texts_of(each).items():
        bodies = [copy.deepcopy(dict(one.body)) for one in objects_of({chart: text})]
        for body in bodies:
            if body["metadata"]["name"] == name:
                change(body["spec"])
        texts[chart] = "".join(f"---\n{write(body)}" for body in bodies)
    return [(each.id, each.message, each.help) for each in problems_of(each, texts)]


def leave(spec: dict[str, Any]) -> None:
    """Nothing is changed."""


def a_name_among_nets(spec: dict[str, Any]) -> None:
    spec["egress"] = [{"action": "Allow", "destination": {"nets": ["api.example.com"]}}]


def methods_of_http(spec: dict[str, Any]) -> None:
    spec["egress"] = [{"action": "Allow", "http": {"methods": ["GET"]}}]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("text", [{}, {"definitions": "native"}, {"definitions": "api-server"}])
def test_what_is_generated_means_the_same_in_every_way(
    release: tuple[str, str], text: dict[str, str]
) -> None:
    assert found(on(*release, **text), "egress.deny", leave) == []


@pytest.mark.parametrize("change", [a_name_among_nets, methods_of_http])
@pytest.mark.parametrize("release", RELEASES)
def test_objects_that_mean_something_else_natively_are_refused(
    release: tuple[str, str], change: Change
) -> None:
    problems = found(on(*release), "egress.deny", change)

    assert problems[0][0] == "refused-object"
    message = (
        f"{NATIVELY}203.0.113.10 on 443/TCP from a pod of payments-prod is allowed there, and "
        "denied otherwise"
    )
    assert ("read-otherwise", message, HELP) in problems


@pytest.mark.parametrize("release", RELEASES)
def test_a_cluster_whose_definitions_are_given_is_proved_for_them_alone(
    release: tuple[str, str],
) -> None:
    native = found(on(*release, definitions="native"), "egress.deny", a_name_among_nets)
    served = found(on(*release, definitions="api-server"), "egress.deny", a_name_among_nets)

    assert [each[0] for each in native] == ["not-proved"]
    assert "is allowed by NetworkPolicy payments-prod/egress.deny (/spec/egress/0)" in native[0][1]
    assert [each[0] for each in served] == ["refused-object"]


@pytest.mark.parametrize("engine", ["calico", "calico-enterprise"])
def test_a_release_has_native_definitions_where_its_dialects_do(engine: str) -> None:
    dialects = {"calico": OPEN_SOURCE, "calico-enterprise": ENTERPRISE}[engine]
    native = ENGINES[engine].capabilities.native_definitions

    for (major, minor), some in dialects.items():
        release = Release(engine=engine, version=Version(major=major, minor=minor))
        assert native.has(release) is any(each.has_native for each in some)
