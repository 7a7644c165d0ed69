"""What the README shows is what the program prints, and its commands run as written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import needs
from support.paths import ROOT
from transire import api
from transire.engines.registry import ENGINES
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.helm import read_yaml
from transire.meaning.host_sets import host_set
from transire.model.engine import Release, Version
from transire.model.names import HostPattern
from transire.queries.cluster_state import ClusterState

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM = "from transire.cli import main; main()"
AS_OF = ("--as-of", "2026-11-23")
CILIUM = Release(engine="cilium", version=Version.parse("1.19"))


def blocks(language: str) -> list[str]:
    """The fenced blocks of that language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def yaml_blocks(kind: str) -> list[str]:
    return [each for each in blocks("yaml") if f"kind: {kind}\n" in each]


def run(
    folder: Path, *words: str, path: Path = ROOT / "generator"
) -> subprocess.CompletedProcess[str]:
    """Run the program that is at `path`, in `folder`."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(path)},
    )


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example organisation and the charts, without anything generated."""
    folder = tmp_path_factory.mktemp("organisation")
    ignored = shutil.ignore_patterns(".schema", "targets", "teams.*", "tests")
    shutil.copytree(ROOT / "values", folder / "values", ignore=shutil.ignore_patterns(".schema"))
    for chart in ("egress-policy", "egress-baseline", "egress-tier"):
        shutil.copytree(ROOT / "charts" / chart, folder / "charts" / chart, ignore=ignored)
    return folder


@pytest.fixture(scope="module")
def table(repository: Path) -> str:
    """What `generate` prints; from then on the repository is generated."""
    ran = run(repository, "generate", *AS_OF)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.slow("long runs in a repository")
def test_the_table_is_what_generate_prints(table: str) -> None:
    shown = next(each for each in blocks("text") if each.startswith("team "))

    assert table == shown


def test_the_values_are_the_beginning_of_the_example() -> None:
    (shown,) = yaml_blocks("TeamEgress")

    assert (ROOT / "values/teams/payments.yaml").read_text(encoding="utf-8").startswith(shown)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("target", "version"),
    [
        ("payments-prod.prod-eu", "cilium.io/v2"),
        ("payments-prod.prod-onprem", "projectcalico.org/v3"),
    ],
)
def test_the_objects_shown_are_rendered(repository: Path, target: str, version: str) -> None:
    shown = [
        document.strip()
        for block in blocks("yaml")
        if block.startswith(f"apiVersion: {version}\n") and "break-glass" not in block
        for document in block.split("---\n")
    ]
    rendered = dict(api.render(repository, team="payments", target=target))[target]
    documents = [re.sub(r"^# Source: .*\n", "", each) for each in rendered.split("---\n")]

    assert shown
    assert set(shown) <= {each.strip() for each in documents}


@pytest.mark.usefixtures("table")
def test_the_helm_command_prints_what_render_prints(repository: Path) -> None:
    (command,) = [each for each in "".join(blocks("sh")).splitlines() if each.startswith("helm ")]
    helm = needs.helm_executable()
    name = command.rpartition("/")[2].removesuffix(".yaml")
    rendered = dict(api.render(repository, team="payments", target=name))[name]

    done = subprocess.run(
        [helm, *command.split()[1:]], cwd=repository, capture_output=True, text=True, check=True
    )

    assert rendered == done.stdout.rstrip("\n")


def explained() -> Iterator[tuple[str, str]]:
    """Every command of the console block with what it prints."""
    (block,) = blocks("console")
    for part in re.split(r"^\$ transire ", block, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("command", "printed"), list(explained()))
def test_explain_says_what_is_shown(repository: Path, command: str, printed: str) -> None:
    ran = run(repository, *command.split())

    assert (ran.returncode, ran.stdout) == (0, printed), ran.stderr


@pytest.mark.slow("long runs in a repository")
def test_the_mistakes_shown_are_those_of_such_a_file(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mistaken"
    shutil.copytree(repository, folder)
    team = folder / "values/teams/payments.yaml"
    lines = team.read_text(encoding="utf-8").splitlines(keepends=True)
    for number, before, after in (
        (7, "prod-onprem", "prod-onprm"),
        (13, "api.stripe.com", "'https://api.stripe.com/v1'"),
        (26, "reason", "resaon"),
        (33, "8000-8010/TCP", "70000"),
    ):
        assert before in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(before, after)
    team.write_text("".join(lines), encoding="utf-8")

    ran = run(folder, "check", *AS_OF)

    shown = next(each for each in blocks("text") if each.startswith("values/"))
    assert (ran.returncode, ran.stdout) == (1, shown)


@pytest.mark.slow("virtual environments")
def test_what_is_installed_needs_no_checkout(tmp_path: Path) -> None:
    (block,) = [each for each in blocks("sh") if "pip install" in each]
    install, init, generate, check = block.splitlines()
    start, move = init.split(" && ")
    site, source = tmp_path / "site", tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "tests", "bench", "teams.*", "__pycache__")
    shutil.copytree(ROOT, source, ignore=lambda at, names: ignored(at, names) - {".schema"})
    words = [
        *install.split()[1:-1],
        "--quiet",
        "--no-deps",
        "--no-compile",
        "--target",
        str(site),
        str(source),
    ]
    subprocess.run([sys.executable, "-m", "pip", *words, "--disable-pip-version-check"], check=True)

    ran = [
        run(tmp_path, *start.split()[1:], path=site),
        *(
            run(tmp_path / move.split()[1], *each.split()[1:], *AS_OF, path=site)
            for each in (generate, check)
        ),
    ]

    assert [each.returncode for each in ran] == [0, 0, 0], [each.stderr for each in ran]
    assert (site / "transire/scaffold/charts/egress-policy/Chart.yaml").is_file()
    assert (site / "bin/transire").is_file()


@pytest.mark.usefixtures("table")
def test_the_policy_that_breaks_the_glass_opens_that_host_and_nothing_else(
    repository: Path,
) -> None:
    (policy,) = [each for each in yaml_blocks("CiliumNetworkPolicy") if "break-glass" in each]
    rendered = api.render(repository, team="payments", target="payments-prod.prod-eu")
    before = dict(rendered)["payments-prod.prod-eu"]

    opened = reach(f"{before}\n---\n{policy}") - reach(before)

    assert not opened.is_empty()
    assert opened <= FlowSet.reach(
        source=PodSet.in_namespace("payments-prod") & PodSet.labels({"app": "checkout"}),
        peer=Peer.outside(),
        ports=PortSet.of_port(Protocol.TCP, 443),
        hosts=host_set(HostPattern.parse("status.stripe.com")),
    )


def reach(text: str) -> FlowSet:
    """What these objects let the pods of `payments-prod` reach, when none of them is refused."""
    reading = ENGINES[CILIUM.engine].read(
        tuple(read_yaml(text, "both")), CILIUM, ClusterState(), {}
    )
    assert not reading.refused
    assert not reading.pruned
    return reading.flows(PodSet.in_namespace("payments-prod"), PortSet.nothing())
