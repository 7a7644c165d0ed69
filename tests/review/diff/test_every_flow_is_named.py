"""The lines of a diff are the difference of what the values of both sides mean, flow by flow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from support.policy_repository import edit
from support.review.diffed_example import AS_OF, copy, organisation
from transire.api import diff
from transire.engines.registry import engine_of
from transire.flows.diagrams.axes import Axis
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.meaning.meaning import meaning
from transire.meaning.target import Target, all_targets
from transire.meaning.world import world
from transire.review.diff.grants import API_SERVER
from transire.values.load import load

TEAM, IDENTITY = "values/teams/payments.yaml", "values/teams/identity.yaml"
PLATFORM, BUNDLE = "values/platform.yaml", "values/bundles/github.yaml"

CHANGES: Mapping[str, tuple[str, str, str]] = {
    "a host more": (TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]"),
    "a host less": (TEAM, "api.stripe.com, files.stripe.com", "api.stripe.com"),
    "a range that grows": (TEAM, "198.51.100.16/28", "198.51.100.0/24"),
    "a range that moves": (TEAM, "198.51.100.16/28", "203.0.113.0/24"),
    "ports": (TEAM, "ports: [22/TCP, 8000-8010/TCP]", "ports: [22/TCP, 8001/TCP]"),
    "other pods": (TEAM, "from: {app: checkout}\n    to: [api.stripe", "to: [api.stripe"),
    "pods of another namespace": (TEAM, "{namespace: ledger, pods: {app: ledger}}",
                                  "{namespace: books, pods: {app: ledger}}"),
    "a bundle": (BUNDLE, "to:\n", "to:\n  - new.github.example\n"),
    "a rule for everyone": (PLATFORM, "to: [time.example.com]", "to: [clock.example.com]"),
    "the default in the cluster": (PLATFORM, "inCluster: same-namespace", "inCluster: declared"),
    "names that may be asked": (PLATFORM, "dns: {profile: coredns}\n    network:\n      podCIDRs: [10.0",
                                "dns: {profile: coredns, restrict: true}\n    network:\n      podCIDRs: [10.0"),
    "nodes": (IDENTITY, "ports: [8443]", "ports: [8444]"),
}  # fmt: skip


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


def meant(root: Path) -> dict[str, FlowSet]:
    """By target what the values mean of what can exist on its cluster."""
    return {each.name: _meant(each) for each in all_targets(load(root))}


def _meant(target: Target) -> FlowSet:
    traits = engine_of(target.cluster.release).traits(target.cluster)
    pods = PodSet.in_namespace(target.namespace)
    scope = world(target.cluster, traits).restrict(source=pods)
    return (meaning(target, traits).allowed & scope).project_out(Axis.NAMESPACE)


def _plain(flows: FlowSet) -> FlowSet:
    """Without the API server: a diff looks at more of its ports than the values name."""
    return flows.connections() - flows.restrict(peer=API_SERVER)


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("change", CHANGES)
def test_the_lines_of_every_target_are_what_opens_and_what_closes(
    original: Path, tmp_path: Path, change: str
) -> None:
    root = copy(original, tmp_path / "work")
    before = meant(root)
    edit(root, *CHANGES[change])
    after = meant(root)

    found = {each.name: each for each in diff(root, base="main", as_of=AS_OF).targets}

    changed = {name for name in before if before[name] != after[name]}
    assert changed
    assert changed <= found.keys()
    for name in before:
        target = found.get(name)
        gains, losses = ((), ()) if target is None else (target.gains, target.losses)
        for new, lines in (
            (after[name] - before[name], gains),
            (before[name] - after[name], losses),
        ):
            named = FlowSet.union(each.flows for each in lines)
            assert _plain(named) == _plain(new), name
