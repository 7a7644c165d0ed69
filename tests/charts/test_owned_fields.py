"""Deny objects hold the fields that would open them, so that server-side apply closes them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from support import needs
from support.charts.schema_corpus import merged
from support.engines.lowering_parts import NETWORK, cluster, target
from support.engines.proofs import flows_of_objects, objects_of, texts_of, told
from transire.engines.registry import ENGINES
from transire.k8s.manifests import Manifest
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import ClusterState

Tree = dict[str, Any]
ALL = {"endpointSelector": {}, "egress": [{"toEntities": ["all"]}]}
OPENED: Mapping[str, Mapping[str, Tree]] = {
    "NetworkPolicy networking.k8s.io/v1": {"an item": {"spec": {"egress": [{}]}}},
    "NetworkPolicy projectcalico.org/v3": {
        "a rule": {"spec": {"egress": [{"action": "Allow"}]}},
        "service accounts": {"spec": {"serviceAccountSelector": "has(nobody)"}},
    },
    "GlobalNetworkPolicy projectcalico.org/v3": {
        "a rule": {"spec": {"egress": [{"action": "Allow"}]}},
        "service accounts": {"spec": {"serviceAccountSelector": "has(nobody)"}},
        "untracked": {"spec": {"doNotTrack": True, "applyOnForward": True}},
    },
    "CiliumNetworkPolicy cilium.io/v2": {
        "no default deny": {"spec": {"enableDefaultDeny": {"egress": False}}},
        "more specs": {"specs": [ALL]},
    },
    "CiliumClusterwideNetworkPolicy cilium.io/v2": {
        "no default deny": {"spec": {"enableDefaultDeny": {"egress": False}}},
        "more specs": {"specs": [ALL]},
    },
}
"""What opens a deny object beside the fields that it has always had, as merge patches, by kind."""

CLUSTERS = {
    **{
        f"{name}@{major}.{minor}": (name, f"{major}.{minor}")
        for name, engine in ENGINES.items()
        for major, minor in engine.releases.lines
    },
    "kubernetes": ("kubernetes", ""),
}
WITHOUT = {"calico@3.32"}
"""Not applied by the server, so nothing is owned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A deny object of one release, with the tier that it needs."""

    deny: Manifest
    tiers: tuple[Manifest, ...]

    @property
    def opened(self) -> Mapping[str, Tree]:
        return OPENED[f"{self.deny.ref.kind} {self.deny.body['apiVersion']}"]


@cache
def denied(name: str) -> tuple[Denied, ...]:
    """The deny objects of a team's target and of the baseline."""
    needs.helm("sdk")
    engine, version = CLUSTERS[name]
    objects = objects_of(texts_of(told(_target(engine, version))))
    tiers = tuple(each for each in objects if each.ref.kind == "Tier")
    found = tuple(
        Denied(deny=each, tiers=tiers)
        for each in objects
        if each.body["metadata"].get("labels", {}).get("transire/layer") == "deny"
    )
    assert len(found) == 2
    return found


def _target(engine: str, version: str) -> Any:  # noqa: ANN401 - as the helper gives it
    return target(cluster(engine, *([version] if version else []), network=NETWORK), ())


def applied_again(live: Tree, ours: Mapping[str, Any]) -> Tree:
    """Server-side apply by force: the fields that we write get our values, others keep theirs.

    The lists here are atomic; those of type set, `types` of Calico, are left alone by the patches.
    """
    return merged(live, dict(ours))


def closes(name: str, each: Denied, body: Mapping[str, Any]) -> bool:
    """Whether the object, alone in its tier, lets nothing out, as its engine reads it."""
    objects = (*each.tiers, each.deny.with_body(body))
    try:
        return flows_of_objects(_target(*CLUSTERS[name]), objects).is_empty()
    except Unjudgeable:
        return False


def _known(name: str, each: Denied) -> Iterator[Tree]:
    """What opens the object, in a release whose definitions have the field."""
    for what, patch in each.opened.items():
        if not (name in {"cilium@1.14", "cilium@1.15"} and what == "no default deny"):
            yield patch


@pytest.mark.parametrize("name", CLUSTERS)
def test_what_opens_a_deny_object_opens_it_as_the_engine_reads_it(name: str) -> None:
    for each in denied(name):
        assert closes(name, each, each.deny.body)
        for patch in _known(name, each):
            assert not closes(name, each, merged(dict(each.deny.body), patch)), patch


@pytest.mark.parametrize("name", sorted(CLUSTERS.keys() - WITHOUT))
def test_a_deny_object_that_was_opened_is_closed_by_the_next_apply(name: str) -> None:
    for each in denied(name):
        for patch in _known(name, each):
            again = applied_again(merged(dict(each.deny.body), patch), each.deny.body)

            assert closes(name, each, {**again, "spec": _without_forward(again["spec"])}), patch


def _without_forward(spec: Tree) -> Tree:
    """Without what a patch must add for the API server's sake, which alone changes nothing."""
    return {key: value for key, value in spec.items() if key != "applyOnForward"}


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_nothing_is_owned_where_the_server_does_not_apply(name: str) -> None:
    for each in denied(name):
        assert not {"egress", "serviceAccountSelector"} & each.deny.body["spec"].keys()


@pytest.mark.parametrize("name", ["cilium@1.14", "cilium@1.15"])
def test_before_1_16_the_api_server_drops_what_would_switch_the_default_deny_off(name: str) -> None:
    for each in denied(name):
        patched = merged(dict(each.deny.body), each.opened["no default deny"])
        release = _target(*CLUSTERS[name]).cluster.release
        engine = ENGINES[release.engine]

        reading = engine.read([each.deny.with_body(patched)], release, ClusterState(), {})

        assert [found.path for found in reading.pruned] == ["/spec/enableDefaultDeny"]
