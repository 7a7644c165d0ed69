"""Selectors of a rule: as sets, one pod at a time, and two of them beside each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from support.draw.strategies_parts import labels, sources
from transire.flows.pod_set import Workload
from transire.meaning.source_pods import pods_of
from transire.model.pod_selector import EVERY_POD, LabelCondition, Operator, PodSelector

ACCOUNTS = st.sampled_from(["default", "billing", "web.v2"])


@given(selectors=sources(), found=labels(), account=ACCOUNTS)
def test_a_set_holds_the_pods_that_its_selectors_select(
    selectors: tuple[PodSelector, ...], found: tuple[tuple[str, str], ...], account: str
) -> None:
    pod = Workload(namespace="shop", labels=dict(found), account=account)
    selected = any(each.selects(dict(found), account) for each in selectors)

    assert (pod in pods_of(selectors)) is selected


@given(one=sources(), other=sources())
def test_selectors_that_cannot_meet_have_no_pod_in_common(
    one: tuple[PodSelector, ...], other: tuple[PodSelector, ...]
) -> None:
    for mine in one:
        for theirs in other:
            if pods_of((mine,)) & pods_of((theirs,)):
                assert mine.may_meet(theirs)
                assert theirs.may_meet(mine)


def test_a_label_with_two_values_cannot_be_met_twice() -> None:
    web, api = (PodSelector(labels=(("app", each),)) for each in ("web", "api"))
    gone = LabelCondition(key="app", operator=Operator.DOES_NOT_EXIST)

    assert not web.may_meet(api)
    assert not web.may_meet(PodSelector(expressions=(gone,)))
    assert not PodSelector(service_account="a").may_meet(PodSelector(service_account="b"))
    assert web.may_meet(*EVERY_POD)


@given(one=sources(), other=sources())
def test_selectors_that_are_written_alike_are_alike(
    one: tuple[PodSelector, ...], other: tuple[PodSelector, ...]
) -> None:
    assert (str(one[0]) == str(other[0])) is (one[0] == other[0])
