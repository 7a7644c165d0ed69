"""Fifty policies of a homelab, written by hand over years, come through `import`."""

from __future__ import annotations

import json

import jsonschema
import pytest

from support.paths import ROOT
from transire.api import IMPORT_FORMATS, import_policies
from transire.commands.importing.results import ImportedPolicies

pytestmark = pytest.mark.slow("charts are rendered, and namespaces compared")

HOMELAB = ROOT / "tests/cases/import/homelab"
SCHEMA = ROOT / "generator/transire/commands/importing/import.schema.json"


@pytest.fixture(scope="module")
def homelab(tmp_path_factory: pytest.TempPathFactory) -> ImportedPolicies:
    folder = tmp_path_factory.mktemp("homelab")
    return import_policies(folder, HOMELAB, engine="cilium@1.19", cluster="home", write=True)


def test_fifty_policies_of_a_homelab_come_through(homelab: ImportedPolicies) -> None:
    verdicts = {
        each.name: "unjudged" if each.unjudged else "partly" if each.partly else "compared"
        for each in homelab.namespaces
    }

    assert homelab.objects == 51
    assert verdicts == {
        **dict.fromkeys(
            ("ai", "databases", "dev", "downloads", "git", "home", "media"), "compared"
        ),
        **dict.fromkeys(("observability", "storage"), "compared"),
        **dict.fromkeys(("network", "security"), "partly"),
        "default": "unjudged",
    }
    assert sum(len(each.rules) for each in homelab.namespaces) >= 60


def test_nothing_is_opened_in_the_homelab(homelab: ImportedPolicies) -> None:
    opened = [grant for each in homelab.diff.targets for grant in each.gains]

    assert opened == []


def test_every_difference_of_the_homelab_has_a_reason(homelab: ImportedPolicies) -> None:
    """What closes is what is listed, or pods that no object limits."""
    listed = {each.namespace for each in homelab.left_out}
    unlimited = {each.name for each in homelab.namespaces if each.unlimited}

    assert {each.namespace for each in homelab.diff.targets} <= listed | unlimited


def test_the_json_keeps_its_schema(homelab: ImportedPolicies) -> None:
    document = json.loads(IMPORT_FORMATS["json"](homelab))

    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert {each["verdict"] for each in document["namespaces"]} == {
        "different", "partly", "unjudged"
    }  # fmt: skip


def test_text_has_a_line_for_everything_that_is_left_out(homelab: ImportedPolicies) -> None:
    text = IMPORT_FORMATS["text"](homelab)

    assert text.count("\nleft out: ") == len(homelab.left_out)
    assert text.splitlines()[0] == "read 51 policies, as cilium@1.19 enforces them on home"
