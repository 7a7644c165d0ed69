"""Each layer denies by itself: what is lost with one object opens nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from support.engines.proofs import objects_of
from support.mutants.examples import told_and_rendered
from transire.engines.registry import ENGINES
from transire.k8s.manifests import Manifest
from transire.meaning.target import Baseline, Target, baseline_of
from transire.model.intent import Mode
from transire.review.proof.own_deny import beyond_enrolled, toothless

HELP = "take the change out of the templates, which `transire init --upgrade` renews"


def cases(engine: str) -> list[tuple[Target, list[Manifest]]]:
    """Every example target of an engine with the objects of its team."""
    found = []
    for each, texts in told_and_rendered(engine):
        own = [one for one in objects_of(texts) if one.source.endswith("egress-policy")]
        found.append((each.target, own))
    return found


def messages(target: Target, own: list[Manifest]) -> list[str]:
    return [each.message for each in toothless(target, own)]


def changed(manifest: Manifest, **spec: Any) -> Manifest:  # noqa: ANN401 - YAML
    return manifest.with_body({**manifest.body, "spec": {**manifest.body["spec"], **spec}})


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_rendered_denies_by_itself(engine: str) -> None:
    judged = 0
    for target, own in cases(engine):
        judged += bool(own)

        assert messages(target, own) == []
    assert judged


@pytest.mark.parametrize("engine", ENGINES)
def test_a_lost_deny_layer_is_found(engine: str) -> None:
    scope = ENGINES[engine].scope
    lost = 0
    for target, own in cases(engine):
        if target.mode is Mode.AUDIT and engine == "cilium":
            continue  # there the deny layer comes with enforcement
        kept = [
            one
            for one in own
            if not any(
                scope.denies(later) and scope.selects_all(later)
                for later in ENGINES[engine].enforced([one])
            )
        ]
        lost += len(kept) < len(own)

        assert messages(target, kept) == [
            f"{target.name}: no policy of the team denies every pod what is not allowed"
        ]
    assert lost


def test_a_policy_of_cilium_that_denies_nothing_is_found() -> None:
    for target, own in cases("cilium"):
        if target.mode is Mode.ENFORCE:
            one = changed(own[0], enableDefaultDeny={"egress": False})
            found = messages(target, [one, *own[1:]])

            assert f"{target.name}: {one.ref} denies nothing by itself" in found
            return
    raise AssertionError("no target of cilium is enforced")


def test_a_staged_policy_that_is_ignored_shows_nothing() -> None:
    for target, own in cases("calico"):
        if target.mode is Mode.AUDIT:
            first = next(each for each in own if each.ref.kind == "StagedNetworkPolicy")
            one = changed(first, stagedAction="Ignore")
            found = messages(target, [one, *(each for each in own if each is not first)])

            assert f"{target.name}: {one.ref} shows nothing of what it would do" in found
            return
    raise AssertionError("no target of calico is in audit")


def of_baseline(engine: str) -> tuple[Baseline, list[Manifest]]:
    from support.engines.proofs import organisation_of  # noqa: PLC0415 - used here alone

    for each, texts in told_and_rendered(engine):
        objects = [one for one in objects_of(texts) if one.source.endswith("egress-baseline")]
        if objects and each.target.mode is Mode.ENFORCE:
            return baseline_of(organisation_of(each.target), each.target.cluster), objects
    raise AssertionError(f"no target of {engine} has a baseline")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_baseline_governs_its_namespaces_and_no_other(engine: str) -> None:
    baseline, objects = of_baseline(engine)

    assert list(beyond_enrolled(baseline, objects)) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_baseline_for_fewer_namespaces_than_it_lists_is_found(engine: str) -> None:
    baseline, objects = of_baseline(engine)
    found = list(beyond_enrolled(replace(baseline, enforce=(), audit=()), objects))

    assert {each.id for each in found} == {"not-enrolled"}
    assert all(each.help == HELP for each in found)
    assert found[0].message.startswith(f"{baseline.cluster.name}: ")
    assert "and the baseline is for its enrolled namespaces, listed by name" in found[0].message


@pytest.mark.parametrize("engine", ENGINES)
def test_an_enforced_namespace_without_a_deny_of_the_baseline_is_found(engine: str) -> None:
    baseline, objects = of_baseline(engine)
    more = replace(baseline, enforce=(*baseline.enforce, "zz"))

    assert [each.message for each in beyond_enrolled(more, objects)] == [
        f"{baseline.cluster.name}: no policy of the baseline denies every pod of zz the rest"
    ]


@pytest.mark.parametrize(
    ("version", "kind", "spec"),
    [
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy", {"nodeSelector": {}, "egress": [{}]}),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy", {"endpointSelector": {}}),
        (
            "projectcalico.org/v3",
            "GlobalNetworkPolicy",
            {"tier": "default", "selector": "all()", "egress": [{"action": "Allow"}]},
        ),
    ],
)
def test_a_policy_for_nodes_or_for_everybody_does_not_belong_there(
    version: str, kind: str, spec: dict[str, Any]
) -> None:
    engine = "cilium" if "cilium" in version else "calico"
    baseline, objects = of_baseline(engine)
    body = {"apiVersion": version, "kind": kind, "metadata": {"name": "open"}, "spec": spec}
    stray = Manifest(source="charts/egress-baseline", index=99, body=body)

    assert [each.message for each in beyond_enrolled(baseline, [*objects, stray])] == [
        (
            f"{baseline.cluster.name}: {kind} open may govern any namespace or node, and the baseline "
            "is for its enrolled namespaces, listed by name"
        )
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("spec", [None, [], "x"])
def test_a_policy_without_a_proper_spec_is_a_finding_in_both_modes(
    engine: str, spec: object
) -> None:
    for target, own in cases(engine):
        if own:
            bare = own[-1].with_body({**own[-1].body, "spec": spec})
            found = messages(target, [*own[:-1], bare])

            assert found
            assert messages(target, [*own[:-1], without_spec(bare)])


def without_spec(manifest: Manifest) -> Manifest:
    return manifest.with_body({key: each for key, each in manifest.body.items() if key != "spec"})
