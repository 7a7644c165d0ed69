"""In a mesh every selector means one cluster, and the proof sees where one does not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from support.engines.lowering_parts import NETWORK, Text, cluster, target
from support.engines.proofs import Told, objects_of, problems_of, texts_of, told
from transire.yamlio import write

Tree = dict[str, Any]

KEY = "k8s:io.cilium.k8s.policy.cluster"
MESH: Text = {"name": "eks-a", "clusters": ["eks-b"]}
THERE: Text = {"name": "there", "to": [{"cluster": "eks-b", "namespace": "ledger"}]}
HERE: Text = {"name": "here", "to": [{"namespace": "vault"}]}
VERSIONS = [f"1.{minor}" for minor in range(14, 21)]


def in_mesh(version: str, *, in_cluster: str = "declared", **more: Any) -> Told:  # noqa: ANN401 - as in a file
    here = cluster("cilium", version, network=NETWORK, mesh=MESH, **more)
    return told(target(here, [THERE, HERE], inCluster=in_cluster))


def disproved(each: Told, name: str, change: Callable[[Tree], object]) -> list[str]:
    """The first lines of what the proof finds where one object's only selector is changed."""
    texts = dict(texts_of(each))
    for chart, text in texts.items():
        bodies = [copy.deepcopy(dict(found.body)) for found in objects_of({chart: text})]
        for body in bodies:
            if body["metadata"]["name"] == name:
                change(body["spec"]["egress"][0]["toEndpoints"][0]["matchLabels"])
        texts[chart] = "".join(f"---\n{write(body)}" for body in bodies)
    return [str(found).splitlines()[0] for found in problems_of(each, texts)]


def lose(labels: Tree) -> None:
    del labels[KEY]


@pytest.mark.parametrize("in_cluster", ["declared", "same-namespace", "all"])
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_written_in_a_mesh_is_what_is_meant(version: str, in_cluster: str) -> None:
    each = in_mesh(version, in_cluster=in_cluster)

    assert [str(found) for found in problems_of(each, texts_of(each))] == []


def test_the_flag_for_the_own_cluster_changes_nothing_that_is_written() -> None:
    each = in_mesh("1.19", agent={"policy-default-local-cluster": "false"})

    assert [str(found) for found in problems_of(each, texts_of(each))] == []


def allowed(where: str, policy: str) -> str:
    return (
        f"values/teams/payments.yaml:6:3: error: payments-prod.here: {where} on 443/TCP from a pod "
        f"of payments-prod is allowed by CiliumNetworkPolicy payments-prod/{policy} "
        "(/spec/egress/0) but not by the values (not-proved)"
    )


@pytest.mark.parametrize("version", ["1.14", "1.18"])
def test_before_1_19_a_selector_without_its_cluster_means_the_whole_mesh(version: str) -> None:
    [found] = disproved(in_mesh(version), "egress-allow-here", lose)

    assert "pod vault/io.cilium.k8s.policy.cluster=" in found
    assert found.endswith("but not by the values (not-proved)")


def test_since_1_19_a_selector_without_its_cluster_means_the_own_one_unless_a_flag_is_off() -> None:
    off = in_mesh("1.19", agent={"policy-default-local-cluster": "false"})

    assert disproved(in_mesh("1.19"), "egress-allow-here", lose) == []
    assert disproved(in_mesh("1.20"), "egress-allow-here", lose) == []
    assert len(disproved(off, "egress-allow-here", lose)) == 1


@pytest.mark.parametrize("version", ["1.18", "1.19"])
def test_another_cluster_than_the_one_that_is_meant_is_found(version: str) -> None:
    def change(labels: Tree) -> None:
        labels[KEY] = "eks-c"

    assert disproved(in_mesh(version), "egress-allow-there", change) == [
        allowed("pod ledger/io.cilium.k8s.policy.cluster=eks-c", "egress-allow-there")
    ]
