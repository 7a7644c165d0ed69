"""Rules for some clusters and namespaces, and modes of clusters: rendered, proved, explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import copy_example, run

AS_OF = ("--as-of", "2026-11-23")
TEAM = """\
apiVersion: transire/v1
kind: TeamEgress
team: parcels
contact: parcels@example.com
namespaces:
  parcels:
    clusters:
      prod-eu: {mode: audit, until: 2036-01-31T18:00:00+01:00}
      prod-onprem: {}
      edge: {}
  parcels-jobs: [prod-eu]
egress:
  - {name: partner, reason: send, ticket: S-1, to: [{cidr: 198.51.100.0/24}], namespaces: [parcels]}
  - {name: jobs, reason: run, to: [api.example.com], clusters: [prod-eu], namespaces: [parcels-jobs]}
  - {name: lab, reason: try, ticket: S-2, to: [{cidr: 203.0.113.0/24}], environments: [edge, prod],
     clusters: [edge]}
"""
RANGES = {"198.51.100.7": {"parcels.prod-eu", "parcels.prod-onprem", "parcels.edge"},
          "203.0.113.7": {"parcels.edge"}}  # fmt: skip
TARGETS = ("parcels.prod-eu", "parcels.prod-onprem", "parcels.edge", "parcels-jobs.prod-eu")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_example(tmp_path_factory.mktemp("scoped"))
    (folder / "values/teams/parcels.yaml").write_text(TEAM, "utf-8")
    ran = run(folder, "generate", "parcels", *AS_OF)
    assert ran.code == 0, ran.err
    return folder


def test_what_is_rendered_is_proved_for_every_target(repository: Path) -> None:
    ran = run(repository, "check", "parcels", *AS_OF)

    assert (ran.code, " error: " in ran.out) == (0, False), ran.out


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("address", sorted(RANGES))
def test_a_rule_holds_where_its_limits_fit_and_nowhere_else(
    repository: Path, target: str, address: str
) -> None:
    path = repository / f"charts/teams/parcels/targets/{target}.yaml"

    network = address.rpartition(".")[0] + ".0/24"
    assert (network in path.read_text("utf-8")) == (target in RANGES[address])


def test_the_readme_has_the_limits_and_the_end_of_a_mode(repository: Path) -> None:
    text = (repository / "charts/teams/parcels/README.md").read_text("utf-8")

    assert "| rule | environments | clusters | namespaces |" in text
    assert "| jobs | all | prod-eu | parcels-jobs |" in text
    assert "| lab | edge, prod | edge | all |" in text
    assert "| audit until 2036-01-31T17:00:00Z |" in text
