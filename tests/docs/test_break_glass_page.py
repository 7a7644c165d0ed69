"""Each policy of the page opens what it is for on its engine, and nothing when it is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import transire
from support.paths import DOCS
from support.policy_repository import copy_example, run
from transire import Verdict

PAGE = (DOCS / "break-glass.md").read_text(encoding="utf-8")
PARTS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
HOST, ADDRESS, OTHER = "status.example.com:443", "198.51.100.7:443", "203.0.113.99:443"
ENGINES = {
    "Cilium": ("prod-eu", "payments-prod/app=checkout", HOST),
    "Calico Enterprise": ("prod-onprem", "payments-prod/app=checkout", HOST),
    "Calico": ("staging", "ledger/app=ledger", ADDRESS),
    "NetworkPolicy": ("edge", "factory/app=press", ADDRESS),
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("glass") / "policies")
    assert run(root, "generate").code == 0
    return root


def policies(engine: str) -> tuple[str, str]:
    """The narrow policy and the wide one of an engine's part."""
    narrow, wide = re.findall(r"^```yaml\n(.*?)^```$", PARTS[engine], re.MULTILINE | re.DOTALL)
    return narrow, wide


def verdicts(repository: Path, engine: str, *texts: str) -> dict[str, Verdict]:
    """What a pod of the engine's part may reach with these policies besides."""
    cluster, source, wanted = ENGINES[engine]
    files = []
    for place, text in enumerate(texts):
        file = repository.parent / f"{engine}-{place}.yaml"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    other_pod = f"{source.partition('/')[0]}/app=other"
    questions = {"it": (source, wanted), "else": (source, OTHER), "other pod": (other_pod, wanted)}
    found = transire.explain(
        list(questions.values()), root=repository, cluster=cluster, files=files
    )
    return {name: each.verdict for name, each in zip(questions, found, strict=True)}


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_of_it_is_open_before(repository: Path, engine: str) -> None:
    assert set(verdicts(repository, engine).values()) == {Verdict.DENY}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_narrow_policy_opens_that_to_those_pods_alone(repository: Path, engine: str) -> None:
    narrow, _ = policies(engine)

    assert verdicts(repository, engine, narrow) == {
        "it": Verdict.ALLOW,
        "else": Verdict.DENY,
        "other pod": Verdict.DENY,
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_the_wide_policy_opens_everything(repository: Path, engine: str) -> None:
    _, wide = policies(engine)

    assert set(verdicts(repository, engine, wide).values()) == {Verdict.ALLOW}


@pytest.mark.parametrize("engine", ENGINES)
def test_what_undoes_it_names_both_policies_in_their_namespace(engine: str) -> None:
    undo = re.search(r"^Undo: `(.*)`\.$", PARTS[engine], re.MULTILINE)
    assert undo is not None
    bodies = [yaml.safe_load(each)["metadata"] for each in policies(engine)]

    words = undo[1].split()
    assert {each["name"] for each in bodies} < set(words)
    assert {each["namespace"] for each in bodies} == {words[2]}


def test_every_engine_has_its_part() -> None:
    assert set(ENGINES) < set(PARTS)
    assert [each for each in PARTS if each in ENGINES] == list(ENGINES)
