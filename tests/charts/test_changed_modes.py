"""A change of mode, write by write: what both modes allow is allowed at every moment between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from support import needs
from support.engines.lowering_parts import NETWORK, Text, cluster, target
from support.engines.proofs import POLICY, flows_of_objects, objects_of, texts_of, told
from transire.charts.layout import BASELINE, TIER
from transire.k8s.manifests import Manifest
from transire.meaning.target import Target

ENGINES = (("calico", "3.30"), ("calico-enterprise", "3.22"), ("cilium", "1.19"))
EVERYONE: list[Text] = [
    {"name": "office", "to": [{"cidr": "198.51.100.0/24"}], "ports": [443]},
    {"name": "mirror", "to": [{"cidr": "203.0.113.0/28"}], "ports": [443]},
]
OWN: list[Text] = [
    {"name": "partner", "to": [{"cidr": "192.0.2.0/28"}], "ports": [443]},
    {"name": "ledger", "to": [{"namespace": "ledger", "pods": {"app": "db"}}], "ports": [443]},
]
MODES = ("audit", "enforce")
WAVE = "argocd.argoproj.io/sync-wave"

Objects = Mapping[tuple[str, str], Manifest]


def released(engine: str, version: str, mode: str) -> tuple[Target, Mapping[str, Objects]]:
    """The target in that mode, and what each release of it holds."""
    needs.helm("sdk")
    here = cluster(engine, version, network=NETWORK)
    alone = target(here, OWN, mode=mode, everyone=EVERYONE)
    one = replace(alone, platform=replace(alone.platform, enrol=("batch",)))
    found = {
        chart: {(each.ref.kind, each.ref.name): each for each in objects_of({chart: text})}
        for chart, text in texts_of(told(one)).items()
    }
    return one, found


def writes(before: Objects, after: Objects, *, by_name: int) -> Iterator[tuple[str, Objects]]:
    """What a release holds after each write.

    `by_name` is 0 for the order of the templates, as Helm writes, and else the direction in which
    names are written inside a wave, as it may happen with Argo CD. Both delete at the end.
    """
    keys = list(after)
    if by_name:
        keys = sorted(after, key=lambda key: key[1], reverse=by_name < 0)
        keys.sort(key=lambda key: _wave(after[key]))
    state = dict(before)
    for key in keys:
        state[key] = after[key]
        yield f"{' '.join(key)} is written", dict(state)
    gone = sorted(before.keys() - after.keys(), key=lambda key: key[1], reverse=by_name < 0)
    for key in gone:
        del state[key]
        yield f"{' '.join(key)} is deleted", dict(state)


def _wave(each: Manifest) -> int:
    annotations: Mapping[str, Any] = each.body["metadata"].get("annotations", {})
    return int(annotations.get(WAVE, "0"))


def _all(state: Mapping[str, Objects]) -> tuple[Manifest, ...]:
    return tuple(each for objects in state.values() for each in objects.values())


@pytest.mark.parametrize("by_name", [0, 1, -1])
@pytest.mark.parametrize("order", [(BASELINE, POLICY), (POLICY, BASELINE)], ids=" then ".join)
@pytest.mark.parametrize("modes", [MODES, MODES[::-1]], ids=" to ".join)
@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_what_both_modes_allow_is_never_cut(
    engine: str, version: str, modes: tuple[str, str], order: Sequence[str], by_name: int
) -> None:
    one, before = released(engine, version, modes[0])
    _, after = released(engine, version, modes[1])
    both = flows_of_objects(one, _all(before)) & flows_of_objects(one, _all(after))
    assert not both.is_empty()
    state = dict(before)

    assert before.get(TIER) == after.get(TIER)
    for release in order:
        for what, objects in writes(before[release], after[release], by_name=by_name):
            state[release] = objects
            cut = both - flows_of_objects(one, _all(state))
            assert cut.witness() is None, f"{release}: {what}"


@pytest.mark.parametrize("by_name", [0, 1, -1])
@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_nothing_is_open_any_more_once_both_releases_enforce(
    engine: str, version: str, by_name: int
) -> None:
    one, before = released(engine, version, "audit")
    _, after = released(engine, version, "enforce")
    meant = flows_of_objects(one, _all(after))

    state = dict(before)
    for release in (BASELINE, POLICY):
        *_, (_, last) = writes(before[release], after[release], by_name=by_name)
        state[release] = last

    assert flows_of_objects(one, _all(state)) == meant
