"""What a new engine costs: its folder, its chart template, and one registration."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.engines.capability_table import capability_table
from support.paths import ROOT, TESTS
from support.policy_repository import Ran, copy_example, edit
from support.toy.engine import TOY
from transire.engines.chart_defaults import with_reserved_values
from transire.engines.chart_schemas import CHARTS, chart_schema, schema_text
from transire.engines.registry import ENGINES
from transire.helm import Chart


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example organisation with a cluster on the toy engine, generated and checked in."""
    root = copy_example(tmp_path_factory.mktemp("toy") / "policies")
    edit(root, "values/platform.yaml", "engine: kubernetes", 'engine: toy\n    version: "1.0"')
    platform = root / "values/platform.yaml"
    more = "\nadmission: true\nargocd: {sync: impersonation}\n"
    platform.write_text(platform.read_text("utf-8") + more, encoding="utf-8")
    for chart in CHARTS:
        folder = root / "charts" / chart
        template = (folder / "templates/kubernetes.yaml").read_text(encoding="utf-8")
        renamed = re.sub(r'"kubernetes(?=[."])', '"toy', template)
        (folder / "templates/toy.yaml").write_text(renamed, encoding="utf-8")
        schema = chart_schema(chart, {**ENGINES, TOY.name: TOY})
        (folder / "values.schema.json").write_text(schema_text(schema), encoding="utf-8")
    own = root / "charts/egress-baseline/values.yaml"
    text = with_reserved_values(own.read_text("utf-8"), {**ENGINES, TOY.name: TOY})
    own.write_text(text, encoding="utf-8")
    ran = transire(root, "generate")
    assert ran.code == 0, ran.err
    return root


def transire(root: Path, *words: str) -> Ran:
    paths = os.pathsep.join([str(TESTS), str(ROOT / "generator")])
    done = subprocess.run(
        [sys.executable, "-m", "support.toy.program", *words],
        cwd=root,
        env={**os.environ, "PYTHONPATH": paths, "TOY_CHARTS": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.mark.slow("long runs in a repository")
def test_its_targets_are_lowered_rendered_and_proved(root: Path) -> None:
    again, checked = transire(root, "generate"), transire(root, "check")

    assert re.search(r"^factory +factory +edge +toy@1\.0 +enforce", again.out, re.MULTILINE)
    assert checked.code == 0, checked.out
    assert "error" not in checked.out


@pytest.mark.slow("long runs in a repository")
def test_a_bent_template_of_its_own_is_disproved(root: Path, tmp_path: Path) -> None:
    bent = copy_example(tmp_path / "policies")
    for chart in CHARTS:
        for path in ("templates/toy.yaml", "values.schema.json"):
            (bent / "charts" / chart / path).write_bytes(
                (root / "charts" / chart / path).read_bytes()
            )
    own = "charts/egress-baseline/values.yaml"
    (bent / own).write_bytes((root / own).read_bytes())
    (bent / "values/platform.yaml").write_bytes((root / "values/platform.yaml").read_bytes())
    edit(bent, "charts/egress-policy/templates/toy.yaml", ".port | int", "add .port 1")
    ran = transire(bent, "generate", "factory")

    assert ran.code == 1
    assert "(not-proved)" in ran.out + ran.err


@pytest.mark.slow("long runs in a repository")
def test_a_flow_is_explained(root: Path) -> None:
    words = ("explain", "--target", "factory.edge", "--from", "factory/app=reader")
    allowed = transire(root, *words, "--to", "203.0.113.4:8005")
    denied = transire(root, *words, "--to", "203.0.113.4:22")

    assert allowed.out.startswith("allow: factory/app=reader to 203.0.113.4 on 8005/TCP\n")
    assert denied.out.startswith("deny: factory/app=reader to 203.0.113.4 on 22/TCP\n")


@pytest.mark.slow("long runs in a repository")
def test_what_it_renders_is_linted(root: Path, tmp_path: Path) -> None:
    rendered = transire(root, "render", "factory")
    (tmp_path / "policies.yaml").write_text(rendered.out, encoding="utf-8")
    ran = transire(root, "lint", "-f", str(tmp_path / "policies.yaml"), "--engine", "toy@1.0")

    assert ran.code == 0
    assert "not-judged" not in ran.out


@pytest.mark.slow("long runs in a repository")
def test_a_release_that_it_does_not_have_is_refused_as_any_other(root: Path) -> None:
    ran = transire(root, "lint", "-f", "values/platform.yaml", "--engine", "toy@9.9")

    assert ran.code == 3
    assert (
        "version 9.9 of toy is not modelled: the newest that is modelled is 1.1; "
        "modelled are 1.0 to 1.1: name the release that runs, and upgrade the cluster where it is "
        "older, or transire where it is newer"
    ) in ran.err


@pytest.mark.slow("long runs in a repository")
def test_its_policies_are_written_by_the_publishers_alone(root: Path) -> None:
    values = root / "charts/egress-baseline/targets/edge.yaml"
    policy, _ = (
        each.body
        for each in Chart.load(root / "charts/egress-baseline").manifests(values)
        if "Admission" in each.body["kind"]
    )
    rules = policy["spec"]["matchConstraints"]["resourceRules"]
    reserved = {(group, name) for r in rules for group in r["apiGroups"] for name in r["resources"]}

    assert policy["spec"]["variables"][0] == {
        "name": "writer",
        "expression": 'request.userInfo.username in ["system:serviceaccount:egress-system:'
        'egress-applier","system:serviceaccount:egress-system:egress-platform"]',
    }
    assert reserved >= {
        ("networking.k8s.io", "networkpolicies"),
        ("policy.toy.example", "toys"),
        ("crd.antrea.io", "clusternetworkpolicies"),
        ("networking.gke.io", "fqdnnetworkpolicies"),
        ("networking.k8s.aws", "applicationnetworkpolicies"),
        ("k8s.ovn.org", "egressfirewalls"),
    }


@pytest.mark.slow("long runs in a repository")
def test_a_change_is_compared(root: Path, tmp_path: Path) -> None:
    after = tmp_path / "after"
    shutil.copytree(root, after)
    edit(after, "values/teams/factory.yaml", "8000-8010/TCP", "8000-8009/TCP")
    assert transire(after, "generate").code == 0
    ran = transire(after, "diff", "--base", str(root), "--format", "json")
    found = json.loads(ran.out)

    assert ran.code == 0, ran.err
    assert [(each["namespace"], each["cluster"]) for each in found["targets"]] == [
        ("factory", "edge")
    ]


def test_tables_show_it() -> None:
    assert "| Toy |" in capability_table([*ENGINES.values(), TOY]).splitlines()[0]
