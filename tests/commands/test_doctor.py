"""`doctor` for one of our targets: what it renders is held against what the cluster has."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.paths import DOCS, ROOT
from support.policy_repository import run
from transire.api import doctor, render

TARGET = "payments-prod.prod-eu"
SYMPTOM = "api.stripe.com times out from checkout"


def test_a_target_alone_is_judged_by_what_it_renders() -> None:
    found = doctor(target=TARGET, root=ROOT, symptom="api.stripe.example times out from checkout")

    assert [each.id for each in found.causes] == ["not-listed"]
    assert found.unseen[0].what.startswith("there is no snapshot")


def test_an_object_that_the_cluster_lacks_is_not_published(tmp_path: Path) -> None:
    text = "".join(text for _, text in render(ROOT, team="payments", target=TARGET))
    kept = [
        each for each in text.split("\n---\n") if 'name: "egress-allow-card-processing"' not in each
    ]
    (tmp_path / "policies.yaml").write_text("\n---\n".join(kept), "utf-8")
    found = doctor(target=TARGET, root=ROOT, snapshot=tmp_path, symptom=SYMPTOM)

    assert found.causes[0].id == "not-published"
    assert "payments-prod/egress-allow-card-processing" in found.causes[0].text


def test_the_command_ends_with_3_where_nothing_is_judged(tmp_path: Path) -> None:
    policies = tmp_path / "policies.yaml"
    policies.write_text("apiVersion: v1\nkind: List\nitems: []\n", "utf-8")
    ran = run(ROOT, "doctor", "-f", str(policies), "--engine", "cilium@1.19", "-n", "shop")

    assert ran.code == 3
    assert ran.out.endswith("nothing could be judged\n")


def test_the_script_that_collects_a_snapshot_is_one_and_leaves_secrets_out(tmp_path: Path) -> None:
    page = (DOCS / "doctor.md").read_text("utf-8")
    script = page.partition("```sh\n#!/bin/sh\n")[2].partition("```")[0]
    path = tmp_path / "collect.sh"
    path.write_text(script, "utf-8")

    assert "kubectl get" in script
    assert "secret" not in script.lower()
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0


@pytest.mark.parametrize("word", ["--snapshot", "--symptom", "--logs", "--target"])
def test_the_page_names_every_input(word: str) -> None:
    assert f"`{word}`" in (DOCS / "doctor.md").read_text("utf-8")
