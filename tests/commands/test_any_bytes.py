"""No file of a repository ends a command in a traceback, whatever becomes of it.

Every kind of file is mutated, each time in another way; then commands run that read it. They may
refuse, and then they say so with one of the documented exit codes; they may not crash.
"""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from support.workspace.git_repositories import commit, isolate, new_repository
from support.workspace.mutations import MUTATIONS
from transire import cli

pytestmark = pytest.mark.slow("long runs in a repository")

ROUNDS = int(os.environ.get("TRANSIRE_SWEEP_ROUNDS", "1"))
"""How many mutations each kind of file gets; the environment variable asks for more."""

FILES = (
    "values/platform.yaml", "values/exceptions.yaml", "values/bundles/github.yaml",
    "values/teams/payments.yaml", "values/.schema/team-egress.schema.json",
    "charts/egress-policy/Chart.yaml", "charts/egress-policy/values.yaml",
    "charts/egress-policy/values.schema.json", "charts/egress-policy/.helmignore",
    "charts/egress-policy/templates/cilium.yaml", "charts/egress-policy/templates/_metadata.tpl",
    "charts/egress-policy/templates/NOTES.txt", "charts/egress-policy/README.md",
    "charts/egress-baseline/Chart.yaml", "charts/egress-baseline/values.yaml",
    "charts/egress-baseline/values.schema.json", "charts/egress-baseline/.helmignore",
    "charts/egress-baseline/templates/calico.yaml", "charts/egress-baseline/targets/staging.yaml",
    "charts/egress-tier/Chart.yaml", "charts/egress-tier/templates/tier.yaml",
    "charts/egress-tier/values.schema.json", "charts/egress-tier/targets/staging.yaml",
    "charts/teams/payments/Chart.yaml", "charts/teams/payments/values.yaml",
    "charts/teams/payments/values.schema.json", "charts/teams/payments/README.md",
    "charts/teams/payments/templates/cilium.yaml",
    "charts/teams/payments/targets/payments-prod.prod-eu.yaml",
    ".transire/owned/platform.json", ".transire/owned/teams/payments.json", "CODEOWNERS",
    "argocd/argocd-cm.yaml", "argocd/prod-eu/applications/platform.yaml",
    "argocd/prod-eu/applications/teams/payments.yaml", "argocd/prod-eu/access/platform.yaml",
    "flux/prod-us/releases/platform.yaml", "flux/prod-us/releases/teams/analytics.yaml",
    "given/manifests.yaml", "given/cluster.json", "given/queries.jsonl", "given/docker.json",
)  # fmt: skip
GIVEN = {
    "given/manifests.yaml": (
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a, namespace: shop}\n"
        "spec:\n  endpointSelector: {}\n  egress:\n  - toFQDNs: [{matchName: a.example}]\n"
        "    toPorts: [{ports: [{port: '443', protocol: TCP}]}]\n"
    ),
    "given/cluster.json": '{"namespaces": {"shop": {"labels": {"a": "b"}}}}\n',
    "given/queries.jsonl": (
        '{"id": "1", "from": {"namespace": "shop"}, "to": {"host": "a.example", "port": 443}}\n'
    ),
    "given/docker.json": '{"auths": {"registry.example.com": {"auth": "YTpi"}}}\n',
}
ENGINE = ("-f", "given/manifests.yaml", "--engine", "cilium@1.19")
TO = ("--to", "api.adyen.com:443")
ON_GIVEN: tuple[tuple[str, ...], ...] = (
    ("lint", *ENGINE),
    ("explain", *ENGINE, "--cluster", "given/cluster.json", "--from", "shop/app=a", *TO),
    ("explain", *ENGINE, "--queries", "given/queries.jsonl"),
    ("publish", "--dry-run", "--docker-config", "given/docker.json"),
)
OTHERS: tuple[tuple[str, ...], ...] = (
    ("generate",),
    ("generate", "payments"),
    ("report",),
    ("render", "payments"),
    ("render", "egress-baseline"),
    ("explain", "--target", "payments-prod.prod-eu", "--from", "payments-prod/app=checkout", *TO),
    ("diff",),
    ("diff", "--base", "before"),
    ("add", "payments", "new.example.com", "--rule", "new", "--reason", "more"),
    ("init", "--upgrade", "."),
    ("publish", "--dry-run"),
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, generated_scaffold: Path) -> Path:
    """A generated repository, committed, with files beside it that commands are given."""
    folder = tmp_path_factory.mktemp("start") / "policies"
    shutil.copytree(generated_scaffold, folder)
    with pytest.MonkeyPatch.context() as patched:
        isolate(patched)
        new_repository(folder)
        commit(folder)
    for path, text in GIVEN.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    shutil.copytree(folder / "values", folder / "before/values")
    shutil.copytree(folder / "charts", folder / "before/charts")
    return folder


def test_every_kind_of_file_is_there(start: Path) -> None:
    assert [path for path in FILES if not (start / path).is_file()] == []


@pytest.mark.parametrize("path", FILES)
def test_no_file_ends_a_command_in_a_traceback(
    start: Path, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate(monkeypatch)
    crashed: list[str] = []
    for number, name in enumerate(drawn(path)):
        root = tmp_path / str(number)
        shutil.copytree(start, root, symlinks=True)
        chosen = Random(f"{path} {number}")
        MUTATIONS[name](root / path, chosen)
        monkeypatch.chdir(root)
        for words in commands(path, chosen):
            crash = crash_of(words, monkeypatch)
            if crash:
                crashed.append(f"{name} ({number}), transire {' '.join(words)}: {crash}")

    assert crashed == []


def drawn(path: str) -> Iterator[str]:
    """The mutations of a file: other ones for each, and all of them over all files."""
    # A pipe that somebody gives is read until its other end is closed, and here there is none.
    names = sorted(MUTATIONS.keys() - ({"pipe"} if path.startswith("given/") else set()))
    start = FILES.index(path) * ROUNDS
    return (names[(start + number) % len(names)] for number in range(ROUNDS))


def commands(path: str, chosen: Random) -> tuple[tuple[str, ...], ...]:
    """What runs on a mutated file: all that read it in any case, else `check` and another."""
    if path.startswith("given/"):
        return tuple(words for words in ON_GIVEN if path in words)
    return ("check",), chosen.choice(OTHERS)


def crash_of(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> str:
    """How the command ended, where that is not documented; empty where it is."""
    monkeypatch.setattr(sys, "argv", ["transire", *words])
    try:
        cli.main()
    except SystemExit as ended:
        return "" if ended.code in {0, 1, 2, 3, 4} else f"exit code {ended.code}"
    except BaseException:  # noqa: BLE001 - whatever it is, it is what the test looks for
        return traceback.format_exc(limit=-3)
