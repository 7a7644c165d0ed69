"""Alerts, in the program that evaluates them: they fire on their series, and else stay quiet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
import yaml

from support.delivery.prometheus import (
    Rule,
    Times,
    Trial,
    check_trials,
    installed,
    metrics_in,
    promtool,
    rules_in,
    running,
)
from support.paths import DOCS
from support.policy_repository import copy_example, edit, run
from transire.delivery.monitoring.dashboards import organisation_dashboard
from transire.delivery.monitoring.files import monitoring_files
from transire.delivery.monitoring.observe import observability, setting_text
from transire.delivery.monitoring.rules import Watched, as_text
from transire.model.intent import Organisation
from transire.model.observation import Monitoring
from transire.values.load import load

MORE = """
observe: {clusters: [edge, prod-eu], agents: {edge: eks}}
monitoring:
  labels: {release: prometheus}
  runbooks: https://docs.example.com/transire
  proxies: [envoy, smokescreen, squid]
"""
_DENIED = 'hubble_policy_verdicts_total{direction="egress",action="dropped",'
_DENIED += 'source_namespace="payments-prod",source_workload="checkout"}'
_REFUSED = 'hubble_dns_queries_total{rcode="Policy denied",source_namespace="payments-prod",'
_REFUSED += 'source_workload="checkout"}'
_BUCKETS = "cilium_proxy_upstream_reply_seconds_bucket"
_POLICY = "egress|payments-prod/egress.deny|deny|-1"
Case = tuple[str, str, dict[str, str], dict[str, str], dict[str, str]]
CASES: list[Case] = [
    ("prod-eu/teams/payments", "EgressDenied", {_DENIED: "0+5x120"}, {_DENIED: "7x120"},
     {"source_workload": "checkout"}),
    ("prod-eu/teams/payments", "NamesRefused", {_REFUSED: "0+5x120"}, {_REFUSED: "7x120"},
     {"source_workload": "checkout"}),
    ("prod-eu/platform", "DnsProxySlow",
     {f'{_BUCKETS}{{protocol_l7="dns",le="{le}"}}': f"0+{rise}x120"
      for le, rise in (("0.5", 1), ("1", 9), ("+Inf", 9))},
     {f'{_BUCKETS}{{protocol_l7="dns",le="{le}"}}': "0+9x120" for le in ("0.1", "1", "+Inf")}, {}),
    ("prod-eu/platform", "DnsProxyFailing",
     {"cilium_proxy_datapath_update_timeout_total": "0+1x120"},
     {"cilium_proxy_datapath_update_timeout_total": "3x120",
      'cilium_policy_l7_total{rule="parse_errors",proxy_type="fqdn"}': "0x120"}, {}),
    ("prod-eu/platform", "DnsProxyFailing",
     {'cilium_policy_l7_total{rule="parse_errors",proxy_type="fqdn"}': "0+1x120"},
     {'cilium_policy_l7_total{rule="received",proxy_type="fqdn"}': "0+9x120"}, {}),
    ("prod-eu/platform", "NameCapNear", {'cilium_fqdn_active_ips{endpoint="7"}': "900x120"},
     {'cilium_fqdn_active_ips{endpoint="7"}': "800x120"}, {"endpoint": "7"}),
    ("prod-eu/platform", "PolicyMapPressure",
     {'cilium_bpf_map_pressure{map_name="cilium_policy_v2"}': "0.95x120"},
     {'cilium_bpf_map_pressure{map_name="cilium_policy_v2"}': "0.9x120",
      'cilium_bpf_map_pressure{map_name="cilium_ct4_global"}': "0.99x120"},
     {"map_name": "cilium_policy_v2"}),
    ("prod-eu/platform", "PolicyChangeFailed",
     {'cilium_policy_change_total{outcome="fail"}': "0+1x120"},
     {'cilium_policy_change_total{outcome="success"}': "0+1x120"}, {}),
    ("prod-eu/platform", "FlowsLost", {'hubble_lost_events_total{source="hubble"}': "0+1x120"},
     {'hubble_lost_events_total{source="hubble"}': "9x120"}, {"source": "hubble"}),
    ("prod-eu/platform", "MetricsMissing", {}, {"hubble_flows_processed_total": "1x120"}, {}),
    ("prod-eu/platform", "Drift",
     {'transire_verify_differences{target_cluster="prod-eu",kind="changed"}': "1x120"},
     {'transire_verify_differences{target_cluster="prod-eu",kind="changed"}': "0x120",
      'transire_verify_differences{target_cluster="prod-us",kind="changed"}': "9x120"},
     {"kind": "changed"}),
    ("prod-eu/platform", "DriftUnknown",
     {'transire_verify_timestamp_seconds{target_cluster="prod-us"}': "0x200"},
     {'transire_verify_timestamp_seconds{target_cluster="prod-eu"}': "0x200"}, {}),
    ("prod-onprem/teams/payments", "EgressDenied",
     {f'calico_denied_packets{{policy="{_POLICY}",srcIP="10.2.0.1"}}': "0+5x120"},
     {'calico_denied_packets{policy="egress|payments/egress.deny|deny|-1"}': "0+5x120",
      f'calico_denied_packets{{policy="{_POLICY}",srcIP="10.2.0.1"}}': "5x120"},
     {"policy": _POLICY}),
    ("prod-onprem/platform", "DnsProxySlow",
     {"felix_dns_packet_nfqueue_monitor_packets_released_timeout": "0+1x120"},
     {"felix_dns_packet_nfqueue_monitor_packets_released_timeout": "1x120"}, {}),
    ("staging/platform", "PolicyChangeFailed", {"felix_int_dataplane_failures": "0+1x120"},
     {"felix_int_dataplane_failures": "1x120"}, {}),
    ("staging/platform", "MetricsMissing", {}, {"felix_int_dataplane_failures": "0x120"}, {}),
    ("edge/platform", "EgressDenied",
     {'network_policy_drop_count_total{direction="egress",instance="node-1"}': "0+5x120"},
     {'network_policy_drop_count_total{direction="ingress",instance="node-1"}': "0+5x120"},
     {"instance": "node-1"}),
]  # fmt: skip
"""File, alert, series on which it fires, series of a cluster in health, labels from the series."""

PROXIES = {"smokescreen": "acl_deny", "envoy": "envoy_http_no_route",
           "squid": "squid_client_http_errors_total"}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example organisation with alerts everywhere, and names that are restricted."""
    root = copy_example(tmp_path_factory.mktemp("monitored"))
    platform = root / "values/platform.yaml"
    text = platform.read_text("utf-8").replace(
        "dns: {profile: coredns}", "dns: {profile: coredns, restrict: true}", 1
    )
    platform.write_text(text + MORE, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def organisation(root: Path) -> Organisation:
    return load(root, None)


@pytest.fixture(scope="module")
def written(organisation: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file of alerts and dashboards."""
    folder = tmp_path_factory.mktemp("written")
    for path, content in monitoring_files(organisation).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def one_rule(written: Path, file: str, alert: str, **labels: str) -> Rule:
    cluster, _, name = file.partition("/")
    found = [
        each
        for each in rules_in(written / f"monitoring/{cluster}/rules/{name}.yaml")
        if each["alert"] == alert and labels.items() <= each["labels"].items()
    ]
    return found[0]


@pytest.mark.slow("long runs in a repository")
@installed
def test_alerts_fire_on_their_series_and_stay_quiet_in_health(
    written: Path, tmp_path: Path
) -> None:
    sick = {key: values for _, _, firing, _, _ in CASES for key, values in firing.items()}
    healthy = {key: values for _, _, _, quiet, _ in CASES for key, values in quiet.items()}
    fire: list[tuple[Rule, Times]] = []
    stay: list[tuple[Rule, Times]] = []
    blind: list[tuple[Rule, Times]] = []
    for file, alert, firing, _, labels in CASES:
        absent = {"target_cluster": "prod-eu"} if alert == "DriftUnknown" else {}
        times: Times = {"0m": [], "119m": [{**absent, **labels}]}
        (fire if firing else blind).append((one_rule(written, file, alert), times))
        stay.append((one_rule(written, file, alert), {"119m": []}))
    for proxy, refused in PROXIES.items():
        rule = one_rule(written, "staging/platform", "ProxyRefuses", proxy=proxy)
        sick[refused], healthy[refused] = "0+5x120", "9x120"
        fire.append((rule, {"0m": [], "119m": [{}]}))
        stay.append((rule, {"119m": []}))

    rounds = [(sick, fire), ({}, blind), (healthy, stay)]
    check_trials(tmp_path, [Trial(series=series, rules=rules) for series, rules in rounds])


def test_every_alert_has_a_trial(organisation: Organisation, written: Path) -> None:
    tried = {(file.partition("/")[0], alert) for file, alert, *_ in CASES}
    on_engine = {
        (organisation.platform.cluster(cluster).release.engine, alert) for cluster, alert in tried
    }
    elsewhere = {"AuditWouldDeny", "EntryExpires", "ProxyRefuses", "Drift", "DriftUnknown"}
    for cluster in organisation.platform.clusters:
        for file in (written / f"monitoring/{cluster.name}/rules").rglob("*.yaml"):
            for rule in rules_in(file):
                alert = rule["alert"]
                shared = cluster.release.engine == "calico-enterprise"
                known = alert in elsewhere or (cluster.release.engine, alert) in on_engine
                assert known or (shared and ("calico", alert) in on_engine), (cluster.name, alert)


@installed
def test_a_verification_that_is_old_fires(written: Path, tmp_path: Path) -> None:
    rule = one_rule(written, "prod-eu/platform", "DriftUnknown")
    series = {'transire_verify_timestamp_seconds{target_cluster="prod-eu"}': "0x200"}

    trial = Trial(series=series, rules=[(rule, {"48h": [], "50h": [{}]})])
    check_trials(tmp_path, [trial], interval="30m")


@installed
def test_an_entry_that_ends_fires_thirty_days_before(tmp_path: Path) -> None:
    root = copy_example(tmp_path)
    edit(root, "values/teams/payments.yaml", "2036-03-31", "1970-04-30")
    platform = root / "values/platform.yaml"
    platform.write_text(platform.read_text("utf-8") + MORE, encoding="utf-8")
    files = monitoring_files(load(root, None))
    (tmp_path / "rules").write_bytes(files["monitoring/prod-eu/rules/teams/payments.yaml"])
    rule = next(each for each in rules_in(tmp_path / "rules") if each["alert"] == "EntryExpires")

    assert rule["annotations"]["summary"] == (
        "entry values/teams/payments.yaml#receipts ends on 1970-04-30"
    )
    assert "target_cluster" not in rule["labels"]
    times: Times = {"89d": [], "91d": [{}], "150d": [{}]}
    check_trials(tmp_path, [Trial(series={}, rules=[(rule, times)])], interval="12h")


_VERDICTS = 'hubble_policy_verdicts_total{direction="egress",source_namespace="payments-prod",'
_STAGED = 'cnx_policy_rule_packets{tier="egress",namespace="payments-prod",action="deny",'
AUDITED = {
    "prod-eu": [
        _VERDICTS + 'source_workload="checkout",match="all",action="forwarded"}',
        _VERDICTS + 'source_workload="checkout",match="none",action="audit"}',
    ],
    "prod-onprem": [_STAGED + 'policy="staged:egress.deny",rule_direction="egress"}'],
}
FROM_SERIES = {
    "prod-eu": {"source_workload": "checkout"},
    "prod-onprem": {"policy": "staged:egress.deny"},
}


@pytest.mark.slow("long runs in a repository")
@installed
def test_an_audit_that_would_deny_fires_as_its_end_comes_near(tmp_path: Path) -> None:
    root = copy_example(tmp_path)
    edit(root, "values/platform.yaml", "mode: enforce", "mode: {mode: audit, until: 1970-04-30}")
    platform = root / "values/platform.yaml"
    platform.write_text(platform.read_text("utf-8") + MORE, encoding="utf-8")
    files = monitoring_files(load(root, None))
    trials = []
    for cluster, series in AUDITED.items():
        content = files[f"monitoring/{cluster}/rules/teams/payments.yaml"]
        (tmp_path / "rules").write_bytes(content)
        found = {each["alert"]: each for each in rules_in(tmp_path / "rules")}
        assert {"EgressDenied", "AuditWouldDeny"} & set(found) == {"AuditWouldDeny"}
        rule, labels = found["AuditWouldDeny"], FROM_SERIES[cluster]
        for one in series:
            near: Times = {"80d": [], "100d": [labels]}
            trials.append(Trial(series={one: "0+10x250"}, rules=[(rule, near)]))
            trials.append(Trial(series={one: "10x250"}, rules=[(rule, {"100d": []})]))

    check_trials(tmp_path, trials, interval="12h")


@installed
def test_promtool_finds_nothing_wrong_and_prometheus_loads_every_rule(
    written: Path, tmp_path: Path
) -> None:
    files = sorted(written.glob("monitoring/*/rules/**/*.yaml"))
    checked = promtool("check", "rules", *map(str, files))

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "duplicate" not in checked.stdout
    with running(tmp_path, files) as address:
        loaded = requests.get(f"{address}/api/v1/rules", timeout=60).json()["data"]["groups"]
    rules = [rule for group in loaded for rule in group["rules"]]
    assert {Path(group["file"]) for group in loaded} == set(files)
    assert len(rules) == sum(len(rules_in(each)) for each in files)
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}


def test_every_rule_has_an_owner_a_severity_and_a_page_that_is_there(written: Path) -> None:
    rules = [
        rule
        for file in sorted(written.glob("monitoring/*/rules/**/*.yaml"))
        for rule in rules_in(file)
    ]

    assert len(rules) > 50
    for rule in rules:
        assert {"owner", "severity", "team", "part_of"} <= set(rule["labels"])
        page = rule["annotations"]["runbook"].removeprefix("transire docs ")
        assert rule["annotations"]["runbook_url"] == (
            f"https://docs.example.com/transire/{page}.md"
        )
        assert (DOCS / f"{page}.md").is_file(), page


def test_an_object_holds_what_the_plain_file_does(written: Path) -> None:
    plain = sorted(written.glob("monitoring/*/rules/**/*.yaml"))

    assert len(plain) > 10
    for file in plain:
        object_ = yaml.safe_load(Path(str(file).replace("/rules/", "/objects/")).read_text("utf-8"))
        assert (object_["kind"], object_["metadata"]["namespace"]) == (
            "PrometheusRule",
            "monitoring",
        )
        assert object_["metadata"]["labels"]["release"] == "prometheus"
        assert object_["spec"] == yaml.safe_load(file.read_text("utf-8"))


def test_every_metric_of_an_alert_is_switched_on(organisation: Organisation, written: Path) -> None:
    """By the settings of that cluster, or by `transire verify` itself."""
    monitoring = organisation.platform.monitoring
    assert monitoring is not None
    for cluster in organisation.platform.clusters:
        watched = Watched(organisation=organisation, monitoring=monitoring, cluster=cluster)
        switches = {each.name: each.switch for each in watched.metrics()}
        settings = "".join(map(setting_text, observability(organisation, cluster).settings))
        used = {
            name
            for file in (written / f"monitoring/{cluster.name}/rules").rglob("*.yaml")
            for rule in rules_in(file)
            for name in metrics_in(rule["expr"])
        }

        assert used
        assert used <= set(switches)
        for name in used:
            by_verify = switches[name] == "transire verify --format prometheus"
            assert by_verify or switches[name] in settings, name
        assert {name for each in watched.alerts() for name in each.metrics} == {
            name for name in used if not name.startswith("transire_")
        } | {name for each in watched.alerts() for name in each.metrics if "audit" in each.id}


@pytest.mark.slow("long runs in a repository")
def test_without_observe_the_metrics_of_alerts_are_switched_on_all_the_same(
    tmp_path: Path,
) -> None:
    copied = copy_example(tmp_path)
    platform = copied / "values/platform.yaml"
    platform.write_text(
        platform.read_text("utf-8") + "monitoring: {clusters: [prod-eu]}\n", "utf-8"
    )

    ran = run(copied, "generate")

    assert ran.code == 0, ran.err
    (file,) = (each for each in copied.glob("observe/*/*"))
    tree = yaml.safe_load(file.read_text("utf-8"))
    assert tree["prometheus"]["metrics"] == [
        "+cilium_proxy_datapath_update_timeout_total",
        "+cilium_fqdn_active_ips",
    ]
    assert "export" not in tree["hubble"]
    assert sorted({each.parent.name for each in copied.glob("monitoring/*/*")}) == ["prod-eu"]
    assert run(copied, "check").code == 0


def test_a_label_of_clusters_is_in_every_selector(organisation: Organisation) -> None:
    platform = organisation.platform
    monitoring = Monitoring(cluster_label="k8s")
    watched = Watched(
        organisation=organisation, monitoring=monitoring, cluster=platform.cluster("prod-eu")
    )

    assert watched.matcher == 'k8s="prod-eu"'
    for alert in watched.alerts():
        assert alert.expr.count("{") == alert.expr.count("CLUSTER}")
    assert "CLUSTER" not in organisation_dashboard(organisation, monitoring)


@installed
def test_text_of_people_is_no_template(tmp_path: Path) -> None:
    rule = {
        "alert": "A",
        "expr": "vector(1) > 0",
        "labels": {"x": "y"},
        "annotations": {"summary": as_text("{{ .Nothing }} {{")},
    }

    check_trials(tmp_path, [Trial(series={}, rules=[(rule, {"1m": [{}]})])])


def test_metrics_that_a_prometheus_does_not_have_are_named(root: Path, tmp_path: Path) -> None:
    had = ["hubble_policy_verdicts_total", "hubble_dns_queries_total", "up"]
    listed = tmp_path / "names.json"
    listed.write_text(json.dumps({"status": "success", "data": had}), encoding="utf-8")

    ran = run(root, "observe", "--cluster", "prod-eu", "--names", str(listed))

    assert ran.code == 1
    absent = [line for line in ran.out.splitlines() if line.startswith("# not in Prometheus: ")]
    assert len(absent) == 10
    assert absent[3] == (
        "# not in Prometheus: cilium_policy_l7_total, read by DnsProxyFailing; 'prometheus' turns "
        "it on, and counters are there from their first event on"
    )
    names = [line.removeprefix("# not in Prometheus: ").partition(",")[0] for line in absent]
    listed.write_text("\n".join([*had, *names]), encoding="utf-8")
    assert run(root, "observe", "--cluster", "prod-eu", "--names", str(listed)).code == 0


@pytest.mark.parametrize("text", ["", "{}", '{"data": 7}', "{", '{"data": []}'])
def test_what_holds_no_names_of_metrics_is_refused(root: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "names.json").write_text(text, encoding="utf-8")

    ran = run(root, "observe", "--cluster", "prod-eu", "--names", str(tmp_path / "names.json"))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip().endswith(
        "names.json holds no names of metrics; write there what Prometheus gives for "
        "/api/v1/label/__name__/values"
    )
