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

from support.house.outside_modules import OutsideContract
from support.paths import ROOT
from transire.engines.registry import ENGINES

configuration.configure()
SESSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {each["name"]: each for each in SESSION["contracts"]}
TYPES: dict[str, type[Contract]] = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "outside": OutsideContract,
}
FLOORS = "data flows one way, and rooms beside each other do not know each other"
ENGINES_APART = "engines do not know each other, and stand on one frame"
DRAWERS = "every engine has the same drawers, down to its facts"
POINTS = "enforcement points do not know each other, and see nothing of what is meant"
POINTS_BLIND = "who writes or reads the configuration of a point sees nothing of what is meant"
ENVOY = "who reads Envoy and who writes it do not know each other"
SQUID = "who reads Squid knows nothing of who writes it"
ISTIO = "Istio is read from its objects up"
LINKERD = "who reads Linkerd and who writes it do not know each other"
ISTIO_BLIND = "who writes for Istio sees nothing of how it is read"
MATHEMATICS = "sets of flows stand on mathematics that knows no flow"
NO_POLICY = "sets of flows know nothing of policy"
SHOWN = "subjects of review do not know each other, and a page knows no report"
JUDGES = "who judges sees neither what was lowered nor what was meant"
LOWERS = "who lowers sees neither what judges nor the sets that are meant"
LOOKS = "lint and the scope of a policy look at objects, and never at verdicts"
REGISTRY = "rooms ask engines through the registry"
VALUES = "a file of values is read one way, and guardrails see what was read"
DELIVERY = "objects of publishing and the registry do not know each other"
GITOPS = "Argo CD and Flux do not know each other"
VERSIONS = "of a chart, its versions alone are looked up in Git"
REVIEW = "review reads neither Git nor files"
DOOR = "the command line goes through the public door"
OUTSIDE = "modules from outside are on a list"
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
    # what is meant stays unseen by who judges, and both by who lowers
    ("engines.cilium.reading", "transire.meaning.meaning", JUDGES),
    ("engines.kubernetes.sets", "transire.meaning.premises.address_ranges", JUDGES),
    ("engines.calico.inputs", "transire.engines.calico.lower.items", JUDGES),
    ("engines.cilium.lint_view", "transire.engines.lowering.lower", JUDGES),
    ("engines.cilium.lower.hosts", "transire.engines.cilium.sets.flows", LOWERS),
    ("engines.cilium.lower.hosts", "transire.engines.cilium.verdicts.policy_map", LOWERS),
    ("engines.cilium.lower.hosts", "transire.engines.cilium.reading", LOWERS),
    ("engines.cilium.lower.hosts", "transire.engines.cilium.objects.fqdn", LOWERS),
    ("engines.calico.lower.items", "transire.engines.calico.objects.releases", LOWERS),
    ("engines.kubernetes.lower", "transire.k8s.networkpolicy", LOWERS),
    ("engines.lowering.lower", "transire.meaning.meaning", LOWERS),
    ("engines.cilium.lower.hosts", "transire.meaning.host_sets", LOWERS),
    # every module of an engine has its drawer
    ("engines.cilium.policy_scope", "transire.engines.cilium.lower.hosts", DRAWERS),
    ("engines.cilium.policy_scope", "transire.engines.cilium.lower.hosts", LOOKS),
    ("engines.calico.facts", "transire.engines.calico.reading", DRAWERS),
    ("engines.calico.facts", "transire.engines.calico.objects.rules", DRAWERS),
    ("engines.calico.lint_view", "transire.engines.calico.reading", LOOKS),
    # enforcement points
    ("points.api.target", "transire.points.meaning", POINTS),
    ("points.meaning", "transire.points.proof", POINTS),
    ("points.api.target", "transire.meaning.http_sets", POINTS_BLIND),
    ("points.api.point", "transire.engines.cilium.facts", REGISTRY),
    ("points.envoy.read.tables", "transire.points.envoy.write.tables", ENVOY),
    ("points.squid.read.lists", "transire.points.squid.write.hosts", SQUID),
    ("points.istio.objects.common", "transire.points.istio.verdicts.mesh", ISTIO),
    ("points.linkerd.write", "transire.points.linkerd.read", LINKERD),
    ("points.istio.write.ambient", "transire.points.istio.objects.common", ISTIO_BLIND),
    # rooms
    ("delivery.gitops.argocd.files", "transire.delivery.gitops.flux.files", GITOPS),
    ("delivery.gitops.flux.files", "transire.delivery.gitops.argocd.files", GITOPS),
    ("delivery.gitops.rbac", "transire.delivery.gitops.argocd.projects", GITOPS),
    ("delivery.registry.charts", "transire.delivery.gitops.publication", DELIVERY),
    ("delivery.gitops.publication", "transire.delivery.registry.result", DELIVERY),
    ("flows.flow_set", "transire.model.intent", NO_POLICY),
    ("values.guardrails.hosts.no_bare_wildcard", "transire.values.load", VALUES),
    ("charts.readme", "transire.git.repository", VERSIONS),
    ("review.diff.compare", "transire.git.snapshots", REVIEW),
    ("cli.check", "transire.commands.check", DOOR),
    ("cli.lint", "transire.engines.registry", DOOR),
    # outside
    ("commands.check", "urllib3", OUTSIDE),
    ("commands.check", "httpx", OUTSIDE),
    ("commands.check", "requests", OUTSIDE),
    ("delivery.registry.http", "ftplib", OUTSIDE),
    ("review.report.html", "smtplib", OUTSIDE),
    ("commands.report", "socketserver", OUTSIDE),
    ("pipeline.compile", "concurrent.futures", OUTSIDE),
    ("model.intent", "pathlib", OUTSIDE),
    ("flows.diagrams.axes", "ctypes", OUTSIDE),
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


def test_every_room_but_the_door_is_closed_to_the_command_line() -> None:
    rooms = {room for layer in CONTRACTS[FLOORS]["layers"] for room in layer.split(" | ")}
    closed = {each.partition(".")[2] for each in CONTRACTS[DOOR]["forbidden_modules"]}

    assert rooms - closed == {"api", "cli", "model"}


def test_a_module_of_an_engine_that_is_no_drawer_breaks_the_contract() -> None:
    changed = deepcopy(graph())
    changed.add_module("transire.engines.cilium.cupboard")

    assert not is_kept(DRAWERS, changed)


def test_every_drawer_judges_or_lowers_or_is_data() -> None:
    layers = CONTRACTS[DRAWERS]["layers"]
    drawers = {each.strip("()") for layer in layers for each in layer.split(" | ")}
    sources = (*CONTRACTS[JUDGES]["source_modules"], *CONTRACTS[LOWERS]["source_modules"])
    held = {each.rpartition(".")[2] for each in sources}

    assert drawers - held == {
        "advice",
        "diagnosis",
        "engine",
        "facts",
        "health",
        "observation",
        "policy_scope",
    }


def test_a_line_of_the_list_that_nothing_needs_breaks_the_contract() -> None:
    changed = deepcopy(graph())
    changed.remove_import(importer="transire.git.process", imported="subprocess")

    assert not is_kept(OUTSIDE, changed)


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
