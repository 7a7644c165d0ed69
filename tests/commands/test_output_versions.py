"""Every `--format json` names its shape and version, keeps its schema, and stands in the docs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

from support.delivery.published_example import AS_OF, commit, organisation, rewrite
from support.flowlogs import HUBBLE_DENIED
from support.paths import DOCS, ROOT
from support.policy_repository import Ran, run
from transire.api import generate
from transire.charts.values_schema import SCHEMA as VALUES
from transire.cli import commands
from transire.engines.api.chart_schema import NAME as FRAGMENT

DAY = ("--as-of", AS_OF.isoformat())
POLICY = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: shop, namespace: shop}
spec:
  endpointSelector: {}
  egress:
  - toFQDNs: [{matchName: api.example}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: typo, namespace: shop}
spec:
  endpointSelector: {}
  egress:
  - toFQDN: [{matchName: api.example.com}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: refused, namespace: shop}
spec: {endpointSelector: {}, egress: [{toCIDR: [nowhere]}]}
"""
FILES = ("-f", "policy.yaml", "--engine", "cilium@1.19")
LOG = ("flows.jsonl",)
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "advise": (),
    "audit": LOG,
    "backtest": (*LOG, "--base", "HEAD~1"),
    "check": DAY,
    "diff": ("--base", "HEAD~1", "--head", "HEAD"),
    "doctor": (*FILES, "-n", "shop", "--logs", *LOG),
    "expiring": DAY,
    "explain": (*FILES, "--queries", "queries.jsonl"),
    "handover": ("payments-staging.staging",),
    "import": (*FILES, "--cluster", "prod-eu"),
    "learn": LOG,
    "lint": FILES,
    "merge": ("part.json",),
    "needs": ("-f", "policy.yaml"),
    "observe": ("--cluster", "prod-eu"),
    "publish": ("--dry-run", *DAY),
    "report": DAY,
    "rules": ("--all",),
    "test": DAY,
    "verify": ("-f", "policy.yaml", "--cluster", "prod-eu"),
    "who": ("api.stripe.com:443",),
}
"""What each command needs besides its format."""

JSON_BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SHAPES: Mapping[str, tuple[str, str]] = {
    "advise": ("transire.advice/1", "review/advice/advice.schema.json"),
    "audit": ("transire.audit/1", "review/usage/audit.schema.json"),
    "backtest": ("transire.backtest/1", "review/usage/backtest.schema.json"),
    "check": ("transire.findings/1", "review/findings/findings.schema.json"),
    "diff": ("transire.diff/2", "review/diff/diff.schema.json"),
    "doctor": ("transire.doctor/1", "review/doctor/doctor.schema.json"),
    "expiring": ("transire.expiring/1", "review/expiring/expiring.schema.json"),
    "explain": ("transire.explain/1", "commands/explain.schema.json"),
    "handover": ("transire.handover/1", "review/handover/handover.schema.json"),
    "import": ("transire.import/1", "commands/importing/import.schema.json"),
    "learn": ("transire.learn/1", "review/usage/learn.schema.json"),
    "lint": ("transire.lint/2", "review/lint/lint.schema.json"),
    "merge": ("transire.findings/1", "review/findings/findings.schema.json"),
    "needs": ("transire.needs/1", "review/usage/needs.schema.json"),
    "observe": ("transire.observe/1", "delivery/monitoring/observe.schema.json"),
    "publish": ("transire.published/1", "delivery/registry/published.schema.json"),
    "report": ("transire.report/1", "review/report/report.schema.json"),
    "rules": ("transire.rules/1", "review/findings/rules.schema.json"),
    "test": ("transire.test/1", "review/expectations/test.schema.json"),
    "verify": ("transire.verify/1", "commands/verify/verify.schema.json"),
    "who": ("transire.who/1", "review/who/who.schema.json"),
}
"""The shape of each command's JSON, and its schema file in the package."""

BETWEEN = {"review/findings/shard.schema.json": "transire.shard/1"}
"""Shapes that one command writes for another, by schema file."""


def json_commands() -> list[str]:
    """Every command that prints JSON, by what its own options say."""
    context = click.Context(commands)
    found = []
    for name in commands.list_commands(context):
        command = commands.get_command(context, name)
        assert command is not None
        for option in command.params:
            if option.name == "form" and isinstance(option.type, click.Choice):
                found += [name] if "json" in option.type.choices else []
    return found


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example organisation with two commits and nothing published yet."""
    folder = organisation(tmp_path_factory.mktemp("organisation"), "credentials: git-login")
    rewrite(folder / "values/teams/payments.yaml", "api.stripe.com", "api.stripe.net")
    generate(folder, base="HEAD", as_of=AS_OF)
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    questions = [
        {"id": "a", "from": "shop", "to": "api.example:443"},
        {"id": "b", "from": "shop", "to": "198.51.100.7:80"},
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, questions)), "utf-8")
    (folder / "flows.jsonl").write_text(f"{json.dumps(HUBBLE_DENIED)}\n", encoding="utf-8")
    part = run(folder, "check", "--shard", "1/1", "--format", "json", *DAY)
    (folder / "part.json").write_text(part.out, encoding="utf-8")
    return commit(folder)


@pytest.fixture(scope="module")
def printed(repository: Path) -> Callable[[str], Ran]:
    def once(command: str) -> Ran:
        return run(repository, command, *COMMANDS[command], "--format", "json")

    return once


def documents(command: str, text: str) -> list[Any]:
    """The documents of an answer: one, or one a line."""
    if command == "explain":
        return [json.loads(line) for line in text.splitlines()]
    return [json.loads(text)]


def schema_of(command: str) -> dict[str, Any]:
    path = SHAPES[command][1]
    loaded: dict[str, Any] = json.loads(files("transire").joinpath(path).read_text("utf-8"))
    return loaded


def test_the_table_has_every_command_with_json() -> None:
    assert json_commands() == sorted(SHAPES) == sorted(COMMANDS)


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_output_names_its_version_and_keeps_its_schema(
    printed: Callable[[str], Ran], command: str
) -> None:
    ran = printed(command)

    assert ran.out, ran.err
    found = documents(command, ran.out)
    assert {each["schema"] for each in found} == {SHAPES[command][0]}, ran.err
    validator = jsonschema.Draft7Validator(schema_of(command))
    assert [error.message for each in found for error in validator.iter_errors(each)] == []


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_schema_refuses_another_version(command: str) -> None:
    shape = schema_of(command)

    assert shape["properties"]["schema"]["const"] == SHAPES[command][0]
    assert "schema" in shape["required"]


def test_answers_of_explain_show_what_is_left_out(printed: Callable[[str], Ran]) -> None:
    answers = documents("explain", printed("explain").out)

    assert [each["id"] for each in answers] == ["a", "b"]
    for each in answers:
        assert [one["name"] for one in each["refused"]] == ["refused"]
        assert each["pruned"] == [{"manifest": 1, "path": "/spec/egress/0/toFQDN"}]


def test_every_schema_file_of_the_package_says_its_version() -> None:
    folder = ROOT / "generator/transire"
    found = {
        path.relative_to(folder).as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in folder.rglob("*.schema.json")
        if path.name not in {FRAGMENT, VALUES}  # of charts
    }
    versions = {
        path: {**schema, **schema.get("items", {})}["properties"] for path, schema in found.items()
    }
    said = {
        path: keys.get("schema", keys.get("apiVersion", {})).get("const")
        for path, keys in versions.items()
    }

    outputs = {path: shape for shape, path in SHAPES.values()}
    values = {path: "transire/v1" for path in said if path.startswith("values/schema/")}
    assert len(values) == 5
    assert said == {**outputs, **BETWEEN, **values}


def test_the_docs_list_every_output() -> None:
    text = (DOCS / "outputs.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `transire (\w+)` \| `([^`]+)` \|[^|]+\| \[`[\w.]+`\]\(\.\./([^)]+)\) \|$",
        text,
        re.MULTILINE,
    )

    assert [(command, shape, path) for command, shape, path in rows] == [
        (command, shape, f"generator/transire/{path}") for command, (shape, path) in SHAPES.items()
    ]


def examples() -> list[tuple[str, dict[str, Any]]]:
    """Every document that a page shows, with the page's name."""
    return [
        (page.name, document)
        for page in sorted(DOCS.glob("*.md"))
        for block in JSON_BLOCK.findall(page.read_text(encoding="utf-8"))
        if "schema" in (document := json.loads(block))
    ]


def test_examples_in_the_docs_keep_the_schema_of_their_version() -> None:
    schemas = {shape: schema_of(command) for command, (shape, _) in SHAPES.items()}
    found = examples()

    assert {page for page, _ in found} == {"diff.md", "publishing.md"}
    for _, document in found:
        jsonschema.Draft7Validator(schemas[document["schema"]]).validate(document)
