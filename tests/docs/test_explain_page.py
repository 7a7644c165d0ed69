"""The cluster file of the page is one that is read, and its table has every key."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from support import needs
from support.paths import DOCS
from transire.model.problems import Rejected
from transire.queries.cluster_json import cluster_from_json

PAGE = (DOCS / "explain.md").read_text(encoding="utf-8")
(FILE,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
KEYS = re.findall(r"^\| `([a-z_]+(?:\[\]\.[a-z_]+)?)` \|", PAGE, re.MULTILINE)
KUBECTL = {
    "items": [
        {"kind": "Namespace", "metadata": {"name": "payments-prod", "labels": {"env": "prod"}}},
        {
            "kind": "Pod",
            "metadata": {"namespace": "payments-prod", "name": "checkout", "labels": {"app": "x"}},
            "spec": {"serviceAccountName": "billing"},
            "status": {"phase": "Running", "podIPs": [{"ip": "10.0.1.10"}]},
        },
        {
            "kind": "Pod",
            "metadata": {"namespace": "other", "name": "left-out"},
            "status": {"phase": "Running"},
        },
    ]
}


def test_the_example_is_read() -> None:
    cluster = cluster_from_json(FILE, path="cluster.json")

    assert [each.name for each in cluster.pods] == ["checkout"]
    assert [each.name for each in cluster.nodes] == ["node-1"]


def test_the_table_has_every_key_that_is_read() -> None:
    for key, inner in (("", KEYS), ("pods", KEYS), ("nodes", KEYS)):
        given = {key: [{"unknown": 1}]} if key else {"unknown": 1}
        with pytest.raises(Rejected) as caught:
            cluster_from_json(json.dumps(given), path="cluster.json")
        (known,) = re.findall(r"the keys here are (.*)", str(caught.value))
        assert set(known.split(", ")) - {"name", "namespace", "labels", "ip"} <= {
            each.rpartition("[].")[2] for each in inner
        }


@pytest.mark.skipif(shutil.which("jq") is None, reason=needs.JQ)
def test_the_program_for_jq_makes_such_a_file() -> None:
    (program,) = re.findall(r"jq '(.*?)'", PAGE, re.DOTALL)
    made = subprocess.run(
        ["jq", program], input=json.dumps(KUBECTL), capture_output=True, text=True, check=True
    ).stdout

    (pod,) = cluster_from_json(made, path="cluster.json").pods
    assert (pod.name, pod.service_account) == ("checkout", "billing")
