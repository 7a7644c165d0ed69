"""The import contracts hold, name every engine, and are broken by what they are there to stop."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from functools import cache
from typing import Any

import grimp
import pytest
from importlinter import configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

from support.paths import ROOT
from transire.engines.registry import ENGINES

configuration.configure()
SESSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {each["name"]: each for each in SESSION["contracts"]}
TYPES: dict[str, type[Contract]] = {"layers": LayersContract, "forbidden": ForbiddenContract}
FLOORS = "data flows one way, and rooms beside each other do not know each other"
ENGINES_APART = "engines do not know each other, and stand on one frame"
DRAWERS = "every engine has the same drawers, from its objects up"
MATHEMATICS = "sets of flows stand on mathematics that knows no flow"
SHOWN = "what reviewers are shown is told apart, and a page knows no report"
JUDGES = "who judges never sees what was lowered"
REGISTRY = "rooms ask engines through the registry"
PROCESSES = "two doors start processes, one forks"
CONNECTIONS = "one door to registries, and nothing else opens a connection"
BREAKS = [
    # what a judge of single flows could copy from
    ("engines.cilium.verdicts.single_flow", "transire.engines.cilium.lower.hosts", JUDGES),
    ("meaning.meaning", "transire.engines.lowering.lower", FLOORS),
    ("meaning.meaning", "transire.engines.lowering.lower", JUDGES),
    ("engines.calico.verdicts.packet", "transire.engines.calico.lower.items", JUDGES),
    ("engines.toy.reading", "transire.engines.toy.lower", JUDGES),
    ("engines.kubernetes.engine", "transire.engines.cilium.facts", ENGINES_APART),
    ("charts.readme", "subprocess", PROCESSES),
    ("model.intent", "multiprocessing", PROCESSES),
    # siblings of these
    ("k8s.networkpolicy", "transire.engines.calico.lower.items", JUDGES),
    ("engines.kubernetes.objects", "transire.engines.kubernetes.lower", JUDGES),
    ("engines.cilium.sets.flows", "transire.engines.lowering.chart_values", JUDGES),
    ("engines.calico.open_source", "transire.engines.calico.lower.items", JUDGES),
    ("engines.lowering.lower", "transire.engines.registry", ENGINES_APART),
    ("engines.cilium.objects.rules", "transire.engines.cilium.verdicts.policy_map", DRAWERS),
    ("values.cluster", "transire.engines.cilium.facts", REGISTRY),
    ("delivery.gitops.rbac", "transire.engines.calico.facts", REGISTRY),
    ("values.team", "transire.review.proof.prove", FLOORS),
    ("review.diff.compare", "transire.commands.diff.revision", FLOORS),
    ("review.page.parts", "transire.review.report.facts", SHOWN),
    ("flows.diagrams.axes", "transire.flows.flow", MATHEMATICS),
    ("helm.sdk", "subprocess", PROCESSES),
    ("commands.check", "urllib.request", CONNECTIONS),
    ("git.repository", "socket", CONNECTIONS),
]


@cache
def graph() -> grimp.ImportGraph:
    """The package as it is, external modules included."""
    return grimp.build_graph("transire", include_external_packages=True, cache_dir=None)


def is_kept(name: str, imports: grimp.ImportGraph) -> bool:
    """Whether the contract holds in a graph."""
    options = {
        key: str(value) if isinstance(value, bool) else value
        for key, value in CONTRACTS[name].items()
    }
    contract = TYPES[CONTRACTS[name]["type"]](
        name=name,
        session_options={"root_packages": ["transire"]} | SESSION,
        contract_options=options,
    )
    return contract.check(deepcopy(imports), verbose=False).kept


def with_import(importer: str, imported: str) -> grimp.ImportGraph:
    """The package with one more import, of a module that is there or is new."""
    changed = deepcopy(graph())
    module = f"transire.{importer}"
    for each in (module, module.rpartition(".")[0], in_graph(imported)):
        if each not in changed.modules:
            changed.add_module(each, is_squashed=not each.startswith("transire"))
    changed.add_import(importer=module, imported=in_graph(imported))
    return changed


def in_graph(imported: str) -> str:
    """A module's name in the graph, which has external packages as a whole."""
    return imported if imported.startswith("transire") else imported.partition(".")[0]


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_is_kept(name: str) -> None:
    assert is_kept(name, graph())


@pytest.mark.parametrize(("importer", "imported", "contract"), BREAKS)
def test_what_a_contract_is_there_to_stop_breaks_it(
    importer: str, imported: str, contract: str
) -> None:
    changed = with_import(importer, imported)

    assert not is_kept(contract, changed)
    changed.remove_import(importer=f"transire.{importer}", imported=in_graph(imported))
    assert is_kept(contract, changed)


def test_every_contract_is_broken_by_something() -> None:
    assert {contract for _, _, contract in BREAKS} == set(CONTRACTS)


def test_a_room_that_stands_on_no_floor_breaks_the_contract() -> None:
    changed = deepcopy(graph())
    changed.add_module("transire.cellar")

    assert not is_kept(FLOORS, changed)


def test_an_engine_that_no_contract_lists_breaks_the_contract() -> None:
    changed = deepcopy(graph())
    changed.add_module("transire.engines.toy")

    assert not is_kept(ENGINES_APART, changed)


def test_the_contracts_name_the_folders_of_every_engine_and_no_other() -> None:
    folders = {each.lower.__module__.split(".")[2] for each in ENGINES.values()}
    beside = next(each for each in CONTRACTS[ENGINES_APART]["layers"] if "cilium" in each)

    assert set(beside.split(" | ")) == folders
    assert {each.rpartition(".")[2] for each in CONTRACTS[DRAWERS]["containers"]} == folders
    assert {
        each.rpartition(".")[2]
        for each in CONTRACTS[REGISTRY]["forbidden_modules"]
        if not each.endswith(".lowering")
    } == folders
