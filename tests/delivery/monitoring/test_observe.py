"""What is to be switched on so that flows are seen, for each engine and each resolver."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from support.paths import DOCS
from support.policy_repository import copy_example, edit, run
from transire.commands.observe import observe
from transire.delivery.monitoring.observe import Observability
from transire.delivery.monitoring.observe_formats import OBSERVE_FORMATS
from transire.flowlogs.registry import FORMATS
from transire.model.problems import UsageError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_example(tmp_path)


def content(found: Observability, file: str) -> dict[str, object]:
    """One of the settings, as a reader of the text finds it."""
    documents = OBSERVE_FORMATS["text"](found).split("---\n")
    text = next(each for each in documents if each.startswith(f"# {file}\n"))
    tree: dict[str, object] = yaml.safe_load(text)
    return tree


def entries(found: Observability) -> list[dict[str, object]]:
    """The entries of the exporter."""
    hubble: object = content(found, "cilium-values.yaml")["hubble"]
    assert isinstance(hubble, dict)
    listed: list[dict[str, object]] = hubble["export"]["dynamic"]["config"]["content"]
    return listed


def test_an_audit_is_logged_up_to_its_end_and_nothing_else_is(root: Path) -> None:
    edit(root, "values/platform.yaml", "mode: enforce", "mode: {mode: audit, until: 2027-02-28}")

    found = observe(root, cluster="prod-eu")

    ends = {each["name"]: each["end"] for each in entries(found)}
    assert ends["payments-prod"] == "2027-02-28T23:59:59Z"
    assert ends["batch"] == "2027-02-28T23:59:59Z"
    assert set(entries(found)[0]["fieldMask"]) == set(FORMATS["hubble"].fields)  # type: ignore[call-overload]


def test_without_an_audit_nothing_is_logged_and_that_stands_there(root: Path) -> None:
    ran = run(root, "observe", "--cluster", "prod-eu")

    assert ran.code == 0
    assert "export" not in yaml.safe_load(ran.out.split("---\n", maxsplit=1)[0])["hubble"]
    assert (
        "# no flows are logged: no namespace on prod-eu is in audit, and no --until or --target "
        "names others\n"
    ) in ran.out


def test_a_target_is_logged_alone_up_to_the_day_that_is_named(root: Path) -> None:
    found = observe(root, target="payments-prod.prod-eu", until=date(2027, 1, 31))

    (entry,) = entries(found)
    assert entry["filePath"] == "/var/run/cilium/hubble/payments-prod.log"
    assert entry["end"] == "2027-01-31T23:59:59Z"
    assert entry["includeFilters"] == [
        {
            "source_pod": ["payments-prod/"],
            "traffic_direction": ["EGRESS"],
            "event_type": [{"type": 1}, {"type": 5}, {"type": 129}],
        },
        {"destination_pod": ["payments-prod/"], "protocol": ["dns"]},
    ]


@pytest.mark.parametrize(
    ("version", "without"),
    [
        ("1.20", set()),
        ("1.18", {"source.cluster_name", "destination.cluster_name"}),
        ("1.15", {"source.cluster_name", "destination.cluster_name", "egress_denied_by"}),
    ],
)
def test_a_release_is_given_no_field_that_it_does_not_know(
    root: Path, version: str, without: set[str]
) -> None:
    edit(root, "values/platform.yaml", 'version: "1.19"', f'version: "{version}"')

    found = observe(root, target="payments-prod.prod-eu")

    assert set(FORMATS["hubble"].fields) - set(entries(found)[0]["fieldMask"]) == without  # type: ignore[call-overload]
    assert "end" not in entries(found)[0]


def test_a_release_without_the_exporter_has_what_stays_unseen(root: Path) -> None:
    edit(root, "values/platform.yaml", 'version: "1.19"', 'version: "1.14"')
    edit(root, "values/platform.yaml", "hardening: [sni]", "approximate: [narrow]")

    found = observe(root, target="payments-prod.prod-eu")

    assert "export" not in str(found.settings[0].tree)
    assert any("cilium@1.14 has no exporter" in each.what for each in found.unseen)


def test_other_engines_have_settings_of_their_own(root: Path) -> None:
    until = date(2027, 1, 31)

    onprem = observe(root, cluster="prod-onprem", until=until)
    staging = observe(root, cluster="staging", until=until)
    edge = observe(root, cluster="edge", until=until)

    spec = content(onprem, "felix-patch.yaml")["spec"]
    assert isinstance(spec, dict)
    assert spec["flowLogsFileAggregationKindForAllowed"] == 1
    assert spec["dnsLogsFileEnabled"] is True
    assert content(onprem, "dns-patch.yaml") == {"spec": {"logLevel": "Trace"}}
    assert [each.file for each in staging.settings] == [
        "felix-patch.yaml",
        "goldmane.yaml",
        "whisker.yaml",
        "corefile-addition.yaml",
    ]
    assert [each.file for each in edge.settings] == ["corefile-addition.yaml"]
    assert "is not known" in edge.unseen[0].what


@pytest.mark.slow("long runs in a repository")
def test_settings_are_generated_where_the_platform_has_observe(root: Path) -> None:
    platform = root / "values/platform.yaml"
    more = "observe: {clusters: [prod-eu, edge], until: 2027-01-31, agents: {edge: eks}}\n"
    platform.write_text(platform.read_text("utf-8") + more, encoding="utf-8")

    ran = run(root, "generate")

    assert ran.code == 0, ran.err
    files = sorted(each.relative_to(root).as_posix() for each in root.glob("observe/*/*"))
    assert files == [
        "observe/edge/corefile-addition.yaml",
        "observe/edge/vpc-cni-values.yaml",
        "observe/prod-eu/cilium-values.yaml",
        "observe/prod-eu/corefile-addition.yaml",
    ]
    assert (root / files[1]).read_text("utf-8") == (
        "# Generated by transire: change the values files instead.\n"
        "# This is values of the VPC CNI: its chart's, or the configuration of the add-on; apply "
        "it by:\n"
        "# helm upgrade aws-vpc-cni eks/aws-vpc-cni -n kube-system --reuse-values -f FILE\n"
        "# Below the level debug denied flows alone are logged: nothing is ever unused.\n"
        "# Collect /var/log/aws-routed-eni/network-policy-agent.log of every node.\n"
        "nodeAgent:\n"
        '  enablePolicyEventLogs: "true"\n'
        '  networkPolicyAgentLogLevel: "debug"\n'
    )
    assert run(root, "check").code == 0
    platform.write_text(platform.read_text("utf-8").replace(more, ""), encoding="utf-8")
    assert run(root, "generate").code == 0
    assert not (root / "observe").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name one: --cluster NAME, or --target NAMESPACE.CLUSTER"),
        (
            ("--cluster", "edge", "--target", "x.edge"),
            "name one: --cluster NAME, or --target NAMESPACE.CLUSTER",
        ),
        (
            ("--cluster", "prod"),
            "there is no cluster 'prod'; the clusters are edge, prod-eu, prod-onprem, prod-us, staging",
        ),
    ],
)
def test_what_is_no_cluster_is_refused(root: Path, words: tuple[str, ...], message: str) -> None:
    ran = run(root, "observe", *words)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip().endswith(message)


def test_what_is_no_target_is_refused(root: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no target 'x.edge'; the targets are analytics"):
        observe(root, target="x.edge")


def test_the_page_names_every_log_that_is_switched_on() -> None:
    page = (DOCS / "observe.md").read_text("utf-8")

    for name in ("cilium-values.yaml", "felix-patch.yaml", "vpc-cni-values.yaml", "dns-patch.yaml"):
        assert f"`{name}`" in page
