"""What is broken, of elsewhere or secret in the input is named, or passed over, and never printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.doctor import clusters
from support.doctor.cases import DoctorCase, all_cases
from transire.commands.doctor import doctor, doctor_exit_code
from transire.model.problems import UsageError
from transire.review.doctor.findings import Diagnosed
from transire.review.doctor.formats import as_json, as_text

CASES = {each.name: each for each in all_cases()}
UNSEEN = CASES["dns-not-seen"]


def diagnosed(folder: Path, **changes: object) -> Diagnosed:
    """What is found in files that are written, with some arguments in place of the usual ones."""
    usual: dict[str, Any] = {
        "files": folder / "policies.yaml",
        "engine": UNSEEN.engine,
        "namespace": "shop",
        "snapshot": folder / "snapshot",
        "logs": folder / "logs",
        "symptom": UNSEEN.symptom,
    }
    return doctor(**{**usual, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    UNSEEN.write(tmp_path / "cluster")
    return tmp_path / "cluster"


def what(found: Diagnosed) -> list[str]:
    return [each.what for each in found.unseen]


def test_a_file_that_is_cut_off_is_named_and_the_rest_counts(folder: Path) -> None:
    services = folder / "snapshot/services.json"
    services.write_text(services.read_text("utf-8")[:-40], "utf-8")
    found = diagnosed(folder)

    assert f"{services} could not be read: it is no JSON, or cut off" in what(found)
    assert any(each.startswith("there are no Services, so it is not known") for each in what(found))
    assert found.causes[0].id == UNSEEN.cause


def test_an_empty_file_is_named(folder: Path) -> None:
    (folder / "snapshot/pods.json").write_text("", "utf-8")

    assert f"{folder}/snapshot/pods.json could not be read: it is empty" in what(diagnosed(folder))


def test_secrets_are_left_out_and_counted(folder: Path) -> None:
    secret = clusters.named("Secret", "login", "shop", data={"password": "aHVudGVyMg=="})
    listed = {"apiVersion": "v1", "kind": "List", "items": [secret]}
    (folder / "snapshot/secrets.json").write_text(json.dumps(listed), "utf-8")
    found = diagnosed(folder)

    assert "the snapshot holds 1 Secrets, which were not looked at" in what(found)
    assert "aHVudGVyMg" not in as_json(found) + as_text(found)


def test_values_of_variables_are_never_printed(tmp_path: Path) -> None:
    case = CASES["address-outlives-answer"]
    env = [
        {"name": "JAVA_TOOL_OPTIONS", "value": "-Dsun.net.inetaddr.ttl=-1 -Dpassword=hunter2"},
        {"name": "HTTPS_PROXY", "value": "http://user:hunter2@proxy:3128"},
    ]
    (pod,) = (each for each in case.snapshot["pods"] if each["metadata"]["namespace"] == "shop")
    pod["spec"]["containers"][0]["env"] = env
    found = case.diagnosed(tmp_path / "cluster")

    assert found.causes[0].id == case.cause
    assert "hunter2" not in as_json(found) + as_text(found)


def test_a_snapshot_of_another_cluster_is_named(folder: Path) -> None:
    (folder / "snapshot/namespaces.json").write_text(
        json.dumps({"kind": "List", "items": [clusters.named("Namespace", "other")]}), "utf-8"
    )

    assert "the snapshot has no namespace shop: is it of another cluster" in what(diagnosed(folder))


def test_logs_of_another_cluster_are_named(folder: Path) -> None:
    log = folder / "logs/hubble.jsonl"
    line = log.read_text("utf-8").replace('"source": {', '"source": {"cluster_name": "test-9", ')
    log.write_text(line, "utf-8")

    assert "the logs are of cluster test-9, and the snapshot is of prod-1" in what(
        diagnosed(folder)
    )


def test_logs_that_end_before_a_policy_was_changed_are_named(folder: Path) -> None:
    policies = folder / "policies.yaml"
    text = policies.read_text("utf-8").replace(clusters.WRITTEN, "2026-07-01T08:00:00Z")
    policies.write_text(text, "utf-8")

    assert any(
        each.startswith("the logs end at 2026-06-02T10:00:01Z, before CiliumNetworkPolicy shop/")
        and each.endswith(" was changed at 2026-07-01T08:00:00Z: they show an older state")
        for each in what(diagnosed(folder))
    )


def test_logs_without_the_namespace_are_named(folder: Path) -> None:
    line = (folder / "logs/hubble.jsonl").read_text("utf-8")
    (folder / "logs/hubble.jsonl").write_text(line.replace('"shop"', '"till"'), "utf-8")
    pods = folder / "snapshot/pods.json"
    pods.write_text(pods.read_text("utf-8").replace('"shop"', '"till"'), "utf-8")

    assert "the logs hold no flow and no lookup of pods of namespace shop" in what(
        diagnosed(folder)
    )


def test_lines_of_no_format_are_named(folder: Path) -> None:
    log = folder / "logs/app.log"
    log.write_text("hello\nworld\n", "utf-8")

    assert f"{log}: 2 lines from line 1 on: of no format that is known" in what(diagnosed(folder))


def test_an_agent_of_another_line_of_releases_is_named(folder: Path) -> None:
    found = diagnosed(folder, engine="cilium@1.17")

    assert (
        "DaemonSet kube-system/cilium runs 1.18.10, and the policies are read as cilium@1.17"
        in what(found)
    )


def test_without_anything_of_the_namespace_nothing_is_judged(folder: Path) -> None:
    found = diagnosed(folder, namespace="till")

    assert not found.judged
    assert doctor_exit_code(found) == 3
    assert as_text(found).endswith("nothing could be judged\n")


def test_a_healthy_cluster_ends_with_0(tmp_path: Path) -> None:
    found = CASES["healthy"].diagnosed(tmp_path / "cluster")

    assert doctor_exit_code(found) == 0
    assert as_text(found).endswith("no cause was found\n")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"files": ()}, "name a target, or the policies of a cluster with -f"),
        ({"target": "shop.prod-1"}, "name a target, or the policies of a cluster with -f"),
        (
            {"engine": None},
            "name with --engine who enforces the policies, as NAME or NAME@VERSION",
        ),
        ({"namespace": ""}, "name with --namespace where the symptom is"),
    ],
)
def test_what_is_missing_is_named(folder: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}$"):
        diagnosed(folder, **changes)


def test_a_folder_without_files_is_refused(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    with pytest.raises(UsageError, match=r"holds no file that ends in \.json, \.yaml, \.yml$"):
        diagnosed(folder, snapshot=empty)


def layouts(case: DoctorCase, folder: Path, layout: str) -> None:
    """The snapshot of a case in another layout."""
    for each in (folder / "snapshot").iterdir():
        each.unlink()
    items = [each for held in case.snapshot.values() for each in held]
    if layout == "one list":
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        (folder / "snapshot/all.json").write_text(text, "utf-8")
    elif layout == "yaml documents":
        text = "\n---\n".join(map(json.dumps, items))
        (folder / "snapshot/all.yaml").write_text(text, "utf-8")
    elif layout == "an object a file, by namespace":
        for number, item in enumerate(items):
            below = folder / "snapshot" / item["metadata"].get("namespace", "cluster")
            below.mkdir(exist_ok=True)
            (below / f"{number}.json").write_text(json.dumps(item), "utf-8")
    else:
        for kind, held in case.snapshot.items():
            bare = [{k: v for k, v in e.items() if k not in {"kind", "apiVersion"}} for e in held]
            listed = {
                "apiVersion": held[0]["apiVersion"] if held else "v1",
                "kind": f"{held[0]['kind'] if held else ''}List",
                "items": bare,
            }
            (folder / f"snapshot/{kind}.json").write_text(json.dumps(listed), "utf-8")


@pytest.mark.parametrize(
    "layout",
    ["one list", "yaml documents", "an object a file, by namespace", "lists of one kind"],
)
def test_the_layout_of_a_snapshot_makes_no_difference(folder: Path, layout: str) -> None:
    layouts(UNSEEN, folder, layout)
    found = diagnosed(folder)

    assert [each.id for each in found.causes] == [UNSEEN.cause]
    assert [each.text for each in found.causes] == [
        each.text for each in UNSEEN.diagnosed(folder.parent / "other").causes
    ]


def test_a_setting_with_a_value_that_is_not_modelled_is_named(folder: Path) -> None:
    configs = folder / "snapshot/configmaps.json"
    text = configs.read_text("utf-8").replace('"enable-policy": "default"', '"enable-policy": "x"')
    configs.write_text(text, "utf-8")
    found = diagnosed(folder)

    assert any(
        each.startswith("agent flags: enable-policy: 'x' is none of") for each in what(found)
    )
    assert found.causes[0].id == UNSEEN.cause
