"""`needs`: hosts that workloads declare, in every place where people write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from support.paths import ROOT
from support.policy_repository import run
from transire.api import NEEDS_FORMATS
from transire.commands.needs import needs
from transire.review.usage.addresses_in_text import Named, named_in
from transire.review.usage.needs import Cover, Needs


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("https://api.stripe.com/v1", "", [("api.stripe.com", 443)]),
        ("http://a.example.com:8080/x?u=https://b.example.com", "",
         [("a.example.com", 8080), ("b.example.com", 443)]),
        ("postgres://user:p%40ss@db.example.com/app", "", [("db.example.com", 5432)]),
        ("jdbc:postgresql://db1.example.com:5433,db2.example.com/app", "",
         [("db1.example.com", 5433), ("db2.example.com", 5432)]),
        ("mongodb+srv://u:secret@cluster0.ab1.mongodb.net/x", "", [("cluster0.ab1.mongodb.net", None)]),
        ("amqps://mq.example.com", "", [("mq.example.com", 5671)]),
        ("host=db.example.com port=6432 password=hunter2", "", [("db.example.com", 6432)]),
        ("Server=tcp:shop.database.windows.net,1433;Password=x", "",
         [("shop.database.windows.net", 1433)]),
        ("b-1.kafka.example.com:9094,b-2.kafka.example.com:9094", "",
         [("b-1.kafka.example.com", 9094), ("b-2.kafka.example.com", 9094)]),
        ("login.example.com", "AUTH_DOMAIN", [("login.example.com", None)]),
        ("example.com", "API_HOST", [("example.com", None)]),
        ("example.com", "COLOUR", []),
        ("a.b.example.com", "COLOUR", [("a.b.example.com", None)]),
        ("https://203.0.113.9:8443", "", [("203.0.113.9", 8443)]),
        ("https://[2001:db8::9]:8443/", "", [("2001:db8::9", 8443)]),
        ("https://payments.shop.svc.cluster.local:8080", "", []),
        ("http://redis:6379 redis://cache", "", []),
        ("http://localhost:3000 http://127.0.0.1:1", "", []),
        ("--config=/etc/app/application.properties", "", []),
        ("org.springframework.boot.Main", "", []),
        ("main.py config.prod.yaml", "ENDPOINT", []),
        ("s3://bucket.example.com/key file:///etc/a.b.com", "", []),
        ("1.2.3 v1.20.3", "", []),
        ("https://api.nowhere-at-all.zzzz", "", []),
        ("user@mail.example.com", "", []),
        ("", "", []),
        ("https://bücher.example.com/x", "", [("xn--bcher-kva.example.com", 443)]),
        ("https://xn--bcher-kva.example.com", "", [("xn--bcher-kva.example.com", 443)]),
        ("münchen.example.de:8443", "", [("xn--mnchen-3ya.example.de", 8443)]),
        ("jdbc:sqlserver://db.example.com;databaseName=a;user=u;password=p@ss.example.com", "",
         [("db.example.com", 1433)]),
        ("jdbc:sqlserver://db.example.com\\INST:1435;encrypt=true", "", [("db.example.com", 1435)]),
        ("jdbc:sqlserver://;serverName=db.example.com;port=1436", "", [("db.example.com", 1436)]),
        ("jdbc:oracle:thin:@db.example.com:1522:ORCL", "", [("db.example.com", 1522)]),
        ("jdbc:oracle:thin:@//db.example.com/service", "", [("db.example.com", 1521)]),
        ("jdbc:oracle:thin:scott/tiger.example.com@db.example.com:1521/x", "",
         [("db.example.com", 1521)]),
        ("jdbc:oracle:thin:@tcps://db.example.com:2484/x", "", [("db.example.com", 2484)]),
        ("jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db.example.com)(PORT=1523)))",
         "", [("db.example.com", 1523)]),
        ("jdbc:mysql:loadbalance://a.example.com:3307,b.example.com/x", "",
         [("a.example.com", 3307), ("b.example.com", 3306)]),
        ("SASL_SSL://b-1.example.com:9096,SASL_SSL://b-2.example.com:9096", "KAFKA_BROKERS",
         [("b-1.example.com", 9096), ("b-2.example.com", 9096)]),
        ("203.0.113.5:9092,203.0.113.6:9092", "BROKERS",
         [("203.0.113.5", 9092), ("203.0.113.6", 9092)]),
        ("Driver={ODBC Driver 18};Server=tcp:db.example.com,1433;Pwd=not.a.host.example.com", "", [("db.example.com", 1433)]),
        ("SERVER=db.example.com\\INST,1434;Failover Partner=db2.example.com", "",
         [("db.example.com", 1434), ("db2.example.com", None)]),
        ("postgresql+asyncpg://u:p@db.example.com/x", "", [("db.example.com", 5432)]),
        ("git+https://git.example.com/x git+ssh://git@git2.example.com/x", "",
         [("git.example.com", 443), ("git2.example.com", 22)]),
        ("u:p@tcp(db.example.com:3307)/x", "DSN", [("db.example.com", 3307)]),
        ("example.sh", "HOST", [("example.sh", None)]),
        ("example.sh", "UPDATE_ENDPOINT", [("example.sh", None)]),
        ("example.sh", "installScript", []),
        ("Api.Example.COM", "apiHost", [("api.example.com", None)]),
        ("203.0.113.9", "DB_HOST", [("203.0.113.9", None)]),
        ("203.0.113.9", "VERSION", []),
        ("--upstream-host=example.com --version=1.2.3.4", "", [("example.com", None)]),
        ("DB_HOST=db.example.com", "", [("db.example.com", None)]),
        ('{"host": "db.example.com", "port": "5433"}', "", [("db.example.com", 5433)]),
        ("DB_PASSWORD=not.a.host.example.com", "", []),
        ("not.a.host.example.com", "API_TOKEN", []),
    ],
)  # fmt: skip
def test_what_a_text_names(text: str, key: str, found: list[tuple[str, int | None]]) -> None:
    assert named_in(text, key) == tuple(Named(host=host, port=port) for host, port in found)


CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "namespace": "payments-prod"},
    "data": {
        "app.yaml": "stripe:\n  url: https://files.stripe.com\nother: x\n",
        "unused": "https://never.example.org",
    },
}
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "checkout",
        "namespace": "payments-prod",
        "annotations": {"docs": "https://wiki.example.org/checkout"},
    },
    "spec": {
        "template": {
            "metadata": {"labels": {"app": "checkout"}},
            "spec": {
                "serviceAccountName": "checkout",
                "containers": [
                    {
                        "name": "web",
                        "image": "registry.example.org/checkout:1",
                        "args": ["--upstream", "api.stripe.com:443", "--log=https://logs.example.org"],
                        "env": [
                            {"name": "STRIPE_URL", "value": "https://api.stripe.com"},
                            {"name": "STRIPE_ADMIN", "value": "https://api.stripe.com:8443"},
                            {"name": "TOKEN", "value": "https://u:hunter2@eu.a.storage.example.net"},
                            {"name": "FROM_MAP",
                             "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "app.yaml"}}},
                            {"name": "DB",
                             "valueFrom": {"secretKeyRef": {"name": "db", "key": "url"}}},
                        ],
                        "envFrom": [{"configMapRef": {"name": "gone"}},
                                    {"secretRef": {"name": "more"}}],
                    }
                ],
            },
        }
    },
}  # fmt: skip
OTHER: dict[str, Any] = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "metadata": {"name": "report", "namespace": "payments-prod"},
    "spec": {"jobTemplate": {"spec": {"template": {
        "metadata": {"labels": {"app": "report"}},
        "spec": {"containers": [{"name": "r", "env": [
            {"name": "URL", "value": "https://api.stripe.com"}]}]},
    }}}},
}  # fmt: skip
ELSEWHERE: dict[str, Any] = {
    **OTHER,
    "metadata": {"name": "stranger", "namespace": "nobodys"},
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    bodies = [CONFIG, DEPLOYMENT, OTHER, ELSEWHERE]
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(bodies), encoding="utf-8")
    return tmp_path / "all.yaml"


def covers(found: Needs) -> set[tuple[str, str, int | None, Cover]]:
    return {
        (
            each.declared.workload.name,
            each.declared.named.host,
            each.declared.named.port,
            each.cover,
        )
        for each in found.needs
    }


def test_each_declared_host_is_held_against_the_targets_of_its_namespace(files: Path) -> None:
    found = needs(ROOT, files, cluster="prod-eu")

    assert covers(found) == {
        ("checkout", "api.stripe.com", 443, Cover.COVERED),
        ("checkout", "api.stripe.com", 8443, Cover.OTHER_PORT),
        ("checkout", "files.stripe.com", 443, Cover.COVERED),
        ("checkout", "eu.a.storage.example.net", 443, Cover.COVERED),
        ("checkout", "logs.example.org", 443, Cover.MISSING),
        ("checkout", "wiki.example.org", 443, Cover.MISSING),
        ("report", "api.stripe.com", 443, Cover.OTHER_PODS),
        ("stranger", "api.stripe.com", 443, Cover.NO_TARGET),
    }
    assert found.workloads == 3
    assert found.unseen == (
        "Secret db of Deployment/checkout",
        "ConfigMap gone of Deployment/checkout",
        "Secret more of Deployment/checkout",
    )


def test_what_nothing_declares_is_listed(files: Path) -> None:
    found = needs(ROOT, files, cluster="prod-eu")
    undeclared = {each.shown for each in found.undeclared}

    assert "api.github.com" in undeclared
    assert not undeclared & {"api.stripe.com", "files.stripe.com", "**.storage.example.net"}
    assert {each.target.namespace for each in found.undeclared} == {"payments-prod"}


def test_no_value_is_printed(files: Path) -> None:
    found = needs(ROOT, files)

    assert all("hunter2" not in form(found) for form in NEEDS_FORMATS.values())


def test_the_command_ends_with_1_where_one_is_missing(files: Path, tmp_path: Path) -> None:
    covered = {**OTHER, "spec": {"jobTemplate": {"spec": DEPLOYMENT["spec"]}}}
    pod = covered["spec"]["jobTemplate"]["spec"]["template"]
    pod = {**pod, "spec": {"containers": [
        {"name": "a", "env": [{"name": "A_URL", "value": "https://api.stripe.com"}]}]}}  # fmt: skip
    body = {**DEPLOYMENT, "metadata": {"name": "a"}, "spec": {"template": pod}}
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(body), encoding="utf-8")
    short = ("--cluster", "prod-eu")
    missing = run(ROOT, "needs", "-f", str(files), *short)
    whole = run(ROOT, "needs", "-f", str(tmp_path / "one.yaml"), "-n", "payments-prod", *short)

    assert (missing.code, whole.code) == (1, 0), whole.out + whole.err
    assert missing.out.splitlines()[0] == (
        "missing: payments-prod.prod-eu: wiki.example.org:443 by Deployment/checkout "
        "(annotation docs)"
    )
    assert whole.out.splitlines()[-1] == "workloads: 1; hosts: 1 covered"


def test_the_json_has_its_shape(files: Path) -> None:
    schema = ROOT / "generator/transire/review/usage/needs.schema.json"
    document = json.loads(NEEDS_FORMATS["json"](needs(ROOT, files)))

    jsonschema.Draft7Validator(json.loads(schema.read_text("utf-8"))).validate(document)
