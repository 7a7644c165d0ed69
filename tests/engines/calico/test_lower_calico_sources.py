"""How long the selectors of a rule's own pods may become on Calico."""

from __future__ import annotations

import pytest

from support.engines.lowering_refusals import in_rule, refused


@pytest.mark.parametrize("engine", ["calico@3.30", "calico@3.33", "calico-enterprise@3.24"])
def test_a_selector_that_newer_releases_refuse_is_not_written(engine: str) -> None:
    name, _, version = engine.partition("@")
    labels = {f"example.com/{'a' * 50}-{number}": "b" * 30 for number in range(11)}
    fits = dict(list(labels.items())[:9])
    why = (
        "its selector would have {} characters, and calico takes at most 1024 since 3.33 "
        "(selector-too-long)"
    )
    remedy = "give the pods one label of their own, and select them by it"
    here = [{"namespace": "a"}]
    own = refused(name, version, here, **{"from": labels})
    peer = refused(name, version, [{"namespace": "a", "pods": labels}])

    assert [in_rule(engine, 10, why.format(1141), remedy)] == own
    assert [in_rule(engine, 11, why.format(1184), remedy)] == peer
    assert refused(name, version, here, **{"from": fits}) == []


def test_the_length_of_a_selector_counts_every_kind_of_condition() -> None:
    values = [f"{number:0>63}" for number in range(10)]
    sources = [
        {
            "labels": {"app": "web"},
            "matchExpressions": [
                {"key": "k", "operator": "In", "values": values},
                {"key": "k", "operator": "NotIn", "values": values[:5]},
                {"key": "here", "operator": "Exists"},
                {"key": "gone", "operator": "DoesNotExist"},
            ],
            "serviceAccount": "billing",
        }
    ]
    among, others = "', '".join(values), "', '".join(values[:5])
    written = (
        f"app == 'web' && k in {{'{among}'}} && k not in {{'{others}'}} && has(here) && !has(gone) "
        "&& projectcalico.org/serviceaccount == 'billing'"
    )
    why = (
        f"its selector would have {len(written)} characters, and calico takes at most 1024 since "
        "3.33 (selector-too-long)"
    )

    assert [
        in_rule(
            "calico@3.33", 10, why, "give the pods one label of their own, and select them by it"
        )
    ] == refused("calico", "3.33", [{"namespace": "a"}], **{"from": sources})
