"""Objects that people wrote by hand: sequences as calicoctl takes them, keys that stand twice."""

from __future__ import annotations

import pytest

from support import needs
from transire.engines.calico.open_source import read as read_calico
from transire.engines.kubernetes.reading import read as read_networkpolicies
from transire.engines.registry import sequence_groups
from transire.helm import read_yaml
from transire.helm.repeated_keys import repeated_keys
from transire.model.engine import Release, Version
from transire.model.problems import Rejected
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Connection, Decision, Query, Source

pytest.importorskip("helm_python", reason=needs.HELM_SDK)

SEQUENCE = """\
# what calicoctl get -o yaml prints
- apiVersion: projectcalico.org/v3
  kind: NetworkPolicy
  metadata: {name: deny, namespace: shop}
  spec: {selector: all(), types: [Egress]}
- apiVersion: projectcalico.org/v3
  kind: NetworkPolicyList
  items:
  - metadata: {name: a, namespace: shop}
    spec:
      selector: all()
      selector: app == 'web'
"""


def test_a_sequence_of_calico_objects_is_unpacked() -> None:
    found = read_yaml(SEQUENCE, "p.yaml", start=3, given=True, sequences=sequence_groups())

    assert [(each.index, str(each.ref)) for each in found] == [
        (3, "NetworkPolicy shop/deny"),
        (4, "NetworkPolicy shop/a"),
    ]
    assert [each.api_version for each in found] == ["projectcalico.org/v3"] * 2
    assert [each.repeated for each in found] == [(), ("/spec/selector",)]


def test_a_sequence_may_be_in_brackets() -> None:
    [found] = read_yaml(
        "[{apiVersion: projectcalico.org/v3, kind: Tier,\nmetadata: {name: t}}]",
        "p",
        given=True,
        sequences=sequence_groups(),
    )

    assert str(found.ref) == "Tier t"


@pytest.mark.parametrize(
    "text",
    [
        SEQUENCE.replace("projectcalico.org/v3", "networking.k8s.io/v1"),
        "- 1\n- 2\n",
        "- apiVersion: projectcalico.org/v3\n  kind: Tier\n- apiVersion: v1\n  kind: Pod\n",
    ],
)
def test_other_sequences_are_no_objects(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        read_yaml(text, "p.yaml", given=True, sequences=sequence_groups())

    [problem] = caught.value.problems
    assert problem.message == "document 1 holds something else than an object"


def test_charts_hold_no_sequences() -> None:
    with pytest.raises(Rejected):
        read_yaml(SEQUENCE, "charts/x.yaml")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\nb: {a: 1}\n", ()),
        ("a: 1\na: 2\na: 3\n", ("/a",)),
        ("a/b: [{c: 1, 'c': 2}]\n", ("/a~1b/0/c",)),
        ("a: &x {b: 1, b: 2}\nc: *x\n", ("/a/b",)),
        ("a: {<<: {}, <<: {}}\n", ()),
        ("a: [\n", ()),
        ("", ()),
        ("{[1]: 2, [3]: 4}\n", ()),
    ],
)
def test_keys_that_stand_twice_are_found(text: str, found: tuple[str, ...]) -> None:
    assert repeated_keys(text) == found


def test_aliases_are_followed_once() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 60)]

    assert repeated_keys("\n".join(["a0: &a0 {b: 1, b: 2}", *levels])) == ("/a0/b",)


def decide(text: str) -> list[Decision]:
    manifests = read_yaml(text, "p.yaml", given=True, sequences=sequence_groups())
    what = Connection(port=443, protocol="TCP", host="", peer_namespace="bank")
    query = Query(id="1", source=Source(namespace="shop", labels={"app": "web"}), what=what)
    calico = Release(engine="calico", version=Version.parse("3.32"))
    return [
        read_calico(manifests, calico, ClusterState()).decide(query),
        read_networkpolicies(manifests, Release(engine="kubernetes"), ClusterState()).decide(query),
    ]


def test_the_last_of_equal_keys_counts_and_strict_clients_refuse_the_object() -> None:
    text = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress], egress: [], egress: [{}]}
"""

    for decision in decide(text):
        assert decision.verdict == "allow"
        [caveat] = decision.caveats
        assert caveat.id == "key-twice-refused-by-strict-clients"
        assert caveat.text == (
            "NetworkPolicy shop/p: clients that validate strictly, such as kubectl, refuse the "
            "object for the key that is written twice at /spec/egress; the verdict holds where "
            "the last one counts"
        )
