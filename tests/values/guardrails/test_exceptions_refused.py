"""What an exception may not hold, since it would hold for what comes later."""

from __future__ import annotations

import pytest

from support.values.rules_of_teams import AS_OF, files_of
from transire.model.problems import Rejected
from transire.values.guardrails.registry import review_parts
from transire.values.load import load_files, read_files

RULE = "{name: x, reason: r, to: [a.example.com], ports: [2222]}"


def files(exception: str) -> dict[str, bytes]:
    listed = f"{{{exception}, approvedBy: security, reason: moving, until: 2999-12-31}}"
    text = f"apiVersion: transire/v1\nkind: Exceptions\nexceptions:\n  - {listed}\n"
    return {**files_of({"shop": [RULE]}), "values/exceptions.yaml": text.encode()}


def test_clusters_as_wholes_are_not_for_a_team() -> None:
    whole = "rule: private-cidr, team: shop, entry: x, for: [{cidr: 10.0.0.0/8}], clusters: [eu]"
    with pytest.raises(Rejected) as caught:
        load_files(files(whole))

    assert str(caught.value) == (
        "values/exceptions.yaml:4:75: error: 'clusters' is not a key of item 1 of 'exceptions' "
        "(unknown-key)\n"
        "  help: write namespaces: with the clusters of each, since only a rule for everyone is "
        "agreed for clusters as wholes"
    )


def test_a_port_by_itself_is_no_item_and_leaves_its_finding_unjudged() -> None:
    found = read_files(
        files(
            "rule: port-not-allowed, team: shop, entry: x, for: [{port: 2222}], namespaces: {shop: [eu]}"
        )
    )

    assert [str(each) for each in found.problems] == [
        (
            "values/exceptions.yaml:4:58: error: item 1 of 'for' has none of the keys 'host', "
            "'cidr', 'namespace', 'namespaceLabels', 'entity', 'hosts' or 'cluster' (missing-key)\n"
            "  help: write a host, an address range, pods or an entity, with a port where the "
            "guardrail is about ports; or a number of hosts, or a cluster"
        )
    ]
    assert review_parts(found, AS_OF) == ()
