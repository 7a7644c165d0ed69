"""The baseline's own values are what the engines reserve, and an engine without any is refused."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from support.paths import CHARTS as FOLDER
from support.toy.engine import TOY
from transire.engines.api.admission import OTHER_PRODUCTS, Admission, Reserved
from transire.engines.chart_defaults import MARK, reserved_values, with_reserved_values
from transire.engines.registry import ENGINES, policy_kinds
from transire.helm import Chart
from transire.model.problems import HelmFailed

VALUES = FOLDER / "egress-baseline/values.yaml"


def test_the_chart_holds_what_its_engines_come_to(update_golden: bool) -> None:
    held = VALUES.read_text(encoding="utf-8")
    expected = with_reserved_values(held, ENGINES)
    if update_golden:
        VALUES.write_text(expected, encoding="utf-8")

    assert VALUES.read_text(encoding="utf-8") == expected


def test_a_text_without_its_line_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"values\.yaml lacks the line '# Assembled from the engines"
    ):
        with_reserved_values("reserved: {}\n", ENGINES)
    assert MARK.endswith("\n")


def test_what_one_engine_reserves_is_reserved_on_every_cluster() -> None:
    values = reserved_values({**ENGINES, TOY.name: TOY})

    assert {"group": "policy.toy.example", "resources": ["toys"]} in values["everywhere"]
    assert values["engines"]["toy"] == {
        "reserved": [
            {"group": each.group, "resources": list(each.resources)} for each in OTHER_PRODUCTS
        ],
        "writers": [],
        "limitedWriters": [],
        "finalizers": [],
    }


def test_a_group_that_two_engines_reserve_stands_once_with_what_both_name() -> None:
    other = Admission(
        reserved=(Reserved(group="cilium.io", resources=("anew", "ciliumnetworkpolicies")),),
        beside=(),
        writers=(),
        finalizers=(),
    )
    values = reserved_values({**ENGINES, "toy": replace(TOY, admission=replace_reserved(other))})
    (found,) = [each for each in values["everywhere"] if each["group"] == "cilium.io"]

    assert found["resources"][:2] == ["anew", "ciliumcidrgroups"]
    assert found["resources"].count("ciliumnetworkpolicies") == 1


def replace_reserved(admission: Admission) -> Admission:
    """The same, with what the toy writes besides, which it may not leave to everybody."""
    return replace(admission, reserved=(*TOY.admission.reserved, *admission.reserved))


def test_an_engine_that_reserves_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="lets everybody write its policies"):
        Admission(reserved=(), beside=(), writers=(), finalizers=())


def test_an_engine_that_leaves_its_own_kinds_to_everybody_is_refused() -> None:
    admission = replace(
        ENGINES["cilium"].admission,
        reserved=(Reserved(group="cilium.io", resources=("ciliumnetworkpolicies",)),),
    )

    with pytest.raises(
        ValueError, match=r"cilium does not reserve ciliumclusterwidenetworkpolicies\.cilium\.io"
    ):
        replace(ENGINES["cilium"], admission=admission)


def test_every_group_of_policies_is_reserved_where_they_may_be_read() -> None:
    values = reserved_values(ENGINES)
    everywhere = {each["group"] for each in values["everywhere"]}
    beside = {each["group"] for each in values["engines"]["kubernetes"]["reserved"]}

    assert {
        each.group for some in ENGINES.values() for api in some.view.apis for each in api.kinds
    } <= everywhere
    assert set(policy_kinds()) - everywhere - beside == {"kubeovn.io"}


@pytest.mark.parametrize(
    ("has_schema", "why"),
    [
        (True, "kubernetes"),
        (False, "nothing is known of who writes policies of kubernetes: admission cannot be"),
    ],
)
def test_a_chart_that_lacks_the_engine_is_not_rendered(
    tmp_path: Path, has_schema: bool, why: str
) -> None:
    chart = tmp_path / "egress-baseline"
    shutil.copytree(VALUES.parent, chart)
    some = {name: each for name, each in ENGINES.items() if name != "kubernetes"}
    own = chart / "values.yaml"
    own.write_text(with_reserved_values(own.read_text("utf-8"), some), encoding="utf-8")
    if not has_schema:
        (chart / "values.schema.json").unlink()
    values = tmp_path / "values.yaml"
    values.write_text('admission: {enabled: true, serviceAccounts: ["system:serviceaccount:a:b"]}')

    with pytest.raises(HelmFailed, match=why):
        Chart.load(chart).manifests(values)
