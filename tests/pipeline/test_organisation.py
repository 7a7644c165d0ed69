"""An organisation with four clusters: what is written is proved, and reviews show all of a change.

The comment on each of ten changes holds every flow in which the meanings of before and after
differ: the sets behind its lines are that difference, and its words name each of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.paths import CHARTS, TESTS
from support.policy_repository import edit, git
from transire.api import DIFF_FORMATS, check, diff, generate
from transire.engines.registry import engine_of
from transire.flows.diagrams.axes import Axis
from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.meaning.meaning import meaning
from transire.meaning.target import Target, all_targets
from transire.meaning.world import world
from transire.model.problems import Level
from transire.review.diff.changes import Diff, TargetChange
from transire.values.load import load

pytestmark = pytest.mark.slow("an organisation is generated, and ten changes are compared")

PAYMENTS, SHOP, RISK, DATA, CORE = (
    f"values/teams/{team}.yaml" for team in ("payments", "shop", "risk", "data", "core")
)
PLATFORM = "values/platform.yaml"
Edits = tuple[tuple[str, str, str], ...]
CHANGES: Mapping[str, Edits] = {
    "a host more": ((PAYMENTS, "to: [api.stripe.com, files.stripe.com]",
                     "to: [api.stripe.com, files.stripe.com, hooks.stripe.com]"),),
    "a host less": ((PAYMENTS, "to: [api.stripe.com, files.stripe.com]", "to: [api.stripe.com]"),),
    "a wildcard in place of a name": ((RISK, "data.sanctions.example.org",
                                       '"*.sanctions.example.org"'),),
    "another source": ((PAYMENTS, "{app: checkout}", "{app: checkout, tier: front}"),),
    "a range and its port": ((PAYMENTS, "{cidr: 198.51.100.16/28, ports: [22]}",
                              "{cidr: 198.51.100.0/24, ports: [22, 443]}"),),
    "a rule on more clusters": ((RISK, '    to: [api.bureau.example.com, "**.regions.bureau.example.com"]\n    clusters: [eks-prod]',
                                 "    to: [api.bureau.example.com]"),),
    "a known network": ((PLATFORM, "cidrs: [10.95.0.0/16]", "cidrs: [10.95.0.0/16, 10.96.0.0/24]"),),
    "other pods": ((SHOP, "pods: {app: checkout}", "pods: {app: basket}"),),
    "for everyone": ((PLATFORM, "to: [time.example.com]", "to: [time.example.com, time2.example.com]"),),
    "a team's service account": ((RISK, "serviceAccount: lists", "serviceAccount: screening"),),
}  # fmt: skip


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("organisation") / "repository"
    shutil.copytree(TESTS / "cases/organisation", root)
    for each in CHARTS.glob("egress-*"):
        shutil.copytree(each, root / "charts" / each.name, ignore=shutil.ignore_patterns("targets"))
    generate(root)
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "begin")
    return root


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "repository"))


def test_it_is_proved_without_an_exception(root: Path) -> None:
    organisation = load(root)

    assert [each for each in check(root, base="main") if each.level is Level.ERROR] == []
    assert organisation.waivers == ()
    assert {each.release.engine for each in organisation.platform.clusters} == {
        "cilium", "calico", "calico-enterprise",
    }  # fmt: skip


def targets(root: Path) -> dict[str, Target]:
    return {each.name: each for each in all_targets(load(root))}


def meant(target: Target) -> FlowSet:
    traits = engine_of(target.cluster.release).traits(target.cluster)
    pods = PodSet.in_namespace(target.namespace)
    flows = meaning(target, traits).allowed & world(target.cluster, traits)
    return flows.restrict(source=pods).project_out(Axis.NAMESPACE)


def of_lines(change: TargetChange | None, *, gains: bool) -> FlowSet:
    lines = () if change is None else change.gains if gains else change.losses
    return FlowSet.union(each.flows for each in lines)


def _apart(one: FlowSet, other: FlowSet) -> Flow | None:
    """A connection of which the sets differ; a name in a query goes with the way it takes."""
    one, other = one.connections(), other.connections()
    return (one - other).witness() or (other - one).witness()


def changed(root: Path, edits: Edits) -> tuple[dict[str, Target], dict[str, Target], Diff]:
    before = targets(root)
    for path, old, new in edits:
        edit(root, path, old, new)
    return before, targets(root), diff(root, base="main")


@pytest.mark.parametrize("name", CHANGES)
def test_the_lines_of_a_comment_are_the_difference_of_the_meanings(root: Path, name: str) -> None:
    before, after, found = changed(root, CHANGES[name])
    changes = {each.name: each for each in found.targets}
    differing = set()
    for target in before.keys() | after.keys():
        then, now = meant(before[target]), meant(after[target])
        if then != now:
            differing.add(target)
        change = changes.get(target)
        gained, lost = (of_lines(change, gains=each) for each in (True, False))
        assert _apart(gained, now - then) is None, target
        assert _apart(lost, then - now) is None, target

    assert differing
    assert differing <= changes.keys()


@pytest.mark.parametrize("name", CHANGES)
def test_the_words_of_a_comment_name_each_line(root: Path, name: str) -> None:
    _, _, found = changed(root, CHANGES[name])
    comment = DIFF_FORMATS["markdown"](found).replace("\\", "")

    lines = [line for each in found.targets for line in (*each.gains, *each.losses)]
    assert lines
    for line in lines:
        assert line.ports in comment
        for destination in line.destinations:
            assert all(word in comment for word in destination.text.split(", ")), destination.text
    for each in found.targets:
        assert each.namespace in comment
        assert each.cluster in comment
