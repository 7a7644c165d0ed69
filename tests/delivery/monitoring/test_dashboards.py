"""Dashboards, held against the types that Grafana makes of its own schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from support.delivery.prometheus import metrics_in
from support.policy_repository import copy_example
from transire.delivery.monitoring.files import monitoring_files
from transire.delivery.monitoring.rules import Watched
from transire.model.intent import Organisation
from transire.values.load import load

MORE = """
monitoring: {clusterLabel: cluster}
observe: {agents: {edge: eks}}
"""


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Organisation:
    root = copy_example(tmp_path_factory.mktemp("dashboards"))
    platform = root / "values/platform.yaml"
    platform.write_text(platform.read_text("utf-8") + MORE, encoding="utf-8")
    return load(root, None)


@pytest.fixture(scope="module")
def dashboards(organisation: Organisation) -> dict[str, dict[str, Any]]:
    files = monitoring_files(organisation)
    return {
        path: json.loads(content)
        for path, content in files.items()
        if path.startswith("dashboards/")
    }


def kept(tree: object, made: object) -> bool:
    """Whether all that a tree holds is in what was made of it, which may hold more."""
    if isinstance(tree, dict):
        return isinstance(made, dict) and all(
            key in made and kept(value, made[key]) for key, value in tree.items()
        )
    if isinstance(tree, list):
        if not isinstance(made, list) or len(tree) != len(made):
            return False
        return all(kept(one, other) for one, other in zip(tree, made, strict=True))
    return tree == made


def as_grafana_reads(tree: dict[str, Any]) -> object:
    """The tree through Grafana's types, which drop what they do not know."""
    return json.loads(json.dumps(Dashboard.from_json(tree), cls=JSONEncoder))


def test_grafana_knows_every_key(dashboards: dict[str, dict[str, Any]]) -> None:
    assert {Path(path).stem for path in dashboards} == {
        "organisation", "analytics", "factory", "identity", "ledger", "messaging", "payments",
        "storefront",
    }  # fmt: skip
    for path, tree in dashboards.items():
        assert kept(tree, as_grafana_reads(tree)), path


def test_a_key_that_grafana_does_not_know_would_be_found(
    dashboards: dict[str, dict[str, Any]],
) -> None:
    tree = dashboards["dashboards/organisation.json"]
    (first, *others) = tree["panels"]
    wrong = {**tree, "panels": [{**first, "datsource": "x"}, *others]}

    assert not kept(wrong, as_grafana_reads(wrong))


def test_no_data_source_is_fixed_and_ids_fit(dashboards: dict[str, dict[str, Any]]) -> None:
    for tree in dashboards.values():
        assert len(tree["uid"]) <= 40
        assert [each["name"] for each in tree["templating"]["list"]] == [
            "datasource", "cluster", "namespace",
        ]  # fmt: skip
        places = [(each["gridPos"]["x"], each["gridPos"]["y"]) for each in tree["panels"]]
        assert len(set(places)) == len(places) == len({each["id"] for each in tree["panels"]})
        for panel in tree["panels"]:
            sources = [panel["datasource"], *(each["datasource"] for each in panel["targets"])]
            assert {each["uid"] for each in sources} == {"${datasource}"}
    assert len({each["uid"] for each in dashboards.values()}) == len(dashboards)


def test_every_query_parses_and_reads_metrics_that_are_switched_on(
    organisation: Organisation, dashboards: dict[str, dict[str, Any]]
) -> None:
    monitoring = organisation.platform.monitoring
    assert monitoring is not None
    on = {"ALERTS"}
    for cluster in organisation.platform.clusters:
        watched = Watched(organisation=organisation, monitoring=monitoring, cluster=cluster)
        on |= {each.name for each in watched.metrics()}
    for tree in dashboards.values():
        for panel in tree["panels"]:
            query = panel["targets"][0]["expr"]
            filled = query.replace("$namespace", "(a|b)").replace("$cluster", "c")
            assert promql_parser.parse(filled)
            assert metrics_in(filled) <= on, query
            assert "CLUSTER" not in query
            assert "ALERTS" in query or 'cluster=~"$cluster"' in query


def test_a_team_has_its_own_namespaces_and_engines_alone(
    dashboards: dict[str, dict[str, Any]],
) -> None:
    tree = dashboards["dashboards/teams/factory.json"]
    variables = {each["name"]: each for each in tree["templating"]["list"]}

    assert variables["cluster"]["query"] == "edge"
    assert variables["namespace"]["query"] == "factory"
    assert [each["title"] for each in tree["panels"]] == [
        "alerts that fire",
        "NetworkPolicy: dropped packets by node",
    ]
    assert ',team="factory"' in tree["panels"][0]["targets"][0]["expr"]
