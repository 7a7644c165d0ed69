"""The chart of a generated proxy, rendered by Helm: its pods, its lists, and what guards both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.charts.workload_schemas import WORKLOADS
from support.delivery.proxy_example import RELEASE, SETTINGS, TARGET, rule
from support.engines.crds import complaints
from transire.charts.chart import file_problems
from transire.delivery.proxy.chart import ProxyChart, chart_files, proxy_chart
from transire.delivery.proxy.rendered import configuration
from transire.delivery.proxy.settings import (
    environment,
    names_to_resolve,
    proxy_url,
)
from transire.engines.registry import ENGINES
from transire.helm import Chart, HelmChoice, render
from transire.k8s.manifests import Manifest
from transire.model.problems import Unjudgeable
from transire.points.api.target import Listener, PodClass, PointTarget
from transire.points.envoy.point import ENVOY
from transire.points.proof import differences
from transire.queries.cluster_state import ClusterState, Pod
from transire.queries.query import Connection, Query, Source, Verdict

GOLDEN = Path(__file__).parent / "golden.yaml"


def written(folder: Path, chart: ProxyChart) -> Path:
    assert chart.refusals == ()
    for path, content in chart.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Manifest]:
    folder = written(tmp_path_factory.mktemp("chart"), proxy_chart(TARGET, SETTINGS))
    return Chart.load(folder).manifests(namespace="egress-proxy")


def one(objects: Sequence[Manifest], kind: str, name: str = "egress-proxy") -> Mapping[str, Any]:
    (found,) = [each.body for each in objects if (each.ref.kind, each.ref.name) == (kind, name)]
    return found


def test_the_chart_is_one_that_can_be_proved() -> None:
    chart = proxy_chart(TARGET, SETTINGS)

    assert list(file_problems("charts/egress-proxy", chart.files)) == []
    assert set(chart.files) == {*chart_files(), "values.yaml", "README.md"}
    assert chart.caveats == ENVOY.write(TARGET).caveats


def test_both_helms_render_the_same(tmp_path: Path) -> None:
    folder = written(tmp_path, proxy_chart(TARGET, SETTINGS))
    helms: tuple[HelmChoice, ...] = ("sdk", "cli")
    by_sdk, by_cli = (render(folder, namespace="egress-proxy", helm=each) for each in helms)

    assert (by_sdk == by_cli) is True


def test_what_is_rendered_is_exactly_the_golden_text(
    objects: Sequence[Manifest], *, update_golden: bool
) -> None:
    rendered = []
    for each in objects:
        body = dict(each.body)
        if each.ref.kind == "ConfigMap":
            body["data"] = dict.fromkeys(body["data"], "what the proxy reads")
        rendered.append(body)
    text = yaml.safe_dump_all(rendered, sort_keys=False, width=1_000)
    if update_golden:
        GOLDEN.write_text(text, encoding="utf-8")

    assert text == GOLDEN.read_text(encoding="utf-8")


def test_every_object_is_one_that_the_api_server_takes(objects: Sequence[Manifest]) -> None:
    bodies = [each.body for each in objects]

    assert complaints(bodies, WORKLOADS) == []
    assert sorted({each.ref.kind for each in objects}) == [
        "ConfigMap",
        "Deployment",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    ]


def test_what_is_rendered_is_proved(objects: Sequence[Manifest]) -> None:
    files = configuration(objects)
    reading = ENVOY.read(files, RELEASE)

    assert files == ENVOY.write(TARGET).files
    assert list(differences(reading, TARGET, never=ENVOY.capabilities.never)) == []


def test_a_change_of_lists_changes_no_pod_and_a_change_of_the_bootstrap_does() -> None:
    def pods(target: PointTarget) -> str:
        values = yaml.safe_load(proxy_chart(target, SETTINGS).files["values.yaml"])
        parts = [each["part"] for each in values.pop("configMaps")]
        for key in ("ingress", "egress", "services", "aliases"):
            del values[key]
        return str((parts, values))

    first, *others = TARGET.listeners
    more = replace(first, rules=(*first.rules, rule("shop/more", "more.example.com")))
    another = Listener(pods=PodClass(name="new", namespace="new", port=20004), rules=())

    assert pods(replace(TARGET, listeners=(more, *others))) == pods(TARGET)
    assert pods(replace(TARGET, resolvers=("10.96.0.10",))) != pods(TARGET)
    assert pods(replace(TARGET, listeners=(first, *others, another))) == pods(TARGET)


def test_a_pod_that_ends_serves_its_tunnels_first(objects: Sequence[Manifest]) -> None:
    pod = one(objects, "Deployment")["spec"]["template"]["spec"]

    assert pod["containers"][0]["lifecycle"] == {"preStop": {"sleep": {"seconds": 300}}}
    assert pod["terminationGracePeriodSeconds"] == 315


def test_every_class_of_pods_has_one_url(objects: Sequence[Manifest]) -> None:
    services = {
        f"{each.body['metadata']['namespace']}/{each.ref.name}": each.body["spec"]
        for each in objects
        if each.ref.kind == "Service"
    }
    leads_to = {
        name: spec["externalName"] for name, spec in services.items() if "externalName" in spec
    }
    ports = {
        name: spec["ports"][0]["targetPort"] for name, spec in services.items() if "ports" in spec
    }

    assert ports == {
        "egress-proxy/shop": 20001,
        "egress-proxy/shop-1": 20002,
        "egress-proxy/blog": 20003,
    }
    assert leads_to == {
        "shop/egress-proxy": "shop.egress-proxy.svc.cluster.local",
        "shop/egress-proxy-shop-1": "shop-1.egress-proxy.svc.cluster.local",
        "blog/egress-proxy": "blog.egress-proxy.svc.cluster.local",
    }
    assert [proxy_url(each.pods, SETTINGS) for each in TARGET.listeners] == [
        "http://egress-proxy:3128",
        "http://egress-proxy-shop-1:3128",
        "http://egress-proxy:3128",
    ]
    assert "shop.egress-proxy.svc.cluster.local" in names_to_resolve(TARGET, SETTINGS)
    plain = replace(SETTINGS, aliases=False)
    assert proxy_url(TARGET.listeners[0].pods, plain) == (
        "http://shop.egress-proxy.svc.cluster.local:3128"
    )
    assert yaml.safe_load(proxy_chart(TARGET, plain).files["values.yaml"])["aliases"] == []


def test_services_have_names_that_services_may_have() -> None:
    long = PodClass(name="a" * 63, namespace="shop", port=20001)
    digit = PodClass(name="1st", namespace="1st", port=20002)
    listeners = tuple(Listener(pods=each, rules=()) for each in (long, digit))
    values = yaml.safe_load(
        proxy_chart(replace(TARGET, listeners=listeners), SETTINGS).files["values.yaml"]
    )
    alias = "egress-proxy-" + "a" * 41 + "-ee838550"

    assert [each["name"] for each in values["services"]] == ["a" * 63, "ns-1st"]
    assert [each["name"] for each in values["aliases"]] == [alias, "egress-proxy"]
    assert len(alias) == 63


def test_pods_get_their_variables_in_both_cases_and_what_is_direct_by_name_and_range() -> None:
    direct = "localhost,127.0.0.1,::1,.svc,.cluster.local,10.96.0.1/32,10.0.0.0/8"
    variables = environment(TARGET.listeners[0].pods, SETTINGS)

    assert variables == {
        "HTTP_PROXY": "http://egress-proxy:3128",
        "http_proxy": "http://egress-proxy:3128",
        "HTTPS_PROXY": "http://egress-proxy:3128",
        "https_proxy": "http://egress-proxy:3128",
        "NO_PROXY": direct,
        "no_proxy": direct,
        "NODE_USE_ENV_PROXY": "1",
    }
    page = proxy_chart(TARGET, SETTINGS).files["README.md"].decode()
    assert f'  - {{name: "no_proxy", value: "{direct}"}}' in page


def test_each_port_of_the_proxy_is_open_to_its_own_pods_alone(objects: Sequence[Manifest]) -> None:
    ingress = one(objects, "NetworkPolicy")["spec"]["ingress"]
    opened = {rule["ports"][0]["port"]: rule["from"] for rule in ingress}

    def namespace(name: str) -> dict[str, Any]:
        return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}

    assert [len(rule["ports"]) for rule in ingress] == [1, 1, 1, 1]
    assert opened == {
        20001: [namespace("shop")],
        20002: [
            {
                **namespace("shop"),
                "podSelector": {
                    "matchLabels": {"role": "archiver"},
                    "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["test"]}],
                },
            }
        ],
        20003: [namespace("blog")],
        9902: [{**namespace("monitoring"), "podSelector": {"matchLabels": {"app": "prometheus"}}}],
    }


PROXY = Pod(
    namespace="egress-proxy",
    name="egress-proxy",
    labels={"app.kubernetes.io/name": "egress-proxy"},
    ips=(ip_address("10.1.0.9"),),
)
DNS = Pod(
    namespace="kube-system",
    name="coredns",
    labels={"k8s-app": "kube-dns"},
    ips=(ip_address("10.1.0.53"),),
)


@pytest.mark.parametrize("engine", ["calico", "cilium", "kubernetes"])
def test_the_proxy_reaches_the_ports_of_its_rules_outside_of_denied_ranges_on_every_engine(
    engine: str, objects: Sequence[Manifest]
) -> None:
    known = ENGINES[engine]
    cluster = ClusterState(
        namespace_labels={
            each.namespace: {"kubernetes.io/metadata.name": each.namespace} for each in (PROXY, DNS)
        },
        pods=(PROXY, DNS),
    )
    policies = [each for each in objects if each.ref.kind == "NetworkPolicy"]
    reading = known.reading(policies, known.releases.newest, cluster, {})

    def allowed(address: str, port: int, protocol: str = "TCP") -> bool:
        source = Source(namespace=PROXY.namespace, labels=PROXY.labels, pod=PROXY.name)
        what = Connection(ip=ip_address(address), port=port, protocol=protocol)
        decision = reading.decide(Query(id="1", source=source, what=what))
        assert decision.verdict is not Verdict.UNJUDGEABLE
        return decision.verdict is Verdict.ALLOW

    assert allowed("203.0.113.10", 443)
    assert allowed("203.0.113.10", 8005)
    assert not allowed("203.0.113.10", 80)
    assert not allowed("10.2.3.4", 443)
    assert not allowed("169.254.169.254", 443)
    assert allowed("10.1.0.53", 53, "UDP")


def test_in_audit_the_proxy_may_reach_every_port(tmp_path: Path) -> None:
    audited = replace(TARGET, listeners=(replace(TARGET.listeners[0], audit=True),))
    folder = written(tmp_path, proxy_chart(audited, SETTINGS))
    policy = one(Chart.load(folder).manifests(), "NetworkPolicy")

    assert policy["spec"]["egress"][0]["ports"] == [
        {"port": 1, "endPort": 65535, "protocol": "TCP"}
    ]


def test_what_is_mounted_otherwise_is_not_judged(objects: Sequence[Manifest]) -> None:
    others = [each for each in objects if each.ref.kind != "Deployment"]
    (deployment,) = [each for each in objects if each.ref.kind == "Deployment"]
    text = yaml.safe_dump(dict(deployment.body))

    def changed(old: str, new: str) -> list[Manifest]:
        assert old in text
        return [*others, replace(deployment, body=yaml.safe_load(text.replace(old, new)))]

    for old, new, why in (
        ("mountPath: /etc/envoy", "mountPath: /etc/other", "other than one volume at /etc/envoy"),
        ("readOnly: true", "subPath: a", "other than one volume at /etc/envoy"),
        ("- --config-path", "- --config-yaml", "another file would be read"),
        ("- configMap:", "- secret:", "it is other than a whole ConfigMap"),
        ("name: egress-proxy-listeners", "name: other", "there is no ConfigMap other"),
        ("name: egress-proxy-listeners", "name: egress-proxy-bootstrap", "another one has it, too"),
    ):
        with pytest.raises(Unjudgeable, match=why):
            configuration(changed(old, new))
    with pytest.raises(Unjudgeable, match="there are 0 Deployments, and not one"):
        configuration(others)
