"""The admission policy goes away again with the rights that stay when it is switched off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.e2e.client import Client
from support.e2e.control_plane import control_plane
from support.e2e.definitions import install
from support.e2e.example import PLATFORM_USER, cluster_of, definitions_of
from support.e2e.programs import Programs
from support.e2e.setting import add_namespaces
from support.e2e.wait import until
from support.paths import ROOT

_CLUSTERS = ("edge", "prod-us")
"""One of Argo CD, without a cluster-wide kind, and one of Flux."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedOff:
    """A cluster with the rights that are generated without `admission`, and what it had with it."""

    admin: Client
    platform: Client
    guards: tuple[Mapping[str, Any], ...]
    policies: tuple[Mapping[str, Any], ...]


@pytest.fixture(scope="module", params=_CLUSTERS)
def switched_off(
    request: pytest.FixtureRequest,
    server_programs: Programs,
    example: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[SwitchedOff]:
    """Everything of the baseline is written with the old rights, then only the new ones are left."""
    on, off = cluster_of(example, request.param), cluster_of(ROOT, request.param)
    folder = tmp_path_factory.mktemp(request.param) / "files"
    with control_plane(server_programs, folder) as started:
        admin = started.client
        install(admin, definitions_of(request.param))
        add_namespaces(admin, [*on.namespaces, "left"])
        for body in off.access:
            admin.apply(body, manager="access").object()
        (baseline,) = [each for each in on.releases if each.name == "egress-baseline"]
        guards = tuple(e for e in baseline.objects if "ValidatingAdmission" in e["kind"])
        policies = tuple(e for e in baseline.objects if e not in guards)
        for body in baseline.objects:
            admin.apply(body, manager="baseline").object()
        platform = admin.as_user(PLATFORM_USER)
        until(lambda: all(platform.may("delete", each) for each in guards), "nobody may delete")
        yield SwitchedOff(admin=admin, platform=platform, guards=guards, policies=policies)


def test_what_takes_the_policy_and_its_binding_away_may_do_so(switched_off: SwitchedOff) -> None:
    for body in switched_off.guards:
        ref = switched_off.platform.ref(body)

        assert switched_off.platform.get(ref).ok
        assert switched_off.platform.delete(ref).ok
        assert switched_off.platform.get(ref).code == 404

    assert [each["kind"] for each in switched_off.guards] == [
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    ]


def test_the_policy_can_be_brought_again(switched_off: SwitchedOff) -> None:
    for body in switched_off.guards:
        switched_off.platform.apply(body, manager="baseline").object()
        switched_off.platform.apply(body, manager="baseline").object()


def test_no_other_admission_policy_can_be_changed_or_taken_away(switched_off: SwitchedOff) -> None:
    for body in switched_off.guards:
        metadata = {"name": "other", "labels": {"a": "b"}}
        other = {**body, "metadata": metadata}
        ref = switched_off.admin.ref(other)
        switched_off.admin.apply(other, manager="other").object()

        codes = {
            switched_off.platform.merge(ref, {"metadata": {"labels": {"a": None}}}).code,
            switched_off.platform.delete(ref).code,
        }

        assert switched_off.admin.delete(ref).ok
        assert codes == {403}


def test_the_baseline_is_taken_away_where_nothing_is_enrolled_any_more(
    switched_off: SwitchedOff,
) -> None:
    body = switched_off.policies[0]
    if "namespace" in body["metadata"]:
        body = {**body, "metadata": {**body["metadata"], "namespace": "left"}}
    ref = switched_off.admin.ref(body)
    switched_off.admin.apply(body, manager="baseline").object()

    answer = switched_off.platform.delete(ref)

    assert answer.ok, answer.message
