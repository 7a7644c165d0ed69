"""How many namespaces an API server takes in the admission policy, and who puts finalizers on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.e2e.admission import PASSES, REFUSED, outcome, present
from support.e2e.control_plane import control_plane
from support.e2e.example import cluster_of
from support.e2e.guarded import guarded_on
from support.e2e.judged import Judged
from support.e2e.programs import Programs
from support.e2e.setting import make_administrator
from transire.review.proof.expression_size import LIMIT

_LISTS = "cluster-wide-or-enrolled"


def with_condition(policy: Mapping[str, Any], characters: int) -> dict[str, Any]:
    """The policy with more namespaces, so that its condition has so many characters."""
    spec = policy["spec"]
    conditions = {each["name"]: each["expression"] for each in spec["matchConditions"]}
    before = conditions[_LISTS]
    more = ',"a"' * ((characters - len(before)) // len(',"a"') - 1)
    last = "z" * (characters - len(before) - len(more) - len(',""'))
    conditions[_LISTS] = f'{before.removesuffix("]")}{more},"{last}"]'
    assert len(conditions[_LISTS]) == characters
    listed = [{"name": name, "expression": text} for name, text in conditions.items()]
    return {**policy, "spec": {**spec, "matchConditions": listed}}


def test_a_condition_takes_the_bound_and_not_one_character_more(
    server_programs: Programs, example: Path, tmp_path: Path
) -> None:
    cluster = cluster_of(example, "edge")
    (policy,) = [e for e in cluster.rendered if e["kind"] == "ValidatingAdmissionPolicy"]
    with control_plane(server_programs, tmp_path / "files") as started:
        fits = started.client.create(with_condition(policy, LIMIT), dry_run=True)
        longer = started.client.create(with_condition(policy, LIMIT + 1), dry_run=True)

    assert fits.ok, fits.message
    assert longer.code == 422
    assert "expression code point size exceeds limit: size: 100001, limit 100000" in longer.message


@pytest.mark.parametrize("judged", ["edge"], indirect=True, scope="module")
@pytest.mark.parametrize(
    "user",
    [
        "eks:network-policy-controller",
        "system:serviceaccount:kube-system:amazon-network-policy-controller-k8s",
    ],
)
def test_awss_controller_puts_finalizers_on_and_changes_nothing_else(
    judged: Judged, user: str
) -> None:
    (guarded,) = [each for each in guarded_on("edge") if each.built_in]
    caller = judged.admin.as_user(user)
    make_administrator(judged.admin, user)
    ref = present(judged.publisher, guarded.body())
    finalizers = {"metadata": {"finalizers": ["networking.k8s.aws/resources"]}}

    outcomes = [
        outcome(caller.merge(ref, finalizers)),
        outcome(caller.merge(ref, {"spec": guarded.change})),
        outcome(caller.merge(ref, {"metadata": {"labels": {"a": "c"}}})),
        outcome(caller.delete(ref)),
        outcome(caller.merge(ref, {"metadata": {"finalizers": None}})),
    ]

    assert outcomes == [PASSES, REFUSED, REFUSED, REFUSED, PASSES]
