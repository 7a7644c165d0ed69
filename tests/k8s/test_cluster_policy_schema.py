"""One declaration of ClusterNetworkPolicy serves both channels and both ways of decoding."""

from transire.k8s.cluster_policies import EDITIONS
from transire.k8s.cluster_policy_schema import EXPERIMENTAL, STANDARD
from transire.k8s.label_selector import SELECTOR
from transire.k8s.schema_check import check
from transire.k8s.typed_decoding import decode, field_names

NODES_AND_NAMES = {"nodes": {}, "domainNames": ["example.com"]}


def policy(peer: dict[str, object]) -> dict[str, object]:
    rule = {"action": "Accept", "to": [peer]}
    spec = {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}}, "egress": [rule]}
    return {"spec": spec}


def test_only_the_experimental_channel_has_nodes_and_domain_names() -> None:
    for key, value in NODES_AND_NAMES.items():
        at = f"/spec/egress/0/to/0/{key}"
        assert check(policy({key: value}), STANDARD).pruned == (at,)
        held = check(policy({key: value}), EXPERIMENTAL)
        assert (held.pruned, held.faults) == ((), ())


def test_typed_decoding_has_the_fields_of_the_standard_channel_and_no_bounds() -> None:
    shape = EDITIONS["ClusterNetworkPolicy"].shape
    assert field_names(shape, ("spec", "egress", "to")) == ("namespaces", "pods", "networks")
    body = policy({"networks": []})
    assert decode(body, shape).misfits == ()
    assert check(body, STANDARD).faults == (
        "/spec/egress/0/to/0/networks has 0 items, at least 1 belong there",
    )


def test_a_selector_decodes_with_all_of_its_fields() -> None:
    whole = {
        "matchLabels": {"a": "b"},
        "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}],
    }
    found = decode(whole, SELECTOR)
    assert (found.value, found.pruned, found.misfits) == (whole, (), ())
